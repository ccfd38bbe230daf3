import fc from 'fast-check';
import { apiVersionOf, kinds } from './kinds.ts';
import { conditionText, createMemoryCluster, type MemoryCluster } from './memory.ts';
import * as p from './platform.ts';
import { advance, type Event, enabled, settle, stateKey, step } from './simulator.ts';
import { createSimulation, type Manifest, type ObjectRef, refOf, type Simulation } from './state.ts';

const flavours = [
  ['namespaced', { namespaced: true }],
  ['cluster', { namespaced: false }],
] as const;
const namespaced = { namespaced: true };
const group = '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/orders';
const serverId = (name: string): string => `${group}/providers/Microsoft.DBforPostgreSQL/flexibleServers/${name}`;

const apiVersion = (kindName: string): string => {
  const kind = kinds.find((each) => each.kind === kindName);
  return kind ? apiVersionOf(kind, true) : 'v1';
};
const ref = (kind: string, name: string): ObjectRef => ({
  apiVersion: apiVersion(kind),
  kind,
  name,
  namespace: 'default',
});

function build(...manifests: readonly Manifest[]): Simulation {
  const cluster = createMemoryCluster();
  cluster.apply(...manifests);
  cluster.settle();
  return cluster.state;
}

const platform = build(...p.platform(namespaced));
const withEndpoint = build(...p.platform(namespaced), p.virtualEndpoint(namespaced));
const from = (state: Simulation): MemoryCluster => createMemoryCluster({}, state);
const notReady = (cluster: MemoryCluster): string[] =>
  cluster
    .objects()
    .filter(
      (each) =>
        each.kind !== 'Secret' &&
        !(conditionText(each, 'Ready') === 'True' && conditionText(each, 'Synced') === 'True'),
    )
    .map((each) => `${each.kind} ${each.metadata.name}: ${conditionText(each, 'Synced')}`);

describe.each(flavours)('a platform of %s resources', (_, flavour) => {
  const all = [...p.platform(flavour), p.virtualEndpoint(flavour)];

  it('becomes Ready from one apply of everything', () => {
    const cluster = createMemoryCluster();
    cluster.apply(...all);
    cluster.settle();
    expect(notReady(cluster)).toEqual([]);
    expect(cluster.resource('orders-b')?.properties.sourceServerId).toBe(serverId('orders-a'));
    expect(cluster.resource('write', 'CNAME')?.properties.record).toBe('orders-a.postgres.database.azure.com');
  });

  it('is quiet once it is Ready', () => {
    const cluster = createMemoryCluster();
    cluster.apply(...all);
    cluster.settle();
    cluster.forgetRequests();
    const before = cluster.objects().map((each) => [each.metadata.name, each.metadata.resourceVersion]);
    cluster.apply(...all);
    cluster.advance(24 * 3600);
    expect(cluster.objects().map((each) => [each.metadata.name, each.metadata.resourceVersion])).toEqual(before);
    expect(cluster.requests).toEqual([]);
  });

  it('goes in the legal order without a refusal', () => {
    const cluster = createMemoryCluster();
    cluster.apply(...all);
    cluster.settle();
    cluster.forgetRequests();
    const order = [
      'record-write',
      'record-read',
      'endpoint',
      'server-b',
      'server-a',
      'peering-a',
      'peering-b',
      'link-a',
      'link-b',
      'zone',
      'subnet-a',
      'subnet-b',
      'vnet-a',
      'vnet-b',
      'rg',
    ];
    for (const name of order) {
      const manifest = all.find((each) => each.metadata.name === name);
      if (manifest) cluster.remove(refOf(manifest));
      cluster.settle();
      expect(cluster.objects().map((each) => each.metadata.name)).not.toContain(name);
    }
    expect(cluster.requests.filter((each) => !each.outcome.ok)).toEqual([]);
    expect(cluster.state.resources).toEqual({});
  });

  it('goes all at once too: what Azure refuses is retried until it is legal', () => {
    const cluster = createMemoryCluster();
    cluster.apply(...all);
    cluster.settle();
    cluster.forgetRequests();
    for (const manifest of all) cluster.remove(refOf(manifest));
    cluster.settle();
    expect(cluster.requests.some((each) => !each.outcome.ok && each.outcome.rule === 'server-in-endpoint')).toBe(true);
    expect([cluster.objects(), cluster.state.resources]).toEqual([[], {}]);
  });
});

describe('deletion of an owner', () => {
  it('collects everything that it owns, concurrently', () => {
    const owner = {
      apiVersion: 'database.platform.io/v1alpha1',
      kind: 'XPostgreSQLDatabase',
      metadata: { name: 'orders', namespace: 'default' },
      spec: {},
    };
    const cluster = createMemoryCluster();
    cluster.apply(owner);
    const uid = cluster.object(refOf(owner))?.metadata.uid ?? '';
    const owned = {
      namespaced: true,
      owner: { apiVersion: owner.apiVersion, kind: owner.kind, name: 'orders', uid, controller: true },
    };
    cluster.apply(...p.platform(owned));
    cluster.settle();
    expect(notReady(cluster).filter((each) => !each.startsWith('XPostgreSQLDatabase'))).toEqual([]);
    cluster.remove(refOf(owner));
    cluster.settle();
    expect([cluster.objects(), cluster.state.resources]).toEqual([[], {}]);
  });
});

