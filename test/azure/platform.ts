import type { JsonObject } from './json.ts';
import { apiVersionOf, kinds } from './kinds.ts';
import type { Manifest, OwnerReference } from './state.ts';

/** Manifests for the simulator's own tests: a two-region platform in either flavour, with selectors as a composition would write them. */
export interface Flavour {
  readonly namespaced: boolean;
  readonly owner?: OwnerReference;
}

export const serverPolicies = ['Observe', 'Create', 'Update', 'Delete'];

interface Extra {
  readonly externalName?: string;
  readonly policies?: readonly string[];
  readonly labels?: { readonly [key: string]: string };
  readonly initProvider?: JsonObject;
  readonly connection?: string;
  readonly providerConfig?: string;
  readonly annotations?: { readonly [key: string]: string };
}

/** A managed resource of a kind, by its name. */
export function managed(
  flavour: Flavour,
  kindName: string,
  name: string,
  forProvider: JsonObject,
  extra: Extra = {},
): Manifest {
  const kind = kinds.find((each) => each.kind === kindName);
  if (!kind) throw new Error(`no kind ${kindName}`);
  const annotations = {
    ...extra.annotations,
    ...(extra.externalName === undefined ? {} : { 'crossplane.io/external-name': extra.externalName }),
  };
  return {
    apiVersion: apiVersionOf(kind, flavour.namespaced),
    kind: kindName,
    metadata: {
      name,
      ...(flavour.namespaced ? { namespace: 'default' } : {}),
      labels: { name, ...extra.labels },
      annotations,
      ...(flavour.owner === undefined ? {} : { ownerReferences: [flavour.owner] }),
    },
    spec: {
      ...(extra.providerConfig === undefined
        ? {}
        : {
            providerConfigRef: {
              ...(flavour.namespaced ? { kind: 'ClusterProviderConfig' } : {}),
              name: extra.providerConfig,
            },
          }),
      ...(extra.policies === undefined ? {} : { managementPolicies: extra.policies }),
      ...(extra.initProvider === undefined ? {} : { initProvider: extra.initProvider }),
      ...(extra.connection === undefined
        ? {}
        : {
            writeConnectionSecretToRef: {
              name: extra.connection,
              ...(flavour.namespaced ? {} : { namespace: 'default' }),
            },
          }),
      forProvider,
    },
  };
}

const by = (flavour: Flavour, name: string): JsonObject => ({
  matchLabels: { name },
  ...(flavour.owner === undefined ? {} : { matchControllerRef: true }),
});

export const passwordRef = ({ namespaced }: Flavour, name = 'admin'): JsonObject => ({
  name,
  key: 'password',
  ...(namespaced ? {} : { namespace: 'default' }),
});

interface Site {
  readonly site: string;
  readonly region: string;
  readonly net: string;
}

export const primarySite: Site = { site: 'a', region: 'eastus2', net: '10.1' };
export const secondarySite: Site = { site: 'b', region: 'centralus', net: '10.2' };

export const resourceGroup = (flavour: Flavour): Manifest =>
  managed(flavour, 'ResourceGroup', 'rg', { location: 'East US 2' }, { externalName: 'orders' });

export const zone = (flavour: Flavour): Manifest =>
  managed(
    flavour,
    'PrivateDNSZone',
    'zone',
    { resourceGroupNameSelector: by(flavour, 'rg') },
    { externalName: 'orders.private.postgres.database.azure.com' },
  );

/** Network, delegated subnet and zone link of a region. */
export function network(flavour: Flavour, { site, region, net }: Site): Manifest[] {
  const group = { resourceGroupNameSelector: by(flavour, 'rg') };
  const delegation = [
    {
      name: 'fs',
      serviceDelegation: {
        name: 'Microsoft.DBforPostgreSQL/flexibleServers',
        actions: ['Microsoft.Network/virtualNetworks/subnets/join/action'],
      },
    },
  ];
  return [
    managed(flavour, 'VirtualNetwork', `vnet-${site}`, { ...group, location: region, addressSpace: [`${net}.0.0/16`] }),
    managed(flavour, 'Subnet', `subnet-${site}`, {
      ...group,
      virtualNetworkNameSelector: by(flavour, `vnet-${site}`),
      addressPrefixes: [`${net}.0.0/24`],
      delegation,
    }),
    managed(flavour, 'PrivateDNSZoneVirtualNetworkLink', `link-${site}`, {
      ...group,
      privateDnsZoneNameSelector: by(flavour, 'zone'),
      virtualNetworkIdSelector: by(flavour, `vnet-${site}`),
    }),
  ];
}

/** A network security group of a site, and the subnet's tie to it. */
export const security = (flavour: Flavour, { site, region }: Site): Manifest[] => [
  managed(
    flavour,
    'SecurityGroup',
    `nsg-${site}`,
    { location: region, resourceGroupNameSelector: by(flavour, 'rg') },
    { policies: serverPolicies },
  ),
  managed(flavour, 'SubnetNetworkSecurityGroupAssociation', `association-${site}`, {
    subnetIdSelector: by(flavour, `subnet-${site}`),
    networkSecurityGroupIdSelector: by(flavour, `nsg-${site}`),
  }),
];

