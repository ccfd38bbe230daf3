import { regionNames } from '../azure/regions.ts';
import { contains, formatCidr, networkOf, overlaps, parseCidr } from '../cidr.ts';
import { namespacedName, PRIVATE_LINK_ZONE, type Site } from '../names.ts';
import { backupRules } from './backup-rules.ts';
import { closest } from './closest.ts';
import { controlPlaneRules } from './control-plane-rules.ts';
import type { Database, SiteSpec } from './database.ts';
import { hubRules } from './hub-rules.ts';
import { networkRules } from './network-rules.ts';
import { providerConfigRules } from './provider-config-rules.ts';
import { restoreRules } from './restore-rules.ts';
import { fine, type Rule, refuse } from './rule.ts';
import { settingRules } from './setting-rules.ts';

const sites = ({ primary, secondary }: Database): readonly (readonly ['primary' | 'secondary', SiteSpec])[] =>
  secondary
    ? [
        ['primary', primary],
        ['secondary', secondary],
      ]
    : [['primary', primary]];

/** Azure answers LocationNotAvailableForResourceType, minutes later. */
const knownRegion: Rule = (database) =>
  sites(database).flatMap(([site, { region }]) => {
    const known = [...regionNames(), ...database.platform.additionalRegions];
    if (known.includes(region.name)) return fine;
    const near = closest(region.name, known);
    return refuse(
      `spec.regions.${site}.name`,
      `"${database.spec.regions[site]?.name}" is not a region that this function knows; ${near ? `did you mean "${near}"? Otherwise ` : ''}have the platform team add it to additionalRegions in the Composition's input`,
    );
  });

/** CEL. */
const differentRegions: Rule = ({ spec, primary, secondary }) =>
  secondary?.region.name === primary.region.name
    ? refuse(
        'spec.regions.secondary.name',
        `"${spec.regions.secondary?.name}" is the same region as spec.regions.primary.name; choose another region, or remove spec.regions.secondary`,
      )
    : fine;

// Azure: Virtual Network FAQ, "What address ranges can I use": these cannot be added to a virtual network.
const FORBIDDEN = [
  '0.0.0.0/8',
  '127.0.0.0/8',
  '168.63.129.16/32',
  '169.254.0.0/16',
  '224.0.0.0/4',
  '255.255.255.255/32',
];

/** Azure: a virtual network is /2 to /29; ours must hold a delegated subnet, which is /28 at the least. */
const networkRange: Rule = (database) =>
  sites(database).flatMap(([site, { cidr }]) => {
    const field = `spec.regions.${site}.cidr`;
    const range = parseCidr(cidr);
    if (!range) return refuse(field, `"${cidr}" is not an IPv4 range; write it as 10.10.0.0/16`);
    const network = networkOf(range);
    if (network.base !== range.base)
      return refuse(field, `"${cidr}" has bits set beyond its prefix; write ${formatCidr(network)}`);
    if (range.prefix > 28)
      return refuse(
        field,
        `"${cidr}" is too small: the servers' subnet needs at least a /28; use a /28 or larger, such as a /16`,
      );
    if (range.prefix < 8)
      return refuse(
        field,
        `"${cidr}" is larger than a /8; use a range of your private address space, such as 10.10.0.0/16`,
      );
    const clash = FORBIDDEN.find((text) => overlapsText(cidr, text));
    return clash
      ? refuse(
          field,
          `"${cidr}" holds ${clash}, which Azure keeps for itself; use private address space, such as 10.10.0.0/16`,
        )
      : fine;
  });

/** Azure: subnets lie inside their network; concepts-networking-private: a delegated subnet is at least a /28. */
const subnetRange: Rule = (database) =>
  sites(database).flatMap(([site, { cidr, subnetCidr, nextSubnetCidr }]) => [
    ...subnetProblems(site, 'subnetCidr', subnetCidr, cidr, '10.10.1.0/24'),
    ...subnetProblems(site, 'nextSubnetCidr', nextSubnetCidr, cidr, '10.10.2.0/24'),
  ]);

