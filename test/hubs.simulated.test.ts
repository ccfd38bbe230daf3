import type { Resource } from '@crossplane-org/function-sdk-typescript';
import { runFunction } from '../src/function.ts';
import { parentId } from './azure/arm-id.ts';
import { createMemoryCluster } from './azure/memory.ts';
import * as p from './azure/platform.ts';
import type { Manifest } from './azure/state.ts';
import { settledBeside } from './support/beside.ts';
import { createEngine, type Engine } from './support/engine.ts';
import { otherCluster, ownPassword, ownSecret } from './support/other-cluster.ts';
import { settle } from './support/passes.ts';
import { type Json, oneRegion, request, twoRegions, xr } from './support/requests.ts';
import { troubled, type World } from './support/world.ts';

const CONNECTIVITY = '00000000-0000-0000-0000-00000000000c';
const hubId = (name: string): string =>
  `/subscriptions/${CONNECTIVITY}/resourceGroups/rg-hub/providers/Microsoft.Network/virtualNetworks/${name}`;
const input = {
  apiVersion: 'postgresql.fn.platform.io/v1beta1',
  kind: 'Input',
  spec: { otherProviderConfigRefs: [{ kind: 'ClusterProviderConfig', name: 'connectivity' }] },
};
const hub = (name: string, more: object = {}) => ({
  virtualNetworkId: hubId(name),
  providerConfigRef: { name: 'connectivity' },
  ...more,
});

/** Two hubs of the platform team's in a subscription of their own, each with a gateway. */
function given(flavour: 'namespaced' | 'cluster'): Manifest[] {
  const of = { namespaced: flavour === 'namespaced' };
  const group = { resourceGroupName: 'rg-hub' };
  const there = { providerConfig: 'connectivity' };
  const network = (name: string, region: string, range: string): Manifest[] => [
    p.managed(
      of,
      'VirtualNetwork',
      `own-${name}`,
      { ...group, location: region, addressSpace: [range] },
      { ...there, externalName: name },
    ),
    p.managed(
      of,
      'Subnet',
      `own-${name}-gateway`,
      { ...group, virtualNetworkName: name, addressPrefixes: [range.replace('/16', '/27')] },
      { ...there, externalName: 'GatewaySubnet' },
    ),
  ];
  return [
    p.managed(of, 'ResourceGroup', 'own-rg', { location: 'eastus2' }, { ...there, externalName: 'rg-hub' }),
    ...network('hub-eastus2', 'eastus2', '10.90.0.0/16'),
    ...network('hub-centralus', 'centralus', '10.91.0.0/16'),
  ];
}

const subscriptions = { connectivity: CONNECTIVITY };

const world = (flavour: 'namespaced' | 'cluster', spec: object) =>
  settledBeside([ownSecret, ...given(flavour)], xr(flavour, spec), { input, subscriptions });

