import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RenderArguments } from '../../src/cli/arguments.ts';
import { after, passesUntilReady } from '../../src/cli/passes.ts';
import { Refused } from '../../src/cli/refused.ts';
import { load, render } from '../../src/cli/render.ts';
import { stream } from '../../src/cli/yaml.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Folders with an xr.yaml below `parent`, by name. */
export function cases(parent: 'examples' | 'test/cases'): readonly (readonly [string, string])[] {
  return readdirSync(join(root, parent))
    .map((name) => [name, join(root, parent, name)] as const)
    .filter(([, folder]) => existsSync(join(folder, 'xr.yaml')));
}

/** The arguments that a folder's files stand for. */
export function argumentsOf(folder: string): RenderArguments {
  const file = (name: string): string | undefined => {
    const path = join(folder, name);
    return existsSync(path) ? path : undefined;
  };
  return {
    xr: join(folder, 'xr.yaml'),
    observed: file('observed.yaml'),
    functionCredentials: file('credentials.yaml'),
    input: file('input.yaml'),
    old: file('old.yaml'),
    explain: false,
    untilReady: false,
  };
}

export interface Outcome {
  readonly file: 'expected.yaml' | 'refused.txt';
  readonly text: string;
}

/** What `render` says about a folder: its stdout, or its lines on stderr. */
export function outcome(folder: string): Outcome {
  try {
    return { file: 'expected.yaml', text: render(argumentsOf(folder), false) };
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return { file: 'refused.txt', text: error.lines.map((line) => `${line}\n`).join('') };
  }
}

/** What a folder says that `render` says; undefined when it says nothing yet. */
export function golden(folder: string): Outcome | undefined {
  const file = (['expected.yaml', 'refused.txt'] as const).find((name) => existsSync(join(folder, name)));
  return file && { file, text: readFileSync(join(folder, file), 'utf8') };
}

export function writeGolden(folder: string, { file, text }: Outcome): void {
  writeFileSync(join(folder, file), text);
}

/** Writes observed.yaml, and credentials.yaml where there are connection Secrets, from the end of `--until-ready`. */
export function writeSteadyState(folder: string): void {
  const { world } = load({ ...argumentsOf(folder), observed: undefined, functionCredentials: undefined });
  const last = passesUntilReady(world).at(-1);
  if (!last) return;
  const { resources, secrets } = after(last);
  const write = (name: string, heading: string, objects: readonly object[]): void =>
    writeFileSync(
      join(folder, name),
      stream(
        objects.map((object) => ({ object })),
        [heading],
      ),
    );
  write(
    'observed.yaml',
    'Written by `UPDATE=observed npm test -- test/golden.test.ts`: what is there once everything is ready.',
    [...resources.values()],
  );
  if (secrets.length > 0)
    write('credentials.yaml', 'Connection Secrets as the provider writes them. The values are made up.', secrets);
}
