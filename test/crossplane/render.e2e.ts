import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import type { Outcome } from './commands.ts';
import { startInsecureFunction } from './insecure-function.ts';
import { serveNoteFunction } from './note-function.ts';
import { checkCase, type Engine, type Flavour, validateWithEngine } from './render-case.ts';
import { type Supervisor, superviseProcesses } from './supervisor.ts';
import { crossplaneClusterFiles, repositoryRoot } from './tools.ts';

const realSchemas = join(repositoryRoot, '../shared/crds');
const schemas = [
  existsSync(realSchemas) ? realSchemas : join(repositoryRoot, 'test/crds'),
  join(crossplaneClusterFiles(), 'crds'),
];

const flavours: Record<string, Flavour> = {
  'database.platform.io': {
    definition: join(repositoryRoot, 'apis/xpostgresqldatabases/definition.yaml'),
    composition: join(repositoryRoot, 'compositions/namespaced.yaml'),
  },
  'claims.database.platform.io': {
    definition: join(repositoryRoot, 'apis/claims/definition.yaml'),
    composition: join(repositoryRoot, 'compositions/cluster.yaml'),
  },
};

/** The folders with an xr.yaml directly under examples/ and test/cases/, relative to the root. */
const cases = ['examples', 'test/cases'].flatMap((parent) =>
  (existsSync(join(repositoryRoot, parent)) ? readdirSync(join(repositoryRoot, parent)).sort() : [])
    .map((name) => join(parent, name))
    .filter((directory) => existsSync(join(repositoryRoot, directory, 'xr.yaml'))),
);

const flavourOf = (directory: string): Flavour => {
  const { apiVersion = '' }: { apiVersion?: string } = parse(readFileSync(join(directory, 'xr.yaml'), 'utf8'));
  const flavour = flavours[apiVersion.split('/')[0] ?? ''];
  assert.ok(flavour, `${directory}/xr.yaml: apiVersion ${apiVersion} belongs to no Composition of this repository`);
  return flavour;
};

describe('rendered by the real engine', () => {
  const logsDir = mkdtempSync(join(tmpdir(), 'render-logs-'));
  let processes: Supervisor;
  let engine: Engine;

  before(async () => {
    processes = superviseProcesses(logsDir);
    engine = { target: await startInsecureFunction(processes), schemas };
  });

  after(async () => {
    await processes.stopAll();
    rmSync(logsDir, { recursive: true });
  });

  it('there are cases', () => assert.notDeepEqual(cases, []));

  for (const directory of cases)
    it(directory, async () => {
      const path = join(repositoryRoot, directory);
      await checkCase(path, flavourOf(path), engine);
    });
});

/** A check that cannot fail would be worth nothing, so each way to fail is tried with the smallest function. */
describe('the check itself', () => {
  const fixture = (name: string): string => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));
  const flavour = { definition: fixture('note-xrd.yaml'), composition: fixture('note-composition.yaml') };
  const note = (text: string): string =>
    `apiVersion: test.platform.io/v1alpha1\nkind: Note\nmetadata:\n  name: first\n  namespace: default\nspec:\n  text: ${text}\n`;
  const expected = (text: string): string => `${note(text)}status:
  text: ${text}
---
apiVersion: v1
kind: ConfigMap
metadata:
  namespace: default
  labels:
    crossplane.io/composite: first
  annotations:
    crossplane.io/composition-resource-name: copy
data:
  text: ${text}
`;
  const refusal: Outcome = { code: 1, stdout: '', stderr: 'spec.text: Too long\n' };
  let stop: () => void;
  let engine: Engine;

  before(async () => {
    const served = await serveNoteFunction();
    stop = served.stop;
    engine = { target: `127.0.0.1:${served.port}`, schemas };
  });
  after(() => stop());

  const check = async (files: Record<string, string>, ours = refusal): Promise<void> => {
    const directory = mkdtempSync(join(tmpdir(), 'case-'));
    try {
      for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
      await checkCase(directory, flavour, engine, async () => ours);
    } finally {
      rmSync(directory, { recursive: true });
    }
  };
  const long = 'x'.repeat(21);

  it('accepts what is expected', () => check({ 'xr.yaml': note('hello'), 'expected.yaml': expected('hello') }));

  it('accepts it with observed resources, named by the engine', async () => {
    const observed =
      expected('hello').split('---\n')[1]?.replace('metadata:', 'metadata:\n  name: first-0123456789ab') ?? '';
    await check({ 'xr.yaml': note('hello'), 'observed.yaml': observed, 'expected.yaml': expected('hello') });
  });

  it('refuses another value', () =>
    assert.rejects(check({ 'xr.yaml': note('hello'), 'expected.yaml': expected('other') }), /Note first/));

  it('refuses a missing document', () =>
    assert.rejects(
      check({ 'xr.yaml': note('hello'), 'expected.yaml': `${note('hello')}status:\n  text: hello\n` }),
      /documents/,
    ));

  it('refuses what the schemas refuse', () =>
    assert.rejects(check({ 'xr.yaml': note(long), 'expected.yaml': expected(long) }), /spec\.text: Too long/));

  it('refuses a kind without a schema', async () => {
    assert.deepEqual(await validateWithEngine(note('hello'), schemas), ['Note first: missingSchema']);
  });

  it('refuses a folder that expects nothing', () => assert.rejects(check({ 'xr.yaml': note('hello') }), /neither/));

  it('accepts a refusal that both say', () => check({ 'xr.yaml': note(long), 'refused.txt': 'spec.text: Too long' }));

  it('refuses a refusal with another text', () =>
    assert.rejects(check({ 'xr.yaml': note(long), 'refused.txt': 'spec.text: Too short' }), /the engine does not say/));

  it('refuses a refusal that only the engine knows', () =>
    assert.rejects(
      check({ 'xr.yaml': note(long), 'refused.txt': 'spec.text: Too long' }, { code: 0, stdout: '', stderr: '' }),
      /npm run render accepts it/,
    ));

  it('refuses to be told of a refusal that does not happen', () =>
    assert.rejects(check({ 'xr.yaml': note('hello'), 'refused.txt': 'spec.text: Too long' }), /the engine renders it/));
});
