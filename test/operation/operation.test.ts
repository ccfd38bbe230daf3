import type { RunFunctionRequest, RunFunctionResponse } from '@crossplane-org/function-sdk-typescript';
import { runFunction } from '../../src/function.ts';
import { decodeRequest, decodeResponse, encodeRequest, encodeResponse } from '../../src/wire/wire.ts';
import { createMemoryCluster } from '../azure/memory.ts';
import { createEngine, type Engine } from '../support/engine.ts';
import { type Json, resource, twoRegions, xr } from '../support/requests.ts';

const UID = '6e2f0a4e-0000-4000-8000-000000000001';
const target = { name: 'orders', namespace: 'team-a' };

function ask(spec: object, object?: Json | null, desired: Json = {}): RunFunctionResponse {
  const request: RunFunctionRequest = {
    meta: { tag: 'tag', capabilities: [] },
    observed: undefined,
    desired: {
      composite: undefined,
      resources: Object.fromEntries(Object.entries(desired).map(([k, v]) => [k, resource(v as Json)])),
    },
    input: { apiVersion: 'postgresql.fn.platform.io/v1beta1', kind: 'FailoverOperation', spec },
    context: {},
    extraResources: {},
    credentials: {},
    requiredResources: object === undefined ? {} : { target: { items: object === null ? [] : [resource(object)] } },
    requiredSchemas: {},
  };
  // By the wire, as Crossplane asks and hears.
  return decodeResponse(encodeResponse(runFunction(decodeRequest(encodeRequest(request)))));
}

const SEVERITY = ['', 'Fatal', 'Warning', 'Normal'];
const said = ({ results }: RunFunctionResponse): string[] =>
  results.map(({ severity, message }) => `${SEVERITY[severity]} ${message}`);
const applied = ({ desired }: RunFunctionResponse): unknown => desired?.resources['failover-target']?.resource;

function platform(): Engine {
  const engine = createEngine(xr('namespaced', twoRegions), createMemoryCluster());
  engine.settle();
  return engine;
}

/** The database as the API server has it. */
function database(engine: Engine, failover: Json = {}, more: readonly Json[] = []): Json {
  const status = engine.status as Json & { conditions: Json[] };
  const crossplanes = [
    { type: 'Synced', status: 'True', reason: 'ReconcileSuccess', observedGeneration: 3 },
    { type: 'Ready', status: engine.ready ? 'True' : 'False', reason: 'Available' },
  ];
  const others = [...status.conditions, ...crossplanes].filter(({ type }) => more.every((each) => each.type !== type));
  return {
    ...xr('namespaced', { ...twoRegions, failover: { activeRegion: 'primary', option: 'Planned', ...failover } }),
    metadata: { ...target, uid: UID, generation: 3, resourceVersion: '17', labels: { team: 'a' } },
    status: { ...status, conditions: [...others, ...more] },
  };
}

const failoverReady = (status: string, reason: string): Json => ({
  type: 'FailoverReady',
  status,
  reason,
  message: 'because',
});

