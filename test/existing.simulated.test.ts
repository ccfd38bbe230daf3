import { createMemoryCluster } from './azure/memory.ts';
import * as p from './azure/platform.ts';
import type { Manifest } from './azure/state.ts';
import { settledBeside } from './support/beside.ts';
import { createEngine } from './support/engine.ts';
import { otherCluster, ownPassword, ownSecret } from './support/other-cluster.ts';
import { type Json, twoRegions, xr } from './support/requests.ts';
import { troubled, type World } from './support/world.ts';

const SUBSCRIPTION = '/subscriptions/00000000-0000-0000-0000-000000000001';
const subnetId = (spoke: string): string =>
  `${SUBSCRIPTION}/resourceGroups/hub/providers/Microsoft.Network/virtualNetworks/${spoke}/subnets/postgresql`;

const zone = (label: string) => ({
  existing: {
    id: `${SUBSCRIPTION}/resourceGroups/hub/providers/Microsoft.Network/privateDnsZones/${label}.postgres.database.azure.com`,
  },
});

/** What the platform team has made: two groups, two zones, a network in each region with one subnet, and peerings. */
function given(flavour: 'namespaced' | 'cluster', delegated: boolean): Manifest[] {
  const of = { namespaced: flavour === 'namespaced' };
  const hub = { resourceGroupName: 'hub' };
  const delegation = [
    {
      name: 'fs',
      serviceDelegation: {
        name: 'Microsoft.DBforPostgreSQL/flexibleServers',
        actions: ['Microsoft.Network/virtualNetworks/subnets/join/action'],
      },
    },
  ];
  const network = (site: string, region: string, range: string, other: string): Manifest[] => [
    p.managed(
      of,
      'VirtualNetwork',
      `own-vnet-${site}`,
      { ...hub, location: region, addressSpace: [range] },
      { externalName: `spoke-${site}` },
    ),
    p.managed(
      of,
      'Subnet',
      `own-subnet-${site}`,
      {
        ...hub,
        virtualNetworkName: `spoke-${site}`,
        addressPrefixes: [range.replace('/16', '/24')],
        ...(delegated ? { delegation } : {}),
      },
      { externalName: 'postgresql' },
    ),
    p.managed(
      of,
      'VirtualNetworkPeering',
      `own-peering-${site}`,
      {
        ...hub,
        virtualNetworkName: `spoke-${site}`,
        remoteVirtualNetworkId: `${SUBSCRIPTION}/resourceGroups/hub/providers/Microsoft.Network/virtualNetworks/spoke-${other}`,
      },
      { externalName: `to-${other}` },
    ),
  ];
  return [
    p.managed(of, 'ResourceGroup', 'own-hub', { location: 'eastus2' }, { externalName: 'hub' }),
    ...['shared.private', 'privatelink'].map((label) =>
      p.managed(of, 'PrivateDNSZone', `own-${label}`, hub, { externalName: `${label}.postgres.database.azure.com` }),
    ),
    p.managed(of, 'ResourceGroup', 'own-rg', { location: 'eastus2' }, { externalName: 'rg-orders' }),
    ...network('a', 'eastus2', '10.10.0.0/16', 'b'),
    ...network('b', 'centralus', '10.20.0.0/16', 'a'),
  ];
}

const brought = (mode: 'VNetIntegration' | 'PrivateEndpoint') => ({
  regions: {
    primary: { ...twoRegions.regions.primary, subnet: { existing: { id: subnetId('spoke-a') } } },
    secondary: { ...twoRegions.regions.secondary, subnet: { existing: { id: subnetId('spoke-b') } } },
  },
  network: {
    mode,
    privateDnsZone: zone('shared.private'),
    ...(mode === 'PrivateEndpoint' ? { privateLinkZone: zone('privatelink') } : {}),
    writeEndpointName: 'orders-write',
    readEndpointName: 'orders-read',
  },
  resourceGroup: { existing: { id: `${SUBSCRIPTION}/resourceGroups/rg-orders` } },
});

const world = (flavour: 'namespaced' | 'cluster', mode: 'VNetIntegration' | 'PrivateEndpoint', more: object = {}) =>
  settledBeside([ownSecret, ...given(flavour, mode === 'VNetIntegration')], xr(flavour, { ...brought(mode), ...more }));

// The links to the zones and the two names are asked for.
const BROUGHT = /\/resourceGroups\/(hub|rg-orders)$|\/resourceGroups\/hub\/(?!.*\/(virtualNetworkLinks|CNAME)\/)/i;
const touched = ({ cluster }: World): string[] =>
  cluster.requests.filter(({ id }) => BROUGHT.test(id)).map(({ method, id }) => `${method} ${id}`);

