import { readFileSync } from 'node:fs';
import { Environment } from '@marcbachmann/cel-js';
import { parse } from 'yaml';
import { applySchema } from '../../src/api/schema.ts';
import { type Definition, property, type SchemaNode, schemaOf } from '../../tools/generate/schema-node.ts';

const xrd: Definition = parse(readFileSync('apis/xpostgresqldatabases/definition.yaml', 'utf8'));
const specSchema = property(schemaOf(xrd), 'spec');
// Kubernetes has `replace` (k8s.io/apiserver pkg/cel, ext.Strings); the library leaves it out.
const cel = new Environment({ unlistedVariablesAreDyn: true }).registerFunction(
  'string.replace(string, string): string',
  (text: string, from: string, to: string) => text.replaceAll(from, to),
);

type Fields = Readonly<Record<string, unknown>>;
const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A message names its field from the root, or from `path` where the schema stands in two places. */
const sentence = (path: string, message = ''): string => (message.startsWith('spec.') ? message : `${path}.${message}`);

/** The messages of the rules that `self` breaks. As the API server does, rules on a change run only where there was a value before. */
function broken(node: SchemaNode, self: unknown, old: unknown, path = 'spec'): string[] {
  if (self === undefined) return [];
  const own = (node['x-kubernetes-validations'] ?? [])
    .filter(({ rule }) => !rule.includes('oldSelf') || old !== undefined)
    .filter(({ rule }) => cel.evaluate(rule, old === undefined ? { self } : { self, oldSelf: old }) !== true)
    .map(({ message }) => sentence(path, message));
  const below = Object.entries(node.properties ?? {}).flatMap(([name, child]) =>
    broken(child, isFields(self) ? self[name] : undefined, isFields(old) ? old[name] : undefined, `${path}.${name}`),
  );
  return [...own, ...below];
}

const holds = (rule: string, value: unknown): boolean => {
  try {
    return cel.evaluate(rule, { self: value, oldSelf: value }) === true;
  } catch {
    return false;
  }
};

const messages = (node: SchemaNode, path = 'spec'): string[] => [
  ...(node['x-kubernetes-validations'] ?? []).map(({ message }) => sentence(path, message)),
  ...Object.entries(node.properties ?? {}).flatMap(([name, child]) => messages(child, `${path}.${name}`)),
];

const primary = { name: 'eastus2', cidr: '10.10.0.0/16' };
const secondary = { name: 'centralus', cidr: '10.20.0.0/16' };
const both = { regions: { primary, secondary } };
const customerKey = (name: string) => ({
  keyVaultKeyId: `https://vault-${name}.vault.azure.net/keys/postgresql`,
  userAssignedIdentityId: `/subscriptions/${tenant('0')}/resourceGroups/rg/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-${name}`,
});
const restore = {
  mode: 'PointInTime',
  sourceServerId:
    '/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg-old/providers/Microsoft.DBforPostgreSQL/flexibleServers/orders-old',
  pointInTime: '2026-03-01T12:30:00Z',
};
const tenant = (last: string): string => `00000000-0000-0000-0000-00000000000${last}`;
const group = { existing: { id: '/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg-orders' } };
const subnet = {
  existing: {
    id: '/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg-network/providers/Microsoft.Network/virtualNetworks/spoke/subnets/postgresql',
  },
};
const names = { writeEndpointName: 'orders-write', readEndpointName: 'orders-read' };
const zone = (label: string) => ({
  existing: {
    id: `/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg-dns/providers/Microsoft.Network/privateDnsZones/${label}.postgres.database.azure.com`,
  },
});
const hub = (name: string, more: object = {}) => ({
  virtualNetworkId: `/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg-hub/providers/Microsoft.Network/virtualNetworks/hub-${name}`,
  peering: true,
  link: true,
  useRemoteGateways: false,
  allowForwardedTraffic: false,
  ...more,
});
const client = (name: string) => ({ name, startAddress: '203.0.113.8', endAddress: '203.0.113.15' });
const issuer = { management: { workloadIdentity: { issuerUrl: 'https://oidc.example.com/cluster/' } } };
const madeBy = (last: string) => ({
  roleDefinitionId: `/subscriptions/${tenant('0')}/providers/Microsoft.Authorization/roleDefinitions/${tenant(last)}`,
});
const dba = { objectId: tenant('1'), principalName: 'dba', principalType: 'Group' };
const vaulted = (longTerm: object): object => ({
  security: { adminPasswordSecretRef: { name: 'mine' } },
  deletion: { policy: 'Orphan' },
  backup: { longTerm: { enabled: true, ...longTerm } },
});
const withDefaults = (spec: object): unknown => {
  const applied = applySchema('namespaced', { regions: { primary }, ...spec });
  expect(applied.problems).toEqual([]);
  return applied.spec;
};

