const REGION =
  'cannot change, because Azure cannot move a server to another region; create another XPostgreSQLDatabase there';
const NETWORK = 'cannot change, because Azure cannot move a server to another network';
const SUBNET = 'cannot change, because Azure cannot resize a subnet that a server uses';
const PASSWORD =
  'cannot be removed later, because the server has the password of that Secret; change the password inside it instead';

const ADMINISTRATOR = {
  objectId: '00000000-0000-0000-0000-0000000000b1',
  principalName: 'dba',
  principalType: 'Group',
};

const KEYS =
  'cannot change, because Azure decides the keys when it creates a server; make a new version of the key in its vault instead';

const customerKey = (name: string) => ({
  keyVaultKeyId: `https://${name}.vault.azure.net/keys/postgresql`,
  userAssignedIdentityId: `/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${name}`,
});

const VAULT =
  '/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/one';
const zone = (group: string, label: string) => ({
  existing: {
    id: `/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/${group}/providers/Microsoft.Network/privateDnsZones/${label}.postgres.database.azure.com`,
  },
});

const hub = (name: string, more: object = {}) => ({
  virtualNetworkId: `/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg-hub/providers/Microsoft.Network/virtualNetworks/${name}`,
  ...more,
});
const definition = (last: string): string =>
  `/subscriptions/00000000-0000-0000-0000-000000000000/providers/Microsoft.Authorization/roleDefinitions/00000000-0000-0000-0000-00000000000${last}`;
const ISSUER = { workloadIdentity: { issuerUrl: 'https://oidc.example.com/cluster/' } };
const RESTORE = {
  mode: 'PointInTime',
  sourceServerId:
    '/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg-old/providers/Microsoft.DBforPostgreSQL/flexibleServers/orders-old',
  pointInTime: '2026-03-01T12:30:00Z',
};

type Changes = Readonly<Record<string, unknown>>;

/** What is changed in an example, and the line that refuses it. `only`: the function has no such rule, or says less, for the reason given. */
export interface Row {
  readonly from: string;
  readonly old?: Changes;
  readonly change: Changes;
  readonly line: string;
  readonly only?: string;
}