describe('determinism', () => {
  it('gives the same bytes for the same events', () => {
    const run = (): string => {
      const cluster = createMemoryCluster();
      cluster.apply(...p.platform(namespaced));
      cluster.advance(3000);
      cluster.happen({ what: 'zone-outage', region: 'eastus2', zone: '1' });
      cluster.restartProvider();
      cluster.advance(600);
      return JSON.stringify([cluster.state, cluster.requests]);
    };
    expect(run()).toBe(run());
  });

  it('never changes a state that it was given', () => {
    const before = JSON.stringify(withEndpoint);
    let state = withEndpoint;
    for (const event of [
      { type: 'restart-provider' },
      {
        type: 'incident',
        incident: { what: 'promote', id: serverId('orders-b'), mode: 'switchover', option: 'planned' },
      },
      { type: 'tick', seconds: 60 },
    ] satisfies Event[]) {
      state = step(state, event);
    }
    advance(state, 3600);
    expect(JSON.stringify(withEndpoint)).toBe(before);
  });

  it('reaches the same state whatever the order of steps', () => {
    const manifests = p.foundation(namespaced);
    const keyWithoutCounters = (state: Simulation): string =>
      JSON.stringify(
        Object.entries(state.resources)
          .sort()
          .map(([key, each]) => [key, each.phase, each.properties]),
      );
    const reference = keyWithoutCounters(build(...manifests));
    fc.assert(
      fc.property(
        fc.shuffledSubarray(manifests, { minLength: manifests.length }),
        fc.array(fc.nat(), { minLength: 20, maxLength: 60 }),
        (shuffled, choices) => {
          let state = createSimulation();
          for (const manifest of shuffled) state = step(state, { type: 'apply', manifest });
          for (const choice of choices) {
            const events = enabled(state);
            const event = events[choice % Math.max(1, events.length)];
            if (event) state = step(state, event);
            // Parts seen for the first time have nothing remembered about them: the answer must be the same.
            expect(enabled(JSON.parse(JSON.stringify(state)))).toEqual(enabled(state));
          }
          expect(keyWithoutCounters(settle(state))).toBe(reference);
        },
      ),
      { numRuns: 25 },
    );
  });

  it('has one key for states that differ only in clock readings', () => {
    const later = step(platform, { type: 'tick', seconds: 3600 });
    expect(stateKey(later)).toBe(stateKey(platform));
    expect(stateKey(advance(later, 3600))).toBe(stateKey(platform));
    expect(
      stateKey(step(platform, { type: 'incident', incident: { what: 'failover', id: serverId('orders-a') } })),
    ).not.toBe(stateKey(platform));
  });

  it('offers no step where all is quiet', () => {
    expect(enabled(platform)).toEqual([]);
  });
});

