import { roleAssignmentName } from '../../src/names.ts';
import { groupIdOf } from './arm-id.ts';
import { generalRules } from './general-rules.ts';
import type { JsonObject } from './json.ts';
import { principalOf } from './kinds/backup-vault.ts';
import { kinds } from './kinds.ts';
import { createMemoryCluster, type MemoryCluster } from './memory.ts';
import * as p from './platform.ts';
import { createSimulation, type Manifest, type Simulation } from './state.ts';

const flavour = { namespaced: true };
const id = (path: string): string =>
  `/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/orders/providers/${path}`;
const serverId = (name: string): string => id(`Microsoft.DBforPostgreSQL/flexibleServers/${name}`);
const group = { resourceGroupName: 'orders' };

function build(...manifests: readonly Manifest[]): Simulation {
  const cluster = createMemoryCluster();
  cluster.apply(...manifests);
  cluster.settle();
  return cluster.state;
}

const empty = createSimulation();
const foundation = build(...p.foundation(flavour));
const withPrimary = build(...p.foundation(flavour), p.primary(flavour));
const withEntra = build(...p.foundation(flavour), p.primary(flavour, { authentication: p.entra }));
const platform = build(...p.platform(flavour));
const publicServer = p.managed(
  flavour,
  'FlexibleServer',
  'public',
  {
    ...group,
    location: 'eastus2',
    version: '16',
    skuName: 'GP_Standard_D4ds_v5',
    storageMb: 131072,
    administratorLogin: 'pgadmin',
    autoGeneratePassword: true,
    administratorPasswordSecretRef: p.passwordRef(flavour, 'public'),
  },
  { policies: p.serverPolicies, initProvider: { zone: '1' } },
);
const secured = build(...p.foundation(flavour), ...p.security(flavour, p.primarySite));
const rule = (fields: JsonObject, name = 'rule'): Manifest => p.securityRule(flavour, 'a', name, fields);
const withPublic = build(p.resourceGroup(flavour), publicServer);
const restoring = (fields: JsonObject) => (cluster: MemoryCluster) =>
  cluster.apply(
    p.managed(
      flavour,
      'FlexibleServer',
      'restored',
      {
        ...group,
        location: 'eastus2',
        version: '16',
        skuName: 'GP_Standard_D4ds_v5',
        storageMb: 131072,
        createMode: 'PointInTimeRestore',
        sourceServerId: serverId('public'),
        pointInTimeRestoreTimeInUtc: '2026-01-01T00:05:00Z',
        ...fields,
      },
      { policies: p.serverPolicies, initProvider: { zone: '1' } },
    ),
  );
const secret = (value: string): Manifest => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'admin', namespace: 'default' },
  data: { password: Buffer.from(value).toString('base64') },
});

const vnet = (name: string, fields: JsonObject = {}): Manifest =>
  p.managed(
    flavour,
    'VirtualNetwork',
    'other-vnet',
    { ...group, location: 'eastus2', addressSpace: ['10.9.0.0/16'], ...fields },
    { externalName: name },
  );
const subnet = (name: string, fields: JsonObject): Manifest =>
  p.managed(
    flavour,
    'Subnet',
    'other-subnet',
    { ...group, virtualNetworkName: 'vnet-a', ...fields },
    { externalName: name },
  );
/** A hub, and the peering of that with the first network. */
const hubWith = (gateway: boolean, transit: boolean, name = 'hub'): Manifest[] => [
  p.managed(flavour, 'VirtualNetwork', name, {
    ...group,
    location: 'eastus2',
    addressSpace: [name === 'hub' ? '10.8.0.0/16' : '10.7.0.0/16'],
  }),
  ...(gateway
    ? [
        p.managed(
          flavour,
          'Subnet',
          `${name}-gateway`,
          { ...group, virtualNetworkName: name, addressPrefixes: [name === 'hub' ? '10.8.0.0/27' : '10.7.0.0/27'] },
          { externalName: 'GatewaySubnet' },
        ),
      ]
    : []),
  p.managed(flavour, 'VirtualNetworkPeering', `from-${name}`, {
    ...group,
    virtualNetworkName: name,
    remoteVirtualNetworkId: id('Microsoft.Network/virtualNetworks/vnet-a'),
    allowGatewayTransit: transit,
  }),
];
const toHub = (hub: string, useRemoteGateways = false, name = 'to-hub'): Manifest =>
  p.managed(flavour, 'VirtualNetworkPeering', name, {
    ...group,
    virtualNetworkName: 'vnet-a',
    remoteVirtualNetworkId: hub,
    useRemoteGateways,
  });
/** Makes the hub, and then the first network's use of its gateway. */
function joinHub(cluster: MemoryCluster, gateway: boolean, transit: boolean): void {
  cluster.apply(...hubWith(gateway, transit));
  cluster.settle();
  cluster.apply(toHub(id('Microsoft.Network/virtualNetworks/hub'), true));
}
const delegation = [{ name: 'fs', serviceDelegation: { name: 'Microsoft.DBforPostgreSQL/flexibleServers' } }];
const account = (name: string, fields: JsonObject = {}): Manifest =>
  p.managed(
    flavour,
    'Account',
    'account',
    { ...group, location: 'eastus2', accountTier: 'Standard', accountReplicationType: 'GRS', ...fields },
    { externalName: name },
  );
const lock = (scope: string, fields: JsonObject = {}): Manifest =>
  p.managed(flavour, 'ManagementLock', 'lock', { name: 'keep', scope, lockLevel: 'CanNotDelete', ...fields });
const identity = (name: string): Manifest =>
  p.managed(flavour, 'UserAssignedIdentity', 'identity', { ...group, location: 'eastus2', name });