/** A rule for both ports of PostgreSQL. */
export const securityRule = (flavour: Flavour, site: string, name: string, fields: JsonObject): Manifest =>
  managed(flavour, 'SecurityRule', name, {
    resourceGroupNameSelector: by(flavour, 'rg'),
    networkSecurityGroupNameSelector: by(flavour, `nsg-${site}`),
    direction: 'Inbound',
    access: 'Deny',
    priority: 1000,
    protocol: 'Tcp',
    sourceAddressPrefix: '*',
    sourcePortRange: '*',
    destinationAddressPrefix: '*',
    destinationPortRanges: ['5432', '6432'],
    ...fields,
  });

export const peerings = (flavour: Flavour): Manifest[] =>
  [
    ['a', 'b'],
    ['b', 'a'],
  ].map(([from, to]) =>
    managed(flavour, 'VirtualNetworkPeering', `peering-${from}`, {
      resourceGroupNameSelector: by(flavour, 'rg'),
      virtualNetworkNameSelector: by(flavour, `vnet-${from}`),
      remoteVirtualNetworkIdSelector: by(flavour, `vnet-${to}`),
    }),
  );

const size: JsonObject = { version: '16', skuName: 'GP_Standard_D4ds_v5', storageMb: 131072, storageTier: 'P10' };

const place = (flavour: Flavour, { site, region }: Site): JsonObject => ({
  location: region,
  resourceGroupNameSelector: by(flavour, 'rg'),
  delegatedSubnetIdSelector: by(flavour, `subnet-${site}`),
  privateDnsZoneIdSelector: by(flavour, 'zone'),
  publicNetworkAccessEnabled: false,
});

/** A primary as the function makes it: zones and high availability in initProvider alone, no LateInitialize. */
export const primary = (flavour: Flavour, forProvider: JsonObject = {}, extra: Extra = {}): Manifest =>
  managed(
    flavour,
    'FlexibleServer',
    'server-a',
    {
      ...place(flavour, primarySite),
      ...size,
      administratorLogin: 'pgadmin',
      administratorPasswordSecretRef: passwordRef(flavour),
      autoGeneratePassword: true,
      backupRetentionDays: 14,
      geoRedundantBackupEnabled: true,
      ...forProvider,
    },
    {
      externalName: 'orders-a',
      policies: serverPolicies,
      initProvider: { zone: '1', highAvailability: { mode: 'ZoneRedundant', standbyAvailabilityZone: '2' } },
      connection: 'server-a-connection',
      ...extra,
    },
  );

export const replica = (flavour: Flavour, forProvider: JsonObject = {}, extra: Extra = {}): Manifest =>
  managed(
    flavour,
    'FlexibleServer',
    'server-b',
    {
      ...place(flavour, secondarySite),
      ...size,
      createMode: 'Replica',
      sourceServerIdSelector: by(flavour, 'server-a'),
      ...forProvider,
    },
    { externalName: 'orders-b', policies: serverPolicies, initProvider: { zone: '1' }, ...extra },
  );

export const record = (flavour: Flavour, name: string, target: string): Manifest =>
  managed(
    flavour,
    'PrivateDNSCNAMERecord',
    `record-${name}`,
    { resourceGroupNameSelector: by(flavour, 'rg'), zoneNameSelector: by(flavour, 'zone'), record: target, ttl: 30 },
    { externalName: name },
  );

export const virtualEndpoint = (flavour: Flavour, policies: readonly string[] = ['*']): Manifest =>
  managed(
    flavour,
    'FlexibleServerVirtualEndpoint',
    'endpoint',
    {
      name: 'orders',
      type: 'ReadWrite',
      sourceServerIdSelector: by(flavour, 'server-a'),
      replicaServerIdSelector: by(flavour, 'server-b'),
    },
    { policies },
  );

export const configuration = (
  flavour: Flavour,
  server: string,
  name: string,
  value: string,
  policies: readonly string[] = ['*'],
): Manifest =>
  managed(
    flavour,
    'FlexibleServerConfiguration',
    `${server}-${name.replaceAll(/[._]/g, '-')}`,
    { name, value, serverIdSelector: by(flavour, server) },
    { policies },
  );

const TENANT = '00000000-0000-0000-0000-00000000000a';

/** The authentication block of a server that takes Microsoft Entra logins. */
export const entra: JsonObject = { activeDirectoryAuthEnabled: true, passwordAuthEnabled: true, tenantId: TENANT };

export const administrator = (
  flavour: Flavour,
  server: string,
  serverName: string,
  fields: JsonObject = {},
): Manifest =>
  managed(
    flavour,
    'FlexibleServerActiveDirectoryAdministrator',
    `${server}-administrator`,
    {
      resourceGroupNameSelector: by(flavour, 'rg'),
      serverName,
      tenantId: TENANT,
      objectId: '00000000-0000-0000-0000-0000000000b1',
      principalName: 'dba',
      principalType: 'Group',
      ...fields,
    },
    { policies: serverPolicies },
  );

/** Everything up to the primary. */
export const foundation = (flavour: Flavour): Manifest[] => [
  resourceGroup(flavour),
  zone(flavour),
  ...network(flavour, primarySite),
];

/** Both regions, with replica and records. */
export const platform = (flavour: Flavour): Manifest[] => [
  ...foundation(flavour),
  ...network(flavour, secondarySite),
  ...peerings(flavour),
  primary(flavour),
  replica(flavour),
  record(flavour, 'write', 'orders-a.postgres.database.azure.com'),
  record(flavour, 'read', 'orders-b.postgres.database.azure.com'),
];
