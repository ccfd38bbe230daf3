import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { azureRoles, callRole } from './azure-roles.ts';
import { trimmedCrds } from './crds.ts';
import { type Output, outputs, SOURCES } from './outputs.ts';
import type { Definition } from './schema-node.ts';
import { staleOutputs } from './stale.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const check = process.argv.includes('--check');

const definition = async (path: string): Promise<Definition> => parse(await readFile(join(root, path), 'utf8'));
const current = async (path: string): Promise<string | undefined> =>
  existsSync(join(root, path)) ? readFile(join(root, path), 'utf8') : undefined;

async function write({ path, text }: Output): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), text);
  console.log(`${path}: written`);
}

const crds = await trimmedCrds(join(root, '../shared/crds'));
if (!crds) console.log("test/crds: left as it is, because the providers' CRDs are not in ../shared/crds");

const made = outputs(
  await definition(SOURCES.xrd),
  await definition(SOURCES.input),
  await definition(SOURCES.operation),
);
const stale = await staleOutputs([...made, ...azureRoles(), callRole(), ...(crds ?? [])], current);
if (!check) await Promise.all(stale.map(write));
else if (stale.length > 0) {
  for (const { path } of stale) console.error(`${path}: is out of date; run npm run generate and commit the result`);
  process.exitCode = 1;
}
