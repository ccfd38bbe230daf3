import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { passesUntilReady } from '../../src/cli/passes.ts';
import { load } from '../../src/cli/render.ts';
import { request } from '../../src/cli/request.ts';
import { encodeRequest } from '../../src/wire/wire.ts';
import { bundle } from './bundle.ts';
import { repositoryRoot } from './publishing.ts';

/** What the image runs after `node`: flags, then the file that starts the server. */
export function entrypoint(): { readonly flags: readonly string[]; readonly file: string } {
  const dockerfile = readFileSync(join(repositoryRoot, 'Dockerfile'), 'utf8');
  const words: unknown = JSON.parse(/^ENTRYPOINT (.*)$/m.exec(dockerfile)?.[1] ?? 'null');
  if (!Array.isArray(words)) throw new Error('Dockerfile: has no ENTRYPOINT in the form of a list');
  const [, ...rest] = words.map(String);
  return { flags: rest.slice(0, -1), file: rest.at(-1) ?? '' };
}

/** Bundles what starts the server with its compiled code, next to function.cjs. */
export const bundleStart = (outfile: string): Promise<unknown> => bundle('src/server/start.ts', outfile);

/**
 * Writes what the V8 of `node` compiles of the bundle `file` while it serves an example from nothing to ready. It is of use to the
 * same Node with the same flags.
 */
export async function writeCodeCache(node: string, file: string, out: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'package-code-cache-'));
  try {
    const [record, requests] = [join(folder, 'record.cjs'), join(folder, 'requests.json')];
    await bundle('tools/package/record.ts', record);
    writeFileSync(requests, JSON.stringify(exampleRequests()));
    execFileSync(node, [...entrypoint().flags, record, file, requests, out], { stdio: 'pipe', timeout: 60_000 });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What Crossplane asks on the way of an example to ready, in base64. */
function exampleRequests(): string[] {
  const { world } = load({
    xr: join(repositoryRoot, 'examples/active-passive/xr.yaml'),
    old: undefined,
    observed: undefined,
    functionCredentials: undefined,
    input: undefined,
    explain: false,
    untilReady: true,
  });
  return passesUntilReady(world).map((pass) => encodeRequest(request(pass.world)).toString('base64'));
}