const credential = (name: string, fields: JsonObject = {}): Manifest =>
  p.managed(
    flavour,
    'FederatedIdentityCredential',
    name,
    {
      parentId: id('Microsoft.ManagedIdentity/userAssignedIdentities/orders-dump'),
      issuer: 'https://oidc.example.com/cluster/',
      subject: 'system:serviceaccount:team-a:orders-dump',
      audience: ['api://AzureADTokenExchange'],
      ...fields,
    },
    { externalName: name },
  );
const role = (name: string, guid: string): Manifest =>
  p.managed(flavour, 'RoleAssignment', name, {
    name: guid,
    scope: id('Microsoft.KeyVault/vaults/keys'),
    principalId: '00000000-0000-0000-0000-0000000000a1',
    roleDefinitionName: 'Key Vault Crypto Service Encryption User',
  });
const vaultId = id('Microsoft.DataProtection/backupVaults/orders-vault');
const vault = (name = 'orders-vault', fields: JsonObject = {}): Manifest =>
  p.managed(
    flavour,
    'BackupVault',
    name,
    {
      ...group,
      location: 'eastus2',
      datastoreType: 'VaultStore',
      redundancy: 'GeoRedundant',
      identity: { type: 'SystemAssigned' },
      ...fields,
    },
    { externalName: name },
  );
const policy = (interval = 'R/2024-01-07T02:00:00+00:00/P1W'): Manifest =>
  p.managed(
    flavour,
    'BackupPolicyPostgreSQLFlexibleServer',
    'weekly',
    {
      vaultId,
      backupRepeatingTimeIntervals: [interval],
      defaultRetentionRule: { lifeCycle: [{ dataStoreType: 'VaultStore', duration: 'P12M' }] },
    },
    { externalName: 'weekly' },
  );
const assignment = (name: string, scope: string, roleDefinitionName: string): Manifest =>
  p.managed(flavour, 'RoleAssignment', name, {
    name: roleAssignmentName(scope, principalOf(vaultId), roleDefinitionName),
    scope,
    principalId: principalOf(vaultId),
    roleDefinitionName,
  });
const rolesOn = (server: string): readonly Manifest[] => [
  assignment('reader', groupIdOf(serverId(server)), 'Reader'),
  assignment('backup', serverId(server), 'PostgreSQL Flexible Server Long Term Retention Backup Role'),
];
const roles = rolesOn('orders-a');
const instance = (server = 'orders-a', location = 'eastus2'): Manifest =>
  p.managed(
    flavour,
    'BackupInstancePostgreSQLFlexibleServer',
    server,
    { location, vaultId, serverId: serverId(server), backupPolicyId: `${vaultId}/backupPolicies/weekly` },
    { externalName: server },
  );
const workspace = (fields: JsonObject = {}): Manifest =>
  p.managed(
    flavour,
    'Workspace',
    'logs',
    { ...group, location: 'eastus2', retentionInDays: 30, ...fields },
    { externalName: 'orders-logs' },
  );
const traffic = (name: string, fields: JsonObject = {}): Manifest =>
  p.managed(
    flavour,
    'TrafficManagerProfile',
    `traffic-${name.replaceAll(/^-/g, '')}`,
    {
      ...group,
      trafficRoutingMethod: 'Priority',
      dnsConfig: { relativeName: 'orders', ttl: 30 },
      monitorConfig: { protocol: 'TCP', port: 5432 },
      ...fields,
    },
    { externalName: name },
  );
const trafficEndpoint = (name: string, fields: JsonObject): Manifest =>
  p.managed(
    flavour,
    'TrafficManagerExternalEndpoint',
    name,
    {
      profileId: id('Microsoft.Network/trafficManagerProfiles/orders'),
      target: 'orders-a.postgres.database.azure.com',
      alwaysServeEnabled: true,
      ...fields,
    },
    { externalName: name },
  );
const withTraffic = build(...p.foundation(flavour), traffic('orders'), trafficEndpoint('first', { priority: 1 }));
const workspaceId = id('Microsoft.OperationalInsights/workspaces/orders-logs');
const diagnostics = (name: string, fields: JsonObject = {}): Manifest =>
  p.managed(flavour, 'MonitorDiagnosticSetting', `diagnostics-${name}`, {
    name,
    targetResourceId: serverId('orders-a'),
    logAnalyticsWorkspaceId: workspaceId,
    enabledLog: [{ category: 'PostgreSQLLogs' }],
    ...fields,
  });
const actionGroup = (fields: JsonObject): Manifest =>
  p.managed(flavour, 'MonitorActionGroup', 'people', { ...group, shortName: 'people', ...fields });
const criterion = {
  metricNamespace: 'Microsoft.DBforPostgreSQL/flexibleServers',
  metricName: 'cpu_percent',
  aggregation: 'Average',
  operator: 'GreaterThan',
  threshold: 80,
};
const metricAlert = (fields: JsonObject): Manifest =>
  p.managed(
    flavour,
    'MonitorMetricAlert',
    'alert',
    {
      ...group,
      scopes: [serverId('orders-a')],
      criteria: [criterion],
      severity: 2,
      frequency: 'PT5M',
      windowSize: 'PT15M',
      ...fields,
    },
    { externalName: 'orders-cpu' },
  );
const update = (cluster: MemoryCluster, kind: string, name: string, fields: JsonObject): void => {
  const object = cluster.objects(kind).find((each) => each.metadata.name === name);
  if (!object) throw new Error(`${kind} ${name} is missing`);
  const { resourceVersion: _, ...metadata } = object.metadata;
  const spec = object.spec ?? {};
  const { status: _status, ...rest } = object;
  cluster.step({
    type: 'put',
    object: {
      ...rest,
      metadata: { ...metadata, generation: metadata.generation + 1 },
      spec: { ...spec, forProvider: { ...(spec.forProvider as JsonObject), ...fields } },
    },
  });
};
const remove = (cluster: MemoryCluster, kind: string, name: string): void => {
  const object = cluster.objects(kind).find((each) => each.metadata.name === name);
  if (!object) throw new Error(`${kind} ${name} is missing`);
  cluster.remove({
    apiVersion: object.apiVersion,
    kind,
    name,
    ...(object.metadata.namespace ? { namespace: object.metadata.namespace } : {}),
  });
};

