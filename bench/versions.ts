import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Recipes } from './servers.ts';

const PYTHON = [
  'import platform, importlib.metadata as packages',
  'sdk = "crossplane-function-sdk-python"',
  'print("Python", platform.python_version() + ",", sdk, packages.version(sdk))',
].join('\n');

/** What the peers that were measured are made of, for the line that names the machine: Go and Python with their SDKs. */
export function peerVersions({ go, python }: Recipes): string[] {
  const print = (command: string, ...args: string[]): string =>
    spawnSync(command, args, { encoding: 'utf8' }).stdout?.trim() ?? '';
  const goMod = readFileSync(new URL('go/go.mod', import.meta.url), 'utf8');
  const sdk = /^\s*github\.com\/crossplane\/(function-sdk-go v\S+)$/m.exec(goMod)?.[1];
  return [
    // Of the binary itself: the first line is its path and the version of Go that built it.
    ...(go ? [`Go ${/: go(\S+)/.exec(print('go', 'version', go.file))?.[1]}, ${sdk?.replace(' v', ' ')}`] : []),
    ...(python ? [print(python.command, '-c', PYTHON)] : []),
  ];
}
