import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse, stringify } from 'yaml';
import { isFields } from '../../src/cli/load.ts';

/** A folder for the files of one test file, and a way to put them there. */
export function scratch(): {
  readonly folder: string;
  write(name: string, content: string | object): string;
  remove(): void;
} {
  const folder = mkdtempSync(join(tmpdir(), 'render-'));
  return {
    folder,
    write(name, content) {
      const path = join(folder, name);
      const documents = Array.isArray(content) ? content : [content];
      writeFileSync(
        path,
        typeof content === 'string' ? content : documents.map((document) => `---\n${stringify(document)}`).join(''),
      );
      return path;
    },
    remove: () => rmSync(folder, { recursive: true }),
  };
}

/** The path of a file of this repository. */
export const repository = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

export const example = (name: string, file = 'xr.yaml'): string => repository(`examples/${name}/${file}`);

/** The XR of an example with the given dotted paths set; a value of undefined removes the field. */
export function edited(name: string, changes: Readonly<Record<string, unknown>>): object {
  const xr: Record<string, unknown> = parse(readFileSync(example(name), 'utf8'));
  for (const [path, value] of Object.entries(changes)) set(xr, path.split('.'), value);
  return xr;
}

function set(fields: Record<string, unknown>, [step = '', ...rest]: readonly string[], value: unknown): void {
  if (rest.length === 0) {
    if (value === undefined) delete fields[step];
    else fields[step] = value;
    return;
  }
  const below: Record<string, unknown> = isFields(fields[step]) ? { ...fields[step] } : {};
  fields[step] = below;
  set(below, rest, value);
}