describe.each([
  ['namespaced', 'VNetIntegration'],
  ['cluster', 'VNetIntegration'],
  ['namespaced', 'PrivateEndpoint'],
  ['cluster', 'PrivateEndpoint'],
] as const)('group and subnets of your own on the simulated Azure, %s, %s', (flavour, mode) => {
  it('hold the servers, and are never changed and never deleted', () => {
    const here = world(flavour, mode);
    const { cluster, engine, before } = here;
    expect(troubled(here)).toEqual([]);
    expect(touched(here)).toEqual([]);
    for (const key of ['primary-vnet', 'primary-subnet', 'secondary-vnet', 'secondary-subnet', 'private-dns-zone'])
      expect(engine.object(key)?.spec).toMatchObject({ managementPolicies: ['Observe'] });
    for (const key of ['primary-nsg', 'primary-peering']) expect(engine.object(key)).toBeUndefined();
    expect(engine.condition('NetworkReady')).toMatch(/^True Available/);
    engine.remove();
    cluster.settle();
    expect(Object.keys(cluster.state.resources).sort()).toEqual(before);
    expect(touched(here)).toEqual([]);
  });

  it('leave the network half of a fence to their owner, and say so until the former writer is retired', () => {
    const here = world(flavour, mode);
    const { cluster, engine } = here;
    engine.change({ failover: { activeRegion: 'secondary' } });
    engine.settle();
    expect(engine.condition('FailoverInProgress')).toMatch(/^False Stable/);
    expect(engine.status.activeRegion).toBe('centralus');
    expect(engine.condition('SplitBrainPossible')).toBe(
      'True FenceIsSoft: primary-server: its sessions are read-only unless they ask otherwise, and subnet postgresql of network spoke-a is yours; block TCP 5432 and 6432 to it, or retire it',
    );
    const former = (engine.status.servers as Json[]).find(({ role }) => role === 'Former')?.name;
    engine.change({ failover: { activeRegion: 'secondary', retire: [former] } });
    engine.settle();
    expect(engine.condition('SplitBrainPossible')).toMatch(/^False OneWriter/);
    engine.change({ failover: { activeRegion: 'primary', minimumIntervalMinutes: 0 } });
    engine.settle();
    expect(engine.status.activeRegion).toBe('eastus2');
    expect(engine.refusals).toEqual([]);
    expect(touched(here)).toEqual([]);
    expect(cluster.requests.filter(({ outcome }) => !outcome.ok)).toEqual([]);
  });

  it('are looked at by another control plane that takes the servers over', () => {
    const here = world(flavour, mode, ownPassword);
    const other = otherCluster(here.cluster, ownSecret);
    const adopt = here.engine.status.adopt as Json;
    const engine = createEngine(xr(flavour, { ...brought(mode), ...ownPassword, adopt }), other);
    engine.settle();
    expect(engine.refusals).toEqual([]);
    expect(engine.ready).toBe(true);
    expect(troubled({ cluster: other })).toEqual([]);
    expect(other.requests).toEqual([]);
    expect(engine.object('primary-server')?.spec).toMatchObject({
      managementPolicies: ['Observe', 'Create', 'Update', 'Delete'],
    });
  });

  it('cannot become ours, nor be given away', () => {
    const { engine } = world(flavour, mode);
    const { primary, secondary } = twoRegions.regions;
    engine.change({ ...brought(mode), regions: { primary, secondary } });
    engine.reconcile();
    expect(engine.refusals.at(-1)).toContain(
      'spec.regions.primary.subnet: cannot change, because Azure cannot move a server to another network',
    );
    engine.change({ ...brought(mode), resourceGroup: {} });
    engine.reconcile();
    expect(engine.refusals.at(-1)).toContain(
      'spec.resourceGroup.existing: cannot change, because Azure cannot move a server to another resource group',
    );
  });
});

it('links no network to a zone that its owner links', () => {
  const of = { namespaced: true };
  const cluster = createMemoryCluster();
  const link = (site: string): Manifest =>
    p.managed(of, 'PrivateDNSZoneVirtualNetworkLink', `own-link-${site}`, {
      resourceGroupName: 'hub',
      privateDnsZoneName: 'shared.private.postgres.database.azure.com',
      virtualNetworkId: subnetId(`spoke-${site}`).replace(/\/subnets\/.*/, ''),
    });
  cluster.apply(...given('namespaced', true), link('a'), link('b'));
  cluster.settle();
  const spec = brought('VNetIntegration');
  const { existing } = spec.network.privateDnsZone;
  const network = { ...spec.network, privateDnsZone: { existing: { ...existing, link: false } } };
  const engine = createEngine(xr('namespaced', { ...spec, network }), cluster);
  engine.settle();
  expect(engine.refusals).toEqual([]);
  expect(engine.ready).toBe(true);
  expect(engine.object('primary-dns-link')).toBeUndefined();
  expect(engine.condition('NetworkReady')).toMatch(/^True Available/);
});
