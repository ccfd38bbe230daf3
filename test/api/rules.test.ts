import { runFunction } from '../../src/function.ts';
import { oneRegion, request, twoRegions, xr } from '../support/requests.ts';

/** The one fatal message for a spec. */
function refusal(spec: object, flavour: 'namespaced' | 'cluster' = 'namespaced', input?: object): string | undefined {
  const { results } = runFunction(request(xr(flavour, spec), { input }));
  return results.find(({ severity }) => severity === 1)?.message;
}

const CLIENT_ID = '00000000-0000-0000-0000-000000000001';
const ROLE_DEFINITION = `/subscriptions/${CLIENT_ID}/providers/Microsoft.Authorization/roleDefinitions/${CLIENT_ID}`;
const issuer = { management: { workloadIdentity: { issuerUrl: 'https://oidc.example.com/cluster/' } } };

const restore = {
  mode: 'PointInTime',
  sourceServerId:
    '/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg-old/providers/Microsoft.DBforPostgreSQL/flexibleServers/orders-old',
  pointInTime: '2026-03-01T12:30:00Z',
};

const region = (primary: object, secondary?: object) => ({
  regions: {
    primary: { ...oneRegion.regions.primary, ...primary },
    ...(secondary ? { secondary: { ...twoRegions.regions.secondary, ...secondary } } : {}),
  },
});

const dba = { objectId: '00000000-0000-0000-0000-0000000000b1', principalName: 'dba', principalType: 'Group' };

const customerKey = (name: string) => ({
  keyVaultKeyId: `https://${name}.vault.azure.net/keys/postgresql`,
  userAssignedIdentityId: `/subscriptions/${dba.objectId}/resourceGroups/rg/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${name}`,
});

const vault = (name: string): string =>
  `/subscriptions/${dba.objectId}/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/${name}`;

const NETWORK =
  '/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg-hub/providers/Microsoft.Network/virtualNetworks/';
const hub = (name: string, more: object = {}) => ({ virtualNetworkId: `${NETWORK}${name}`, ...more });
const spoke = (more: object = {}) => ({ subnet: { existing: { id: `${NETWORK}spoke/subnets/postgresql`, ...more } } });
const hubRefusals: readonly [string, object, string][] = [
  [
    'a hub with public access',
    { ...oneRegion, network: { mode: 'Public', allowAzureServices: true, hubs: [hub('hub')] } },
    'spec.network.hubs: are joined to networks that hold the servers or their endpoints, and with spec.network.mode Public there are none; remove them',
  ],
  [
    'a hub of a region that is not there',
    { ...oneRegion, network: { hubs: [hub('hub', { region: 'secondary', peering: false })] } },
    'spec.network.hubs: name the secondary region, but there is no spec.regions.secondary; add the region, or remove region from the entry',
  ],
  [
    'a peering with a network of your own',
    { ...region(spoke(), {}), network: { hubs: [hub('hub', { region: 'primary' })] } },
    'spec.network.hubs: are peered with networks that are made here, but subnet in spec.regions names networks of yours, whose peerings are yours; set peering to false',
  ],
  [
    'one hub in two spellings',
    { ...oneRegion, network: { hubs: [hub('hub'), hub('HUB')] } },
    'spec.network.hubs: hold one network twice; keep one of the entries',
  ],
  [
    'a hub for nothing',
    { ...oneRegion, network: { hubs: [hub('hub', { peering: false, link: false })] } },
    'spec.network.hubs: hold an entry with neither peering nor link, which does nothing; set one of them to true, or remove the entry',
  ],
  [
    'parts of a peering that is not wanted',
    { ...oneRegion, network: { hubs: [hub('hub', { peering: false, allowForwardedTraffic: true })] } },
    'spec.network.hubs: hold an entry with useRemoteGateways or allowForwardedTraffic, which are parts of a peering; set its peering to true, or both to false',
  ],
  [
    'two gateways for one network',
    {
      ...oneRegion,
      network: { hubs: [hub('h1', { useRemoteGateways: true }), hub('h2', { useRemoteGateways: true })] },
    },
    'spec.network.hubs: hold two entries with useRemoteGateways for one region, but Azure lets a network use the gateways of one other network only; give each a region of its own, or set one to false',
  ],
  [
    'a hub that the servers stand in',
    { ...region({}, spoke()), network: { hubs: [hub('hub'), hub('SPOKE', { region: 'primary' })] } },
    'spec.network.hubs[1].virtualNetworkId: is the network of spec.regions.secondary.subnet, which is linked to the zones already; remove the entry',
  ],
  [
    'a configuration that the platform does not offer',
    { ...oneRegion, network: { hubs: [hub('hub', { providerConfigRef: { name: 'default' } })] } },
    'spec.network.hubs[0].providerConfigRef.name: "default" is not a configuration that the platform offers; have the platform team add it to otherProviderConfigRefs in the Composition\'s input',
  ],
];