describe('an Operation', () => {
  const settled = platform();
  const failover = { mode: 'Failover', target, activeRegion: 'secondary' };

  it('asks for the database first, and for the same in every call', () => {
    const first = ask(failover);
    expect(first.requirements?.resources).toEqual({
      target: {
        apiVersion: 'database.platform.io/v1alpha1',
        kind: 'XPostgreSQLDatabase',
        matchName: 'orders',
        matchLabels: undefined,
        namespace: 'team-a',
      },
    });
    expect([first.results, applied(first), first.output]).toEqual([[], undefined, undefined]);
    expect(ask(failover, database(settled)).requirements).toEqual(first.requirements);
    expect(ask({ mode: 'Preflight', target }, database(settled)).requirements).toEqual(first.requirements);
  });

  it('reports in a preflight, and changes nothing', () => {
    const response = ask({ mode: 'Preflight', target }, database(settled));
    expect(said(response)).toEqual([
      expect.stringMatching(
        /^Warning team-a\/orders: nothing here sees how far the replica is behind, and not every alert is set for orders-eastus2-\w+, orders-centralus-\w+;/,
      ),
      'Normal team-a/orders: a failover would begin now',
    ]);
    expect(response.desired?.resources).toEqual({});
    expect(response.output).toMatchObject({
      mode: 'Preflight',
      target: 'team-a/orders',
      activeRegion: 'primary',
      option: 'Planned',
      writer: { region: 'eastus2' },
      replica: { region: 'centralus' },
      failoverReady: 'True Ready: secondary-server can be promoted without losing data',
    });
  });

  it.each(['Failover', 'Drill'])('in mode %s desires the one field of that very object, and nothing else', (mode) => {
    const response = ask({ ...failover, mode }, database(settled), { other: { kind: 'X' } });
    expect(applied(response)).toEqual({
      apiVersion: 'database.platform.io/v1alpha1',
      kind: 'XPostgreSQLDatabase',
      metadata: { ...target, uid: UID },
      spec: { failover: { activeRegion: 'secondary' } },
    });
    expect(Object.keys(response.desired?.resources ?? {})).toEqual(['failover-target', 'other']);
    expect(said(response).at(-1)).toBe(
      'Normal team-a/orders: spec.failover.activeRegion is set to secondary; status.failover says how far it is',
    );
  });

  it('sets the field of a claim, which has the status of its XR', () => {
    const claim = { apiVersion: 'claims.database.platform.io/v1alpha1', kind: 'PostgreSQLDatabase' };
    const response = ask({ ...failover, target: { ...claim, ...target } }, { ...database(settled), ...claim });
    expect(applied(response)).toEqual({
      ...claim,
      metadata: { ...target, uid: UID },
      spec: { failover: { activeRegion: 'secondary' } },
    });
  });

  it('sets the option only where it differs', () => {
    const spec = (option: string, before: string) =>
      (applied(ask({ ...failover, option }, database(settled, { option: before }))) as { spec: Json }).spec;
    expect(spec('Forced', 'Planned')).toEqual({ failover: { activeRegion: 'secondary', option: 'Forced' } });
    expect(spec('Forced', 'Forced')).toEqual({ failover: { activeRegion: 'secondary' } });
    expect(spec('Planned', 'Planned')).toEqual({ failover: { activeRegion: 'secondary' } });
  });

  it('says and does the same when it is run again after it was applied', () => {
    const response = ask(
      failover,
      database(settled, { activeRegion: 'secondary' }, [failoverReady('False', 'InProgress')]),
    );
    expect(said(response)).toEqual(['Normal team-a/orders: writes are to be in secondary already; nothing is changed']);
    expect(response.desired?.resources).toEqual({});
    expect(response.output).toMatchObject({ message: 'asked for already; phase Stable' });
  });

  it.each<[string, object, Json, string]>([
    [
      'nobody would promote',
      {},
      database(settled, {}, [failoverReady('False', 'NoReplica')]),
      'FailoverReady is False, NoReplica: because',
    ],
    [
      'has a region that does not answer, without Forced',
      {},
      database(settled, {}, [failoverReady('False', 'WriterNotReady')]),
      'FailoverReady is False, WriterNotReady: because',
    ],
    [
      'failed over a moment ago, with Forced too',
      { option: 'Forced' },
      database(settled, {}, [failoverReady('False', 'TooSoon')]),
      'FailoverReady is False, TooSoon: because',
    ],
    [
      'has another option than the Operation',
      { option: 'Planned' },
      database(settled, { option: 'Forced' }),
      'has spec.failover.option "Forced", and FailoverReady speaks of that; set it to Planned first',
    ],
    [
      'is not synced',
      {},
      database(settled, {}, [{ type: 'Synced', status: 'False' }]),
      'condition Synced is not True, so its conditions may be old; see its message first',
    ],
    [
      'changed since its conditions were written',
      {},
      database(settled, {}, [{ type: 'Synced', status: 'True', observedGeneration: 2 }]),
      'was changed a moment ago, and its conditions do not speak of that yet; it is looked at again by itself',
    ],
  ])('refuses a database that %s', (_, more, object, sentence) => {
    for (const spec of [
      { ...failover, ...more },
      { mode: 'Preflight', target, ...more },
    ]) {
      const response = ask(spec, object);
      expect(said(response)).toEqual([`Fatal team-a/orders: ${sentence}`]);
      expect(applied(response)).toBeUndefined();
    }
  });

  it.each<[string, Json | null, string]>([
    ['does not exist', null, 'does not exist; correct input.spec.target'],
    [
      'is being deleted',
      { ...database(settled), metadata: { ...target, deletionTimestamp: '2026-01-01T00:00:00Z' } },
      'is being deleted',
    ],
    [
      'has a function of before',
      { ...database(settled), status: { conditions: [{ type: 'Synced', status: 'True' }] } },
      'has no condition FailoverReady; upgrade the function that composes it',
    ],
  ])('refuses a database that %s', (_, object, sentence) => {
    expect(said(ask(failover, object))).toEqual([`Fatal team-a/orders: ${sentence}`]);
  });

  it('refuses the XR of a claim and names the claim', () => {
    const claimed = { apiVersion: 'claims.database.platform.io/v1alpha1', kind: 'XPostgreSQLDatabase' };
    const composite = xr('cluster', twoRegions);
    const object = { ...composite, status: database(settled).status };
    expect(
      said(ask({ mode: 'Failover', target: { ...claimed, name: 'orders-x7k2p' }, activeRegion: 'primary' }, object)),
    ).toEqual([
      'Fatal orders-x7k2p: belongs to the claim team-a/orders, which would set the field back; name the claim in input.spec.target',
    ]);
  });

  it.each(['WriterNotReady', 'ReplicaNotSynced'])(
    'goes with Forced where a lost region is the reason: %s',
    (reason) => {
      const response = ask({ ...failover, option: 'Forced' }, database(settled, {}, [failoverReady('False', reason)]));
      expect(applied(response)).toMatchObject({ spec: { failover: { activeRegion: 'secondary', option: 'Forced' } } });
      expect(said(response)).toContain(
        'Warning team-a/orders: with Forced, transactions that have not reached the replica are lost',
      );
    },
  );

  it.each<[string, Json, string]>([
    [
      'has Forced set',
      database(settled, { option: 'Forced' }),
      'has spec.failover.option "Forced", which can lose data; set it to Planned',
    ],
    [
      'is not Ready',
      database(settled, {}, [{ type: 'Ready', status: 'False' }]),
      'is not Ready; a drill begins with a database that works',
    ],
    [
      'may have two writers',
      database(settled, {}, [
        { type: 'SplitBrainPossible', status: 'True', reason: 'FormerWriterOpen', message: 'keep away' },
      ]),
      'SplitBrainPossible is True: keep away',
    ],
    [
      'stops for a person in the middle',
      database(settled, { cutover: 'Manual', reprotect: 'Manual' }),
      'has spec.failover.cutover "Manual", so applications could not write until a person comes; team-a/orders: has spec.failover.reprotect "Manual", so it would stay without a replica until a person comes',
    ],
  ])('refuses a drill of a database that %s, and would fail over', (_, object, sentence) => {
    expect(said(ask({ ...failover, mode: 'Drill' }, object))).toEqual([`Fatal team-a/orders: ${sentence}`]);
    expect(applied(ask(failover, object))).toBeDefined();
  });

  it('tells before a drill what it leaves behind', () => {
    const kept = 'Warning team-a/orders: the former primary is kept and paid for;';
    const drill = { ...failover, mode: 'Drill' };
    expect(said(ask(drill, database(settled))).some((line) => line.startsWith(kept))).toBe(true);
    const deleted = database(settled, { formerPrimary: 'Delete' });
    expect(said(ask(drill, deleted)).some((line) => line.startsWith(kept))).toBe(false);
  });

  it('is quiet about alerts that are there', () => {
    const object = database(settled);
    const { servers } = object.status as { servers: { name: string }[] };
    const status = {
      ...(object.status as Json),
      monitoring: { servers: servers.map(({ name }) => ({ name, alerts: true })) },
    };
    expect(said(ask({ mode: 'Preflight', target }, { ...object, status }))).toEqual([
      'Normal team-a/orders: a failover would begin now',
    ]);
  });

  it.each<[string, object, string]>([
    [
      'without a region to go to',
      { mode: 'Drill', target },
      'input.spec.activeRegion: is required; mode Drill needs the region that writes shall go to, primary or secondary',
    ],
    [
      'with a region in a preflight',
      { mode: 'Preflight', target, activeRegion: 'secondary' },
      'input.spec.activeRegion: "secondary" changes nothing in mode Preflight; remove it, or write mode Failover',
    ],
    [
      'with a region for a rotation',
      { mode: 'RotatePassword', target, activeRegion: 'secondary' },
      'input.spec.activeRegion: "secondary" changes nothing in mode RotatePassword; remove it, or write mode Failover',
    ],
    [
      'with an option for a rotation',
      { mode: 'RotatePassword', target, option: 'Planned' },
      'input.spec.option: "Planned" changes nothing in mode RotatePassword; remove it',
    ],
    [
      'that forces a drill',
      { mode: 'Drill', target, activeRegion: 'secondary', option: 'Forced' },
      'input.spec.option: "Forced" can lose transactions; a drill is Planned, so write that or remove the field',
    ],
    [
      'for a claim of a group without claims',
      { mode: 'Preflight', target: { ...target, kind: 'PostgreSQLDatabase' } },
      'input.spec.target.apiVersion: "database.platform.io/v1alpha1" has no claims; write claims.database.platform.io/v1alpha1',
    ],
    [
      'without a namespace',
      { mode: 'Preflight', target: { name: 'orders' } },
      'input.spec.target.namespace: is required; name the namespace of the XPostgreSQLDatabase',
    ],
    [
      'with a namespace for a cluster-scoped XR',
      { mode: 'Preflight', target: { ...target, apiVersion: 'claims.database.platform.io/v1alpha1' } },
      'input.spec.target.namespace: "team-a" does not go with a cluster-scoped XPostgreSQLDatabase; remove it, or name the claim PostgreSQLDatabase',
    ],
    ['without a mode', { target }, 'input.spec.mode: is required; choose one of'],
    ['of another mode', { mode: 'Switchover', target }, 'input.spec.mode: "Switchover"'],
  ])('refuses an input %s', (_, spec, sentence) => {
    const response = ask(spec, database(settled));
    expect(said(response)).toHaveLength(1);
    expect(said(response)[0]).toContain(`Fatal ${sentence}`);
    expect(applied(response)).toBeUndefined();
  });

  it('refuses the input of a Composition, and a Composition refuses its input', () => {
    const kind = (input: string, observed?: RunFunctionRequest['observed']) =>
      said(
        runFunction({
          meta: undefined,
          observed,
          desired: undefined,
          input: { apiVersion: 'postgresql.fn.platform.io/v1beta1', kind: input, spec: {} },
          context: undefined,
          extraResources: {},
          credentials: {},
          requiredResources: {},
          requiredSchemas: {},
        }),
      );
    expect(kind('Input')).toEqual([
      'Fatal observed.composite: is missing; in an Operation the input of the step has to be of kind FailoverOperation',
    ]);
    const composed = kind('FailoverOperation', { composite: resource(xr('namespaced', twoRegions)), resources: {} });
    expect(composed[0]).toContain('input.kind: "FailoverOperation"');
  });
});