const copyOf = (source: string): Manifest =>
  p.managed(
    flavour,
    'FlexibleServer',
    'copy',
    {
      ...group,
      location: 'centralus',
      createMode: 'Replica',
      sourceServerId: serverId(source),
      storageMb: 131072,
      skuName: 'GP_Standard_D4ds_v5',
    },
    { policies: p.serverPolicies, initProvider: { zone: '1' } },
  );

type Scenario = readonly [rule: string, from: Simulation, act: (cluster: MemoryCluster) => void];

const creating =
  (...manifests: readonly Manifest[]) =>
  (cluster: MemoryCluster): void =>
    cluster.apply(...manifests);
const primaryWith = (fields: JsonObject, initProvider?: JsonObject) =>
  creating(p.primary(flavour, fields, initProvider === undefined ? {} : { initProvider }));
const patching =
  (name: string, fields: JsonObject) =>
  (cluster: MemoryCluster): void =>
    update(cluster, 'FlexibleServer', name, fields);
const setting = (resource: string, set: JsonObject, unset: readonly string[] = []) => ({
  what: 'change' as const,
  id: serverId(resource),
  set,
  unset,
});
const endpoint = (name: string, source: string, reader: string, fields: JsonObject = {}): Manifest =>
  p.managed(flavour, 'FlexibleServerVirtualEndpoint', 'endpoint', {
    name,
    type: 'ReadWrite',
    sourceServerId: serverId(source),
    replicaServerId: serverId(reader),
    ...fields,
  });
const promoting =
  (server: string, mode: 'standalone' | 'switchover', option: 'planned' | 'forced' = 'planned') =>
  (cluster: MemoryCluster): void =>
    cluster.happen({ what: 'promote', id: serverId(server), mode, option });

const subnetId = (name: string): string => id(`Microsoft.Network/virtualNetworks/vnet-a/subnets/${name}`);
const connection = (server: string, part = 'postgresqlServer'): JsonObject => ({
  name: 'connection',
  isManualConnection: false,
  privateConnectionResourceId: serverId(server),
  subresourceNames: [part],
});
const privateEndpoint = (name: string, fields: JsonObject): Manifest =>
  p.managed(
    flavour,
    'PrivateEndpoint',
    `endpoint-${name.replaceAll(/\W+$/g, '')}`,
    {
      ...group,
      location: 'eastus2',
      subnetId: subnetId('plain'),
      privateServiceConnection: connection('public'),
      ...fields,
    },
    { externalName: name },
  );
const withEndpoint = build(
  ...p.foundation(flavour),
  publicServer,
  subnet('plain', { addressPrefixes: ['10.1.9.0/24'] }),
  privateEndpoint('first', {}),
);

