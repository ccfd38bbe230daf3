import type { MemoryCluster } from '../azure/memory.ts';
import { createEngine, type Engine } from '../support/engine.ts';
import { otherCluster, ownPassword, ownSecret } from '../support/other-cluster.ts';
import { type Json, oneRegion, twoRegions, xr } from '../support/requests.ts';
import { failoverOf, serverId, troubled, world } from '../support/world.ts';

type Flavour = 'namespaced' | 'cluster';
type Servers = readonly Json[];

const spec = {
  ...twoRegions,
  security: { ...ownPassword.security, lock: 'CanNotDelete' },
  parameters: { work_mem: '8192' },
  monitoring: { logs: { enabled: true }, alerts: { enabled: true } },
};

const office = { name: 'office', startAddress: '203.0.113.7', endAddress: '203.0.113.8' };
const key = (vault: string) => ({
  keyVaultKeyId: `https://${vault}.vault.azure.net/keys/postgresql`,
  keyVaultId: `/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-keys/providers/Microsoft.KeyVault/vaults/${vault}`,
});
const encryption = { primary: key('one'), secondary: key('two'), geoBackup: key('three') };

/** What status says is to be pasted. */
const listOf = ({ status }: Engine): Servers => (status.adopt as { servers: Servers }).servers;
const isServer = (id: string): boolean => /\/flexibleServers\/[^/]+$/.test(id);
const roles = ({ status }: Engine): string[] =>
  (status.servers as Servers).map(({ region, generation, role }) => `${region} ${generation} ${role}`);
const kinds = (cluster: MemoryCluster): string[] => [...new Set(cluster.objects().map(({ kind }) => kind))].sort();

/** What is said in a few looks: an answer that was not the expected one is asked for anew for ever, so nothing ever settles. */
function look(engine: Engine, cluster: MemoryCluster): unknown[] {
  return Array.from({ length: 6 }, () => {
    engine.reconcile();
    cluster.settle();
    const { phase, message } = failoverOf({ engine });
    return `${phase}: ${message}`;
  });
}

const fenceOf = (cluster: MemoryCluster): string =>
  `${cluster.resource('orders-eastus2-b0b0bea5', 'flexibleServers')?.id}/configurations/default_transaction_read_only`;

function adopting(flavour: Flavour, cluster: MemoryCluster, more: object, base: object = spec) {
  const other = otherCluster(cluster, ownSecret);
  return { other, engine: createEngine(xr(flavour, { ...base, ...more }), other) };
}

/** Writes are in the other region, the former primary is kept, and a new replica follows. */
function failedOver(flavour: Flavour) {
  const here = world(flavour, spec, ownSecret);
  here.engine.change({ failover: { activeRegion: 'secondary' } });
  here.engine.settle();
  expect(roles(here.engine)).toEqual(['eastus2 1 Former', 'eastus2 2 Replica', 'centralus 1 Primary']);
  return here;
}