describe('an Operation that rotates the password', () => {
  const rotate = { mode: 'RotatePassword', target };
  /** The database as it stands, with the spec that the engine was last given. */
  const now = (engine: Engine, security: Json, more: readonly Json[] = []): Json => {
    const { spec, ...object } = database(engine, {}, more);
    return { ...object, spec: { ...(spec as Json), security } };
  };
  const rotated = (trigger: string): Json => ({ passwordRotation: { trigger } });

  it('counts the trigger on, and leaves a rotation alone that is under way', () => {
    const engine = platform();
    const first = ask(rotate, now(engine, {}));
    expect(applied(first)).toEqual({
      apiVersion: 'database.platform.io/v1alpha1',
      kind: 'XPostgreSQLDatabase',
      metadata: { ...target, uid: UID },
      spec: { security: rotated('operation-1') },
    });
    engine.change((applied(first) as { spec: Json }).spec);
    // Run again before anything happened, with conditions of the spec before.
    const again = ask(
      rotate,
      now(engine, rotated('operation-1'), [{ type: 'Synced', status: 'True', observedGeneration: 2 }]),
    );
    expect(said(again)).toEqual([
      'Normal team-a/orders: the rotation "operation-1" is under way still; nothing is changed',
    ]);
    expect([again.desired?.resources, again.output]).toEqual([{}, expect.objectContaining({ trigger: 'operation-1' })]);
    engine.settle();
    expect(engine.status.credentials).toMatchObject({ secretName: expect.stringMatching(/^orders-admin-password-/) });
    const second = ask(rotate, now(engine, rotated('operation-1')));
    expect(applied(second)).toMatchObject({ spec: { security: rotated('operation-2') } });
    // Somebody took the trigger out; the Secret of operation-1 is the working one, and would be found again.
    expect(applied(ask(rotate, now(engine, {})))).toMatchObject({ spec: { security: rotated('operation-2') } });
    engine.change((applied(second) as { spec: Json }).spec);
    engine.settle();
    expect(applied(ask(rotate, now(engine, rotated('operation-2'))))).toMatchObject({
      spec: { security: rotated('operation-3') },
    });
    expect(applied(ask(rotate, now(engine, rotated('by hand'))))).toBeUndefined();
  });

  it('sets the field of a claim', () => {
    const claim = { apiVersion: 'claims.database.platform.io/v1alpha1', kind: 'PostgreSQLDatabase' };
    const object = { ...now(platform(), {}), ...claim };
    expect(applied(ask({ ...rotate, target: { ...claim, ...target } }, object))).toMatchObject({
      ...claim,
      spec: { security: rotated('operation-1') },
    });
  });

  it.each<[string, Json, readonly Json[], string]>([
    [
      "whose password is the user's",
      { adminPasswordSecretRef: { name: 'mine' } },
      [],
      'has spec.security.adminPasswordSecretRef, so its password is yours; change it inside that Secret',
    ],
    [
      'without password logins',
      { entra: { passwordAuthentication: false } },
      [],
      'has spec.security.entra.passwordAuthentication false, so no password is in use',
    ],
    [
      'that is not synced',
      {},
      [{ type: 'Synced', status: 'False' }],
      'condition Synced is not True, so its conditions may be old; see its message first',
    ],
  ])('refuses a database %s', (_, security, more, sentence) => {
    const response = ask(rotate, now(platform(), security, more));
    expect(said(response)).toEqual([`Fatal team-a/orders: ${sentence}`]);
    expect(applied(response)).toBeUndefined();
  });
});

it('moves writes when its field is applied', () => {
  const engine = platform();
  const response = ask({ mode: 'Failover', target, activeRegion: 'secondary' }, database(engine));
  engine.change((applied(response) as { spec: Json }).spec);
  engine.settle();
  expect(engine.status.activeRegion).toBe('centralus');
  const back = ask({ mode: 'Drill', target, activeRegion: 'primary' }, database(engine, { activeRegion: 'secondary' }));
  engine.change((applied(back) as { spec: Json }).spec);
  engine.settle();
  expect(engine.status.activeRegion).toBe('eastus2');
  expect(said(ask({ mode: 'Preflight', target }, database(engine)))).toEqual([
    expect.stringMatching(/^Fatal team-a\/orders: FailoverReady is False, FormerPrimaryRetained: /),
  ]);
});