/** A broken rule: what is in the spec, what was in it before (undefined: it is created), and the first words of the message. */
type Case = readonly [string, object, object | undefined, string];

const cases: readonly Case[] = [
  [
    'a replica on Burstable',
    { ...both, database: { size: 'B_Standard_B2ms' } },
    undefined,
    'spec.database.size: is a Burstable size, which cannot have a read replica',
  ],
  [
    'a standby on Burstable',
    { database: { size: 'B_Standard_B2ms' }, highAvailability: { mode: 'SameZone' } },
    undefined,
    'spec.database.size: is a Burstable size, which cannot have high availability',
  ],
  [
    'one region twice in two spellings',
    { regions: { primary, secondary: { ...secondary, name: 'East US 2' } } },
    undefined,
    'spec.regions.secondary.name: is the same region',
  ],
  ['a secondary region that leaves', {}, both, 'spec.regions.secondary: cannot be removed'],
  ...(['primary', 'secondary'] as const).flatMap((site) => {
    const changed = (fields: object) => ({
      regions: { ...both.regions, [site]: { ...both.regions[site], ...fields } },
    });
    return [
      [`another ${site} region`, changed({ name: 'westeurope' }), both, `spec.regions.${site}.name: cannot change`],
      [`another ${site} network`, changed({ cidr: '10.30.0.0/16' }), both, `spec.regions.${site}.cidr: cannot change`],
      [
        `a new ${site} subnet`,
        changed({ subnetCidr: '10.10.1.0/24' }),
        both,
        `spec.regions.${site}.subnetCidr: cannot change`,
      ],
      [
        `another ${site} subnet`,
        changed({ subnetCidr: '10.10.1.0/24' }),
        changed({ subnetCidr: '10.10.2.0/24' }),
        `spec.regions.${site}.subnetCidr: cannot change`,
      ],
    ] as const;
  }),
  [
    'another resource group',
    { resourceGroup: { name: 'b' } },
    { resourceGroup: { name: 'a' } },
    'spec.resourceGroup.name: cannot change',
  ],
  [
    'a resource group that is named later',
    { resourceGroup: { name: 'b' } },
    {},
    'spec.resourceGroup.name: cannot change',
  ],
  [
    'writes in a region that is not there',
    { failover: { activeRegion: 'secondary' } },
    undefined,
    'spec.failover.activeRegion: is secondary',
  ],
  [
    'a switchover without a virtual endpoint',
    { failover: { mode: 'Switchover' } },
    undefined,
    'spec.failover.mode: is Switchover',
  ],
  [
    'a virtual endpoint of one server',
    { network: { virtualEndpoint: { enabled: true } } },
    undefined,
    'spec.network.virtualEndpoint.enabled: is true, but',
  ],
  [
    'a virtual endpoint that is switched off',
    { network: { virtualEndpoint: { enabled: false } } },
    { network: { virtualEndpoint: { enabled: true } } },
    'spec.network.virtualEndpoint.enabled: cannot be switched off',
  ],
  [
    'another name for the Traffic Manager profile',
    { network: { trafficManager: { enabled: true, relativeName: 'orders' } } },
    { network: { trafficManager: { enabled: true, relativeName: 'shop' } } },
    'spec.network.trafficManager.relativeName: cannot change',
  ],
  [
    'a name of its own for the Traffic Manager profile later',
    { network: { trafficManager: { enabled: true, relativeName: 'orders' } } },
    { network: { trafficManager: { enabled: true } } },
    'spec.network.trafficManager.relativeName: cannot change',
  ],
  [
    'a probe by SQL without passwords',
    {
      security: { entra: { tenantId: tenant('a'), administrators: [dba], passwordAuthentication: false } },
      failover: { verify: 'Sql', validation: { image: 'postgres:18' } },
    },
    undefined,
    'spec.failover.verify: is Sql, which needs logins by password',
  ],
  [
    'a Job that makes calls without an identity',
    { failover: { executor: 'Job' } },
    undefined,
    'spec.failover.executorIdentity.clientId: is required with executor Job',
  ],
  [
    'an identity of yours for the Job beside one that is made',
    { ...issuer, failover: { executorIdentity: { clientId: tenant('a'), ...madeBy('1') } } },
    undefined,
    'spec.failover.executorIdentity.roleDefinitionId: is given beside clientId',
  ],
  [
    'an identity that is made for the Job without an issuer',
    { failover: { executorIdentity: madeBy('1') } },
    undefined,
    'spec.failover.executorIdentity.roleDefinitionId: needs spec.management.workloadIdentity.issuerUrl',
  ],
  [
    'an identity that is made for the Job in a resource group of yours',
    {
      ...issuer,
      resourceGroup: { existing: { id: `/subscriptions/${tenant('a')}/resourceGroups/rg-shared` } },
      failover: { executorIdentity: madeBy('1') },
    },
    undefined,
    'spec.failover.executorIdentity.roleDefinitionId: would hold for every server',
  ],
  [
    'another role for the identity of the Job',
    { ...issuer, failover: { executorIdentity: madeBy('2') } },
    { ...issuer, failover: { executorIdentity: madeBy('1') } },
    'spec.failover.executorIdentity.roleDefinitionId: cannot change',
  ],
  [
    'one name for both endpoints',
    { network: { writeEndpointName: 'db', readEndpointName: 'db' } },
    undefined,
    'spec.network.readEndpointName: is the same',
  ],
  [
    'another zone',
    { network: { privateDnsZoneName: 'b.postgres.database.azure.com' } },
    { network: { privateDnsZoneName: 'a.postgres.database.azure.com' } },
    'spec.network.privateDnsZoneName: cannot change',
  ],
  ['another write name', { network: { writeEndpointName: 'db' } }, {}, 'spec.network.writeEndpointName: cannot change'],
  ['another read name', { network: { readEndpointName: 'db' } }, {}, 'spec.network.readEndpointName: cannot change'],
  [
    'the bare public zone',
    { network: { privateDnsZoneName: 'postgres.database.azure.com' } },
    undefined,
    'spec.network.privateDnsZoneName: the bare zone',
  ],
  [
    'the zone of the private endpoints',
    { network: { mode: 'PrivateEndpoint', privateDnsZoneName: 'privatelink.postgres.database.azure.com' } },
    undefined,
    "spec.network.privateDnsZoneName: is the zone of the private endpoints' own records",
  ],
  [
    'firewall rules with another mode',
    { network: { firewallRules: [client('office')] } },
    undefined,
    'spec.network.firewallRules: work with',
  ],
  [
    "Azure's services with another mode",
    { network: { allowAzureServices: true } },
    undefined,
    'spec.network.allowAzureServices: works with',
  ],
  ['public access for nobody', { network: { mode: 'Public' } }, undefined, 'spec.network.firewallRules: are empty'],
  [
    'a subnet with public access',
    {
      regions: { primary: { ...primary, nextSubnetCidr: '10.10.5.0/24' } },
      network: { mode: 'Public', allowAzureServices: true },
    },
    undefined,
    'spec.network.mode: is Public',
  ],
  [
    'two clients of one name',
    { network: { mode: 'Public', firewallRules: [client('a'), client('a')] } },
    undefined,
    'spec.network.firewallRules: hold one name twice',
  ],
  [
    'a client with the name of the Azure services',
    { network: { mode: 'Public', firewallRules: [client('azure-services')] } },
    undefined,
    'spec.network.firewallRules: have a rule azure-services',
  ],
  [
    'a range beside a subnet of your own',
    { regions: { primary: { ...primary, subnet, subnetCidr: '10.10.1.0/24' } } },
    undefined,
    'spec.regions.primary.subnet: exists',
  ],
  [
    'a subnet of your own later',
    { regions: { primary: { ...primary, subnet } } },
    {},
    'spec.regions.primary.subnet: cannot change',
  ],
  [
    'a subnet of your own no more',
    {},
    { regions: { primary: { ...primary, subnet } } },
    'spec.regions.primary.subnet: cannot change',
  ],
  [
    'a range beside a subnet of your own in the other region',
    { regions: { primary, secondary: { ...secondary, subnet, nextSubnetCidr: '10.20.1.0/24' } } },
    undefined,
    'spec.regions.secondary.subnet: exists',
  ],
  [
    'a subnet of your own later in the other region',
    { regions: { primary, secondary: { ...secondary, subnet } } },
    both,
    'spec.regions.secondary.subnet: cannot change',
  ],
  [
    'a zone of your own later',
    { network: { ...names, privateDnsZone: zone('a') } },
    { network: names },
    'spec.network.privateDnsZone: cannot change',
  ],
  [
    'another zone of private endpoints',
    { network: { mode: 'PrivateEndpoint', privateLinkZone: zone('privatelink') } },
    { network: { mode: 'PrivateEndpoint' } },
    'spec.network.privateLinkZone: cannot change',
  ],
  [
    'a zone of private endpoints without any',
    { network: { privateLinkZone: zone('privatelink') } },
    undefined,
    'spec.network.privateLinkZone: works with',
  ],
  [
    'a zone of your own and a name for one',
    { network: { ...names, privateDnsZone: zone('a'), privateDnsZoneName: 'a.postgres.database.azure.com' } },
    undefined,
    'spec.network.privateDnsZoneName: is given beside',
  ],
  [
    'the zone of private endpoints for the names',
    { network: { ...names, privateDnsZone: zone('privatelink') } },
    undefined,
    'spec.network.privateDnsZone: is the zone',
  ],
  [
    'common names in a shared zone',
    { network: { privateDnsZone: zone('a') } },
    undefined,
    'spec.network.privateDnsZone: may hold',
  ],
  [
    'a hub with public access',
    { network: { mode: 'Public', allowAzureServices: true, hubs: [hub('a')] } },
    undefined,
    'spec.network.hubs: are joined',
  ],
  [
    'a hub of a region that is not there',
    { network: { hubs: [hub('a', { region: 'secondary', peering: false })] } },
    undefined,
    'spec.network.hubs: name the secondary',
  ],
  [
    'a peering with a network of your own',
    { regions: { primary: { ...primary, subnet }, secondary }, network: { hubs: [hub('a', { region: 'primary' })] } },
    undefined,
    'spec.network.hubs: are peered',
  ],
  ['one hub twice', { network: { hubs: [hub('a'), hub('A')] } }, undefined, 'spec.network.hubs: hold one network'],
  [
    'a hub for nothing',
    { network: { hubs: [hub('a', { peering: false, link: false })] } },
    undefined,
    'spec.network.hubs: hold an entry with neither',
  ],
  [
    'parts of a peering that is not wanted',
    { network: { hubs: [hub('a', { peering: false, allowForwardedTraffic: true })] } },
    undefined,
    'spec.network.hubs: hold an entry with useRemoteGateways or',
  ],
  [
    'two gateways for one network',
    { ...both, network: { hubs: [hub('a', { useRemoteGateways: true }), hub('b', { useRemoteGateways: true })] } },
    undefined,
    'spec.network.hubs: hold two entries',
  ],
  [
    'a private endpoint in the network of another subscription',
    {
      regions: {
        primary: { ...primary, subnet: { existing: { ...subnet.existing, providerConfigRef: { name: 'a' } } } },
      },
      network: { mode: 'PrivateEndpoint' },
    },
    undefined,
    'spec.network.mode: is PrivateEndpoint',
  ],
  ['a group of your own later', { resourceGroup: group }, {}, 'spec.resourceGroup.existing: cannot change'],
  [
    'a group of your own and a name',
    { resourceGroup: { ...group, name: 'rg-orders' } },
    undefined,
    'spec.resourceGroup.name: is given beside existing',
  ],
  [
    'private endpoints in a group of your own',
    { resourceGroup: group, network: { mode: 'PrivateEndpoint' } },
    undefined,
    'spec.resourceGroup.existing: needs spec.network.privateLinkZone',
  ],
  ['another network mode', { network: { mode: 'PrivateEndpoint' } }, {}, 'spec.network.mode: cannot change'],
  [
    'a zone with another suffix',
    { network: { privateDnsZoneName: 'orders.example.org' } },
    undefined,
    'spec.network.privateDnsZoneName: is not a zone',
  ],
  ['less storage', { database: { storageGB: 64 } }, {}, 'spec.database.storageGB: cannot be lowered'],
  ['another version', { database: { version: '18' } }, {}, 'spec.database.version: is another major version'],
  [
    'another version than was agreed to',
    { database: { version: '18' }, upgrade: { approvedVersion: '17' } },
    {},
    'spec.database.version: is another major version',
  ],
  [
    'geo-redundant backup given later',
    { database: { geoRedundantBackup: true } },
    {},
    'spec.database.geoRedundantBackup: cannot change',
  ],
  [
    'a confidential size later',
    { database: { size: 'GP_Standard_DC4ads_v5' } },
    {},
    'spec.database.size: cannot change between a confidential size',
  ],
  ['an unknown size', { database: { size: 'GP_Standard_D4ds_v6' } }, undefined, 'spec.database.size: is not a size'],
  [
    'the standby in the zone of the primary',
    { highAvailability: { mode: 'ZoneRedundant', primaryZone: '2' } },
    undefined,
    'spec.highAvailability.standbyZone: is the same as primaryZone',
  ],
  [
    'a zone to go to without a standby',
    { highAvailability: { activeZone: '2' } },
    undefined,
    'spec.highAvailability.activeZone: is of use with mode ZoneRedundant only',
  ],
  ['another login', { security: { adminUsername: 'dba' } }, {}, 'spec.security.adminUsername: cannot change'],
  [
    'a password Secret that leaves',
    {},
    { security: { adminPasswordSecretRef: { name: 'a' } } },
    'spec.security.adminPasswordSecretRef: cannot be removed later',
  ],
  [
    'policy Orphan with a generated password',
    { deletion: { policy: 'Orphan' } },
    {},
    'spec.security.adminPasswordSecretRef: is missing, but with spec.deletion.policy Orphan',
  ],
  [
    'a standby control plane with a generated password',
    { management: { role: 'Standby' } },
    {},
    'spec.security.adminPasswordSecretRef: is missing, but with spec.management.role Standby',
  ],
  [
    'a restore of copies of nobody',
    { restore: { mode: 'Geo', pointInTime: '2026-03-01T12:30:00Z' } },
    undefined,
    'spec.restore.sourceServerId: is missing, and only mode PointInTime restores',
  ],
  [
    'a restore beside adopted servers',
    {
      restore,
      security: { adminPasswordSecretRef: { name: 'mine' } },
      adopt: { servers: [{ region: 'primary', externalName: 'orders-a', generation: 1, role: 'Primary' }] },
    },
    undefined,
    'spec.restore: is given beside spec.adopt',
  ],
  [
    'a restore on a control plane that only observes',
    { restore, security: { adminPasswordSecretRef: { name: 'mine' } }, management: { role: 'Standby' } },
    undefined,
    'spec.restore: is given with spec.management.role Standby',
  ],
  [
    'adopted servers without their password',
    { adopt: { servers: [{ region: 'primary', externalName: 'orders-a', generation: 1, role: 'Primary' }] } },
    undefined,
    'spec.security.adminPasswordSecretRef: is missing, but with spec.adopt the password has to be the one that the servers have',
  ],
  [
    'an adopted server of a region that is not there',
    {
      security: { adminPasswordSecretRef: { name: 'mine' } },
      adopt: {
        servers: [
          { region: 'primary', externalName: 'orders-a', generation: 1, role: 'Primary' },
          { region: 'secondary', externalName: 'orders-b', generation: 1, role: 'Replica' },
        ],
      },
    },
    undefined,
    'spec.adopt.servers: lists a server of the secondary region, but there is no spec.regions.secondary',
  ],
  [
    'two adopted primaries',
    {
      ...both,
      security: { adminPasswordSecretRef: { name: 'mine' } },
      adopt: {
        servers: [
          { region: 'primary', externalName: 'orders-a', generation: 1, role: 'Primary' },
          { region: 'secondary', externalName: 'orders-b', generation: 1, role: 'Primary' },
        ],
      },
    },
    undefined,
    'spec.adopt.servers: needs one entry with role Primary and no more, which is the server that takes writes',
  ],
  [
    'an adopted replica without its primary',
    {
      ...both,
      security: { adminPasswordSecretRef: { name: 'mine' } },
      adopt: { servers: [{ region: 'secondary', externalName: 'orders-b', generation: 1, role: 'Replica' }] },
    },
    undefined,
    'spec.adopt.servers: needs one entry with role Primary and no more, which is the server that takes writes',
  ],
  [
    'two adopted servers of a region that take part',
    {
      ...both,
      security: { adminPasswordSecretRef: { name: 'mine' } },
      adopt: {
        servers: [
          { region: 'primary', externalName: 'orders-a', generation: 1, role: 'Primary' },
          { region: 'primary', externalName: 'orders-b', generation: 2, role: 'Replica' },
        ],
      },
    },
    undefined,
    'spec.adopt.servers: has two servers of one region that take part',
  ],
  [
    'one adopted server twice',
    {
      ...both,
      security: { adminPasswordSecretRef: { name: 'mine' } },
      adopt: {
        servers: [
          { region: 'primary', externalName: 'orders-a', generation: 1, role: 'Primary' },
          { region: 'primary', externalName: 'orders-a', generation: 2, role: 'Former' },
        ],
      },
    },
    undefined,
    'spec.adopt.servers: holds one externalName twice, or one generation of a region',
  ],
  [
    'one adopted generation twice',
    {
      ...both,
      security: { adminPasswordSecretRef: { name: 'mine' } },
      adopt: {
        servers: [
          { region: 'primary', externalName: 'orders-a', generation: 1, role: 'Primary' },
          { region: 'primary', externalName: 'orders-b', generation: 1, role: 'Former' },
        ],
      },
    },
    undefined,
    'spec.adopt.servers: holds one externalName twice, or one generation of a region',
  ],
  ...['azure_pg_admin', 'root', 'pg_dba'].map(
    (adminUsername) =>
      [
        `the reserved login ${adminUsername}`,
        { security: { adminUsername } },
        undefined,
        'spec.security.adminUsername: is a name that Azure reserves',
      ] as const,
  ),
  [
    'a login with a capital',
    { security: { adminUsername: 'Dba' } },
    undefined,
    'spec.security.adminUsername: is not a login',
  ],
  ...[{ retentionDays: 60 }, { dailyQuotaGB: 5 }].map(
    (fields) =>
      [
        `${Object.keys(fields)[0]} of a workspace that is brought`,
        {
          monitoring: {
            logs: {
              workspaceId: '/subscriptions/0/resourceGroups/a/providers/Microsoft.OperationalInsights/workspaces/b',
              ...fields,
            },
          },
        },
        undefined,
        'spec.monitoring.logs.workspaceId: is a workspace of your own',
      ] as const,
  ),
  ['Entra logins without a tenant', { security: { entra: {} } }, undefined, 'spec.security.entra.tenantId: is missing'],
  [
    'nobody to log in, Entra being off',
    { security: { entra: { enabled: false, passwordAuthentication: false } } },
    undefined,
    'spec.security.entra.passwordAuthentication: cannot be false while',
  ],
  [
    'nobody to log in, there being no administrator',
    { security: { entra: { tenantId: tenant('a'), passwordAuthentication: false } } },
    undefined,
    'spec.security.entra.passwordAuthentication: cannot be false without',
  ],
  [
    'one administrator twice',
    { security: { entra: { tenantId: tenant('a'), administrators: [dba, { ...dba, principalName: 'other' }] } } },
    undefined,
    'spec.security.entra.administrators: hold one objectId twice',
  ],
  [
    'another tenant',
    { security: { entra: { tenantId: tenant('b') } } },
    { security: { entra: { tenantId: tenant('a') } } },
    'spec.security.entra.tenantId: cannot change',
  ],
  [
    'a rotation of a password that is not generated',
    { security: { adminPasswordSecretRef: { name: 'a' }, passwordRotation: { trigger: '1' } } },
    undefined,
    'spec.security.passwordRotation: works with a generated password only',
  ],
  [
    'a replica without a key',
    { ...both, security: { encryption: { primary: customerKey('a') } } },
    undefined,
    'spec.security.encryption.secondary: is missing',
  ],
  [
    'one identity for the server and for the copy of its backups',
    { security: { encryption: { primary: customerKey('a'), geoBackup: customerKey('a') } } },
    undefined,
    'spec.security.encryption.geoBackup.userAssignedIdentityId: is the one of primary',
  ],
  ...['primary', 'secondary', 'geoBackup'].flatMap((name): Case[] => {
    const primary = customerKey('a');
    const { keyVaultKeyId, userAssignedIdentityId } = customerKey('b');
    const keyVaultId = userAssignedIdentityId.replace(/Microsoft[.]Managed.*/, 'Microsoft.KeyVault/vaults/keys');
    const broken = (key: object): object => ({ security: { encryption: { primary, [name]: key } } });
    return [
      [
        `a key without an identity in ${name}`,
        broken({ keyVaultKeyId }),
        undefined,
        `spec.security.encryption.${name}.userAssignedIdentityId: is missing`,
      ],
      [
        `an identity beside a vault in ${name}`,
        broken({ keyVaultKeyId, userAssignedIdentityId, keyVaultId }),
        undefined,
        `spec.security.encryption.${name}.keyVaultId: is given beside userAssignedIdentityId`,
      ],
    ];
  }),
  [
    'a key given later',
    { security: { encryption: { primary: customerKey('a') } } },
    {},
    'spec.security.encryption: cannot change',
  ],
  [
    'another key',
    { security: { encryption: { primary: customerKey('b') } } },
    { security: { encryption: { primary: customerKey('a') } } },
    'spec.security.encryption: cannot change',
  ],
  [
    'a key of the secondary region that leaves',
    { security: { encryption: { primary: customerKey('a') } } },
    { security: { encryption: { primary: customerKey('a'), secondary: customerKey('b') } } },
    'spec.security.encryption: cannot change',
  ],
  ['a name that is no parameter', { parameters: { 'a.b.c': '1' } }, undefined, 'spec.parameters: a name has'],
  ['a name with a capital', { parameters: { Max_Connections: '600' } }, undefined, 'spec.parameters: a name has'],
  ...['default_transaction_read_only', 'azure.extensions', 'require_secure_transport', 'password_encryption'].map(
    (name) =>
      [
        `${name}, which the platform sets`,
        { parameters: { work_mem: '8192', [name]: 'on' } },
        undefined,
        'spec.parameters: holds a parameter that the platform sets itself',
      ] as const,
  ),
  [
    'vaults that are to be deleted',
    { backup: { longTerm: { enabled: true } } },
    undefined,
    'spec.backup.longTerm.enabled: needs spec.deletion.policy Orphan',
  ],
  [
    'vaults switched off',
    vaulted({ enabled: false }),
    vaulted({}),
    'spec.backup.longTerm.enabled: cannot be switched off',
  ],
  ...[{ retentionMonths: 24 }, { dayOfWeek: 'Monday' }, { hour: 3 }].map(
    (change) =>
      [
        `another ${Object.keys(change)[0]} of the vaults`,
        vaulted(change),
        vaulted({}),
        'spec.backup.longTerm: retentionMonths, dayOfWeek and hour cannot change',
      ] as const,
  ),
  [
    'another redundancy of the vaults',
    vaulted({ redundancy: 'LocallyRedundant' }),
    vaulted({}),
    'spec.backup.longTerm.redundancy: cannot change',
  ],
  [
    'a backup on demand twice',
    { backup: { onDemand: ['before-v2', 'before-v2'] } },
    undefined,
    'spec.backup.onDemand: hold one name twice',
  ],
  [
    'a backup on demand of a Burstable size',
    { database: { size: 'B_Standard_B2ms' }, backup: { onDemand: ['before-v2'] } },
    undefined,
    'spec.backup.onDemand: is not possible with a Burstable size',
  ],
  [
    'backup storage switched off',
    { backup: { storage: { enabled: false } } },
    {},
    'spec.backup.storage.enabled: cannot be switched off',
  ],
  [
    'dumps without storage',
    {
      backup: {
        storage: { enabled: false },
        logical: { enabled: true, clientId: '00000000-0000-0000-0000-000000000001' },
      },
    },
    undefined,
    'spec.backup.logical.enabled: needs the storage',
  ],
  [
    'dumps without an identity',
    { backup: { logical: { enabled: true } } },
    undefined,
    'spec.backup.logical.clientId: is required with enabled',
  ],
  [
    'dumps without passwords',
    {
      security: { entra: { tenantId: tenant('a'), administrators: [dba], passwordAuthentication: false } },
      backup: { logical: { enabled: true, clientId: tenant('a') } },
    },
    undefined,
    'spec.backup.logical.enabled: needs logins by password',
  ],
  [
    'another replication',
    { backup: { storage: { replication: 'LRS' } } },
    { backup: { storage: { replication: 'GRS' } } },
    'spec.backup.storage.replication: cannot change',
  ],
  [
    'another container',
    { backup: { storage: { containerName: 'dumps' } } },
    {},
    'spec.backup.storage.containerName: cannot change',
  ],
  ...['a/b', 'a\\b', 'a?', 'a<b', 'x'.repeat(129)].map(
    (name) => [`the tag name ${name}`, { tags: { [name]: 'value' } }, undefined, 'spec.tags: a tag name'] as const,
  ),
];