const scenarios: readonly Scenario[] = [
  ['parent-exists', empty, creating(vnet('lonely'))],
  ['region-known', foundation, creating(vnet('far', { location: 'Atlantis' }))],
  [
    'name-taken',
    {
      ...foundation,
      options: { ...foundation.options, taken: ['microsoft.dbforpostgresql/flexibleservers/orders-a'] },
    },
    primaryWith({}),
  ],
  [
    'lock-can-not-delete',
    withPrimary,
    (c) => {
      c.apply(lock(serverId('orders-a')));
      c.settle();
      remove(c, 'FlexibleServer', 'server-a');
    },
  ],
  [
    'lock-read-only',
    withPrimary,
    (c) => {
      c.apply(lock(serverId('orders-a'), { lockLevel: 'ReadOnly' }));
      c.settle();
      update(c, 'FlexibleServer', 'server-a', { tags: { team: 'x' } });
    },
  ],
  [
    'server-busy',
    platform,
    (c) => {
      c.step({
        type: 'delete',
        ref: {
          apiVersion: 'dbforpostgresql.azure.m.upbound.io/v1beta1',
          kind: 'FlexibleServer',
          namespace: 'default',
          name: 'nobody',
        },
      });
      update(c, 'FlexibleServer', 'server-a', { tags: { team: 'x' } });
      c.advance(0);
      c.apply(p.configuration(flavour, 'server-a', 'work_mem', '8192'));
    },
  ],
  [
    'server-stopped-by-outage',
    withPrimary,
    (c) => {
      update(c, 'FlexibleServer', 'server-a', { tags: { team: 'x' } });
      c.happen(setting('orders-a', {}, ['highAvailability']));
      c.happen({ what: 'zone-outage', region: 'eastus2', zone: '1' });
    },
  ],
  [
    'resource-group-name',
    empty,
    creating(p.managed(flavour, 'ResourceGroup', 'bad', { location: 'eastus2' }, { externalName: 'ends.' })),
  ],
  ['resource-group-not-empty', foundation, (c) => remove(c, 'ResourceGroup', 'rg')],
  ['virtual-network-name', foundation, creating(vnet('x'))],
  ['virtual-network-address-space', foundation, creating(vnet('wide', { addressSpace: ['10.0.0.0/99'] }))],
  [
    'virtual-network-shrink-below-subnets',
    foundation,
    (c) => update(c, 'VirtualNetwork', 'vnet-a', { addressSpace: ['10.7.0.0/16'] }),
  ],
  ['virtual-network-in-use', withPrimary, (c) => remove(c, 'VirtualNetwork', 'vnet-a')],
  ['virtual-network-linked', foundation, (c) => remove(c, 'VirtualNetwork', 'vnet-a')],
  ['subnet-name', foundation, creating(subnet('GatewaySubnet', { addressPrefixes: ['10.1.9.0/24'], delegation }))],
  ['subnet-in-address-space', foundation, creating(subnet('outside', { addressPrefixes: ['10.8.0.0/24'] }))],
  ['subnet-in-address-space', foundation, creating(subnet('overlapping', { addressPrefixes: ['10.1.0.128/25'] }))],
  ['subnet-delegated-size', foundation, creating(subnet('small', { addressPrefixes: ['10.1.9.0/29'], delegation }))],
  ['subnet-in-use-change', withPrimary, (c) => update(c, 'Subnet', 'subnet-a', { addressPrefixes: ['10.1.0.0/23'] })],
  ['subnet-in-use-delete', withPrimary, (c) => remove(c, 'Subnet', 'subnet-a')],
  ['subnet-in-use-delete', withEndpoint, (c) => remove(c, 'Subnet', 'other-subnet')],
  ['private-endpoint-name', withEndpoint, creating(privateEndpoint('ends-', {}))],
  ['private-endpoint-subnet', withEndpoint, creating(privateEndpoint('delegated', { subnetId: subnetId('subnet-a') }))],
  [
    'private-endpoint-server',
    withEndpoint,
    creating(privateEndpoint('part', { privateServiceConnection: connection('public', 'mysqlServer') })),
  ],
  [
    'private-endpoint-zone',
    withEndpoint,
    creating(
      privateEndpoint('zone', {
        privateDnsZoneGroup: {
          name: 'default',
          privateDnsZoneIds: [id('Microsoft.Network/privateDnsZones/orders.private.postgres.database.azure.com')],
        },
      }),
    ),
  ],
  [
    'security-group-name',
    foundation,
    creating(p.managed(flavour, 'SecurityGroup', 'bad', { ...group, location: 'eastus2' }, { externalName: 'ends-' })),
  ],
  [
    'security-group-inline-rules',
    foundation,
    creating(
      p.managed(flavour, 'SecurityGroup', 'inline', {
        ...group,
        location: 'eastus2',
        securityRule: [{ name: 'rule', priority: 100, direction: 'Inbound', access: 'Deny', protocol: 'Tcp' }],
      }),
    ),
  ],
  ['security-group-in-use', secured, (c) => remove(c, 'SecurityGroup', 'nsg-a')],
  ['security-rule-fields', secured, creating(rule({ access: 'allow' }))],
  ['security-rule-fields', secured, creating(rule({ sourceAddressPrefixes: ['10.0.0.0/8'] }))],
  [
    'security-rule-fields',
    secured,
    creating(rule({ sourceAddressPrefix: '', sourceAddressPrefixes: ['VirtualNetwork'] })),
  ],
  ['security-rule-fields', secured, creating(rule({ destinationPortRanges: ['70000'] }))],
  ['security-rule-priority', secured, creating(rule({ priority: 99 }))],
  ['security-rule-priority-unique', secured, creating(rule({}), rule({}, 'other'))],
  [
    'association-ends',
    build(...p.foundation(flavour), ...p.network(flavour, p.secondarySite), ...p.security(flavour, p.secondarySite)),
    creating(
      p.managed(flavour, 'SubnetNetworkSecurityGroupAssociation', 'far', {
        subnetId: id('Microsoft.Network/virtualNetworks/vnet-a/subnets/subnet-a'),
        networkSecurityGroupId: id('Microsoft.Network/networkSecurityGroups/nsg-b'),
      }),
    ),
  ],
  [
    'association-one-group',
    secured,
    creating(
      p.managed(flavour, 'SubnetNetworkSecurityGroupAssociation', 'second', {
        subnetId: id('Microsoft.Network/virtualNetworks/vnet-a/subnets/subnet-a'),
        networkSecurityGroupId: id('Microsoft.Network/networkSecurityGroups/nsg-a'),
      }),
    ),
  ],
  [
    'peering-remote-exists',
    foundation,
    creating(
      p.managed(flavour, 'VirtualNetworkPeering', 'peer', {
        ...group,
        virtualNetworkName: 'vnet-a',
        remoteVirtualNetworkId: id('Microsoft.Network/virtualNetworks/none'),
      }),
    ),
  ],
  [
    'peering-overlap',
    foundation,
    (c) => {
      c.apply(vnet('twin', { addressSpace: ['10.1.128.0/17'] }));
      c.settle();
      c.apply(
        p.managed(flavour, 'VirtualNetworkPeering', 'peer', {
          ...group,
          virtualNetworkName: 'vnet-a',
          remoteVirtualNetworkId: id('Microsoft.Network/virtualNetworks/twin'),
        }),
      );
    },
  ],
  ['peering-once', platform, creating(toHub(id('Microsoft.Network/virtualNetworks/vnet-b')))],
  ['peering-remote-gateway', foundation, (c) => joinHub(c, false, false)],
  ['peering-gateway-transit', foundation, (c) => joinHub(c, true, false)],
  [
    'peering-one-remote-gateway',
    build(
      ...p.foundation(flavour),
      ...hubWith(true, true, 'first'),
      toHub(id('Microsoft.Network/virtualNetworks/first'), true, 'to-first'),
    ),
    (c) => joinHub(c, true, true),
  ],
  [
    'dns-zone-name',
    foundation,
    creating(p.managed(flavour, 'PrivateDNSZone', 'other-zone', group, { externalName: 'single' })),
  ],
  ['dns-zone-has-links', foundation, (c) => remove(c, 'PrivateDNSZone', 'zone')],
  [
    'dns-zone-in-use',
    { ...withPrimary, options: { ...withPrimary.options, without: ['dns-zone-has-links'] } },
    (c) => remove(c, 'PrivateDNSZone', 'zone'),
  ],
  [
    'dns-link-network-exists',
    foundation,
    creating(
      p.managed(flavour, 'PrivateDNSZoneVirtualNetworkLink', 'link', {
        ...group,
        privateDnsZoneName: 'orders.private.postgres.database.azure.com',
        virtualNetworkId: id('Microsoft.Network/virtualNetworks/none'),
      }),
    ),
  ],
  [
    'dns-link-zone-name-once',
    foundation,
    creating(
      p.managed(flavour, 'PrivateDNSZoneVirtualNetworkLink', 'second', {
        ...group,
        privateDnsZoneName: 'orders.private.postgres.database.azure.com',
        virtualNetworkId: id('Microsoft.Network/virtualNetworks/vnet-a'),
      }),
    ),
  ],
  [
    'dns-link-resolution-policy',
    foundation,
    (c) => update(c, 'PrivateDNSZoneVirtualNetworkLink', 'link-a', { resolutionPolicy: 'NxDomainRedirect' }),
  ],
  ['dns-link-in-use', withPrimary, (c) => remove(c, 'PrivateDNSZoneVirtualNetworkLink', 'link-a')],
  ['cname-record', foundation, creating(p.record(flavour, 'write', 'not a name'))],
  ['server-name', foundation, creating(p.primary(flavour, {}, { externalName: '-orders' }))],
  ['server-login', foundation, primaryWith({ administratorLogin: 'pg_owner' })],
  ['server-password', foundation, creating(secret('short'), p.primary(flavour))],
  ['server-version', foundation, primaryWith({ version: '9' })],
  ['server-sku', foundation, primaryWith({ skuName: 'GP_Standard_D5ds_v5' })],
  ['server-retention', foundation, primaryWith({ backupRetentionDays: 60 })],
  [
    'server-maintenance-window',
    withPrimary,
    patching('server-a', { maintenanceWindow: { dayOfWeek: 9, startHour: 1, startMinute: 0 } }),
  ],
  [
    'server-authentication',
    foundation,
    primaryWith({ authentication: { activeDirectoryAuthEnabled: true, passwordAuthEnabled: true } }),
  ],
  [
    'administrator-fields',
    withEntra,
    creating(p.administrator(flavour, 'server-a', 'orders-a', { principalType: 'Robot' })),
  ],
  ['administrator-needs-entra', withPrimary, creating(p.administrator(flavour, 'server-a', 'orders-a'))],
  [
    'server-customer-key',
    foundation,
    primaryWith({
      identity: { type: 'UserAssigned', identityIds: ['/one'] },
      customerManagedKey: { keyVaultKeyId: 'https://v.vault.azure.net/keys/k', primaryUserAssignedIdentityId: '/one' },
    }),
  ],
  ['server-zone', foundation, primaryWith({}, { zone: '7' })],
  ['ha-mode', foundation, primaryWith({}, { zone: '1', highAvailability: { mode: 'Always' } })],
  ['ha-not-on-burstable', foundation, primaryWith({ skuName: 'B_Standard_B2ms' })],
  [
    'ha-zone-redundant-region',
    withPublic,
    creating(
      p.managed(
        flavour,
        'FlexibleServer',
        'west',
        {
          ...(publicServer.spec?.forProvider as JsonObject),
          location: 'westus',
          highAvailability: { mode: 'ZoneRedundant' },
        },
        { policies: p.serverPolicies },
      ),
    ),
  ],
  [
    'ha-standby-zone',
    foundation,
    primaryWith({}, { zone: '1', highAvailability: { mode: 'ZoneRedundant', standbyAvailabilityZone: '1' } }),
  ],
  [
    'ha-mode-switch',
    withPrimary,
    patching('server-a', { highAvailability: { mode: 'SameZone', standbyAvailabilityZone: '2' } }),
  ],
  [
    'ha-not-on-replica',
    platform,
    patching('server-b', { highAvailability: { mode: 'SameZone', standbyAvailabilityZone: '1' } }),
  ],
  [
    'ha-not-with-leaving-burstable',
    withPublic,
    (c) => {
      c.happen(setting('public', { skuName: 'B_Standard_B2ms' }));
      update(c, 'FlexibleServer', 'public', { highAvailability: { mode: 'SameZone', standbyAvailabilityZone: '1' } });
    },
  ],
  [
    'geo-backup-region',
    withPublic,
    creating(
      p.managed(
        flavour,
        'FlexibleServer',
        'italy',
        { ...(publicServer.spec?.forProvider as JsonObject), location: 'italynorth', geoRedundantBackupEnabled: true },
        { policies: p.serverPolicies, initProvider: { zone: '1' } },
      ),
    ),
  ],
  ['backup-settings-not-on-replica', platform, patching('server-b', { backupRetentionDays: 21 })],
  [
    'geo-restore-needs-geo-backup',
    withPublic,
    creating(
      p.managed(
        flavour,
        'FlexibleServer',
        'restored',
        {
          ...group,
          location: 'centralus',
          createMode: 'GeoRestore',
          sourceServerId: serverId('public'),
          pointInTimeRestoreTimeInUtc: '2026-01-01T02:00:00Z',
          storageMb: 131072,
        },
        { policies: p.serverPolicies, initProvider: { zone: '1' } },
      ),
    ),
  ],
  ['restore-source', withPublic, restoring({ sourceServerId: serverId('nobody') })],
  ['restore-region', withPublic, restoring({ location: 'centralus' })],
  ['restore-time', withPublic, restoring({ pointInTimeRestoreTimeInUtc: '2027-01-01T00:00:00Z' })],
  ['restore-storage', withPublic, restoring({ storageMb: 65536 })],
  ['restore-version', withPublic, restoring({ version: '17' })],
  ['restore-without-standby', withPublic, restoring({ highAvailability: { mode: 'SameZone' } })],
  ['revive-source', withPublic, restoring({ createMode: 'ReviveDropped' })],
  [
    'server-subnet',
    foundation,
    (c) => {
      c.apply(subnet('plain', { addressPrefixes: ['10.1.9.0/24'] }));
      c.settle();
      c.apply(p.primary(flavour, { delegatedSubnetId: id('Microsoft.Network/virtualNetworks/vnet-a/subnets/plain') }));
    },
  ],
  [
    'server-subnet-addresses',
    foundation,
    (c) => {
      c.apply(subnet('tiny', { addressPrefixes: ['10.1.9.0/28'], delegation }));
      c.settle();
      for (const n of [1, 2, 3])
        c.apply({
          ...p.primary(
            flavour,
            { delegatedSubnetId: id('Microsoft.Network/virtualNetworks/vnet-a/subnets/tiny') },
            { externalName: `orders-${n}` },
          ),
          metadata: { ...p.primary(flavour, {}, { externalName: `orders-${n}` }).metadata, name: `server-${n}` },
        });
    },
  ],
  [
    'server-private-needs-zone',
    withPublic,
    creating(
      p.managed(
        flavour,
        'FlexibleServer',
        'odd',
        {
          ...(publicServer.spec?.forProvider as JsonObject),
          privateDnsZoneId: id('Microsoft.Network/privateDnsZones/x.postgres.database.azure.com'),
        },
        { policies: p.serverPolicies },
      ),
    ),
  ],
  ['server-private-not-public', foundation, primaryWith({ publicNetworkAccessEnabled: true })],
  [
    'server-zone-name',
    foundation,
    (c) => {
      c.apply(
        p.managed(flavour, 'PrivateDNSZone', 'own', group, { externalName: 'orders-a.postgres.database.azure.com' }),
      );
      c.settle();
      c.apply(
        p.primary(flavour, {
          privateDnsZoneId: id('Microsoft.Network/privateDnsZones/orders-a.postgres.database.azure.com'),
        }),
      );
    },
  ],
  [
    'server-needs-zone-link',
    foundation,
    (c) => {
      remove(c, 'PrivateDNSZoneVirtualNetworkLink', 'link-a');
      c.settle();
      c.apply(p.primary(flavour));
    },
  ],
  [
    'server-zone-change-with-ha',
    withPrimary,
    (c) => {
      c.apply(
        p.managed(flavour, 'PrivateDNSZone', 'next', group, { externalName: 'next.postgres.database.azure.com' }),
      );
      c.settle();
      update(c, 'FlexibleServer', 'server-a', {
        privateDnsZoneId: id('Microsoft.Network/privateDnsZones/next.postgres.database.azure.com'),
      });
    },
  ],
  ['replica-source', withPublic, creating(copyOf('none'))],
  [
    'replica-source',
    withPublic,
    (c) => {
      c.happen(setting('public', { skuName: 'B_Standard_B2ms' }));
      c.apply(copyOf('public'));
    },
  ],
  [
    'replica-size',
    platform,
    creating({
      ...p.replica(flavour, { storageMb: 65536, storageTier: 'P6' }, { externalName: 'orders-c' }),
      metadata: { ...p.replica(flavour, {}, { externalName: 'orders-c' }).metadata, name: 'server-c' },
    }),
  ],
  [
    'replica-version',
    platform,
    creating({
      ...p.replica(flavour, { version: '15' }, { externalName: 'orders-c' }),
      metadata: { ...p.replica(flavour, {}, { externalName: 'orders-c' }).metadata, name: 'server-c' },
    }),
  ],
  ['replica-auto-grow', platform, patching('server-a', { autoGrowEnabled: true })],
  [
    'replica-login',
    platform,
    creating({
      ...p.replica(flavour, { administratorLogin: 'pgadmin' }, { externalName: 'orders-c' }),
      metadata: { ...p.replica(flavour, {}, { externalName: 'orders-c' }).metadata, name: 'server-c' },
    }),
  ],
  [
    'replica-password',
    platform,
    (c) => {
      update(c, 'FlexibleServer', 'server-b', { administratorPasswordSecretRef: p.passwordRef(flavour) });
      c.advance(5);
      c.apply(secret('Another-Passw0rd'));
    },
  ],
  ['replica-network-mode', withPrimary, creating(copyOf('orders-a'))],
  [
    'replica-needs-peering',
    withPrimary,
    (c) => {
      c.apply(...p.network(flavour, p.secondarySite));
      c.settle();
      c.apply(p.replica(flavour));
    },
  ],
  [
    'replica-security-rules',
    withPrimary,
    (c) => {
      const open = { priority: 100, access: 'Allow', sourceAddressPrefix: '10.2.0.0/24' };
      c.apply(...p.network(flavour, p.secondarySite), ...p.peerings(flavour), ...p.security(flavour, p.primarySite));
      c.apply(rule({}), rule({ ...open, destinationPortRanges: ['6432'] }, 'pool'));
      c.settle();
      c.apply(p.replica(flavour));
    },
  ],
  ['server-create-mode', withPrimary, patching('server-a', { createMode: 'Replica' })],
  ['server-version-with-replicas', platform, patching('server-a', { version: '17' })],
  [
    'server-version-extensions',
    withPrimary,
    (c) => {
      c.apply(p.configuration(flavour, 'server-a', 'azure.extensions', 'hll,pg_trgm'));
      c.settle();
      update(c, 'FlexibleServer', 'server-a', { version: '17' });
    },
  ],
  ['scale-order', platform, patching('server-a', { skuName: 'GP_Standard_D8ds_v5' })],
  ['scale-order', platform, patching('server-b', { skuName: 'GP_Standard_D2ds_v5' })],
  ['tier-with-replicas', platform, patching('server-b', { skuName: 'B_Standard_B4ms' })],
  ['role-none-needs-replica', withPrimary, promoting('orders-a', 'standalone')],
  [
    'promote-planned-needs-source',
    platform,
    (c) => {
      c.happen({ what: 'region-outage', region: 'eastus2' });
      promoting('orders-b', 'standalone')(c);
    },
  ],
  ['switchover-needs-endpoint', platform, promoting('orders-b', 'switchover')],
  [
    'switchover-symmetric',
    platform,
    (c) => {
      c.apply(p.virtualEndpoint(flavour));
      c.settle();
      c.happen(setting('orders-b', { skuName: 'GP_Standard_D8ds_v5' }));
      promoting('orders-b', 'switchover')(c);
    },
  ],
  ['server-has-replicas', platform, (c) => remove(c, 'FlexibleServer', 'server-a')],
  [
    'server-in-endpoint',
    platform,
    (c) => {
      c.apply(p.virtualEndpoint(flavour));
      c.settle();
      remove(c, 'FlexibleServer', 'server-b');
    },
  ],
  ['configuration-known', withPrimary, creating(p.configuration(flavour, 'server-a', 'no_such_parameter', '1'))],
  ['configuration-value', withPrimary, creating(p.configuration(flavour, 'server-a', 'work_mem', 'much'))],
  [
    'configuration-replica-not-below-primary',
    platform,
    creating(p.configuration(flavour, 'server-b', 'max_connections', '100')),
  ],
  [
    'configuration-replica-not-below-primary',
    platform,
    creating(p.configuration(flavour, 'server-a', 'max_connections', '2000')),
  ],
  [
    'configuration-pgbouncer-tier',
    withPublic,
    (c) => {
      update(c, 'FlexibleServer', 'public', { skuName: 'B_Standard_B2ms' });
      c.settle();
      c.apply(
        p.managed(flavour, 'FlexibleServerConfiguration', 'bouncer', {
          name: 'pgbouncer.enabled',
          value: 'true',
          serverId: serverId('public'),
        }),
      );
    },
  ],
  [
    'firewall-rule-fields',
    withPublic,
    creating(
      p.managed(flavour, 'FlexibleServerFirewallRule', 'office', {
        serverId: serverId('public'),
        startIpAddress: '10.0.0.9',
        endIpAddress: '10.0.0.1',
      }),
    ),
  ],
  [
    'firewall-rule-private-server',
    withPrimary,
    creating(
      p.managed(flavour, 'FlexibleServerFirewallRule', 'office', {
        serverId: serverId('orders-a'),
        startIpAddress: '10.0.0.1',
        endIpAddress: '10.0.0.9',
      }),
    ),
  ],
  ['traffic-manager-name', foundation, creating(traffic('-orders'))],
  ['traffic-manager-fields', foundation, creating(traffic('orders', { trafficRoutingMethod: 'Random' }))],
  [
    'traffic-manager-relative-name-taken',
    withTraffic,
    creating(traffic('others', { dnsConfig: { relativeName: 'orders', ttl: 30 } })),
  ],
  ['traffic-endpoint-fields', withTraffic, creating(trafficEndpoint('second', { priority: 1001 }))],
  ['traffic-endpoint-priority-unique', withTraffic, creating(trafficEndpoint('second', { priority: 1 }))],
  ['virtual-endpoint-name', platform, creating(endpoint('ab', 'orders-a', 'orders-b'))],
  ['virtual-endpoint-members', platform, creating(endpoint('orders', 'orders-b', 'orders-a'))],
  [
    'virtual-endpoint-one-per-primary',
    platform,
    (c) => {
      c.apply(p.virtualEndpoint(flavour));
      c.settle();
      c.apply(
        p.managed(flavour, 'FlexibleServerVirtualEndpoint', 'second', {
          name: 'second',
          type: 'ReadWrite',
          sourceServerId: serverId('orders-a'),
          replicaServerId: serverId('orders-b'),
        }),
      );
    },
  ],
  [
    'virtual-endpoint-same-group',
    { ...platform, options: { ...platform.options, without: ['virtual-endpoint-members'] } },
    creating(
      p.managed(flavour, 'FlexibleServerVirtualEndpoint', 'endpoint', {
        name: 'orders',
        type: 'ReadWrite',
        sourceServerId: serverId('orders-a'),
        replicaServerId: serverId('orders-b').replace('resourceGroups/orders', 'resourceGroups/elsewhere'),
      }),
    ),
  ],
  [
    'backup-not-on-replica',
    platform,
    creating(p.managed(flavour, 'FlexibleServerBackup', 'backup', { name: 'monthly', serverId: serverId('orders-b') })),
  ],
  [
    'backup-not-on-burstable',
    withPublic,
    (c) => {
      update(c, 'FlexibleServer', 'public', { skuName: 'B_Standard_B2ms' });
      c.advance(900);
      c.apply(p.managed(flavour, 'FlexibleServerBackup', 'backup', { name: 'a', serverId: serverId('public') }));
    },
  ],
  [
    'seven-backups',
    withPublic,
    (c) => {
      for (let backup = 1; backup <= 8; backup++) {
        const name = `backup-${backup}`;
        c.apply(p.managed(flavour, 'FlexibleServerBackup', name, { name, serverId: serverId('public') }));
        c.advance(600);
      }
    },
  ],
  ['vault-fields', foundation, creating(vault('v', { redundancy: 'None' }))],
  [
    'vault-with-backups',
    build(...p.foundation(flavour), p.primary(flavour), vault(), policy(), ...roles, instance()),
    (c) => c.happen({ what: 'delete', id: vaultId }),
  ],
  [
    'backup-policy-weekly',
    build(...p.foundation(flavour), vault()),
    creating(policy('R/2024-01-07T02:00:00+00:00/P1D')),
  ],
  [
    'backup-instance-region',
    build(
      ...p.foundation(flavour),
      p.primary(flavour),
      vault('orders-vault', { location: 'centralus' }),
      policy(),
      ...roles,
    ),
    creating(instance()),
  ],
  [
    'backup-instance-not-of-replica',
    build(...p.platform(flavour), vault('orders-vault', { location: 'centralus' }), policy(), ...rolesOn('orders-b')),
    creating(instance('orders-b', 'centralus')),
  ],
  [
    'backup-instance-roles',
    build(...p.foundation(flavour), p.primary(flavour), vault(), policy(), ...roles.slice(0, 1)),
    creating(instance()),
  ],
  ['role-known', foundation, creating(assignment('owner', groupIdOf(vaultId), 'Owner'))],
  ['storage-account-name', foundation, creating(account('Not-Valid'))],
  ['storage-account-replication', foundation, creating(account('ordersbackup', { location: 'italynorth' }))],
  [
    'storage-restore-policy',
    foundation,
    creating(account('ordersbackup', { blobProperties: { restorePolicy: { days: 7 } } })),
  ],
  [
    'storage-container-name',
    foundation,
    (c) => {
      c.apply(account('ordersbackup'));
      c.settle();
      c.apply(
        p.managed(
          flavour,
          'Container',
          'container',
          { storageAccountId: id('Microsoft.Storage/storageAccounts/ordersbackup') },
          { externalName: 'a--b' },
        ),
      );
    },
  ],
  [
    'storage-container-metadata',
    foundation,
    (c) => {
      c.apply(account('ordersbackup'));
      c.settle();
      c.apply(
        p.managed(
          flavour,
          'Container',
          'container',
          { storageAccountId: id('Microsoft.Storage/storageAccounts/ordersbackup'), metadata: { Team: 'x' } },
          { externalName: 'backups' },
        ),
      );
    },
  ],
  ['workspace-fields', foundation, creating(workspace({ retentionInDays: 7 }))],
  ['diagnostic-setting-fields', withPrimary, creating(workspace(), diagnostics('logs', { enabledLog: [] }))],
  [
    'diagnostic-setting-category',
    build(...p.foundation(flavour), p.primary(flavour), workspace()),
    creating(diagnostics('logs', { enabledLog: [{ category: 'PostgresLogs' }] })),
  ],
  ['diagnostic-setting-workspace', withPrimary, creating(diagnostics('logs'))],
  [
    'diagnostic-setting-sink-twice',
    build(...p.foundation(flavour), p.primary(flavour), workspace(), diagnostics('policy')),
    creating(diagnostics('logs')),
  ],
  ['action-group-fields', foundation, creating(actionGroup({ shortName: 'far too long a name' }))],
  ['metric-alert-fields', withPrimary, creating(metricAlert({ frequency: 'PT15M', windowSize: 'PT5M' }))],
  ['metric-alert-scope', foundation, creating(metricAlert({}))],
  ['metric-alert-metric', withPrimary, creating(metricAlert({ criteria: [{ ...criterion, metricName: 'cpu' }] }))],
  [
    'metric-alert-action-group',
    withPrimary,
    creating(metricAlert({ action: [{ actionGroupId: id('Microsoft.Insights/actionGroups/nobody') }] })),
  ],
  [
    'storage-policy-rule',
    foundation,
    (c) => {
      c.apply(account('ordersbackup'));
      c.settle();
      const rule = [{ name: 'idle', enabled: true, filters: { blobTypes: ['blockBlob'] }, actions: {} }];
      const storageAccountId = id('Microsoft.Storage/storageAccounts/ordersbackup');
      c.apply(p.managed(flavour, 'ManagementPolicy', 'policy', { storageAccountId, rule }));
    },
  ],
  ['identity-name', foundation, creating(identity('a'))],
  [
    'federated-credential-fields',
    build(...p.foundation(flavour), identity('orders-dump')),
    creating(credential('kubernetes', { audience: [] })),
  ],
  [
    'federated-credential-once',
    build(...p.foundation(flavour), identity('orders-dump'), credential('kubernetes')),
    creating(credential('again')),
  ],
  ['role-assignment-fields', foundation, creating(role('role', 'no-guid'))],
  [
    'role-assignment-once',
    build(p.resourceGroup(flavour), role('role', '00000000-0000-0000-0000-0000000000c1')),
    creating(role('again', '00000000-0000-0000-0000-0000000000c2')),
  ],
  ['lock-fields', foundation, creating(lock(id('Microsoft.Network/virtualNetworks/vnet-a'), { lockLevel: 'Nothing' }))],
];