describe('faults', () => {
  const zone = p.zone(namespaced);

  it('fail once: the next attempt succeeds', () => {
    const cluster = createMemoryCluster();
    cluster.inject({
      id: 'f',
      on: { kind: 'PrivateDNSZone', verb: 'create' },
      effect: { type: 'fail', code: 'Throttled' },
      times: 1,
    });
    cluster.apply(p.resourceGroup(namespaced));
    cluster.settle();
    cluster.apply(zone);
    cluster.advance(31);
    expect(conditionText(cluster.object(refOf(zone)), 'LastAsyncOperation')).toContain('Throttled: injected fault f');
    cluster.settle();
    expect(notReady(cluster)).toEqual([]);
  });

  it('fail for ever, until they are cleared', () => {
    const cluster = createMemoryCluster();
    cluster.inject({ id: 'f', on: { kind: 'PrivateDNSZone' }, effect: { type: 'fail' } });
    cluster.apply(p.resourceGroup(namespaced), zone);
    cluster.advance(7200);
    expect(notReady(cluster)).toHaveLength(1);
    cluster.clear('f');
    cluster.settle();
    expect(notReady(cluster)).toEqual([]);
  });

  it('slow down, hang, and limit vCores', () => {
    const cluster = createMemoryCluster();
    cluster.inject({ id: 'slow', on: { kind: 'ResourceGroup' }, effect: { type: 'slow', factor: 100 } });
    cluster.inject({ id: 'hang', on: { kind: 'PrivateDNSZone' }, effect: { type: 'hang' }, times: 1 });
    cluster.inject({ id: 'quota', on: { region: 'eastus2' }, effect: { type: 'quota', vCores: 3 } });
    cluster.apply(...p.foundation(namespaced));
    cluster.advance(499);
    expect(cluster.resource('orders')?.phase).toBe('Creating');
    cluster.advance(3600);
    expect([
      cluster.resource('orders')?.phase,
      cluster.resource('orders.private.postgres.database.azure.com')?.phase,
    ]).toEqual(['Ready', 'Creating']);
    const hanging = Object.keys(cluster.state.operations).find((key) => key.includes('privatednszones')) ?? '';
    cluster.step({ type: 'finish', operation: hanging });
    cluster.apply(p.primary(namespaced));
    cluster.advance(600);
    expect(conditionText(cluster.object(ref('FlexibleServer', 'server-a')), 'LastAsyncOperation')).toContain(
      'QuotaExceeded',
    );
  });

  it('end an operation as failed: a half-made server is gone and made again', () => {
    const cluster = from(build(...p.foundation(namespaced)));
    cluster.apply(p.primary(namespaced));
    cluster.advance(60);
    cluster.step({ type: 'fail', operation: `create:${serverId('orders-a').toLowerCase()}`, message: 'capacity' });
    expect([
      cluster.resource('orders-a'),
      conditionText(cluster.object(ref('FlexibleServer', 'server-a')), 'Synced'),
    ]).toEqual([undefined, expect.stringContaining('capacity')]);
    cluster.settle();
    expect(notReady(cluster)).toEqual([]);
  });

  it('a provider restart in the middle of a create finds the server when it is made', () => {
    const cluster = from(build(...p.foundation(namespaced)));
    cluster.apply(p.primary(namespaced));
    cluster.advance(60);
    cluster.restartProvider();
    cluster.settle();
    expect(notReady(cluster)).toEqual([]);
    expect(cluster.requests.filter((each) => each.method === 'PUT' && each.id === serverId('orders-a'))).toHaveLength(
      1,
    );
  });
});

describe('outages', () => {
  it('of a zone move a zone-redundant server, and stop one without standby', () => {
    const cluster = from(platform);
    cluster.happen({ what: 'zone-outage', region: 'eastus2', zone: '1' });
    cluster.happen({ what: 'zone-outage', region: 'centralus', zone: '1' });
    expect(cluster.resource('orders-a')).toMatchObject({
      properties: { zone: '2', highAvailability: { standbyAvailabilityZone: '1' } },
      hidden: { available: true },
    });
    expect(cluster.resource('orders-b')?.hidden.available).toBe(false);
    cluster.happen({ what: 'zone-recovery', region: 'centralus', zone: '1' });
    expect(cluster.resource('orders-b')?.hidden.available).toBe(true);
  });

  it('of a zone move nothing while a lock lies over the private DNS zone', () => {
    const cluster = from(platform);
    cluster.apply(
      p.managed(namespaced, 'ManagementLock', 'lock', { name: 'keep', scope: group, lockLevel: 'CanNotDelete' }),
    );
    cluster.settle();
    cluster.happen({ what: 'zone-outage', region: 'eastus2', zone: '1' });
    expect(cluster.resource('orders-a')).toMatchObject({ properties: { zone: '1' }, hidden: { available: false } });
  });

  it('of a region fail reads: Synced False, Ready stale, operations wait', () => {
    const cluster = from(platform);
    const server = () => cluster.object(ref('FlexibleServer', 'server-a'));
    cluster.happen({ what: 'region-outage', region: 'East US 2' });
    cluster.advance(60);
    expect(conditionText(server(), 'Synced')).toContain(
      'observe failed: failed to observe the resource: ServiceUnavailable',
    );
    expect(conditionText(server(), 'Ready')).toBe('True');
    expect(conditionText(cluster.object(ref('FlexibleServer', 'server-b')), 'Synced')).toBe('True');
    expect(conditionText(cluster.object(ref('PrivateDNSZone', 'zone')), 'Synced')).toBe('True');
    cluster.happen({ what: 'region-recovery', region: 'eastus2' });
    cluster.advance(60);
    expect(notReady(cluster)).toEqual([]);
  });

  it('of the primary region leave a forced promotion, and no planned one', () => {
    const cluster = from(withEndpoint);
    cluster.happen({ what: 'region-outage', region: 'eastus2' });
    cluster.happen({ what: 'promote', id: serverId('orders-b'), mode: 'standalone', option: 'planned' });
    expect(cluster.requests.at(-1)?.outcome).toMatchObject({ ok: false, rule: 'promote-planned-needs-source' });
    cluster.advance(60);
    cluster.happen({ what: 'promote', id: serverId('orders-b'), mode: 'standalone', option: 'forced' });
    cluster.advance(300);
    expect(cluster.resource('orders-b')?.properties.sourceServerId).toBeUndefined();
    // The reader of the old pair falls back to the old primary.
    expect(cluster.resource('orders', 'virtualEndpoints')?.properties.replicaServerId).toBe(serverId('orders-a'));
  });
});
