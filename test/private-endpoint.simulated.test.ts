import { runFunction } from '../src/function.ts';
import { reachableByEndpoint } from './azure/traffic.ts';
import { settle } from './support/passes.ts';
import { type Json, oneRegion, request, twoRegions, xr } from './support/requests.ts';
import { properties, serverId, troubled, type World, world } from './support/world.ts';

const ZONE = 'orders.private.postgres.database.azure.com';
const network = { mode: 'PrivateEndpoint' };

/** Regions whose networks reach the server by its private endpoint. */
function reachedFrom({ cluster }: World, server: string): string[] {
  const networks = Object.values(cluster.state.resources).filter(({ type }) => type.endsWith('/virtualNetworks'));
  return networks
    .filter(({ id }) => reachableByEndpoint(cluster.state, server, id, 5432))
    .map(({ region }) => region ?? '')
    .sort();
}

const ids = ({ cluster }: World, type: string): string[] =>
  Object.values(cluster.state.resources)
    .filter((each) => each.type === `Microsoft.Network/${type}`)
    .map(({ id }) => id);

const servers = ({ engine }: World) => engine.status.servers as { id: string; region: string; role: string }[];
const ofRole = (here: World, role: string): string => servers(here).find((each) => each.role === role)?.id ?? '';

describe.each(['namespaced', 'cluster'] as const)('private endpoints on the simulated Azure, %s', (flavour) => {
  it('are the only way in, one for each server, from both networks', () => {
    const here = world(flavour, { ...twoRegions, network });
    const { cluster, engine } = here;
    for (const region of ['eastus2', 'centralus']) {
      expect(properties(cluster, region).publicNetworkAccessEnabled).toBe(false);
      expect(properties(cluster, region).delegatedSubnetId).toBeUndefined();
      expect(reachedFrom(here, serverId(cluster, region))).toEqual(['centralus', 'eastus2']);
    }
    expect(ids(here, 'privateEndpoints')).toHaveLength(2);
    engine.reconcile();
    cluster.advance(3600);
    expect(cluster.requests).toEqual([]);
    expect(engine.deleted).toEqual([]);
    expect(troubled(here)).toEqual([]);
  });

  it('asks Azure for nothing that it refuses on the way', () => {
    const { cluster, engine } = world(flavour, { ...oneRegion, network });
    engine.change({ ...twoRegions, network });
    engine.settle();
    expect(cluster.requests.filter(({ outcome }) => !outcome.ok)).toEqual([]);
    expect(engine.condition('ReplicaReady')).toMatch(/^True Available/);
  });

  it('follow a failover and the way back: the fence closes the former writer to clients', () => {
    const here = world(flavour, { ...twoRegions, network });
    const { cluster, engine } = here;
    const first = serverId(cluster, 'eastus2');
    engine.change({ failover: { activeRegion: 'secondary' } });
    engine.settle();
    expect(engine.refusals).toEqual([]);
    expect(engine.condition('FailoverInProgress')).toMatch(/^False Stable/);
    expect(engine.condition('SplitBrainPossible')).toMatch(/^False OneWriter/);
    expect(reachedFrom(here, first)).toEqual([]);
    for (const role of ['Primary', 'Replica'])
      expect(reachedFrom(here, ofRole(here, role))).toEqual(['centralus', 'eastus2']);
    engine.change({ failover: { activeRegion: 'primary', minimumIntervalMinutes: 0 } });
    engine.settle();
    expect(engine.status.activeRegion).toBe('eastus2');
    expect(engine.condition('FailoverInProgress')).toMatch(/^False Stable/);
    expect(reachedFrom(here, ofRole(here, 'Primary'))).toEqual(['centralus', 'eastus2']);
    expect(engine.deleted.filter((key) => !/witness|^usage-of-/.test(key))).toEqual([]);
    expect(cluster.requests.filter(({ outcome }) => !outcome.ok)).toEqual([]);
    expect(engine.ready).toBe(true);
  });

  it('leave before the server that is retired, and nothing is left of either', () => {
    const here = world(flavour, { ...twoRegions, network });
    const { cluster, engine } = here;
    engine.change({ failover: { activeRegion: 'secondary' } });
    engine.settle();
    const former = (engine.status.servers as Json[]).find(({ role }) => role === 'Former')?.name;
    engine.change({ failover: { activeRegion: 'secondary', retire: [former] } });
    engine.settle();
    const gone = engine.deleted.filter((key) => key === 'primary-server' || key === 'primary-server-endpoint');
    expect(gone).toEqual(['primary-server-endpoint', 'primary-server']);
    expect(Object.keys(cluster.state.resources).filter((id) => id.includes(`/${former}`))).toEqual([]);
    expect(engine.refusals).toEqual([]);
    expect(troubled(here)).toEqual([]);
  });

  it('are deleted before their subnets', () => {
    const { cluster, engine } = world(flavour, { ...twoRegions, network });
    engine.remove();
    cluster.settle();
    expect(Object.keys(cluster.state.resources)).toEqual([]);
    const refused = cluster.requests.filter(({ method, outcome }) => method === 'DELETE' && !outcome.ok);
    expect(refused.filter(({ id }) => /\/(subnets|flexibleServers|privateEndpoints)\/[^/]+$/.test(id))).toEqual([]);
  });

  it('are refused for a server that is in a network, and the other way round', () => {
    const { engine } = world(flavour, oneRegion);
    engine.change({ network });
    engine.reconcile();
    expect(engine.refusals.at(-1)).toContain(
      'spec.network.mode: cannot change, because Azure decides the way into a server when it creates it; create another XPostgreSQLDatabase and move the data',
    );
  });
});

it('keeps the zone of the names while its object is missing, whatever the other zone is called', () => {
  const object = xr('namespaced', { ...oneRegion, network: { ...network, privateDnsZoneName: ZONE } });
  const { 'private-dns-zone': _, ...observed } = settle(object).observed;
  const { results, desired } = runFunction(request(object, { observed }));
  expect(results.filter(({ severity }) => severity === 1)).toEqual([]);
  expect(desired?.resources?.['private-dns-zone']?.resource).toMatchObject({
    metadata: { annotations: { 'crossplane.io/external-name': ZONE } },
  });
});

it('of a server under Orphan leaves Azure too when that server is retired', () => {
  const mine = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'mine', namespace: 'team-a' },
    data: { password: Buffer.from('Not-A-Real-Password-1').toString('base64') },
  };
  const here = world(
    'namespaced',
    {
      ...twoRegions,
      network,
      security: { adminPasswordSecretRef: { name: 'mine' } },
      deletion: { policy: 'Orphan' },
    },
    mine,
  );
  const { engine } = here;
  engine.change({ failover: { activeRegion: 'secondary' } });
  engine.settle();
  const former = (engine.status.servers as Json[]).find(({ role }) => role === 'Former')?.name;
  engine.change({ failover: { activeRegion: 'secondary', retire: [former] } });
  engine.settle();
  expect(engine.refusals).toEqual([]);
  expect(ids(here, 'privateEndpoints').filter((id) => id.includes(`/${former}`))).toEqual([]);
  expect(ids(here, 'privateEndpoints')).toHaveLength(2);
  expect(troubled(here)).toEqual([]);
});