/** Rules behind another check of the provider, which refuses first; each is named in a test of its own below. */
const guardedByProvider = ['server-storage', 'storage-shrink', 'geo-backup-creation-only'];

const all = [...generalRules, ...kinds.flatMap((kind) => kind.rules)];

function refusals(from: Simulation, without: readonly string[], act: (cluster: MemoryCluster) => void): Set<string> {
  const seen = new Set<string>();
  const start = { ...from, options: { ...from.options, without: [...from.options.without, ...without] } };
  const cluster = createMemoryCluster({}, start);
  const note = (): void => {
    for (const { outcome } of [...Object.values(cluster.state.operations), ...cluster.requests])
      if (!outcome.ok) seen.add(outcome.rule);
  };
  act(cluster);
  for (let i = 0; i < 4; i++) {
    note();
    cluster.advance(1);
  }
  cluster.advance(90);
  note();
  return seen;
}

describe('rules of Azure', () => {
  it.each(scenarios)('%s refuses, and only it', (rule, from, act) => {
    expect([...refusals(from, [], act)]).toContain(rule);
    expect([...refusals(from, [rule], act)]).not.toContain(rule);
  });

  it('has a scenario for every rule', () => {
    const tested = new Set([...scenarios.map(([rule]) => rule), ...guardedByProvider]);
    expect(all.map((rule) => rule.id).filter((each) => !tested.has(each))).toEqual([]);
  });

  it('gives every rule an id of its own and a source', () => {
    expect(new Set(all.map((rule) => rule.id)).size).toBe(all.length);
    expect(all.filter((rule) => rule.source.length < 5)).toEqual([]);
  });

  it.each([
    ['server-storage', { desired: { storageMb: 5 } }],
    ['storage-shrink', { desired: { storageMb: 5 }, current: { properties: { storageMb: 6 } } }],
    [
      'geo-backup-creation-only',
      { change: { geoRedundantBackupEnabled: true }, current: { properties: { geoRedundantBackupEnabled: false } } },
    ],
  ])('%s would refuse what the provider lets nobody send', (id, request) => {
    const rule = all.find((each) => each.id === id);
    // Only the fields that these three rules read.
    expect(rule?.refuse(request as unknown as Parameters<NonNullable<typeof rule>['refuse']>[0])).toEqual(
      expect.any(String),
    );
  });
});