function subnetProblems(site: Site, name: string, text: string | undefined, cidr: string, example: string) {
  if (text === undefined) return fine;
  const field = `spec.regions.${site}.${name}`;
  const outer = parseCidr(cidr);
  const inner = parseCidr(text);
  if (!inner) return refuse(field, `"${text}" is not an IPv4 range; write it as ${example}`);
  const network = networkOf(inner);
  if (network.base !== inner.base)
    return refuse(field, `"${text}" has bits set beyond its prefix; write ${formatCidr(network)}`);
  if (inner.prefix > 28)
    return refuse(
      field,
      `"${text}" is smaller than a /28, the smallest subnet that Azure delegates to PostgreSQL; use a /28 or larger`,
    );
  return outer && !contains(outer, inner)
    ? refuse(field, `"${text}" is not inside spec.regions.${site}.cidr "${cidr}"; choose a range inside it`)
    : fine;
}

/** Azure: NetcfgSubnetRangesOverlap when the second subnet is made, which is in the middle of a failover. */
const disjointSubnets: Rule = (database) =>
  sites(database).flatMap(([site, { nextSubnetCidr, subnets }]) =>
    nextSubnetCidr !== undefined && overlapsText(nextSubnetCidr, subnets.odd)
      ? refuse(
          `spec.regions.${site}.nextSubnetCidr`,
          `"${nextSubnetCidr}" overlaps the first subnet "${subnets.odd}"; choose a range beside it`,
        )
      : fine,
  );

/** Azure: VnetAddressSpacesOverlap when the peering is made. */
const disjointNetworks: Rule = ({ primary, secondary }) =>
  secondary && overlapsText(primary.cidr, secondary.cidr)
    ? refuse(
        'spec.regions.secondary.cidr',
        `"${secondary.cidr}" overlaps spec.regions.primary.cidr "${primary.cidr}", and the two networks are peered; choose ranges that do not overlap`,
      )
    : fine;

/** CEL. Azure: read replicas need General Purpose or Memory Optimized. */
const burstableReplica: Rule = ({ spec }) =>
  spec.database.size.startsWith('B_') && spec.regions.secondary
    ? refuse(
        'spec.database.size',
        `"${spec.database.size}" is a Burstable size, which cannot have a read replica; choose a GP_ or MO_ size, or remove spec.regions.secondary`,
      )
    : fine;

/** CEL. Azure: high availability needs General Purpose or Memory Optimized. */
const burstableStandby: Rule = ({ spec }) =>
  spec.database.size.startsWith('B_') && spec.highAvailability.mode !== 'Disabled'
    ? refuse(
        'spec.database.size',
        `"${spec.database.size}" is a Burstable size, which cannot have high availability; choose a GP_ or MO_ size, or set spec.highAvailability.mode to Disabled`,
      )
    : fine;

/** CEL. */
const standbyZone: Rule = ({ spec }) =>
  spec.highAvailability.mode === 'ZoneRedundant' &&
  spec.highAvailability.standbyZone === spec.highAvailability.primaryZone
    ? refuse(
        'spec.highAvailability.standbyZone',
        `"${spec.highAvailability.standbyZone}" is the same as primaryZone; with mode ZoneRedundant the standby needs another zone`,
      )
    : fine;

/** CEL. */
const activeZoneNeedsStandby: Rule = ({ spec: { highAvailability } }) =>
  highAvailability.activeZone !== undefined && highAvailability.mode !== 'ZoneRedundant'
    ? refuse(
        'spec.highAvailability.activeZone',
        `"${highAvailability.activeZone}" is of use with mode ZoneRedundant only, because the server can only change places with a standby in another zone; set spec.highAvailability.mode to ZoneRedundant, or remove activeZone`,
      )
    : fine;

const zoneRedundantRegion: Rule = ({ spec, primary }) =>
  spec.highAvailability.mode === 'ZoneRedundant' && !primary.region.zones
    ? refuse(
        'spec.highAvailability.mode',
        `"ZoneRedundant" is not offered in ${primary.region.name}; use SameZone, or choose a region with availability zones`,
      )
    : fine;

const geoBackupRegion: Rule = ({ spec, primary }) =>
  spec.database.geoRedundantBackup && !primary.region.geoBackup
    ? refuse(
        'spec.database.geoRedundantBackup',
        `true is not possible: Azure has no geo-redundant backup in ${primary.region.name}; set it to false, or choose another primary region`,
      )
    : fine;

/** Azure: zone-redundant storage needs zones, geo-redundant storage copies to the paired region. */
const storageRegion: Rule = ({ spec, primary }) => {
  const { enabled, replication } = spec.backup.storage;
  if (enabled && replication?.includes('Z') && !primary.region.zones)
    return refuse(
      'spec.backup.storage.replication',
      `"${replication}" is not possible: ${primary.region.name} has no availability zones; use GRS or LRS, or choose another primary region`,
    );
  return enabled && replication?.includes('G') && primary.region.pair === undefined
    ? refuse(
        'spec.backup.storage.replication',
        `"${replication}" is not possible: ${primary.region.name} has no paired region; use ZRS or LRS, or choose another primary region`,
      )
    : fine;
};

