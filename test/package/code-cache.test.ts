import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compile } from '../../src/server/compiled.ts';
import { bundle, bundleServer } from '../../tools/package/bundle.ts';
import { bundleStart, entrypoint, writeCodeCache } from '../../tools/package/code-cache.ts';

const folder = mkdtempSync(join(tmpdir(), 'code-cache-'));
const at = (name: string): string => join(folder, name);
const node = (...args: string[]) => spawnSync(process.execPath, [...entrypoint().flags, ...args], { encoding: 'utf8' });

beforeAll(async () => {
  await bundleServer(at('function.cjs'));
  await bundleStart(at('start.cjs'));
  await bundle('src/server/compiled.ts', at('compiled.cjs'));
  await writeCodeCache(process.execPath, at('function.cjs'), at('function.cache'));
}, 60_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('is what V8 takes instead of compiling, with the flags of the image', () => {
  const rejected = `require(${JSON.stringify(at('compiled.cjs'))}).compile(${JSON.stringify(at('function.cjs'))},
    require('fs').readFileSync(${JSON.stringify(at('function.cache'))})).cachedDataRejected`;
  expect(node('-p', rejected).stdout).toBe('false\n');
});

it('is not needed: without it, or with one that does not fit, the server starts as well', () => {
  const recorded = readFileSync(at('function.cache'));
  for (const cache of [
    recorded,
    recorded.subarray(0, 1000),
    Buffer.from('something else'),
    Buffer.alloc(0),
    undefined,
  ]) {
    if (cache) writeFileSync(at('function.cache'), cache);
    else rmSync(at('function.cache'));
    const { status, stdout, stderr } = node(at('start.cjs'), '--help');
    expect({ status, stderr, first: stdout.split('\n')[0] }).toEqual({
      status: 0,
      stderr: '',
      first: 'Usage: function-postgresql [flags]',
    });
  }
  expect(compile(at('function.cjs'), Buffer.from('something else')).cachedDataRejected).toBe(true);
});

it('starts the server by the file that the image starts', () => {
  expect(entrypoint().file).toBe('/start.cjs');
});
