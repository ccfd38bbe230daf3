import { trafficEndpointType, trafficTarget } from './azure/kinds/traffic-manager-lookup.ts';
import { createMemoryCluster } from './azure/memory.ts';
import { createEngine } from './support/engine.ts';
import { otherCluster, ownPassword, ownSecret } from './support/other-cluster.ts';
import { type Json, oneRegion, twoRegions, xr } from './support/requests.ts';
import { failoverOf, serverId, troubled, type World, world } from './support/world.ts';

const network = { trafficManager: { enabled: true } };
const office = { name: 'office', startAddress: '203.0.113.7', endAddress: '203.0.113.8' };

const named = ({ engine }: Pick<World, 'engine'>): Json =>
  (engine.status.endpoints as { trafficManager: Json }).trafficManager;
/** Host name that the public name leads to. */
const leadsTo = (here: World): string | undefined => trafficTarget(here.cluster.state, String(named(here).host));
const write = ({ engine }: World): unknown => (engine.status.endpoints as { write: Json }).write.target;

/** Endpoints in Azure: server, priority and whether it is enabled. */
const inAzure = ({ cluster }: Pick<World, 'cluster'>): string[] =>
  Object.values(cluster.state.resources)
    .filter(({ type }) => type === trafficEndpointType)
    .map(({ properties: { target, priority, enabled } }) => `${String(target).split('-')[1]} ${priority} ${enabled}`)
    .sort();