/** CEL. */
const bareZone: Rule = ({ spec }) =>
  spec.network.privateDnsZoneName === 'postgres.database.azure.com'
    ? refuse(
        'spec.network.privateDnsZoneName',
        'the bare zone postgres.database.azure.com would hide every public PostgreSQL server from the linked networks; put a label of your own before it, as in orders.private.postgres.database.azure.com',
      )
    : fine;

// One or more DNS labels before the suffix.
const ZONE =
  /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?([.][a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?){0,8}[.]postgres[.]database[.]azure[.]com$/;

/** CEL. */
const zoneSuffix: Rule = ({ spec: { network } }) =>
  network.privateDnsZoneName !== undefined &&
  network.privateDnsZoneName !== 'postgres.database.azure.com' &&
  !ZONE.test(network.privateDnsZoneName)
    ? refuse(
        'spec.network.privateDnsZoneName',
        `"${network.privateDnsZoneName}" is not a zone for PostgreSQL servers; write lower-case labels followed by .postgres.database.azure.com, as in orders.private.postgres.database.azure.com`,
      )
    : fine;

/** CEL. Azure: a network links to one zone of a name only. */
const privateLinkRecords: Rule = ({ spec: { network } }) =>
  network.mode === 'PrivateEndpoint' && network.privateDnsZoneName === PRIVATE_LINK_ZONE
    ? refuse(
        'spec.network.privateDnsZoneName',
        "is the zone of the private endpoints' own records; put another label before .postgres.database.azure.com, as in orders.private.postgres.database.azure.com",
      )
    : fine;

/** CEL. */
const differentRecords: Rule = ({ spec: { network } }) =>
  network.writeEndpointName === network.readEndpointName
    ? refuse(
        'spec.network.readEndpointName',
        `"${network.readEndpointName}" is the same as spec.network.writeEndpointName; the two records need different names`,
      )
    : fine;

// azurerm 4.80 validate.FlexibleServerSkuName without the v6 sizes, which have no VNet integration.
const SIZE =
  /^(B_Standard_(B(1|2|4|8|12|16|20)ms|B2s)|GP_Standard_(D(2|4|8|16|32|48|64)s_v3|D(2|4|8|16|32|48|64)ds_v4|D(2|4|8|16|32|48|64|96)(ds|ads)_v5|DC(2|4|8|16|32|48|64|96)ads_v5)|MO_Standard_(E(2|4|8|16|20|32|48|64)s_v3|E(2|4|8|16|20|32|48|64)ds_v4|E(2|4|8|16|20|32|48|64|96)ds_v5|E(2|4|8|16|32|48|64|96)ads_v5|EC(2|4|8|16|20|32|48|64|96)(ads|as)_v5))$/;

/** CEL. */
const knownSize: Rule = ({ spec }) =>
  SIZE.test(spec.database.size)
    ? fine
    : refuse(
        'spec.database.size',
        `"${spec.database.size}" is not a size that Azure has for a VNet-integrated flexible server; write tier_size, as in B_Standard_B2ms, GP_Standard_D4ds_v5 or MO_Standard_E8ds_v5`,
      );

const RESERVED_LOGINS = ['azure_superuser', 'azure_pg_admin', 'admin', 'administrator', 'root', 'guest', 'public'];

/** CEL. azurerm 4.80 validate.AdminUsernames; PostgreSQL keeps pg_ for itself. */
const reservedLogin: Rule = ({ spec: { security } }) =>
  RESERVED_LOGINS.includes(security.adminUsername) || security.adminUsername.startsWith('pg_')
    ? refuse(
        'spec.security.adminUsername',
        `"${security.adminUsername}" is a name that Azure reserves (azure_superuser, azure_pg_admin, admin, administrator, root, guest, public, pg_...); choose another, as psqladmin`,
      )
    : fine;

/** CEL. */
const loginShape: Rule = ({ spec: { security } }) =>
  /^[a-z_][a-z0-9_]*$/.test(security.adminUsername)
    ? fine
    : refuse(
        'spec.security.adminUsername',
        `"${security.adminUsername}" is not a login; write lower-case letters, digits and underscores, beginning with a letter or an underscore`,
      );

/** The composed Secrets have fixed names; writing over the user's own would lose it. */
const ownSecret: Rule = ({ spec: { security }, owner, namespace, flavour }) => {
  const ref = security.adminPasswordSecretRef;
  if (!ref || flavour === 'cluster' || ref.name !== namespacedName(owner.name, 'connection')) return fine;
  return refuse(
    'spec.security.adminPasswordSecretRef.name',
    `"${ref.name}" is the Secret in which ${namespace} gets the connection details; keep the password in another Secret`,
  );
};

/** CEL. A workspace that is not made here is not changed from here. */
const workspaceOfYourOwn: Rule = ({ spec: { monitoring } }) => {
  const { workspaceId, retentionDays, dailyQuotaGB } = monitoring.logs;
  return workspaceId !== undefined && (retentionDays !== undefined || dailyQuotaGB !== undefined)
    ? refuse(
        'spec.monitoring.logs.workspaceId',
        'is a workspace of your own, whose retention and quota are set where it is managed; remove retentionDays and dailyQuotaGB, or remove workspaceId',
      )
    : fine;
};

/** CEL. A composed Secret is collected with its XR. */
const lastingPassword: Rule = ({ spec: { deletion, security } }) =>
  deletion.policy === 'Orphan' && !security.adminPasswordSecretRef && security.entra?.passwordAuthentication !== false
    ? refuse(
        'spec.security.adminPasswordSecretRef',
        'is missing, but with spec.deletion.policy Orphan the password has to outlive this object, and a generated one is deleted with it; copy it with kubectl get secret <name>-admin-password -o jsonpath={.data.password} | base64 -d | kubectl create secret generic <copy> --from-file=password=/dev/stdin, and name the copy here',
      )
    : fine;

/** Crossplane writes the XR's name into a label of every composed resource. */
const nameLength: Rule = ({ owner }) =>
  owner.name.length <= 63
    ? fine
    : refuse('metadata.name', `has ${owner.name.length} characters; choose a name of at most 63`);

/** CEL for the user's tags. Azure: a tag name has at most 512 characters, 128 on a storage account, and none of these. */
const tagNames: Rule = ({ spec, platform }) =>
  (
    [
      ['spec.tags', spec.tags],
      ['input.spec.tags', platform.tags],
    ] as const
  ).flatMap(([field, tags]) =>
    Object.keys(tags).every((name) => name.length <= 128 && !/[<>%&?/\\]/.test(name))
      ? fine
      : refuse(field, 'a tag name has at most 128 characters and none of < > % & \\ ? /'),
  );

/** Azure compares tag names without case, so two of one object's tags would be one. */
const distinctTags: Rule = ({ spec, platform }) =>
  (
    [
      ['spec.tags', spec.tags],
      ['input.spec.tags', platform.tags],
    ] as const
  ).flatMap(([field, tags]) => {
    const names = Object.keys(tags).sort();
    const twin = names.find((name, index) =>
      names.slice(0, index).some((other) => other.toLowerCase() === name.toLowerCase()),
    );
    const first = names.find((name) => name.toLowerCase() === twin?.toLowerCase());
    return twin === undefined
      ? fine
      : refuse(field, `"${first}" and "${twin}" are the same tag to Azure; keep one of them`);
  });

/** CEL. */
const activeRegionExists: Rule = ({ spec, secondary }) =>
  spec.failover.activeRegion === 'secondary' && !secondary
    ? refuse(
        'spec.failover.activeRegion',
        'is secondary, but there is no spec.regions.secondary; add the region, or set activeRegion to primary',
      )
    : fine;

/** CEL. Azure would also take one server twice, which is a name for nothing. */
const virtualEndpointNeedsReplica: Rule = ({ spec, secondary }) =>
  spec.network.virtualEndpoint?.enabled && !secondary
    ? refuse(
        'spec.network.virtualEndpoint.enabled',
        "is true, but there is no spec.regions.secondary, and the endpoint's members are a server and its replica; add the region, or set enabled to false",
      )
    : fine;

/** CEL. Microsoft, read replicas, promote: a switchover needs a virtual endpoint with the replica as its reader. */
const switchoverNeedsVirtualEndpoint: Rule = ({ spec }) =>
  spec.failover.mode === 'Switchover' && !spec.network.virtualEndpoint?.enabled
    ? refuse(
        'spec.failover.mode',
        'is Switchover, which Azure does only for a pair with a virtual endpoint; set spec.network.virtualEndpoint.enabled to true, or mode to Promote',
      )
    : fine;

/** CEL. */
const sqlNeedsPasswords: Rule = ({ spec: { failover, security } }) =>
  failover.verify === 'Sql' && security.entra?.passwordAuthentication === false
    ? refuse(
        'spec.failover.verify',
        'is Sql, which needs logins by password; set spec.security.entra.passwordAuthentication to true, or this to Witness',
      )
    : fine;

const sqlNeedsImage: Rule = ({ spec: { failover }, platform }) =>
  failover.verify === 'Sql' && failover.validation?.image === undefined && platform.probeImage === undefined
    ? refuse(
        'spec.failover.verify',
        'is Sql, which needs an image with psql; set spec.failover.validation.image, or this to Witness',
      )
    : fine;

/** CEL. */
const executorNeedsIdentity: Rule = ({ spec: { failover } }) =>
  failover.executor === 'Job' &&
  failover.executorIdentity?.clientId === undefined &&
  failover.executorIdentity?.roleDefinitionId === undefined
    ? refuse(
        'spec.failover.executorIdentity.clientId',
        'is required with executor Job; write the client id of the managed identity that may write the servers, or roleDefinitionId, and one is made',
      )
    : fine;

/** CEL. */
const dumpsNeedStorage: Rule = ({ spec: { backup } }) =>
  backup.logical.enabled && !backup.storage.enabled
    ? refuse(
        'spec.backup.logical.enabled',
        'needs the storage that the dumps go to; set spec.backup.storage.enabled to true, or this to false',
      )
    : fine;

/** CEL. */
const dumpsNeedIdentity: Rule = ({ spec: { backup, management } }) =>
  backup.logical.enabled && backup.logical.clientId === undefined && !management.workloadIdentity
    ? refuse(
        'spec.backup.logical.clientId',
        'is required with enabled; write the client id of the managed identity that may write to the container, or spec.management.workloadIdentity.issuerUrl, and one is made',
      )
    : fine;

/** CEL. */
const dumpsNeedPasswords: Rule = ({ spec: { backup, security } }) =>
  backup.logical.enabled && security.entra?.passwordAuthentication === false
    ? refuse(
        'spec.backup.logical.enabled',
        'needs logins by password, with which the dumps are made; set spec.security.entra.passwordAuthentication to true, or this to false',
      )
    : fine;

/** PostgreSQL documentation, pg_dump: "pg_dump cannot dump from PostgreSQL servers newer than its own major version". */
const dumpImageVersion: Rule = ({ spec: { backup, database } }) => {
  const { enabled, image } = backup.logical;
  const major = /^[^@]*:([0-9]+)[^/@]*(@|$)/.exec(image ?? '')?.[1];
  return enabled && major !== undefined && Number(major) < Number(database.version)
    ? refuse(
        'spec.backup.logical.image',
        `"${image}" has PostgreSQL ${major}, whose pg_dump refuses a server of version ${database.version}; choose an image of version ${database.version} or newer`,
      )
    : fine;
};

export const rules: readonly Rule[] = [
  nameLength,
  knownRegion,
  differentRegions,
  networkRange,
  subnetRange,
  disjointSubnets,
  disjointNetworks,
  knownSize,
  burstableReplica,
  burstableStandby,
  standbyZone,
  activeZoneNeedsStandby,
  zoneRedundantRegion,
  geoBackupRegion,
  storageRegion,
  bareZone,
  zoneSuffix,
  privateLinkRecords,
  differentRecords,
  reservedLogin,
  loginShape,
  ownSecret,
  activeRegionExists,
  virtualEndpointNeedsReplica,
  sqlNeedsPasswords,
  sqlNeedsImage,
  executorNeedsIdentity,
  switchoverNeedsVirtualEndpoint,
  workspaceOfYourOwn,
  lastingPassword,
  tagNames,
  distinctTags,
  dumpsNeedStorage,
  dumpsNeedIdentity,
  dumpsNeedPasswords,
  dumpImageVersion,
  ...backupRules,
  ...restoreRules,
  ...networkRules,
  ...hubRules,
  ...providerConfigRules,
  ...settingRules,
  ...controlPlaneRules,
];

function overlapsText(a: string, b: string): boolean {
  const left = parseCidr(a);
  const right = parseCidr(b);
  return left !== undefined && right !== undefined && overlaps(left, right);
}