/** Rules on changes, which need --old. */
export const TRANSITIONS: readonly Row[] = [
  {
    from: 'minimal',
    old: {
      'spec.failover': { executor: 'Job', executorIdentity: { roleDefinitionId: definition('1') } },
      'spec.management': ISSUER,
    },
    change: { 'spec.failover': { executor: 'Job', executorIdentity: { roleDefinitionId: definition('2') } } },
    line: 'spec.failover.executorIdentity.roleDefinitionId: cannot change, because Azure cannot change a role assignment; set executor to Manual and remove executorIdentity first, and write both again once the identity is gone',
  },
  {
    from: 'every-field',
    change: { 'spec.backup.longTerm.enabled': false },
    line: 'spec.backup.longTerm.enabled: cannot be switched off, because the vaults hold backups; keep it on',
  },
  {
    from: 'every-field',
    change: { 'spec.backup.longTerm.retentionMonths': 36 },
    line: 'spec.backup.longTerm: retentionMonths, dayOfWeek and hour cannot change, because Azure cannot change a policy of a vault',
  },
  {
    from: 'every-field',
    change: { 'spec.backup.longTerm.redundancy': 'GeoRedundant' },
    line: 'spec.backup.longTerm.redundancy: cannot change, because Azure would have to create another vault',
  },
  {
    from: 'active-passive',
    change: { 'spec.regions.secondary': undefined },
    line: 'spec.regions.secondary: cannot be removed, because the server there holds data; delete the XPostgreSQLDatabase instead, or keep the region',
  },
  {
    from: 'active-passive',
    change: { 'spec.regions.primary.name': 'westeurope' },
    line: `spec.regions.primary.name: ${REGION}`,
  },
  {
    from: 'active-passive',
    change: { 'spec.regions.secondary.name': 'westus3' },
    line: `spec.regions.secondary.name: ${REGION}`,
  },
  {
    from: 'active-passive',
    change: { 'spec.regions.primary.cidr': '10.30.0.0/16' },
    line: `spec.regions.primary.cidr: ${NETWORK}`,
  },
  {
    from: 'active-passive',
    change: { 'spec.regions.secondary.cidr': '10.30.0.0/16' },
    line: `spec.regions.secondary.cidr: ${NETWORK}`,
  },
  {
    from: 'every-field',
    change: { 'spec.regions.primary.subnetCidr': '10.50.9.0/26' },
    line: `spec.regions.primary.subnetCidr: ${SUBNET}`,
  },
  {
    from: 'every-field',
    change: { 'spec.regions.secondary.subnetCidr': '10.51.9.0/26' },
    line: `spec.regions.secondary.subnetCidr: ${SUBNET}`,
  },
  {
    from: 'active-passive',
    change: { 'spec.resourceGroup.name': 'another-rg' },
    line: 'spec.resourceGroup.name: cannot change, because Azure cannot move a server to another resource group',
  },
  {
    from: 'active-passive',
    change: { 'spec.network.privateDnsZoneName': 'other.postgres.database.azure.com' },
    line: 'spec.network.privateDnsZoneName: cannot change, because applications and servers use the zone',
  },
  ...['primary', 'secondary'].map((site) => ({
    from: 'existing-network',
    change: { [`spec.regions.${site}.subnet`]: undefined },
    line: `spec.regions.${site}.subnet: ${NETWORK}`,
  })),
  {
    from: 'existing-network',
    change: { 'spec.network.privateDnsZone': undefined },
    line: 'spec.network.privateDnsZone: cannot change, because applications and servers use the zone',
  },
  {
    from: 'existing-network',
    old: { 'spec.network.mode': 'PrivateEndpoint', 'spec.network.privateLinkZone': zone('rg-dns', 'privatelink') },
    change: { 'spec.network.privateLinkZone': zone('rg-other', 'privatelink') },
    line: 'spec.network.privateLinkZone: cannot change, because the addresses of the private endpoints are in it',
  },
  {
    from: 'existing-network',
    change: { 'spec.resourceGroup.existing': undefined },
    line: 'spec.resourceGroup.existing: cannot change, because Azure cannot move a server to another resource group',
  },
  {
    from: 'active-passive',
    change: { 'spec.network.mode': 'PrivateEndpoint' },
    line: 'spec.network.mode: cannot change, because Azure decides the way into a server when it creates it; create another XPostgreSQLDatabase and move the data',
  },
  {
    from: 'active-passive',
    change: { 'spec.network.writeEndpointName': 'rw' },
    line: 'spec.network.writeEndpointName: cannot change, because applications use the name',
  },
  {
    from: 'active-passive',
    change: { 'spec.network.readEndpointName': 'ro' },
    line: 'spec.network.readEndpointName: cannot change, because applications use the name',
  },
  {
    from: 'active-passive',
    change: { 'spec.database.storageGB': 64 },
    line: "spec.database.storageGB: cannot be lowered, because Azure cannot shrink a server's storage",
    only: 'storage may have grown by itself, so the function keeps the larger size',
  },
  {
    from: 'active-passive',
    change: { 'spec.database.version': '17' },
    line: 'spec.database.version: is another major version, to which Azure upgrades the server in place, with no way back and no replica meanwhile; to agree to that, set spec.upgrade.approvedVersion to the same version',
  },
  {
    from: 'active-passive',
    change: { 'spec.database.geoRedundantBackup': false },
    line: 'spec.database.geoRedundantBackup: cannot change, because Azure decides it when it creates the server',
  },
  {
    from: 'active-passive',
    change: { 'spec.database.size': 'GP_Standard_DC4ads_v5' },
    line: 'spec.database.size: cannot change between a confidential size (DC, EC) and another, because Azure refuses it',
  },
  {
    from: 'active-passive',
    change: { 'spec.security.adminUsername': 'dba' },
    line: 'spec.security.adminUsername: cannot change, because Azure sets it when it creates the server',
  },
  {
    from: 'active-passive',
    change: { 'spec.security.adminPasswordSecretRef': undefined },
    line: `spec.security.adminPasswordSecretRef: ${PASSWORD}`,
  },
  {
    from: 'every-field',
    change: { 'spec.security.entra.tenantId': '00000000-0000-0000-0000-00000000000c' },
    line: 'spec.security.entra.tenantId: cannot change, because the administrators belong to their tenant; remove them, set enabled to false, and begin again',
  },
  {
    from: 'every-field',
    change: { 'spec.security.encryption': undefined },
    line: `spec.security.encryption: ${KEYS}`,
  },
  {
    from: 'every-field',
    change: { 'spec.security.encryption.secondary.keyVaultKeyId': 'https://other.vault.azure.net/keys/postgresql' },
    line: `spec.security.encryption: ${KEYS}`,
  },
  {
    from: 'every-field',
    change: { 'spec.network.virtualEndpoint.enabled': false },
    line: "spec.network.virtualEndpoint.enabled: cannot be switched off, because applications may use the endpoint's names; delete the XPostgreSQLDatabase instead, or keep it on",
  },
  {
    from: 'every-field',
    change: { 'spec.network.trafficManager.relativeName': 'other' },
    line: 'spec.network.trafficManager.relativeName: cannot change, because applications use the name; set enabled to false, and to true with another name once the profile is gone',
  },
  {
    from: 'minimal',
    change: { 'spec.backup.storage.enabled': false },
    line: 'spec.backup.storage.enabled: cannot be switched off, because the account holds backups; delete the XPostgreSQLDatabase instead, or keep it on',
  },
  {
    from: 'every-field',
    change: { 'spec.backup.storage.replication': 'LRS' },
    line: 'spec.backup.storage.replication: cannot change, because Azure would have to create another account',
  },
  {
    from: 'every-field',
    change: { 'spec.backup.storage.containerName': 'others' },
    line: 'spec.backup.storage.containerName: cannot change, because the container holds backups',
  },
];