const profiles = ({ cluster }: Pick<World, 'cluster'>): string[] =>
  Object.keys(cluster.state.resources).filter((id) => /\/trafficmanagerprofiles\//.test(id));

/** Key of the server that what is asked for leads to, by the profile and by the write name. */
function asked({ engine }: World): { readonly traffic: string[]; readonly name: unknown } {
  const keys = engine.created.filter((key) => key.endsWith('-traffic'));
  const enabled = keys.filter((key) => {
    const object = engine.object(key) as { metadata: Json; spec: { forProvider: Json } } | undefined;
    return object && !object.metadata.deletionTimestamp && object.spec.forProvider.enabled;
  });
  const record = engine.object('cname-write') as { metadata: { annotations: Json } };
  return {
    traffic: enabled.map((key) => key.slice(0, -'-traffic'.length)),
    name: record.metadata.annotations['database.platform.io/server'],
  };
}

/** Both names are asked to lead to one server at every moment. */
function agree(here: World): void {
  const { traffic, name } = asked(here);
  expect(traffic).toEqual([name]);
}

describe.each(['namespaced', 'cluster'] as const)('a Traffic Manager profile, %s', (flavour) => {
  const start = (spec: object = {}): World => world(flavour, { ...twoRegions, network, ...spec });

  it.each([
    ['servers in networks', {}],
    ['private endpoints', { mode: 'PrivateEndpoint' }],
    ['public servers', { mode: 'Public', firewallRules: [office] }],
  ])('leads to the server that takes writes and probes none, with %s', (_, way) => {
    const here = start({ network: { ...network, ...way } });
    const { cluster, engine } = here;
    expect(named(here)).toEqual({
      host: expect.stringMatching(/^orders-traffic-[0-9a-f]{8}\.trafficmanager\.net$/),
      port: 5432,
      target: write(here),
      sslMode: 'verify-ca',
      ready: true,
    });
    // It throws for an endpoint that would be probed.
    expect(leadsTo(here)).toBe(write(here));
    expect(inAzure(here)).toEqual(['centralus 2 false', 'eastus2 1 true']);
    for (const side of ['primary', 'secondary'])
      expect(engine.created.indexOf(`${side}-server-traffic`)).toBeGreaterThan(
        engine.created.indexOf(`${side}-server`),
      );
    expect(engine.condition('EndpointsReady')).toBe('True Available: all three names point at their servers');
    cluster.step({ type: 'restart-provider' });
    engine.settle();
    cluster.advance(3600);
    expect(cluster.requests).toEqual([]);
    expect(troubled(here)).toEqual([]);
  });

  it('follows the write name through a failover and the way back', () => {
    const here = start();
    const { cluster, engine } = here;
    const { host } = named(here);
    for (const [activeRegion, region] of [
      ['secondary', 'centralus'],
      ['primary', 'eastus2'],
    ] as const) {
      engine.change({ failover: { activeRegion, minimumIntervalMinutes: 0 } });
      engine.settle(() => agree(here));
      expect(failoverOf(here)).toMatchObject({ phase: 'Stable' });
      expect(write(here)).toContain(region);
      expect(leadsTo(here)).toBe(write(here));
      expect(named(here)).toMatchObject({ host, target: write(here), ready: true });
      expect(inAzure(here)).toHaveLength(2);
    }
    const gone = engine.deleted.filter((key) => key.endsWith('-traffic'));
    expect(gone).toEqual(['primary-server-traffic', 'secondary-server-traffic']);
    expect(engine.refusals).toEqual([]);
    expect(cluster.requests.filter(({ outcome }) => !outcome.ok)).toEqual([]);
    expect(troubled(here)).toEqual([]);
  });

  it('stays with the write name while a person holds that back', () => {
    const here = start();
    const { engine } = here;
    engine.change({ failover: { activeRegion: 'secondary', cutover: 'Manual' } });
    engine.settle(() => agree(here));
    expect(failoverOf(here)).toMatchObject({ phase: 'CuttingOver' });
    expect((engine.status.servers as Json[]).map(({ role }) => role)).toEqual(['Former', 'Primary']);
    expect(leadsTo(here)).toContain('eastus2');
    engine.change({ failover: { activeRegion: 'secondary', cutover: 'Automatic' } });
    engine.settle(() => agree(here));
    expect(leadsTo(here)).toContain('centralus');
  });

  it('keeps both endpoints through a switchover', () => {
    const here = start({ network: { ...network, virtualEndpoint: { enabled: true } } });
    const { cluster, engine } = here;
    engine.change({ failover: { mode: 'Switchover', activeRegion: 'secondary' } });
    for (let pass = 0; pass < 6; pass++) {
      engine.reconcile();
      agree(here);
      cluster.settle();
    }
    expect(failoverOf(here)).toMatchObject({ phase: 'Promoting' });
    cluster.step({
      type: 'incident',
      incident: { what: 'promote', id: serverId(cluster, 'centralus'), mode: 'switchover', option: 'planned' },
    });
    cluster.settle();
    engine.settle(() => agree(here));
    expect(failoverOf(here)).toMatchObject({ phase: 'Stable' });
    expect(leadsTo(here)).toContain('centralus');
    expect(engine.deleted.filter((key) => key.endsWith('-traffic'))).toEqual([]);
    expect(troubled(here)).toEqual([]);
  });

  it('has no endpoint for a server from a backup before the write name leads to it', () => {
    const here = start();
    const restored = 'primary-server-2-traffic';
    here.engine.change({ restore: { mode: 'PointInTime', pointInTime: '2026-01-01T00:05:00Z' } });
    const seen: unknown[] = [];
    here.engine.settle(() => {
      agree(here);
      if (here.engine.object(restored) && seen.at(-1) !== failoverOf(here).phase) seen.push(failoverOf(here).phase);
    });
    expect(seen).toEqual(['CuttingOver', 'Unprotected', 'Reprotecting', 'Stable']);
    expect(here.engine.refusals).toEqual([]);
    expect(troubled(here)).toEqual([]);
  });

  it('lets the endpoint of a former writer leave Azure, also where nothing else is deleted', () => {
    const here = world(flavour, { ...twoRegions, ...ownPassword, network, deletion: { policy: 'Orphan' } }, ownSecret);
    const { engine } = here;
    engine.change({ failover: { activeRegion: 'secondary' } });
    engine.settle();
    expect(failoverOf(here)).toMatchObject({ phase: 'Stable' });
    expect(engine.deleted).toContain('primary-server-traffic');
    expect(inAzure(here)).toHaveLength(2);
    expect(inAzure(here).filter((line) => line.endsWith('true'))).toHaveLength(1);
    const former = (engine.status.servers as Json[]).find(({ role }) => role === 'Former')?.name;
    engine.change({ failover: { activeRegion: 'secondary', retire: [former] } });
    engine.settle();
    expect(engine.deleted).toContain('primary-server');
    expect(engine.refusals).toEqual([]);
    expect(troubled(here)).toEqual([]);
  });

  it.each(['Delete', 'Orphan'])('is switched off, under %s too, and on again with another name', (policy) => {
    const here = world(flavour, { ...oneRegion, ...ownPassword, network, deletion: { policy } }, ownSecret);
    const { engine } = here;
    const renamed = { network: { trafficManager: { enabled: true, relativeName: 'orders-of-ours' } } };
    engine.change(renamed);
    engine.reconcile();
    expect(engine.refusals).toEqual([
      'spec.network.trafficManager.relativeName: cannot change, because applications use the name; set enabled to false, and to true with another name once the profile is gone',
    ]);
    engine.change({ network: {} });
    engine.settle();
    expect(named(here)).toBeUndefined();
    expect(profiles(here)).toEqual([]);
    expect([...engine.deleted].sort()).toEqual(['primary-server-traffic', 'traffic-manager']);
    engine.change(renamed);
    engine.settle();
    expect(named(here)).toMatchObject({ host: 'orders-of-ours.trafficmanager.net', ready: true });
    expect(engine.refusals).toHaveLength(1);
    expect(troubled(here)).toEqual([]);
  });

  it('says that its name is taken, while applications write by the other name', () => {
    const cluster = createMemoryCluster({ taken: ['trafficmanager.net/orders'] });
    const spec = { ...oneRegion, network: { trafficManager: { enabled: true, relativeName: 'orders' } } };
    const engine = createEngine(xr(flavour, spec), cluster);
    // The provider asks again for ever.
    for (let pass = 0; pass < 10; pass++) {
      engine.reconcile();
      cluster.advance(600);
    }
    expect(engine.condition('EndpointsReady')).toBe(
      'False Refused: traffic-manager: the public name is taken in Azure; set spec.network.trafficManager.enabled to false, and to true with another relativeName',
    );
    expect(named({ engine })).toMatchObject({ ready: false });
    expect(engine.ready).toBe(true);
  });

  it('is only looked at where another control plane acts', () => {
    const spec = { ...twoRegions, ...ownPassword, network };
    const here = world(flavour, spec, ownSecret);
    const other = otherCluster(here.cluster, ownSecret);
    const engine = createEngine(xr(flavour, { ...spec, management: { role: 'Standby' } }), other);
    engine.settle();
    expect(engine.refusals).toEqual([]);
    expect(named({ engine })).toEqual(named(here));
    for (const key of ['traffic-manager', 'primary-server-traffic', 'secondary-server-traffic'])
      expect((engine.object(key)?.spec as Json).managementPolicies).toEqual(['Observe']);
    expect(other.requests).toEqual([]);
  });

  it('leaves nothing behind when everything is deleted', () => {
    const { cluster, engine } = start();
    engine.remove();
    cluster.settle();
    expect(Object.keys(cluster.state.resources)).toEqual([]);
  });
});
