import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { stringify } from 'yaml';
import { execute, type Outcome } from './commands.ts';
import { startInsecureFunction } from './insecure-function.ts';
import { documents, functionsFile, validateWithEngine } from './render-case.ts';
import { type Supervisor, superviseProcesses } from './supervisor.ts';
import { crossplaneClusterFiles, repositoryRoot, tool } from './tools.ts';

const folder = join(repositoryRoot, 'examples/operations');
const functionName = 'platform-io-function-postgresql';

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly message?: string;
}

/** The settled database of an example under the name that the Operations have, as the user's own object. */
function database(identity: { apiVersion: string; kind: string }, change: Partial<Condition> = {}): object {
  const [xr] = documents(readFileSync(join(repositoryRoot, 'examples/active-passive/expected.yaml'), 'utf8'));
  const { spec, status } = xr as unknown as { spec: object; status: { conditions: Condition[] } };
  const crossplanes = ['Synced', 'Ready'];
  const conditions: Condition[] = [
    ...status.conditions.filter(({ type }) => !crossplanes.includes(type)),
    ...crossplanes.map((type) => ({ type, status: 'True' })),
  ];
  return {
    ...identity,
    metadata: { name: 'orders', namespace: 'team-a', uid: '6e2f0a4e-0000-4000-8000-000000000001' },
    spec,
    status: {
      ...status,
      conditions: conditions.map((each) => (each.type === change.type ? { ...each, ...change } : each)),
    },
  };
}

const XR = { apiVersion: 'database.platform.io/v1alpha1', kind: 'XPostgreSQLDatabase' };
const CLAIM = { apiVersion: 'claims.database.platform.io/v1alpha1', kind: 'PostgreSQLDatabase' };

describe('an Operation rendered by the real engine', () => {
  const scratch = mkdtempSync(join(tmpdir(), 'render-operation-'));
  let processes: Supervisor;

  before(async () => {
    processes = superviseProcesses(scratch);
    const target = await startInsecureFunction(processes);
    writeFileSync(join(scratch, 'functions.yaml'), functionsFile([{ functionRef: { name: functionName } }], target));
  });

  after(async () => {
    await processes.stopAll();
    rmSync(scratch, { recursive: true });
  });

  const render = (file: string, target: object): Promise<Outcome> => {
    const required = join(scratch, 'required.yaml');
    writeFileSync(required, stringify(target));
    return execute(tool('crossplane'), [
      ...['operation', 'render', join(folder, file), join(scratch, 'functions.yaml')],
      ...[`--crossplane-binary=${tool('crossplane-core')}`, `--required-resources=${required}`],
      ...['--include-function-results', '--timeout=240s'],
    ]);
  };

  it('is valid for Crossplane, each example', async () => {
    const yaml = readdirSync(folder).map((file) => readFileSync(join(folder, file), 'utf8'));
    assert.deepEqual(await validateWithEngine(yaml.join('---\n'), [join(crossplaneClusterFiles(), 'crds')]), []);
  });

  for (const [file, identity, region] of [
    ['preflight.yaml', XR, undefined],
    ['cron-preflight.yaml', XR, undefined],
    ['drill.yaml', XR, 'secondary'],
    ['failover.yaml', CLAIM, 'secondary'],
  ] as const)
    it(file, async () => {
      const { code, stdout, stderr } = await render(file, database(identity));
      assert.equal(code, 0, stderr);
      const [operation, ...others] = documents(stdout);
      const { status } = operation as unknown as {
        status: { conditions: Condition[]; pipeline: { output: object }[] };
      };
      assert.equal(status.conditions.find(({ type }) => type === 'Succeeded')?.status, 'True');
      const output = status.pipeline[0]?.output as { failoverReady: string; target: string };
      assert.equal(output.target, 'team-a/orders');
      assert.equal(output.failoverReady, 'True Ready: secondary-server can be promoted without losing data');
      const { uid } = (database(identity) as { metadata: { uid: string } }).metadata;
      assert.deepEqual(
        others.filter(({ kind }) => kind !== 'Result'),
        region === undefined
          ? []
          : [
              {
                ...identity,
                metadata: { name: 'orders', namespace: 'team-a', uid },
                spec: { failover: { activeRegion: region } },
              },
            ],
      );
    });

  it('cron-rotation.yaml', async () => {
    const object = database(XR) as { metadata: { uid: string }; spec: object };
    const { code, stdout, stderr } = await render('cron-rotation.yaml', {
      ...object,
      // The example has a password of its user's.
      spec: { ...object.spec, security: {} },
    });
    assert.equal(code, 0, stderr);
    const { uid } = object.metadata;
    assert.deepEqual(
      documents(stdout)
        .slice(1)
        .filter(({ kind }) => kind !== 'Result'),
      [
        {
          ...XR,
          metadata: { name: 'orders', namespace: 'team-a', uid },
          spec: { security: { passwordRotation: { trigger: 'operation-1' } } },
        },
      ],
    );
  });

  it('fails, and says why, when a failover would not begin', async () => {
    const change = { type: 'FailoverReady', status: 'False', reason: 'NoReplica', message: 'there is none' };
    const others = ['failover.yaml', 'cron-rotation.yaml'];
    for (const file of readdirSync(folder).filter((name) => !others.includes(name))) {
      const { code, stdout, stderr } = await render(file, database(XR, change));
      assert.notEqual(code, 0, `${file}: ${stdout}`);
      assert.ok(stderr.includes('team-a/orders: FailoverReady is False, NoReplica: there is none'), stderr);
    }
  });

  it('fails when there is no such database', async () => {
    const { code, stderr } = await render('failover.yaml', database(XR));
    assert.notEqual(code, 0);
    assert.ok(stderr.includes('team-a/orders: does not exist; correct input.spec.target'), stderr);
  });
});
