import { createMemoryCluster } from './azure/memory.ts';
import * as p from './azure/platform.ts';
import type { Manifest } from './azure/state.ts';
import { settledBeside } from './support/beside.ts';
import { createEngine } from './support/engine.ts';
import { oneRegion, xr } from './support/requests.ts';
import { troubled } from './support/world.ts';

const SUBSCRIPTIONS = {
  dns: '00000000-0000-0000-0000-0000000000d1',
  network: '00000000-0000-0000-0000-0000000000e1',
  team: '00000000-0000-0000-0000-0000000000f1',
};
type Config = keyof typeof SUBSCRIPTIONS;
const idIn = (config: Config, path: string): string => `/subscriptions/${SUBSCRIPTIONS[config]}/resourceGroups/${path}`;
const part = (config: Config, path: string) => ({
  existing: { id: idIn(config, path), providerConfigRef: { name: config } },
});

const input = {
  apiVersion: 'postgresql.fn.platform.io/v1beta1',
  kind: 'Input',
  spec: { otherProviderConfigRefs: Object.keys(SUBSCRIPTIONS).map((name) => ({ name })) },
};

const ZONE = 'shared.private.postgres.database.azure.com';
const LINKS = 'privatelink.postgres.database.azure.com';
const NETWORK = 'providers/Microsoft.Network';

/** A group, a network with a delegated subnet, and two zones, each in the subscription of the team that owns it. */
function given(flavour: 'namespaced' | 'cluster'): Manifest[] {
  const of = { namespaced: flavour === 'namespaced' };
  const group = (config: Config, name: string): Manifest =>
    p.managed(
      of,
      'ResourceGroup',
      `own-${name}`,
      { location: 'eastus2' },
      { providerConfig: config, externalName: name },
    );
  const zone = (name: string): Manifest =>
    p.managed(
      of,
      'PrivateDNSZone',
      `own-${name}`,
      { resourceGroupName: 'rg-dns' },
      { providerConfig: 'dns', externalName: name },
    );
  return [
    group('dns', 'rg-dns'),
    group('network', 'rg-network'),
    group('team', 'rg-orders'),
    zone(ZONE),
    zone(LINKS),
    p.managed(
      of,
      'VirtualNetwork',
      'own-spoke',
      { resourceGroupName: 'rg-network', location: 'eastus2', addressSpace: ['10.10.0.0/16'] },
      { providerConfig: 'network', externalName: 'spoke' },
    ),
    p.managed(
      of,
      'Subnet',
      'own-subnet',
      {
        resourceGroupName: 'rg-network',
        virtualNetworkName: 'spoke',
        addressPrefixes: ['10.10.0.0/24'],
        delegation: [{ name: 'fs', serviceDelegation: { name: 'Microsoft.DBforPostgreSQL/flexibleServers' } }],
      },
      { providerConfig: 'network', externalName: 'postgresql' },
    ),
  ];
}

const shared = {
  resourceGroup: part('team', 'rg-orders'),
  network: {
    privateDnsZone: part('dns', `rg-dns/${NETWORK}/privateDnsZones/${ZONE}`),
    writeEndpointName: 'orders-write',
    readEndpointName: 'orders-read',
  },
};
const integrated = {
  ...shared,
  regions: {
    primary: {
      ...oneRegion.regions.primary,
      subnet: part('network', `rg-network/${NETWORK}/virtualNetworks/spoke/subnets/postgresql`),
    },
  },
};
const endpoints = {
  ...oneRegion,
  ...shared,
  network: {
    ...shared.network,
    mode: 'PrivateEndpoint',
    privateLinkZone: part('dns', `rg-dns/${NETWORK}/privateDnsZones/${LINKS}`),
  },
};

describe.each(['namespaced', 'cluster'] as const)(
  'parts in other subscriptions on the simulated Azure, %s',
  (flavour) => {
    it.each([
      ['VNetIntegration', integrated],
      ['PrivateEndpoint', endpoints],
    ])('are reached through the configuration that each names, %s', (_, spec) => {
      const { cluster, engine, before } = settledBeside(given(flavour), xr(flavour, spec), {
        input,
        subscriptions: SUBSCRIPTIONS,
      });
      expect(troubled({ cluster })).toEqual([]);
      const made = Object.values(cluster.state.resources)
        .map(({ id }) => id)
        .filter((id) => !before.includes(id.toLowerCase()));
      const kindsIn = (config: Config): string[] => [
        ...new Set(
          made
            .filter((id) => id.startsWith(`/subscriptions/${SUBSCRIPTIONS[config]}/`))
            .map((id) => id.split('/').at(-2) ?? ''),
        ),
      ];
      expect(kindsIn('dns').sort()).toEqual(['CNAME', 'virtualNetworkLinks']);
      expect(kindsIn('network')).toEqual([]);
      expect(kindsIn('team')).toContain('flexibleServers');
      expect(made.every((id) => /\/0{8}-0000-0000-0000-0{10}[df]1\//.test(id))).toBe(true);
      engine.remove();
      cluster.settle();
      expect(Object.keys(cluster.state.resources).sort()).toEqual(before);
    });

    it('are not taken for a namesake where another configuration looks', () => {
      const cluster = createMemoryCluster({ subscriptions: SUBSCRIPTIONS });
      const of = { namespaced: flavour === 'namespaced' };
      const namesake = p.managed(
        of,
        'ResourceGroup',
        'namesake',
        { location: 'eastus2' },
        { externalName: 'rg-orders' },
      );
      cluster.apply(...given(flavour), namesake);
      cluster.settle();
      const { providerConfigRef: _, ...existing } = shared.resourceGroup.existing;
      const engine = createEngine(xr(flavour, { ...integrated, resourceGroup: { existing } }), cluster, input);
      engine.settle();
      expect(engine.refusals.at(-1)).toBe(
        `spec.resourceGroup.existing.id: is in subscription ${SUBSCRIPTIONS.team}, but the provider found one of this name in 00000000-0000-0000-0000-000000000001, where its configuration looks; name a configuration for ${SUBSCRIPTIONS.team} in providerConfigRef beside it`,
      );
      expect(engine.object('primary-server')).toBeUndefined();
      engine.change(integrated);
      engine.settle();
      expect(engine.ready).toBe(true);
      expect(engine.object('primary-server')?.status).toMatchObject({
        atProvider: { id: expect.stringContaining(SUBSCRIPTIONS.team) },
      });
    });

    it('cannot move the servers to another subscription', () => {
      const cluster = createMemoryCluster({ subscriptions: SUBSCRIPTIONS });
      cluster.apply(...given(flavour));
      cluster.settle();
      const engine = createEngine(xr(flavour, integrated), cluster, input);
      engine.settle();
      const { id } = integrated.resourceGroup.existing;
      engine.change({ resourceGroup: { existing: { id } } });
      engine.settle();
      expect(engine.refusals.at(-1)).toBe(
        'spec.resourceGroup.existing.providerConfigRef: cannot change from "team" to "default", because Azure cannot move a server to another subscription',
      );
      expect(engine.deleted).toEqual([]);
    });

    it('name a configuration that the platform offers', () => {
      const engine = createEngine(xr(flavour, integrated), createMemoryCluster(), {
        ...input,
        spec: { otherProviderConfigRefs: [{ name: 'dns' }, { name: 'team' }] },
      });
      engine.reconcile();
      expect(engine.refusals).toEqual([
        'spec.regions.primary.subnet.existing.providerConfigRef.name: "network" is not a configuration that the platform offers; have the platform team add it to otherProviderConfigRefs in the Composition\'s input',
      ]);
    });
  },
);