/** Rules on what stands in one object. */
export const RULES: readonly Omit<Row, 'old'>[] = [
  {
    from: 'every-field',
    change: { 'spec.backup.storage.enabled': false },
    line: 'spec.backup.logical.enabled: needs the storage that the dumps go to; set spec.backup.storage.enabled to true, or this to false',
  },
  {
    from: 'every-field',
    change: { 'spec.backup.logical.clientId': undefined, 'spec.management.workloadIdentity': undefined },
    line: 'spec.backup.logical.clientId: is required with enabled; write the client id of the managed identity that may write to the container, or spec.management.workloadIdentity.issuerUrl, and one is made',
  },
  {
    from: 'every-field',
    change: { 'spec.security.entra.passwordAuthentication': false },
    line: 'spec.backup.logical.enabled: needs logins by password, with which the dumps are made; set spec.security.entra.passwordAuthentication to true, or this to false',
  },
  {
    from: 'active-passive',
    change: { 'spec.database.size': 'B_Standard_B2ms' },
    line: 'spec.database.size: "B_Standard_B2ms" is a Burstable size, which cannot have a read replica; choose a GP_ or MO_ size, or remove spec.regions.secondary',
  },
  {
    from: 'zone-redundant',
    change: { 'spec.database.size': 'B_Standard_B2ms' },
    line: 'spec.database.size: "B_Standard_B2ms" is a Burstable size, which cannot have high availability; choose a GP_ or MO_ size, or set spec.highAvailability.mode to Disabled',
  },
  {
    from: 'minimal',
    change: { 'spec.database.size': 'GP_Standard_D4ds_v6' },
    line: 'spec.database.size: "GP_Standard_D4ds_v6" is not a size that Azure has for a VNet-integrated flexible server; write tier_size, as in B_Standard_B2ms, GP_Standard_D4ds_v5 or MO_Standard_E8ds_v5',
  },
  {
    from: 'active-passive',
    change: { 'spec.regions.secondary.name': 'East US 2' },
    line: 'spec.regions.secondary.name: "East US 2" is the same region as spec.regions.primary.name; choose another region, or remove spec.regions.secondary',
  },
  {
    from: 'minimal',
    change: {
      'spec.failover': { verify: 'Sql', validation: { image: 'postgres:18' } },
      'spec.security': {
        entra: {
          tenantId: ADMINISTRATOR.objectId,
          administrators: [ADMINISTRATOR],
          passwordAuthentication: false,
        },
      },
    },
    line: 'spec.failover.verify: is Sql, which needs logins by password; set spec.security.entra.passwordAuthentication to true, or this to Witness',
  },
  {
    from: 'minimal',
    change: { 'spec.failover': { executor: 'Job' } },
    line: 'spec.failover.executorIdentity.clientId: is required with executor Job; write the client id of the managed identity that may write the servers, or roleDefinitionId, and one is made',
  },
  {
    from: 'minimal',
    change: {
      'spec.failover': {
        executorIdentity: { clientId: '00000000-0000-0000-0000-000000000003', roleDefinitionId: definition('1') },
      },
      'spec.management': ISSUER,
    },
    line: 'spec.failover.executorIdentity.roleDefinitionId: is given beside clientId; remove one, because an identity of yours has its rights from you',
  },
  {
    from: 'minimal',
    change: { 'spec.failover': { executorIdentity: { roleDefinitionId: definition('1') } } },
    line: 'spec.failover.executorIdentity.roleDefinitionId: needs spec.management.workloadIdentity.issuerUrl, which the identity that is made trusts; write that too, or clientId instead',
  },
  {
    from: 'minimal',
    change: {
      'spec.failover': { executorIdentity: { roleDefinitionId: definition('1') } },
      'spec.management': ISSUER,
      'spec.resourceGroup': {
        existing: { id: '/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg-shared' },
      },
    },
    line: 'spec.failover.executorIdentity.roleDefinitionId: would hold for every server in the resource group of yours; write the clientId of an identity that may write the servers of this database instead',
  },
  {
    from: 'minimal',
    change: { 'spec.failover': { activeRegion: 'secondary' } },
    line: 'spec.failover.activeRegion: is secondary, but there is no spec.regions.secondary; add the region, or set activeRegion to primary',
  },
  {
    from: 'active-passive',
    change: { 'spec.failover': { mode: 'Switchover' } },
    line: 'spec.failover.mode: is Switchover, which Azure does only for a pair with a virtual endpoint; set spec.network.virtualEndpoint.enabled to true, or mode to Promote',
  },
  {
    from: 'minimal',
    change: { 'spec.network.virtualEndpoint': { enabled: true } },
    line: "spec.network.virtualEndpoint.enabled: is true, but there is no spec.regions.secondary, and the endpoint's members are a server and its replica; add the region, or set enabled to false",
  },
  {
    from: 'active-passive',
    change: { 'spec.network.readEndpointName': 'write' },
    line: 'spec.network.readEndpointName: "write" is the same as spec.network.writeEndpointName; the two records need different names',
  },
  {
    from: 'minimal',
    change: { 'spec.network.privateDnsZoneName': 'postgres.database.azure.com' },
    line: 'spec.network.privateDnsZoneName: the bare zone postgres.database.azure.com would hide every public PostgreSQL server from the linked networks; put a label of your own before it, as in orders.private.postgres.database.azure.com',
  },
  {
    from: 'minimal',
    change: { 'spec.network.privateDnsZoneName': 'orders.example.com' },
    line: 'spec.network.privateDnsZoneName: "orders.example.com" is not a zone for PostgreSQL servers; write lower-case labels followed by .postgres.database.azure.com, as in orders.private.postgres.database.azure.com',
  },
  {
    from: 'minimal',
    change: {
      'spec.network.mode': 'PrivateEndpoint',
      'spec.network.privateDnsZoneName': 'privatelink.postgres.database.azure.com',
    },
    line: "spec.network.privateDnsZoneName: is the zone of the private endpoints' own records; put another label before .postgres.database.azure.com, as in orders.private.postgres.database.azure.com",
  },
  {
    from: 'minimal',
    change: {
      'spec.network.firewallRules': [{ name: 'office', startAddress: '203.0.113.8', endAddress: '203.0.113.15' }],
    },
    line: 'spec.network.firewallRules: work with spec.network.mode Public only, and the other modes let nobody in from outside; remove them',
  },
  {
    from: 'minimal',
    change: { 'spec.network.allowAzureServices': true },
    line: 'spec.network.allowAzureServices: works with spec.network.mode Public only, and the other modes let nobody in from outside; set it to false',
  },
  {
    from: 'minimal',
    change: { 'spec.network.mode': 'Public' },
    line: 'spec.network.firewallRules: are empty, so nobody could connect; add a rule, or set spec.network.allowAzureServices to true',
  },
  {
    from: 'minimal',
    change: {
      'spec.network.mode': 'Public',
      'spec.network.allowAzureServices': true,
      'spec.regions.primary.subnetCidr': '10.10.0.0/24',
    },
    line: 'spec.network.mode: is Public, which has no subnets; remove subnetCidr, nextSubnetCidr and subnet from spec.regions',
  },
  {
    from: 'minimal',
    change: {
      'spec.network.mode': 'Public',
      'spec.network.firewallRules': [
        { name: 'office', startAddress: '203.0.113.8', endAddress: '203.0.113.15' },
        { name: 'office', startAddress: '203.0.113.8', endAddress: '203.0.113.15' },
      ],
    },
    line: 'spec.network.firewallRules: hold one name twice; keep one of the entries',
  },
  {
    from: 'minimal',
    change: {
      'spec.network.mode': 'Public',
      'spec.network.firewallRules': [
        { ...{ name: 'office', startAddress: '203.0.113.8', endAddress: '203.0.113.15' }, name: 'azure-services' },
      ],
    },
    line: 'spec.network.firewallRules: have a rule azure-services, which is the name of the rule of spec.network.allowAzureServices; choose another name',
  },
  ...['primary', 'secondary'].map((site) => ({
    from: 'existing-network',
    change: { [`spec.regions.${site}.nextSubnetCidr`]: site === 'primary' ? '10.80.1.0/24' : '10.81.1.0/24' },
    line: `spec.regions.${site}.subnet: exists and has its own range; remove subnetCidr and nextSubnetCidr beside it`,
  })),
  {
    from: 'minimal',
    change: { 'spec.network': { mode: 'Public', allowAzureServices: true, hubs: [hub('hub')] } },
    line: 'spec.network.hubs: are joined to networks that hold the servers or their endpoints, and with spec.network.mode Public there are none; remove them',
  },
  {
    from: 'minimal',
    change: { 'spec.network.hubs': [hub('hub', { region: 'secondary', peering: false })] },
    line: 'spec.network.hubs: name the secondary region, but there is no spec.regions.secondary; add the region, or remove region from the entry',
  },
  {
    from: 'existing-network',
    change: { 'spec.network.hubs': [hub('hub')] },
    line: 'spec.network.hubs: are peered with networks that are made here, but subnet in spec.regions names networks of yours, whose peerings are yours; set peering to false',
  },
  {
    from: 'minimal',
    change: { 'spec.network.hubs': [hub('hub'), hub('HUB')] },
    line: 'spec.network.hubs: hold one network twice; keep one of the entries',
  },
  {
    from: 'minimal',
    change: { 'spec.network.hubs': [hub('hub', { peering: false, link: false })] },
    line: 'spec.network.hubs: hold an entry with neither peering nor link, which does nothing; set one of them to true, or remove the entry',
  },
  {
    from: 'minimal',
    change: { 'spec.network.hubs': [hub('hub', { peering: false, useRemoteGateways: true })] },
    line: 'spec.network.hubs: hold an entry with useRemoteGateways or allowForwardedTraffic, which are parts of a peering; set its peering to true, or both to false',
  },
  {
    from: 'active-passive',
    change: {
      'spec.network.hubs': [
        hub('one', { useRemoteGateways: true }),
        hub('two', { useRemoteGateways: true, region: 'secondary' }),
      ],
    },
    line: 'spec.network.hubs: hold two entries with useRemoteGateways for one region, but Azure lets a network use the gateways of one other network only; give each a region of its own, or set one to false',
  },
  {
    from: 'existing-network',
    change: {
      'spec.network.mode': 'PrivateEndpoint',
      'spec.network.privateLinkZone': zone('rg-dns', 'privatelink'),
      'spec.regions.primary.subnet.existing.providerConfigRef': { name: 'network' },
    },
    line: 'spec.network.mode: is PrivateEndpoint, and Azure wants a private endpoint in the subscription of its network; remove providerConfigRef from the subnets, and name subnets in the subscription of the servers',
  },
  {
    from: 'minimal',
    change: { 'spec.network.privateLinkZone': zone('rg-dns', 'privatelink') },
    line: 'spec.network.privateLinkZone: works with spec.network.mode PrivateEndpoint only; remove it',
  },
  {
    from: 'existing-network',
    change: { 'spec.network.privateDnsZoneName': 'orders.private.postgres.database.azure.com' },
    line: 'spec.network.privateDnsZoneName: is given beside privateDnsZone, whose id has the name already; remove one of the two',
  },
  {
    from: 'existing-network',
    change: { 'spec.network.privateDnsZone': zone('rg-dns', 'privatelink') },
    line: "spec.network.privateDnsZone: is the zone of the private endpoints' own records; name another zone of yours",
  },
  {
    from: 'existing-network',
    change: { 'spec.network.writeEndpointName': 'write' },
    line: 'spec.network.privateDnsZone: may hold the names of other databases; set writeEndpointName and readEndpointName to names of this one, as orders-write and orders-read',
  },
  {
    from: 'existing-network',
    change: { 'spec.resourceGroup.name': 'rg-payments' },
    line: 'spec.resourceGroup.name: is given beside existing, whose id has the name already; remove one of the two',
  },
  {
    from: 'existing-network',
    change: { 'spec.network.mode': 'PrivateEndpoint' },
    line: 'spec.resourceGroup.existing: needs spec.network.privateLinkZone with mode PrivateEndpoint, because that zone has one name for all databases of a group; name a zone of yours there, or remove existing',
  },
  {
    from: 'zone-redundant',
    change: { 'spec.highAvailability.standbyZone': '1' },
    line: 'spec.highAvailability.standbyZone: "1" is the same as primaryZone; with mode ZoneRedundant the standby needs another zone',
  },
  {
    from: 'minimal',
    change: { 'spec.highAvailability.activeZone': '3' },
    line: 'spec.highAvailability.activeZone: "3" is of use with mode ZoneRedundant only, because the server can only change places with a standby in another zone; set spec.highAvailability.mode to ZoneRedundant, or remove activeZone',
  },
  {
    from: 'minimal',
    change: { 'spec.security.adminUsername': 'pg_owner' },
    line: 'spec.security.adminUsername: "pg_owner" is a name that Azure reserves (azure_superuser, azure_pg_admin, admin, administrator, root, guest, public, pg_...); choose another, as psqladmin',
  },
  {
    from: 'minimal',
    change: { 'spec.security.adminUsername': 'Owner' },
    line: 'spec.security.adminUsername: "Owner" is not a login; write lower-case letters, digits and underscores, beginning with a letter or an underscore',
  },
  {
    from: 'minimal',
    change: {
      'spec.monitoring': {
        logs: {
          workspaceId:
            '/subscriptions/0/resourceGroups/logs/providers/Microsoft.OperationalInsights/workspaces/central',
          dailyQuotaGB: 5,
        },
      },
    },
    line: 'spec.monitoring.logs.workspaceId: is a workspace of your own, whose retention and quota are set where it is managed; remove retentionDays and dailyQuotaGB, or remove workspaceId',
  },
  {
    from: 'minimal',
    change: { 'spec.deletion': { policy: 'Orphan' } },
    line: 'spec.security.adminPasswordSecretRef: is missing, but with spec.deletion.policy Orphan the password has to outlive this object, and a generated one is deleted with it; copy it with kubectl get secret <name>-admin-password -o jsonpath={.data.password} | base64 -d | kubectl create secret generic <copy> --from-file=password=/dev/stdin, and name the copy here',
  },
  {
    from: 'minimal',
    change: { 'spec.restore': { mode: 'Geo', pointInTime: '2026-03-01T12:30:00Z' } },
    line: 'spec.restore.sourceServerId: is missing, and only mode PointInTime restores the server that takes writes now; give the id of the server whose backup it is',
  },
  {
    from: 'minimal',
    change: {
      'spec.restore': RESTORE,
      'spec.security': { adminPasswordSecretRef: { name: 'mine' } },
      'spec.adopt': { servers: [{ region: 'primary', externalName: 'orders-a', generation: 1, role: 'Primary' }] },
    },
    line: 'spec.restore: is given beside spec.adopt, whose servers have their data; remove one of the two',
  },
  {
    from: 'minimal',
    change: {
      'spec.restore': RESTORE,
      'spec.security': { adminPasswordSecretRef: { name: 'mine' } },
      'spec.management': { role: 'Standby' },
    },
    line: 'spec.restore: is given with spec.management.role Standby, which makes nothing; remove it here, because only the control plane that acts can carry it out once',
  },
  {
    from: 'minimal',
    change: { 'spec.management': { role: 'Standby' } },
    line: 'spec.security.adminPasswordSecretRef: is missing, but with spec.management.role Standby the password has to be the one that the servers have; put it into a Secret here, and name that',
  },
  {
    from: 'minimal',
    change: {
      'spec.adopt': { servers: [{ region: 'primary', externalName: 'orders-a', generation: 1, role: 'Primary' }] },
    },
    line: 'spec.security.adminPasswordSecretRef: is missing, but with spec.adopt the password has to be the one that the servers have; put it into a Secret here, and name that',
  },
  {
    from: 'minimal',
    change: {
      'spec.adopt': {
        servers: [
          { region: 'primary', externalName: 'orders-a', generation: 1, role: 'Primary' },
          { region: 'secondary', externalName: 'orders-b', generation: 1, role: 'Replica' },
        ],
      },
      'spec.security': { adminPasswordSecretRef: { name: 'mine' } },
    },
    line: 'spec.adopt.servers: lists a server of the secondary region, but there is no spec.regions.secondary; add the region, or remove the entry',
  },
  {
    from: 'active-passive',
    change: {
      'spec.adopt': {
        servers: [
          { region: 'primary', externalName: 'orders-a', generation: 1, role: 'Primary' },
          { region: 'secondary', externalName: 'orders-b', generation: 1, role: 'Primary' },
        ],
      },
    },
    line: 'spec.adopt.servers: needs one entry with role Primary and no more, which is the server that takes writes; correct the roles',
  },
  {
    from: 'active-passive',
    change: {
      'spec.adopt': { servers: [{ region: 'secondary', externalName: 'orders-b', generation: 1, role: 'Replica' }] },
    },
    line: 'spec.adopt.servers: needs one entry with role Primary and no more, which is the server that takes writes; correct the roles',
  },
  {
    from: 'active-passive',
    change: {
      'spec.adopt': {
        servers: [
          { region: 'primary', externalName: 'orders-a', generation: 1, role: 'Primary' },
          { region: 'primary', externalName: 'orders-b', generation: 2, role: 'Replica' },
        ],
      },
    },
    line: 'spec.adopt.servers: has two servers of one region that take part; the Replica stands in the other region than the Primary, so give the rest role Former',
  },
  {
    from: 'active-passive',
    change: {
      'spec.adopt': {
        servers: [
          { region: 'primary', externalName: 'orders-a', generation: 1, role: 'Primary' },
          { region: 'primary', externalName: 'orders-a', generation: 2, role: 'Former' },
        ],
      },
    },
    line: 'spec.adopt.servers: holds one externalName twice, or one generation of a region; keep one of the entries',
  },
  {
    from: 'active-passive',
    change: {
      'spec.adopt': {
        servers: [
          { region: 'primary', externalName: 'orders-a', generation: 1, role: 'Primary' },
          { region: 'primary', externalName: 'orders-b', generation: 1, role: 'Former' },
        ],
      },
    },
    line: 'spec.adopt.servers: holds one externalName twice, or one generation of a region; keep one of the entries',
  },
  {
    from: 'minimal',
    change: { 'spec.security.entra': {} },
    line: 'spec.security.entra.tenantId: is missing, and Azure needs it with enabled true; give the id of the tenant in which the administrators are',
  },
  {
    from: 'every-field',
    change: {
      'spec.security.entra.enabled': false,
      'spec.security.entra.passwordAuthentication': false,
      'spec.backup.logical.enabled': false,
    },
    line: 'spec.security.entra.passwordAuthentication: cannot be false while spec.security.entra.enabled is false, because nobody could log in; set enabled to true',
  },
  {
    from: 'every-field',
    change: {
      'spec.security.entra.administrators': [],
      'spec.security.entra.passwordAuthentication': false,
      'spec.backup.logical.enabled': false,
    },
    line: 'spec.security.entra.passwordAuthentication: cannot be false without an administrator, because nobody could log in; list one in spec.security.entra.administrators',
  },
  {
    from: 'every-field',
    change: { 'spec.security.entra.administrators': [ADMINISTRATOR, ADMINISTRATOR] },
    line: 'spec.security.entra.administrators: hold one objectId twice; keep one of the entries',
  },
  {
    from: 'active-passive',
    change: { 'spec.security.passwordRotation': { trigger: 'a' } },
    line: 'spec.security.passwordRotation: works with a generated password only; remove it, and change the password inside the Secret of spec.security.adminPasswordSecretRef',
  },
  {
    from: 'every-field',
    change: { 'spec.security.encryption': { primary: customerKey('one') } },
    line: 'spec.security.encryption.secondary: is missing; the replica needs a key and an identity of its own region',
  },
  {
    from: 'minimal',
    change: { 'spec.security.encryption': { primary: { keyVaultKeyId: customerKey('one').keyVaultKeyId } } },
    line: 'spec.security.encryption.primary.userAssignedIdentityId: is missing; give an identity that may use the key, or keyVaultId, and one is made',
  },
  {
    from: 'minimal',
    change: { 'spec.security.encryption': { primary: { ...customerKey('one'), keyVaultId: VAULT } } },
    line: 'spec.security.encryption.primary.keyVaultId: is given beside userAssignedIdentityId; remove one, because an identity of yours has its rights from you',
  },
  {
    from: 'minimal',
    change: { 'spec.security.encryption': { primary: customerKey('one'), geoBackup: customerKey('one') } },
    line: 'spec.security.encryption.geoBackup.userAssignedIdentityId: is the one of primary; Azure wants another identity for the copy in the paired region',
  },
  {
    from: 'minimal',
    change: { 'spec.backup': { longTerm: { enabled: true } } },
    line: 'spec.backup.longTerm.enabled: needs spec.deletion.policy Orphan, because Azure does not delete a vault that holds backups, nor the resource group around it; set the policy to Orphan, or this to false',
  },
  {
    from: 'minimal',
    change: { 'spec.backup': { onDemand: ['before-v2', 'before-v2'] } },
    line: 'spec.backup.onDemand: hold one name twice; keep one of the entries',
  },
  {
    from: 'minimal',
    change: { 'spec.backup': { onDemand: ['before-v2'] }, 'spec.database': { size: 'B_Standard_B2ms' } },
    line: 'spec.backup.onDemand: is not possible with a Burstable size, of which Azure takes no backups on demand; choose a GP_ or MO_ size, or remove it',
  },
  {
    from: 'minimal',
    change: { 'spec.parameters': { 'work mem': '8192' } },
    line: 'spec.parameters: a name has lower-case letters, digits and underscores, and at most one dot, as work_mem or pgbouncer.enabled; only DateStyle, IntervalStyle and TimeZone have capitals',
  },
  {
    from: 'minimal',
    change: { 'spec.parameters': { shared_preload_libraries: 'pg_cron' } },
    line: 'spec.parameters: holds a parameter that the platform sets itself: default_transaction_read_only fences servers off, require_secure_transport stays on, azure.extensions and shared_preload_libraries follow spec.extensions, ssl_min_protocol_version follows spec.security.tls.minVersion, password_encryption and azure.accepted_password_auth_method follow spec.security.scramOnly; remove it',
  },
  {
    from: 'minimal',
    change: { 'spec.tags': { 'a/b': 'c' } },
    line: 'spec.tags: a tag name has at most 128 characters and none of < > % & \\ ? /',
  },
];