/** Azure names of peerings and links below an id, with where they lead. */
const joined = ({ cluster }: Pick<World, 'cluster'>, part: string): string[] =>
  Object.values(cluster.state.resources)
    .filter(({ id }) => /\/(virtualNetworkPeerings|virtualNetworkLinks)\//.test(id) && id.includes(part))
    .map(({ properties }) => String(properties.remoteVirtualNetworkId ?? properties.virtualNetworkId))
    .map(
      (id) =>
        id
          .split('/')
          .at(-1)
          ?.replace(/-[0-9a-f]{8}$/, '') ?? '',
    )
    .sort();

const hubParts = (engine: Engine): string[] =>
  engine.created.filter((key) => key.startsWith('hub-') && engine.object(key));
const inHub = /\/resourceGroups\/rg-hub(\/|$)/i;
/** What was asked of the hubs' own group, but for their peerings. */
const touched = ({ cluster }: World): string[] =>
  cluster.requests
    .filter(({ id }) => inHub.test(id) && !/\/virtualNetworkPeerings\//i.test(id))
    .map(({ method, id }) => `${method} ${id}`);

describe.each(['namespaced', 'cluster'] as const)('hubs of your own on the simulated Azure, %s', (flavour) => {
  it.each(['VNetIntegration', 'PrivateEndpoint'])(
    'are peered and linked, and nothing else of them is changed, %s',
    (mode) => {
      const here = world(flavour, { ...twoRegions, network: { mode, hubs: [hub('hub-eastus2')] } });
      const { cluster, engine, before } = here;
      expect(troubled(here)).toEqual([]);
      expect(joined(here, 'virtualNetworks/hub-eastus2/')).toEqual(['orders-vnet-centralus', 'orders-vnet-eastus2']);
      expect(joined(here, 'virtualNetworks/orders-vnet-eastus2')).toEqual(['hub-eastus2', 'orders-vnet-centralus']);
      expect(joined(here, 'virtualNetworks/orders-vnet-centralus')).toEqual(['hub-eastus2', 'orders-vnet-eastus2']);
      expect(joined(here, 'privateDnsZones/orders.team-a')).toContain('hub-eastus2');
      expect(joined(here, 'privateDnsZones/privatelink').includes('hub-eastus2')).toBe(mode === 'PrivateEndpoint');
      expect(cluster.requests.filter(({ outcome }) => !outcome.ok)).toEqual([]);
      engine.change({ failover: { activeRegion: 'secondary' } });
      engine.settle();
      expect(engine.status.activeRegion).toBe('centralus');
      engine.change({ failover: { activeRegion: 'primary', minimumIntervalMinutes: 0, formerPrimary: 'Delete' } });
      engine.settle();
      expect(engine.status.activeRegion).toBe('eastus2');
      expect(engine.condition('NetworkReady')).toMatch(/^True Available/);
      expect(troubled(here)).toEqual([]);
      engine.remove();
      cluster.settle();
      expect(Object.keys(cluster.state.resources).sort()).toEqual(before);
      expect(touched(here)).toEqual([]);
    },
  );

  it('lend a gateway to the network of one region each, in an order that Azure accepts', () => {
    const here = world(flavour, {
      ...twoRegions,
      network: {
        hubs: [
          hub('hub-eastus2', { region: 'primary', useRemoteGateways: true, allowForwardedTraffic: true }),
          hub('hub-centralus', { region: 'secondary', useRemoteGateways: true }),
        ],
      },
    });
    const { cluster, engine } = here;
    expect(troubled(here)).toEqual([]);
    expect(cluster.requests.filter(({ outcome }) => !outcome.ok)).toEqual([]);
    expect(joined(here, 'virtualNetworks/hub-eastus2/')).toEqual(['orders-vnet-eastus2']);
    expect(joined(here, 'virtualNetworks/hub-centralus/')).toEqual(['orders-vnet-centralus']);
    const sides = Object.values(cluster.state.resources)
      .filter(({ id }) => id.includes('/virtualNetworkPeerings/') && (inHub.test(id) || id.includes('/hub-')))
      .map(({ id, properties }) => [
        parentId(id)
          ?.split('/')
          .at(-1)
          ?.replace(/-[0-9a-f]{8}$/, ''),
        properties.allowGatewayTransit,
        properties.useRemoteGateways,
        properties.allowForwardedTraffic,
      ])
      .sort();
    expect(sides).toEqual([
      ['hub-centralus', true, false, false],
      ['hub-eastus2', true, false, false],
      ['orders-vnet-centralus', false, true, false],
      ['orders-vnet-eastus2', false, true, true],
    ]);
    expect(hubParts(engine)).toHaveLength(6);
  });

  it.each(['Delete', 'Orphan'])('are left again when their entry goes, with deletion policy %s', (policy) => {
    const spec = { ...twoRegions, ...ownPassword, deletion: { policy } };
    const here = world(flavour, { ...spec, network: { hubs: [hub('hub-eastus2'), hub('hub-centralus')] } });
    const { engine } = here;
    engine.change({ network: { hubs: [hub('hub-centralus')] } });
    engine.settle();
    expect(engine.refusals).toEqual([]);
    expect(troubled(here)).toEqual([]);
    expect(joined(here, '/rg-hub/')).toEqual(['orders-vnet-centralus', 'orders-vnet-eastus2']);
    engine.change({ network: {} });
    engine.settle();
    expect(engine.refusals).toEqual([]);
    expect(hubParts(engine)).toEqual([]);
    expect(joined(here, '/rg-hub/')).toEqual([]);
    expect(joined(here, 'virtualNetworks/orders-vnet-eastus2')).toEqual(['orders-vnet-centralus']);
    expect(engine.condition('NetworkReady')).toMatch(/^True Available/);
  });

  it('stay joined when all is kept in Azure', () => {
    const here = world(flavour, {
      ...twoRegions,
      ...ownPassword,
      deletion: { policy: 'Orphan' },
      network: { hubs: [hub('hub-eastus2')] },
    });
    here.engine.remove();
    here.cluster.settle();
    expect(joined(here, '/rg-hub/')).toEqual(['orders-vnet-centralus', 'orders-vnet-eastus2']);
  });

  it('hold up no server while Azure refuses to join them', () => {
    // Its range is that of the hub.
    const overlapping = { regions: { primary: { ...oneRegion.regions.primary, cidr: '10.90.0.0/16' } } };
    const cluster = createMemoryCluster({ subscriptions });
    cluster.apply(...given(flavour));
    cluster.settle();
    const engine = createEngine(
      xr(flavour, { ...overlapping, network: { hubs: [hub('hub-eastus2')] } }),
      cluster,
      input,
    );
    // The provider tries again for ever, so nothing ever settles.
    for (let round = 0; round < 20; round++) {
      engine.reconcile();
      cluster.advance(900);
    }
    engine.reconcile();
    expect(engine.refusals).toEqual([]);
    expect(engine.ready).toBe(true);
    expect(engine.condition('NetworkReady')).toMatch(
      /^False Refused: hub-hub-eastus2-[0-9a-f]{8}-to-primary: the address ranges of the two networks overlap/,
    );
    expect(engine.condition('PrimaryReady')).toMatch(/^True/);
  });

  it('are taken over with everything else by another control plane', () => {
    const spec = { ...twoRegions, ...ownPassword, network: { hubs: [hub('hub-eastus2')] } };
    const here = world(flavour, spec);
    const other = otherCluster(here.cluster, ownSecret);
    const engine = createEngine(xr(flavour, { ...spec, adopt: here.engine.status.adopt as Json }), other, input);
    engine.settle();
    expect(engine.refusals).toEqual([]);
    expect(engine.ready).toBe(true);
    expect(troubled({ cluster: other })).toEqual([]);
    expect(other.requests).toEqual([]);
    expect(hubParts(engine).sort()).toEqual(hubParts(here.engine).sort());
  });
});

it('the group keeps its name while its own object is missing, and never takes that of a hub', () => {
  const platform = xr('namespaced', { ...twoRegions, network: { hubs: [hub('hub-eastus2')] } });
  const { observed } = settle(platform, input);
  const { 'resource-group': group, ...rest } = observed;
  const hubFirst = Object.fromEntries(
    Object.entries(rest).sort(([a], [b]) => Number(b.startsWith('hub-')) - Number(a.startsWith('hub-'))),
  );
  const { desired, results } = runFunction(request(platform, { observed: hubFirst, input }));
  expect(results.filter(({ severity }) => severity === 1)).toEqual([]);
  const name = (of: Resource | undefined): unknown =>
    (of?.resource as Manifest | undefined)?.metadata.annotations?.['crossplane.io/external-name'];
  expect(name(group)).toMatch(/^orders-/);
  expect(name(desired?.resources['resource-group'])).toBe(name(group));
});