describe.each(['namespaced', 'cluster'] as const)('adoption by another control plane, %s', (flavour) => {
  it('takes a platform over after a failover without a change in Azure, and fails back', () => {
    const { cluster, engine: before } = failedOver(flavour);
    const { other, engine } = adopting(flavour, cluster, {
      adopt: { servers: listOf(before) },
      failover: { activeRegion: 'secondary' },
    });
    const first = engine.reconcile();
    expect(Object.keys(first.desired?.resources ?? {}).sort()).toEqual([
      'cname-write',
      'primary-server',
      'primary-server-2',
      'primary-server-2-witness-adoption',
      'primary-server-witness-adoption',
      'secondary-server',
      'secondary-server-witness-adoption',
    ]);
    expect(failoverOf({ engine })).toMatchObject({ phase: 'Adopting' });
    expect(engine.ready).toBe(false);
    engine.settle();
    expect(engine.refusals).toEqual([]);
    expect(roles(engine)).toEqual(roles(before));
    expect(failoverOf({ engine })).toMatchObject({ phase: 'Stable' });
    expect(engine.ready).toBe(true);
    expect(troubled({ cluster: other })).toEqual([]);
    expect(other.requests.map(({ method, id }) => `${method} ${id}`)).toEqual([]);
    expect(engine.condition('FailoverReady')).toMatch(/^True/);

    engine.change({ adopt: undefined, failover: { activeRegion: 'primary' } });
    engine.settle();
    expect(engine.refusals).toEqual([]);
    expect(roles(engine)).toEqual([
      'eastus2 1 Former',
      'eastus2 2 Primary',
      'centralus 1 Former',
      'centralus 2 Replica',
    ]);
    expect(failoverOf({ engine })).toMatchObject({ phase: 'Stable' });
    expect(engine.ready).toBe(true);
    expect(other.requests.filter(({ method, id }) => method === 'DELETE' && isServer(id))).toEqual([]);
  });

  it.each([
    ['two regions', spec],
    ['one region', { ...spec, ...oneRegion }],
    ['private endpoints', { ...spec, network: { mode: 'PrivateEndpoint' } }],
    ['public access', { ...spec, network: { mode: 'Public', firewallRules: [office] } }],
    ['a virtual endpoint', { ...spec, network: { virtualEndpoint: { enabled: true } } }],
    ['a Traffic Manager profile', { ...spec, network: { trafficManager: { enabled: true } } }],
    ['identities that read keys', { ...spec, security: { ...spec.security, encryption } }],
    ['backups on demand', { ...spec, backup: { onDemand: ['before-release'] } }],
    ['long-term backups', { ...spec, deletion: { policy: 'Orphan' }, backup: { longTerm: { enabled: true } } }],
  ])('takes over %s before any failover without a change in Azure', (_, base) => {
    const { cluster, engine: before } = world(flavour, base, ownSecret);
    const { other, engine } = adopting(flavour, cluster, { adopt: { servers: listOf(before) } }, base);
    engine.settle();
    expect(engine.refusals).toEqual([]);
    expect(engine.ready).toBe(true);
    expect(roles(engine)).toEqual(roles(before));
    expect(troubled({ cluster: other })).toEqual([]);
    expect(other.requests).toEqual([]);
    const { managementPolicies } = engine.object('primary-server')?.spec as Json;
    expect(managementPolicies).toEqual((before.object('primary-server')?.spec as Json).managementPolicies);
  });

  it('makes nothing while a listed server is not found, and says which', () => {
    const { cluster, engine: before } = world(flavour, spec, ownSecret);
    const [primary, replica] = listOf(before);
    const { other, engine } = adopting(flavour, cluster, {
      adopt: { servers: [{ ...primary, externalName: 'orders-elsewhere' }, replica] },
    });
    look(engine, other);
    const message =
      'there is no server "orders-elsewhere" in the resource group; correct spec.adopt.servers, spec.resourceGroup.name or the provider\'s subscription';
    expect(failoverOf({ engine })).toMatchObject({ phase: 'Adopting', message });
    expect(engine.condition('PrimaryReady')).toBe(`False Adopting: ${message}`);
    expect(engine.condition('NetworkReady')).toMatch(/^False Waiting: resource-group, .* waiting for primary-server, /);
    expect(engine.ready).toBe(false);
    expect(kinds(other)).toEqual(['FlexibleServer', 'PrivateDNSCNAMERecord', 'Secret']);
    expect(other.requests).toEqual([]);
  });

  it('makes nothing while Azure disagrees with the list, and takes over once it is corrected', () => {
    const { cluster, engine: before } = failedOver(flavour);
    const right = listOf(before);
    const as = (region: string, role: string) => ({ ...right.find((one) => one.region === region), role });
    const wrong = [as('primary', 'Primary'), as('secondary', 'Replica')];
    const active = { failover: { activeRegion: 'secondary' } };
    const { other, engine } = adopting(flavour, cluster, { ...active, adopt: { servers: wrong } });
    const says = (message: string) => {
      expect(look(engine, other)).toContainEqual(expect.stringMatching(new RegExp(`^Adopting: .*${message}`)));
      expect(kinds(other)).not.toContain('VirtualNetwork');
    };
    says(
      'the server "orders-centralus-84499b05" replicates from no other, so it is no Replica; correct spec.adopt.servers',
    );
    // A server of its own as well: its fence and the write name tell.
    engine.change({ adopt: { servers: wrong.slice(0, 1) } });
    says('"orders-eastus2-b0b0bea5" is fenced: default_transaction_read_only is on');
    other.happen({ what: 'change', id: fenceOf(other), set: { value: 'off' } });
    says('the write name points at orders-centralus-84499b05.postgres.database.azure.com, which is none of the listed');
    other.happen({ what: 'change', id: fenceOf(other), set: { value: 'on' } });
    engine.change({ adopt: { servers: right } });
    engine.settle();
    expect(engine.ready).toBe(true);
    expect(roles(engine)).toEqual(roles(before));
    expect(other.requests).toEqual([]);
  });

  it('takes over what is left of a lost region, and fences the former writer as soon as it answers', () => {
    const { cluster, engine: before } = world(flavour, spec, ownSecret);
    const [primary, replica] = listOf(before);
    cluster.happen({ what: 'region-outage', region: 'eastus2' });
    const { other, engine } = adopting(flavour, cluster, {
      adopt: { servers: [primary, replica] },
      failover: { activeRegion: 'secondary' },
    });
    expect(look(engine, other).at(-1)).toMatch(
      /^Adopting: waits for an answer about the server "orders-eastus2-b0b0bea5"; when its region is lost, promote/,
    );
    other.happen({ what: 'promote', id: serverId(other, 'centralus'), mode: 'standalone', option: 'forced' });
    other.settle();
    other.forgetRequests();
    engine.change({
      adopt: {
        servers: [
          { ...primary, role: 'Former' },
          { ...replica, role: 'Primary' },
        ],
      },
    });
    engine.settle();
    expect(engine.refusals).toEqual([]);
    expect(roles(engine)).toEqual(['eastus2 1 Former', 'centralus 1 Primary']);
    expect(engine.condition('SplitBrainPossible')).toMatch(/^True FormerWriterOpen/);
    // A replica had none of its own.
    const asked = other.requests.filter(({ id }) => isServer(id)).map(({ method, body }) => ({ method, body }));
    expect(asked).toEqual([{ method: 'PATCH', body: { backupRetentionDays: 14 } }]);
    other.happen({ what: 'region-recovery', region: 'eastus2' });
    engine.settle();
    expect(engine.condition('SplitBrainPossible')).toMatch(/^False/);
    expect(roles(engine)).toEqual(['eastus2 1 Former', 'eastus2 2 Replica', 'centralus 1 Primary']);
    expect(engine.ready).toBe(true);
  });

  it('does not believe what it remembers from before a failover that another control plane made', () => {
    const { cluster, engine } = world(flavour, spec, ownSecret);
    engine.change({ management: { role: 'Standby' } });
    engine.settle();
    // The other control plane: the same Azure, and objects of its own.
    const away = adopting(flavour, cluster, { adopt: { servers: listOf(engine) } });
    away.engine.settle();
    away.engine.change({ failover: { activeRegion: 'secondary' } });
    away.engine.settle();
    expect(roles(away.engine)).toEqual(['eastus2 1 Former', 'eastus2 2 Replica', 'centralus 1 Primary']);
    cluster.step({ type: 'azure', from: away.other.state });
    engine.settle();
    expect(engine.status.activeRegion).toBe('centralus');
    expect(engine.condition('PrimaryReady')).toMatch(/^True Available: the server in centralus takes writes/);
    engine.change({ management: {}, failover: { activeRegion: 'secondary' } });
    expect(look(engine, cluster)).toContainEqual(
      expect.stringMatching(/^Adopting: the server .* replicates from no other/),
    );
    expect(cluster.requests).toEqual([]);
    engine.change({ adopt: { servers: listOf(away.engine) } });
    engine.settle();
    expect(engine.refusals).toEqual([]);
    expect(roles(engine)).toEqual(roles(away.engine));
    expect(engine.ready).toBe(true);
    expect(troubled({ cluster })).toEqual([]);
    // This provider has never sent the server that was its replica a password, so it sends the one that works there already.
    expect(cluster.requests.map(({ body }) => body)).toEqual([{ administratorLoginPassword: '(secret)' }]);
  });
});