describe('refusals, with their exact text', () => {
  it.each<[string, object, string]>([
    [
      'a region with a typing error',
      region({ name: 'eastus22' }),
      'spec.regions.primary.name: "eastus22" is not a region that this function knows; did you mean "eastus2"? Otherwise have the platform team add it to additionalRegions in the Composition\'s input',
    ],
    [
      'a region nobody knows',
      region({ name: 'atlantis' }),
      'spec.regions.primary.name: "atlantis" is not a region that this function knows; have the platform team add it to additionalRegions in the Composition\'s input',
    ],
    [
      'the same region twice in two spellings',
      region({ name: 'East US 2' }, { name: 'eastus2' }),
      'spec.regions.secondary.name: "eastus2" is the same region as spec.regions.primary.name; choose another region, or remove spec.regions.secondary',
    ],
    [
      'an impossible octet',
      region({ cidr: '10.300.0.0/16' }),
      'spec.regions.primary.cidr: "10.300.0.0/16" is not an IPv4 range; write it as 10.10.0.0/16',
    ],
    [
      'host bits',
      region({ cidr: '10.10.0.1/16' }),
      'spec.regions.primary.cidr: "10.10.0.1/16" has bits set beyond its prefix; write 10.10.0.0/16',
    ],
    [
      'a network too small for the subnet',
      region({ cidr: '10.10.0.0/29' }),
      'spec.regions.primary.cidr: "10.10.0.0/29" is too small: the servers\' subnet needs at least a /28; use a /28 or larger, such as a /16',
    ],
    [
      'a network that is too large',
      region({ cidr: '10.0.0.0/7' }),
      'spec.regions.primary.cidr: "10.0.0.0/7" is larger than a /8; use a range of your private address space, such as 10.10.0.0/16',
    ],
    [
      'an address that Azure keeps',
      region({ cidr: '168.63.0.0/16' }),
      'spec.regions.primary.cidr: "168.63.0.0/16" holds 168.63.129.16/32, which Azure keeps for itself; use private address space, such as 10.10.0.0/16',
    ],
    [
      'overlapping networks',
      region({}, { cidr: '10.10.128.0/17' }),
      'spec.regions.secondary.cidr: "10.10.128.0/17" overlaps spec.regions.primary.cidr "10.10.0.0/16", and the two networks are peered; choose ranges that do not overlap',
    ],
    [
      'a subnet outside its network',
      region({ subnetCidr: '10.11.0.0/24' }),
      'spec.regions.primary.subnetCidr: "10.11.0.0/24" is not inside spec.regions.primary.cidr "10.10.0.0/16"; choose a range inside it',
    ],
    [
      'a subnet that is too small',
      region({ subnetCidr: '10.10.0.0/29' }),
      'spec.regions.primary.subnetCidr: "10.10.0.0/29" is smaller than a /28, the smallest subnet that Azure delegates to PostgreSQL; use a /28 or larger',
    ],
    [
      'a subnet with host bits',
      region({ subnetCidr: '10.10.0.1/24' }),
      'spec.regions.primary.subnetCidr: "10.10.0.1/24" has bits set beyond its prefix; write 10.10.0.0/24',
    ],
    [
      'a second subnet outside its network',
      region({ nextSubnetCidr: '10.11.0.0/24' }),
      'spec.regions.primary.nextSubnetCidr: "10.11.0.0/24" is not inside spec.regions.primary.cidr "10.10.0.0/16"; choose a range inside it',
    ],
    [
      'a second subnet that is too small',
      region({ nextSubnetCidr: '10.10.1.0/29' }),
      'spec.regions.primary.nextSubnetCidr: "10.10.1.0/29" is smaller than a /28, the smallest subnet that Azure delegates to PostgreSQL; use a /28 or larger',
    ],
    [
      'a second subnet that overlaps the first',
      region({}, { subnetCidr: '10.20.4.0/24', nextSubnetCidr: '10.20.4.128/25' }),
      'spec.regions.secondary.nextSubnetCidr: "10.20.4.128/25" overlaps the first subnet "10.20.4.0/24"; choose a range beside it',
    ],
    [
      'a second subnet that overlaps the first one where that is derived',
      region({ nextSubnetCidr: '10.10.0.0/26' }),
      'spec.regions.primary.nextSubnetCidr: "10.10.0.0/26" overlaps the first subnet "10.10.0.0/24"; choose a range beside it',
    ],
    [
      'a standby control plane without the password of the servers',
      { ...oneRegion, management: { role: 'Standby' } },
      'spec.security.adminPasswordSecretRef: is missing, but with spec.management.role Standby the password has to be the one that the servers have; put it into a Secret here, and name that',
    ],
    [
      'a restore beside adopted servers',
      {
        ...oneRegion,
        restore,
        security: { adminPasswordSecretRef: { name: 'mine' } },
        adopt: { servers: [{ region: 'primary', externalName: 'orders-a', generation: 1, role: 'Primary' }] },
      },
      'spec.restore: is given beside spec.adopt, whose servers have their data; remove one of the two',
    ],
    [
      'a restore on a control plane that only observes',
      {
        ...oneRegion,
        restore,
        security: { adminPasswordSecretRef: { name: 'mine' } },
        management: { role: 'Standby' },
      },
      'spec.restore: is given with spec.management.role Standby, which makes nothing; remove it here, because only the control plane that acts can carry it out once',
    ],
    [
      'a restore of copies of nobody',
      { ...oneRegion, restore: { mode: 'Geo', pointInTime: '2026-03-01T12:30:00Z' } },
      'spec.restore.sourceServerId: is missing, and only mode PointInTime restores the server that takes writes now; give the id of the server whose backup it is',
    ],
    [
      'a restore without a server',
      { ...oneRegion, restore: { mode: 'PointInTime', pointInTime: '2026-03-01T12:30:00Z' } },
      'spec.restore.sourceServerId: is missing, and there is no server yet whose backup it could be; give the id of one, or remove spec.restore',
    ],
    [
      'a schedule with a minute that no hour has',
      { ...oneRegion, backup: { logical: { enabled: true, clientId: CLIENT_ID, schedule: '99 1 * * *' } } },
      'spec.backup.logical.schedule: "99 1 * * *" is not a schedule that Kubernetes takes: the minute is from 0 to 59; correct that part',
    ],
    [
      'a restore to a day that is none',
      { ...oneRegion, restore: { ...restore, pointInTime: '2026-02-30T12:30:00Z' } },
      'spec.restore.pointInTime: "2026-02-30T12:30:00Z" is no day of the calendar; correct the date',
    ],
    [
      'a restore of copies that no region makes',
      {
        ...region({ name: 'italynorth' }),
        restore: { ...restore, mode: 'Geo' },
      },
      'spec.restore.mode: "Geo" is not possible: italynorth has no paired region, so no backups are copied to it; choose the paired region of the lost server as spec.regions.primary',
    ],
    [
      'a restore from something else',
      { ...oneRegion, restore: { ...restore, sourceServerId: 'orders-old' } },
      'spec.restore.sourceServerId: "orders-old" is not an ARM id of a flexible server; write it as /subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg-orders/providers/Microsoft.DBforPostgreSQL/flexibleServers/orders-eastus2-1a2b3c4d',
    ],
    [
      'a restore to a time in words',
      { ...oneRegion, restore: { ...restore, pointInTime: 'yesterday' } },
      'spec.restore.pointInTime: "yesterday" is not a time in UTC; write it as 2026-03-01T12:30:00Z',
    ],
    [
      'adopted servers without their password',
      {
        ...oneRegion,
        adopt: { servers: [{ region: 'primary', externalName: 'orders-a', generation: 1, role: 'Primary' }] },
      },
      'spec.security.adminPasswordSecretRef: is missing, but with spec.adopt the password has to be the one that the servers have; put it into a Secret here, and name that',
    ],
    [
      'an adopted server of a region that is not there',
      {
        ...oneRegion,
        security: { adminPasswordSecretRef: { name: 'mine' } },
        adopt: {
          servers: [
            { region: 'primary', externalName: 'orders-a', generation: 1, role: 'Primary' },
            { region: 'secondary', externalName: 'orders-b', generation: 1, role: 'Replica' },
          ],
        },
      },
      'spec.adopt.servers: lists a server of the secondary region, but there is no spec.regions.secondary; add the region, or remove the entry',
    ],
    [
      'two adopted primaries',
      {
        ...twoRegions,
        security: { adminPasswordSecretRef: { name: 'mine' } },
        adopt: {
          servers: [
            { region: 'primary', externalName: 'orders-a', generation: 1, role: 'Primary' },
            { region: 'secondary', externalName: 'orders-b', generation: 1, role: 'Primary' },
          ],
        },
      },
      'spec.adopt.servers: needs one entry with role Primary and no more, which is the server that takes writes; correct the roles',
    ],
    [
      'an adopted replica without its primary',
      {
        ...twoRegions,
        security: { adminPasswordSecretRef: { name: 'mine' } },
        adopt: { servers: [{ region: 'secondary', externalName: 'orders-b', generation: 1, role: 'Replica' }] },
      },
      'spec.adopt.servers: needs one entry with role Primary and no more, which is the server that takes writes; correct the roles',
    ],
    [
      'two adopted servers of a region that take part',
      {
        ...twoRegions,
        security: { adminPasswordSecretRef: { name: 'mine' } },
        adopt: {
          servers: [
            { region: 'primary', externalName: 'orders-a', generation: 1, role: 'Primary' },
            { region: 'primary', externalName: 'orders-b', generation: 2, role: 'Replica' },
          ],
        },
      },
      'spec.adopt.servers: has two servers of one region that take part; the Replica stands in the other region than the Primary, so give the rest role Former',
    ],
    [
      'one adopted server twice',
      {
        ...twoRegions,
        security: { adminPasswordSecretRef: { name: 'mine' } },
        adopt: {
          servers: [
            { region: 'primary', externalName: 'orders-a', generation: 1, role: 'Primary' },
            { region: 'primary', externalName: 'orders-a', generation: 2, role: 'Former' },
          ],
        },
      },
      'spec.adopt.servers: holds one externalName twice, or one generation of a region; keep one of the entries',
    ],
    [
      'one adopted generation twice',
      {
        ...twoRegions,
        security: { adminPasswordSecretRef: { name: 'mine' } },
        adopt: {
          servers: [
            { region: 'primary', externalName: 'orders-a', generation: 1, role: 'Primary' },
            { region: 'primary', externalName: 'orders-b', generation: 1, role: 'Former' },
          ],
        },
      },
      'spec.adopt.servers: holds one externalName twice, or one generation of a region; keep one of the entries',
    ],
    [
      'a size that does not exist',
      { ...oneRegion, database: { size: 'GP_Standard_D3ds_v5' } },
      'spec.database.size: "GP_Standard_D3ds_v5" is not a size that Azure has for a VNet-integrated flexible server; write tier_size, as in B_Standard_B2ms, GP_Standard_D4ds_v5 or MO_Standard_E8ds_v5',
    ],
    [
      'a Burstable size with a replica',
      { ...twoRegions, database: { size: 'B_Standard_B2ms' } },
      'spec.database.size: "B_Standard_B2ms" is a Burstable size, which cannot have a read replica; choose a GP_ or MO_ size, or remove spec.regions.secondary',
    ],
    [
      'a Burstable size with a standby',
      { ...oneRegion, database: { size: 'B_Standard_B2ms' }, highAvailability: { mode: 'SameZone' } },
      'spec.database.size: "B_Standard_B2ms" is a Burstable size, which cannot have high availability; choose a GP_ or MO_ size, or set spec.highAvailability.mode to Disabled',
    ],
    [
      'a standby in the same zone',
      { ...oneRegion, highAvailability: { mode: 'ZoneRedundant', primaryZone: '2', standbyZone: '2' } },
      'spec.highAvailability.standbyZone: "2" is the same as primaryZone; with mode ZoneRedundant the standby needs another zone',
    ],
    [
      'a zone to go to without a standby in another one',
      { ...oneRegion, highAvailability: { mode: 'SameZone', activeZone: '2' } },
      'spec.highAvailability.activeZone: "2" is of use with mode ZoneRedundant only, because the server can only change places with a standby in another zone; set spec.highAvailability.mode to ZoneRedundant, or remove activeZone',
    ],
    [
      'zone redundancy in a region without zones',
      { ...region({ name: 'West US' }), highAvailability: { mode: 'ZoneRedundant' } },
      'spec.highAvailability.mode: "ZoneRedundant" is not offered in westus; use SameZone, or choose a region with availability zones',
    ],
    [
      'geo-redundant backup in an unpaired region',
      { ...region({ name: 'polandcentral' }), database: { geoRedundantBackup: true } },
      'spec.database.geoRedundantBackup: true is not possible: Azure has no geo-redundant backup in polandcentral; set it to false, or choose another primary region',
    ],
    [
      'geo-redundant storage in an unpaired region',
      { ...region({ name: 'polandcentral' }), backup: { storage: { replication: 'GRS' } } },
      'spec.backup.storage.replication: "GRS" is not possible: polandcentral has no paired region; use ZRS or LRS, or choose another primary region',
    ],
    [
      'zone-redundant storage in a region without zones',
      { ...region({ name: 'westus' }), backup: { storage: { replication: 'ZRS' } } },
      'spec.backup.storage.replication: "ZRS" is not possible: westus has no availability zones; use GRS or LRS, or choose another primary region',
    ],
    [
      'dumps without storage',
      { ...oneRegion, backup: { storage: { enabled: false }, logical: { enabled: true, clientId: CLIENT_ID } } },
      'spec.backup.logical.enabled: needs the storage that the dumps go to; set spec.backup.storage.enabled to true, or this to false',
    ],
    [
      'dumps without an identity',
      { ...oneRegion, backup: { logical: { enabled: true } } },
      'spec.backup.logical.clientId: is required with enabled; write the client id of the managed identity that may write to the container, or spec.management.workloadIdentity.issuerUrl, and one is made',
    ],
    [
      'dumps without passwords',
      {
        ...oneRegion,
        security: {
          entra: {
            tenantId: CLIENT_ID,
            administrators: [{ objectId: CLIENT_ID, principalName: 'dba', principalType: 'Group' }],
            passwordAuthentication: false,
          },
        },
        backup: { logical: { enabled: true, clientId: CLIENT_ID } },
      },
      'spec.backup.logical.enabled: needs logins by password, with which the dumps are made; set spec.security.entra.passwordAuthentication to true, or this to false',
    ],
    [
      'dumps with an older pg_dump',
      {
        ...oneRegion,
        database: { version: '16' },
        backup: { logical: { enabled: true, clientId: CLIENT_ID, image: 'registry:5000/postgres:15.4-alpine' } },
      },
      'spec.backup.logical.image: "registry:5000/postgres:15.4-alpine" has PostgreSQL 15, whose pg_dump refuses a server of version 16; choose an image of version 16 or newer',
    ],
    [
      'the bare zone',
      { ...oneRegion, network: { privateDnsZoneName: 'postgres.database.azure.com' } },
      'spec.network.privateDnsZoneName: the bare zone postgres.database.azure.com would hide every public PostgreSQL server from the linked networks; put a label of your own before it, as in orders.private.postgres.database.azure.com',
    ],
    [
      'the zone of the private endpoints',
      {
        ...oneRegion,
        network: { mode: 'PrivateEndpoint', privateDnsZoneName: 'privatelink.postgres.database.azure.com' },
      },
      "spec.network.privateDnsZoneName: is the zone of the private endpoints' own records; put another label before .postgres.database.azure.com, as in orders.private.postgres.database.azure.com",
    ],
    [
      'a firewall rule with an impossible address',
      {
        ...oneRegion,
        network: {
          mode: 'Public',
          firewallRules: [{ name: 'a', startAddress: '203.0.113.800', endAddress: '203.0.113.15' }],
        },
      },
      'spec.network.firewallRules: "a" goes from "203.0.113.800" to "203.0.113.15", which are not two IPv4 addresses; write them as 203.0.113.8',
    ],
    [
      'a firewall rule that ends before it begins',
      {
        ...oneRegion,
        network: {
          mode: 'Public',
          firewallRules: [{ name: 'a', startAddress: '203.0.113.8', endAddress: '203.0.113.7' }],
        },
      },
      'spec.network.firewallRules: "a" ends at "203.0.113.7", before its beginning "203.0.113.8"; exchange the two',
    ],
    [
      "the rule of Azure's services by hand",
      {
        ...oneRegion,
        network: { mode: 'Public', firewallRules: [{ name: 'a', startAddress: '0.0.0.0', endAddress: '0.0.0.0' }] },
      },
      'spec.network.firewallRules: "a" begins at "0.0.0.0", and nobody has an address that begins with 0; for Azure\'s services set spec.network.allowAzureServices, for others give their addresses',
    ],
    [
      'a firewall rule for more than a /8',
      {
        ...oneRegion,
        network: { mode: 'Public', firewallRules: [{ name: 'a', startAddress: '10.0.0.0', endAddress: '11.0.0.0' }] },
      },
      'spec.network.firewallRules: "a" from "10.0.0.0" to "11.0.0.0" is more than a /8 and so opens the servers to much of the internet; give the addresses of your clients',
    ],
    ...hubRefusals,
    [
      'a range beside a subnet of your own',
      region({
        subnetCidr: '10.10.1.0/24',
        subnet: {
          existing: {
            id: '/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg-network/providers/Microsoft.Network/virtualNetworks/spoke/subnets/postgresql',
          },
        },
      }),
      'spec.regions.primary.subnet: exists and has its own range; remove subnetCidr and nextSubnetCidr beside it',
    ],
    [
      'a group of your own and a name',
      {
        ...oneRegion,
        resourceGroup: {
          name: 'rg-orders',
          existing: { id: '/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg-orders' },
        },
      },
      'spec.resourceGroup.name: is given beside existing, whose id has the name already; remove one of the two',
    ],
    [
      'a zone with another suffix',
      { ...oneRegion, network: { privateDnsZoneName: 'orders.example.org' } },
      'spec.network.privateDnsZoneName: "orders.example.org" is not a zone for PostgreSQL servers; write lower-case labels followed by .postgres.database.azure.com, as in orders.private.postgres.database.azure.com',
    ],
    [
      'writes in a region that is not there',
      { ...oneRegion, failover: { activeRegion: 'secondary' } },
      'spec.failover.activeRegion: is secondary, but there is no spec.regions.secondary; add the region, or set activeRegion to primary',
    ],
    [
      'a switchover without a virtual endpoint',
      { ...twoRegions, failover: { mode: 'Switchover' } },
      'spec.failover.mode: is Switchover, which Azure does only for a pair with a virtual endpoint; set spec.network.virtualEndpoint.enabled to true, or mode to Promote',
    ],
    [
      'a virtual endpoint of one server',
      { ...oneRegion, network: { virtualEndpoint: { enabled: true } } },
      "spec.network.virtualEndpoint.enabled: is true, but there is no spec.regions.secondary, and the endpoint's members are a server and its replica; add the region, or set enabled to false",
    ],
    [
      'a probe by SQL without passwords',
      {
        ...oneRegion,
        security: { entra: { tenantId: dba.objectId, administrators: [dba], passwordAuthentication: false } },
        failover: { verify: 'Sql', validation: { image: 'postgres:18' } },
      },
      'spec.failover.verify: is Sql, which needs logins by password; set spec.security.entra.passwordAuthentication to true, or this to Witness',
    ],
    [
      'a probe by SQL without an image',
      { ...oneRegion, failover: { verify: 'Sql' } },
      'spec.failover.verify: is Sql, which needs an image with psql; set spec.failover.validation.image, or this to Witness',
    ],
    [
      'a Job that makes calls without an identity',
      { ...oneRegion, failover: { executor: 'Job' } },
      'spec.failover.executorIdentity.clientId: is required with executor Job; write the client id of the managed identity that may write the servers, or roleDefinitionId, and one is made',
    ],
    [
      'an identity of yours beside one that is made',
      {
        ...oneRegion,
        ...issuer,
        failover: { executor: 'Job', executorIdentity: { clientId: CLIENT_ID, roleDefinitionId: ROLE_DEFINITION } },
      },
      'spec.failover.executorIdentity.roleDefinitionId: is given beside clientId; remove one, because an identity of yours has its rights from you',
    ],
    [
      'an identity that is made without an issuer',
      { ...oneRegion, failover: { executor: 'Job', executorIdentity: { roleDefinitionId: ROLE_DEFINITION } } },
      'spec.failover.executorIdentity.roleDefinitionId: needs spec.management.workloadIdentity.issuerUrl, which the identity that is made trusts; write that too, or clientId instead',
    ],
    [
      'an identity that is made in a resource group of yours',
      {
        ...oneRegion,
        ...issuer,
        resourceGroup: { existing: { id: `/subscriptions/${CLIENT_ID}/resourceGroups/rg-shared` } },
        failover: { executor: 'Job', executorIdentity: { roleDefinitionId: ROLE_DEFINITION } },
      },
      'spec.failover.executorIdentity.roleDefinitionId: would hold for every server in the resource group of yours; write the clientId of an identity that may write the servers of this database instead',
    ],
    [
      'one name for both endpoints',
      { ...oneRegion, network: { writeEndpointName: 'db', readEndpointName: 'db' } },
      'spec.network.readEndpointName: "db" is the same as spec.network.writeEndpointName; the two records need different names',
    ],
    [
      'a reserved login',
      { ...oneRegion, security: { adminUsername: 'azure_pg_admin' } },
      'spec.security.adminUsername: "azure_pg_admin" is a name that Azure reserves (azure_superuser, azure_pg_admin, admin, administrator, root, guest, public, pg_...); choose another, as psqladmin',
    ],
    [
      'a login with capitals',
      { ...oneRegion, security: { adminUsername: 'Admin1' } },
      'spec.security.adminUsername: "Admin1" is not a login; write lower-case letters, digits and underscores, beginning with a letter or an underscore',
    ],
    [
      'Entra logins without a tenant',
      { ...oneRegion, security: { entra: { administrators: [dba] } } },
      'spec.security.entra.tenantId: is missing, and Azure needs it with enabled true; give the id of the tenant in which the administrators are',
    ],
    [
      'no passwords while Entra logins are off',
      { ...oneRegion, security: { entra: { enabled: false, passwordAuthentication: false } } },
      'spec.security.entra.passwordAuthentication: cannot be false while spec.security.entra.enabled is false, because nobody could log in; set enabled to true',
    ],
    [
      'no passwords and no administrator',
      { ...oneRegion, security: { entra: { tenantId: dba.objectId, passwordAuthentication: false } } },
      'spec.security.entra.passwordAuthentication: cannot be false without an administrator, because nobody could log in; list one in spec.security.entra.administrators',
    ],
    [
      'one administrator twice',
      { ...oneRegion, security: { entra: { tenantId: dba.objectId, administrators: [dba, dba] } } },
      'spec.security.entra.administrators: hold one objectId twice; keep one of the entries',
    ],
    [
      'a GUID with capitals',
      { ...oneRegion, security: { entra: { tenantId: '00000000-0000-0000-0000-00000000000A' } } },
      'spec.security.entra.tenantId: "00000000-0000-0000-0000-00000000000A" is not a GUID in lower case; write it as 00000000-0000-0000-0000-000000000001',
    ],
    [
      'a rotation of a password that is not generated',
      { ...oneRegion, security: { adminPasswordSecretRef: { name: 'a' }, passwordRotation: { trigger: '1' } } },
      'spec.security.passwordRotation: works with a generated password only; remove it, and change the password inside the Secret of spec.security.adminPasswordSecretRef',
    ],
    [
      'a replica without a key',
      { ...twoRegions, security: { encryption: { primary: customerKey('one'), geoBackup: customerKey('two') } } },
      'spec.security.encryption.secondary: is missing; the replica needs a key and an identity of its own region',
    ],
    [
      'one identity for the server and the copy of its backups',
      { ...oneRegion, security: { encryption: { primary: customerKey('one'), geoBackup: customerKey('one') } } },
      'spec.security.encryption.geoBackup.userAssignedIdentityId: is the one of primary; Azure wants another identity for the copy in the paired region',
    ],
    [
      'a key without an identity',
      {
        ...oneRegion,
        database: { geoRedundantBackup: false },
        security: { encryption: { primary: { ...customerKey('one'), userAssignedIdentityId: undefined } } },
      },
      'spec.security.encryption.primary.userAssignedIdentityId: is missing; give an identity that may use the key, or keyVaultId, and one is made',
    ],
    [
      'an identity and a vault to make another one for',
      {
        ...oneRegion,
        database: { geoRedundantBackup: false },
        security: { encryption: { primary: { ...customerKey('one'), keyVaultId: vault('one') } } },
      },
      'spec.security.encryption.primary.keyVaultId: is given beside userAssignedIdentityId; remove one, because an identity of yours has its rights from you',
    ],
    [
      'another vault than that of the key',
      {
        ...oneRegion,
        database: { geoRedundantBackup: false },
        security: {
          encryption: { primary: { keyVaultKeyId: customerKey('one').keyVaultKeyId, keyVaultId: vault('Two') } },
        },
      },
      'spec.security.encryption.primary.keyVaultId: "Two" is not the vault of "https://one.vault.azure.net/keys/postgresql"; give the id of that vault',
    ],
    [
      'copied backups without a key',
      { ...oneRegion, security: { encryption: { primary: customerKey('one') } } },
      'spec.security.encryption.geoBackup: is missing, and the backups are copied to the paired region; give a key and another identity there, or set spec.database.geoRedundantBackup to false',
    ],
    [
      'a key for backups that are not copied',
      {
        ...oneRegion,
        database: { geoRedundantBackup: false },
        security: { encryption: { primary: customerKey('one'), geoBackup: customerKey('two') } },
      },
      'spec.security.encryption.geoBackup: has nothing to encrypt, because the backups are not copied to another region; remove it, or set spec.database.geoRedundantBackup to true',
    ],
    [
      'a parameter with a unit',
      { ...oneRegion, parameters: { work_mem: '8MB' } },
      'spec.parameters.work_mem: "8MB" is not possible; write a whole number in the parameter\'s own unit, without the unit',
    ],
    [
      'a switch that is neither on nor off',
      { ...oneRegion, parameters: { 'pgaudit.log_catalog': 'maybe' } },
      'spec.parameters["pgaudit.log_catalog"]: "maybe" is not possible; write on or off',
    ],
    [
      'PgBouncer on Burstable',
      { ...oneRegion, database: { size: 'B_Standard_B2ms' }, parameters: { 'pgbouncer.enabled': 'True' } },
      'spec.parameters["pgbouncer.enabled"]: "true" is not possible with the Burstable size "B_Standard_B2ms", which has no PgBouncer; choose a GP_ or MO_ size, or remove it',
    ],
    [
      'a parameter of the fence',
      { ...oneRegion, parameters: { default_transaction_read_only: 'on' } },
      'spec.parameters: holds a parameter that the platform sets itself: default_transaction_read_only fences servers off, require_secure_transport stays on, azure.extensions and shared_preload_libraries follow spec.extensions, ssl_min_protocol_version follows spec.security.tls.minVersion, password_encryption and azure.accepted_password_auth_method follow spec.security.scramOnly; remove it',
    ],
    [
      'a parameter in two spellings',
      { ...oneRegion, parameters: { DateStyle: 'ISO, DMY', datestyle: 'ISO, MDY' } },
      'spec.parameters: "DateStyle" and "datestyle" are the same parameter; keep one of them',
    ],
    [
      'a parameter with two dots',
      { ...oneRegion, parameters: { 'a.b.c': '1' } },
      'spec.parameters: a name has lower-case letters, digits and underscores, and at most one dot, as work_mem or pgbouncer.enabled; only DateStyle, IntervalStyle and TimeZone have capitals',
    ],
    [
      'a parameter of the fence in another spelling',
      { ...oneRegion, parameters: { Default_Transaction_Read_Only: 'on' } },
      'spec.parameters: a name has lower-case letters, digits and underscores, and at most one dot, as work_mem or pgbouncer.enabled; only DateStyle, IntervalStyle and TimeZone have capitals',
    ],
    [
      'an extension with a capital',
      { ...oneRegion, extensions: ['PostGIS'] },
      'spec.extensions[0]: "PostGIS" is not an extension; write lower-case letters, digits, hyphens and underscores (1 to 63 characters), as pg_cron',
    ],
    [
      'the connection Secret as password Secret',
      { ...oneRegion, security: { adminPasswordSecretRef: { name: 'orders-connection' } } },
      'spec.security.adminPasswordSecretRef.name: "orders-connection" is the Secret in which team-a gets the connection details; keep the password in another Secret',
    ],
    [
      'the retention of a workspace that is brought',
      {
        ...oneRegion,
        monitoring: {
          logs: {
            workspaceId: '/subscriptions/0/resourceGroups/a/providers/Microsoft.OperationalInsights/workspaces/b',
            retentionDays: 60,
          },
        },
      },
      'spec.monitoring.logs.workspaceId: is a workspace of your own, whose retention and quota are set where it is managed; remove retentionDays and dailyQuotaGB, or remove workspaceId',
    ],
    [
      'vaults that are to be deleted',
      { ...oneRegion, backup: { longTerm: { enabled: true } } },
      'spec.backup.longTerm.enabled: needs spec.deletion.policy Orphan, because Azure does not delete a vault that holds backups, nor the resource group around it; set the policy to Orphan, or this to false',
    ],
    [
      'a geo-redundant vault in an unpaired region',
      {
        regions: { primary: { name: 'polandcentral', cidr: '10.10.0.0/16' } },
        security: { adminPasswordSecretRef: { name: 'mine' } },
        deletion: { policy: 'Orphan' },
        backup: { longTerm: { enabled: true, redundancy: 'GeoRedundant' } },
      },
      'spec.backup.longTerm.redundancy: "GeoRedundant" is not possible: polandcentral has no paired region; use ZoneRedundant or LocallyRedundant',
    ],
    [
      'a zone-redundant vault in a region without zones',
      {
        regions: { primary: { name: 'westus', cidr: '10.10.0.0/16' } },
        highAvailability: { mode: 'SameZone' },
        security: { adminPasswordSecretRef: { name: 'mine' } },
        deletion: { policy: 'Orphan' },
        backup: { longTerm: { enabled: true, redundancy: 'ZoneRedundant' } },
      },
      'spec.backup.longTerm.redundancy: "ZoneRedundant" is not possible: westus has no availability zones; use GeoRedundant or LocallyRedundant',
    ],
    [
      'a backup on demand twice',
      { ...oneRegion, backup: { onDemand: ['before-v2', 'before-v2'] } },
      'spec.backup.onDemand: hold one name twice; keep one of the entries',
    ],
    [
      'a backup on demand of a Burstable size',
      { ...oneRegion, database: { size: 'B_Standard_B2ms' }, backup: { onDemand: ['before-v2'] } },
      'spec.backup.onDemand: is not possible with a Burstable size, of which Azure takes no backups on demand; choose a GP_ or MO_ size, or remove it',
    ],
    [
      'a backup on demand with a capital',
      { ...oneRegion, backup: { onDemand: ['Before'] } },
      'spec.backup.onDemand[0]: "Before" is not a name of a backup; write lower-case letters, digits and inner hyphens (at most 30 characters), as before-release-7',
    ],
    [
      'a tag twice',
      { ...oneRegion, tags: { team: 'b', Team: 'a' } },
      'spec.tags: "Team" and "team" are the same tag to Azure; keep one of them',
    ],
    [
      'a tag name with a slash',
      { ...oneRegion, tags: { 'a/b': 'x' } },
      'spec.tags: a tag name has at most 128 characters and none of < > % & \\ ? /',
    ],
  ])('%s', (_, spec, message) => expect(refusal(spec)).toBe(message));

  it('tells all problems at once', () => {
    expect(
      refusal({
        ...region({ name: 'atlantis' }, { cidr: '10.10.0.0/16' }),
        security: { adminUsername: 'root' },
      })?.split('; spec.'),
    ).toHaveLength(3);
  });

  it('refuses an input of the wrong kind, as user input', () => {
    expect(
      refusal(oneRegion, 'namespaced', {
        apiVersion: 'postgresql.fn.platform.io/v1beta1',
        kind: 'Input',
        spec: { namingPrefix: 'Acme!' },
      }),
    ).toMatch(/^input\.spec\.namingPrefix: /);
  });

  it.each(['postgres:16', 'postgres:17.2-alpine', 'postgres', 'mirror:5000/postgres', 'postgres@sha256:15aa'])(
    'accepts %s for the dumps of a server of version 16',
    (image) => {
      const logical = { enabled: true, clientId: CLIENT_ID, image };
      expect(refusal({ ...oneRegion, database: { version: '16' }, backup: { logical } })).toBeUndefined();
    },
  );

  it('accepts a region that the platform adds', () => {
    const input = {
      apiVersion: 'postgresql.fn.platform.io/v1beta1',
      kind: 'Input',
      spec: { additionalRegions: ['atlantis'] },
    };
    expect(refusal(region({ name: 'atlantis' }), 'namespaced', input)).toBeUndefined();
  });

  it('refuses an XR of another API', () => {
    const { results } = runFunction(
      request({ apiVersion: 'example.org/v1', kind: 'Thing', metadata: { name: 'x' }, spec: {} }),
    );
    expect(results[0]?.message).toBe(
      'apiVersion: "example.org/v1" kind "Thing" is not an XPostgreSQLDatabase of database.platform.io or claims.database.platform.io; fix compositeTypeRef in the Composition',
    );
  });
});