describe('the CEL rules of the XRD, in the library that render uses', () => {
  it.each(cases)('refuse %s and nothing else', (_, spec, old, message) => {
    expect(broken(specSchema, withDefaults(spec), old && withDefaults(old))).toEqual([
      expect.stringContaining(message),
    ]);
  });

  it('are all broken by some case', () => {
    const untried = messages(specSchema).filter((text) => !cases.some(([, , , message]) => text.startsWith(message)));
    expect(untried).toEqual([]);
  });

  // The API server checks a default by itself, before the defaults below it, and refuses the whole CRD when a rule fails on it.
  it('hold for every default of an object, without the defaults below it', () => {
    const refused = (node: SchemaNode, path: string): string[] => [
      ...(node.properties && node.default !== undefined
        ? (node['x-kubernetes-validations'] ?? [])
            .filter(({ rule }) => !holds(rule, node.default))
            .map(({ rule }) => `${path}: ${rule}`)
        : []),
      ...Object.entries(node.properties ?? {}).flatMap(([name, child]) => refused(child, `${path}.${name}`)),
    ];
    expect(refused(specSchema, 'spec')).toEqual([]);
  });

  it.each<[string, object, object | undefined]>([
    ['the least that one can write', {}, undefined],
    ['two regions', both, undefined],
    ['no change', both, both],
    ['a secondary region that comes later', both, {}],
    ['a region in another spelling', { regions: { primary: { ...primary, name: 'East US 2' } } }, {}],
    [
      'more storage, another size and more days',
      { database: { storageGB: 256, size: 'MO_Standard_E8ds_v5', backupRetentionDays: 30 } },
      {},
    ],
    ['high availability switched on', { highAvailability: { mode: 'ZoneRedundant' } }, {}],
    ['high availability switched off', {}, { highAvailability: { mode: 'SameZone' } }],
    ['backup storage switched on', {}, { backup: { storage: { enabled: false } } }],
    [
      'another password Secret',
      { security: { adminPasswordSecretRef: { name: 'b' } } },
      { security: { adminPasswordSecretRef: { name: 'a' } } },
    ],
    [
      'a password Secret given later, and policy Orphan with it',
      { security: { adminPasswordSecretRef: { name: 'a' } }, deletion: { policy: 'Orphan', protection: true } },
      {},
    ],
    [
      'policy Orphan where no password works',
      {
        security: { entra: { tenantId: tenant('a'), administrators: [dba], passwordAuthentication: false } },
        deletion: { policy: 'Orphan' },
      },
      {},
    ],
    [
      'a standby control plane with a password that was brought',
      { security: { adminPasswordSecretRef: { name: 'a' } }, management: { role: 'Standby' } },
      {},
    ],
    [
      'adopted servers with their password',
      {
        ...both,
        security: { adminPasswordSecretRef: { name: 'mine' } },
        adopt: {
          servers: [
            { region: 'primary', externalName: 'orders-a', generation: 1, role: 'Primary' },
            { region: 'secondary', externalName: 'orders-b', generation: 1, role: 'Replica' },
          ],
        },
      },
      undefined,
    ],
    ['policy Delete again', {}, { deletion: { policy: 'Delete' } }],
    [
      'Entra logins alone, and another administrator',
      { security: { entra: { tenantId: tenant('a'), administrators: [dba], passwordAuthentication: false } } },
      { security: { entra: { tenantId: tenant('a') } } },
    ],
    [
      'the key of a region that is added',
      { ...both, security: { encryption: { primary: customerKey('a'), secondary: customerKey('b') } } },
      { security: { encryption: { primary: customerKey('a') } } },
    ],
    [
      'parameters and extensions',
      { parameters: { work_mem: '8192', 'pgbouncer.enabled': 'true', TimeZone: 'UTC' }, extensions: ['uuid-ossp'] },
      { parameters: { max_connections: '500' } },
    ],
    [
      'a group and a subnet of your own',
      { resourceGroup: group, regions: { primary: { ...primary, subnet } } },
      undefined,
    ],
    [
      'hubs, another gateway for each region, and parts in other subscriptions',
      {
        regions: {
          primary,
          secondary,
        },
        resourceGroup: { existing: { ...group.existing, providerConfigRef: { name: 'a' } } },
        network: {
          hubs: [
            hub('a', { useRemoteGateways: true, region: 'primary', providerConfigRef: { name: 'b' } }),
            hub('b', { useRemoteGateways: true, region: 'secondary' }),
            hub('c', { peering: false }),
          ],
        },
      },
      undefined,
    ],
    ['public access', { network: { mode: 'Public', firewallRules: [client('a'), client('b')] } }, undefined],
    ['a zone', { network: { privateDnsZoneName: 'orders.private.postgres.database.azure.com' } }, undefined],
    ['tags', { tags: { team: 'orders', 'cost:center.1': 'a/b' } }, {}],
  ])('accept %s', (_, spec, old) => {
    expect(broken(specSchema, withDefaults(spec), old && withDefaults(old))).toEqual([]);
  });
});
