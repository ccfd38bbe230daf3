import { createHash } from 'node:crypto';

/**
 * Every name, key and label. Keys and labels depend on site and generation; Kubernetes names also on namespace and name; Azure names also on
 * resource group and naming prefix. None depends on a role, which changes, or on a uid, which another control plane would not have.
 */

/** Where a server stands; `primary` and `secondary` are the names of the two fields under spec.regions, not roles. */
export type Site = 'primary' | 'secondary';

/** What a key of the user's encrypts: a site's servers, or the copy of their backups in another region. */
export type KeyUse = Site | 'geo-backup';

/** What runs in this cluster as an identity of Azure's that is made here. */
export type WorkloadUse = 'dump' | 'failover';

/** Which of a site's delegated subnets: servers of odd generation stand in the first, those of even generation in the second. */
export type SubnetOrdinal = 1 | 2;

const second = (ordinal: SubnetOrdinal): string => (ordinal === 1 ? '' : '-2');

/** Composition-resource names. Changing one deletes a resource and creates another. */
export const keys = {
  resourceGroup: 'resource-group',
  adminPassword: 'admin-password',
  dnsZone: 'private-dns-zone',
  vnet: (site: Site) => `${site}-vnet`,
  subnet: (site: Site, ordinal: SubnetOrdinal = 1) => `${site}-subnet${second(ordinal)}`,
  nsg: (site: Site, ordinal: SubnetOrdinal = 1) => `${site}-nsg${second(ordinal)}`,
  nsgAssociation: (site: Site, ordinal: SubnetOrdinal = 1) => `${site}-nsg${second(ordinal)}-association`,
  dnsLink: (site: Site) => `${site}-dns-link`,
  peering: (from: Site) => `${from}-peering`,
  /** The zone in which Azure keeps the addresses of private endpoints, and its links. */
  privateLinkZone: 'privatelink-zone',
  privateLinkLink: (site: Site) => `${site}-privatelink-link`,
  /** It follows its server, whatever that one's role. */
  privateEndpoint: (server: string) => `${server}-endpoint`,
  server: (site: Site, generation: number) => (generation === 1 ? `${site}-server` : `${site}-server-${generation}`),
  /**
   * A fresh, observe-only look at a server: who does it replicate from, before a promotion, after it, and when it is adopted; is it fenced; is
   * it gone before an upgrade, and has it its standby after one?
   */
  witness: (server: string, when: 'before' | 'after' | 'adoption' | 'fence' | 'upgrade') => `${server}-witness-${when}`,
  /** The server parameter that makes a server's sessions read-only. */
  networkFence: (server: string) => `${server}-fence`,
  readOnly: (server: string) => `${server}-read-only`,
  /** Made for one key of the user's: who reads it, and that it may. */
  keyIdentity: (use: KeyUse) => `${use}-key-identity`,
  keyRole: (use: KeyUse) => `${use}-key-role`,
  /** Made for what runs in this cluster: who it is in Azure, that Azure believes its token, and what it may do there. */
  workloadIdentity: (use: WorkloadUse) => `${use}-identity`,
  workloadCredential: (use: WorkloadUse) => `${use}-federated-credential`,
  workloadRole: (use: WorkloadUse) => `${use}-azure-role`,
  writeRecord: 'cname-write',
  readRecord: 'cname-read',
  trafficManager: 'traffic-manager',
  backupAccount: 'backup-storage-account',
  backupContainer: 'backup-container',
  backupVault: (site: Site) => `${site}-backup-vault`,
  backupPolicy: (site: Site) => `${site}-backup-policy`,
  backupVaultReader: (site: Site) => `${site}-backup-vault-reader`,
  dumpServiceAccount: 'dump-serviceaccount',
  dumpCronJob: 'dump-cronjob',
  dumpRetention: 'dump-retention',
  failoverServiceAccount: 'failover-serviceaccount',
  failoverRole: 'failover-role',
  failoverRoleBinding: 'failover-rolebinding',
  connectionSecret: 'connection-secret',
  protection: 'protection',
  claimProtection: 'claim-protection',
  workspace: 'log-analytics-workspace',
  actionGroup: 'action-group',
  /** Of one server: they follow it, whatever its role. */
  diagnostics: (server: string) => `${server}-diagnostics`,
  alert: (server: string, alert: string) => `${server}-alert-${alert}`,
  datadogMonitor: (server: string, alert: string) => `${server}-datadog-${alert}`,
  managementConfig: 'management-config',
  managementServiceAccount: 'management-serviceaccount',
  managementRole: 'management-role',
  managementRoleBinding: 'management-rolebinding',
  managementClusterRole: 'management-clusterrole',
  managementClusterRoleBinding: 'management-clusterrolebinding',
} as const;

/** Key of the subnet in which a server of this generation is created. Without a second subnet all stand in the first. */
export const subnetKey = (site: Site, generation: number, hasSecond: boolean): string =>
  keys.subnet(site, hasSecond && generation % 2 === 0 ? 2 : 1);

/** Which of its site's subnets this is, read back from its key. */
export const subnetOrdinal = (subnet: string): SubnetOrdinal => (subnet.endsWith('-2') ? 2 : 1);

/** Rules that every network security group has: Azure names, and the ends of their keys. */
export const SECURITY_RULES = ['servers-in', 'clients-in', 'servers-out', 'storage-out', 'entra-out'] as const;
export type SecurityRuleName = (typeof SECURITY_RULES)[number];

export const nsgRuleKey = (site: Site, ordinal: SubnetOrdinal, rule: SecurityRuleName): string =>
  `${keys.nsg(site, ordinal)}-${rule}`;

/** Generation of a server, read back from its key. */
export const generationOf = (server: string): number => Number(/-server-(\d+)$/.exec(server)?.[1] ?? 1);
/** Site of a server, read back from its key. */
export const siteOf = (server: string): Site => (server.startsWith('secondary-') ? 'secondary' : 'primary');
/** Key of the Usage that keeps the resource `of` until the resource `by` is gone. */
export const usageKey = (of: string, by: string): string => `usage-of-${of}-by-${by}`;

/** What every key of a hub begins with, and no other. */
export const HUB = 'hub-';

/** Composition-resource names of which there are several. What belongs to one server has that server's in it. At most 63 characters: they are labels too. */
export const keysOf = {
  /** The Secret of a rotated password; without a trigger what all of them begin with. */
  passwordVersion: (trigger?: string) => `admin-password-${trigger === undefined ? '' : hash([trigger])}`,
  /** A dot and an underscore stay apart: PostgreSQL has no name with two underscores in a row. */
  parameter: (server: string, name: string) =>
    namespacedName(server, `parameter-${name.toLowerCase().replaceAll('.', '--').replaceAll('_', '-')}`),
  lock: (server: string) => `${server}-lock`,
  /** Of a pair of servers, whichever of them takes writes; counted on with the generations of both. */
  virtualEndpoint: (generation: number) => (generation === 1 ? 'virtual-endpoint' : `virtual-endpoint-${generation}`),
  /** Jobs of one failover, told by the term that it gives. */
  failoverCall: (term: number) => `failover-call-${term}`,
  verification: (term: number) => `failover-verification-${term}`,
  validation: (term: number) => `failover-validation-${term}`,
  /** A backup on demand; without a name what those of a server begin with. */
  backup: (server: string, name = '') => `${server}-backup-${name}`,
  /** Without a name what all of one server's begin with. */
  firewallRule: (server: string, name = '') => `${server}-firewall-${name}`,
  /** Where the profile may lead. */
  trafficEndpoint: (server: string) => `${server}-traffic`,
  longTermBackup: (server: string) => `${server}-long-term-backup`,
  /** What the vault may do with the server. */
  longTermRole: (server: string) => `${server}-long-term-role`,
  /** Peerings of a hub, by its name here: of the region's network with it, and of it with that. */
  toHub: (hub: string, site: Site) => `${HUB}${hub}-from-${site}`,
  fromHub: (hub: string, site: Site) => `${HUB}${hub}-to-${site}`,
  hubLink: (hub: string) => `${HUB}${hub}-dns-link`,
  hubPrivateLinkLink: (hub: string) => `${HUB}${hub}-privatelink-link`,
  administrator: (server: string, objectId: string) => `${server}-admin-${objectId}`,
} as const;

export const labels = {
  /** Selects one composed resource of this XR: its composition-resource name. Crossplane itself keeps that in an annotation only. */
  component: 'database.platform.io/component',
  site: 'database.platform.io/site',
  generation: 'database.platform.io/generation',
  /** Composition-resource name of the server that a setting belongs to. */
  server: 'database.platform.io/server',
  managedBy: 'app.kubernetes.io/managed-by',
  /** `true` on an object that only looks at a server which another object manages. */
  witness: 'database.platform.io/witness',
  /** `true` on an object that stands for something that somebody else made in Azure. */
  existing: 'database.platform.io/existing',
} as const;

/** What a server's own object remembers, so that a lost status or a restarted function changes nothing. */
export const annotations = {
  /** The how-manieth server it was to take writes, from 1. Written once that is proven; the highest takes them now. */
  term: 'database.platform.io/writer-term',
  /** Its term, from the promotion until a write by the write name was seen to arrive, or nobody is to look. */
  unvalidated: 'database.platform.io/unvalidated-term',
  /** Composition-resource name of the server that it replicates from. */
  follows: 'database.platform.io/follows',
  /** `true` while its object only looks at it, because another control plane acts or acted last. */
  observeOnly: 'database.platform.io/observe-only',
  /** Composition-resource name of the replica to which a switchover may have given its place. */
  yieldsTo: 'database.platform.io/yields-to',
  /** `true` on a replica from before the call that promotes it is shown or made, until it is known whether it was. */
  called: 'database.platform.io/promotion-called',
  /** On the server that takes writes: the major version to which an upgrade of it has begun. It leaves when all is as it was before. */
  upgrade: 'database.platform.io/upgrade',
  /** On the same: composition-resource name and Azure name of the replica that went for an upgrade, until there is another one. */
  removedReplica: 'database.platform.io/upgrade-removed-replica',
  /** On the same: the version that Azure did not upgrade to, and its words. */
  upgradeFailed: 'database.platform.io/upgrade-failed',
  /** On the same: how many backups were taken for upgrades that are over. */
  upgradeBackups: 'database.platform.io/upgrade-backups',
  /** spec.highAvailability.activeZone, from when the server that takes writes was seen there until it says something else. */
  zoneReached: 'database.platform.io/zone-reached',
  /** Composition-resource name of the server that it was made from, for ever. */
  source: 'database.platform.io/made-from',
  /** What spec.restore said when it was made from a backup, for ever. */
  restores: 'database.platform.io/restores',
  /** What spec.restore said when it was last carried out on any server, so that it is never carried out twice. */
  restored: 'database.platform.io/restored',
  /** On a virtual endpoint: composition-resource name of the replica that it was made with. */
  reader: 'database.platform.io/reader',
  /** On a record: composition-resource name of the server that it points at. */
  server: 'database.platform.io/server',
} as const;

export const MANAGED_BY = 'function-postgresql';

/** What a name may depend on. `namespace` and `name` are those of the object that the user owns: the XR, or its claim. */
export interface NameScope {
  readonly namespace: string;
  readonly name: string;
  readonly resourceGroup: string;
  readonly prefix: string;
}

// \0 cannot occur in a part, so that ("a", "bc") and ("ab", "c") differ.
const hash = (parts: readonly string[]): string =>
  createHash('sha256').update(parts.join('\0')).digest('hex').slice(0, 8);

const slug = (text: string): string =>
  text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '');

/** Joins the readable parts, cuts them to fit, and ends with the hash. */
function hashed(readable: readonly string[], hashOf: readonly string[], limit: number): string {
  const stem = slug(readable.filter((part) => part !== '').join('-'))
    .slice(0, limit - 9)
    .replaceAll(/-+$/g, '');
  return `${stem}-${hash(hashOf)}`;
}

const K8S_LIMIT = 63;

/** Name of a composed namespaced object: `<name>-<suffix>`, cut and hashed when that is longer than a label may be. */
export function namespacedName(name: string, suffix: string): string {
  const whole = `${name}-${suffix}`;
  return whole.length <= K8S_LIMIT ? whole : hashed([name.slice(0, 20), suffix], [name, suffix], K8S_LIMIT);
}

// Kubernetes: a CronJob's name has at most 52 characters, because its Jobs add 11.
const CRON_JOB_LIMIT = 52;

/** Name of a composed CronJob. */
export function cronJobName(name: string, suffix: string): string {
  const whole = `${name}-${suffix}`;
  return whole.length <= CRON_JOB_LIMIT ? whole : hashed([name.slice(0, 20), suffix], [name, suffix], CRON_JOB_LIMIT);
}

/** Name of a composed cluster-scoped object, which must be unique over all namespaces. */
export const clusterName = (namespace: string, name: string, suffix: string): string =>
  hashed([namespace.slice(0, 12), name.slice(0, 14), suffix], [namespace, name, suffix], K8S_LIMIT);

/** Resource group, when the user names none: 1-90 characters. It cannot depend on itself. */
export const resourceGroupName = (prefix: string, namespace: string, name: string): string =>
  hashed([prefix, name], [prefix, namespace, name], 60);

const azureName = (scope: NameScope, readable: readonly string[], limit: number): string =>
  hashed(
    [scope.prefix, scope.name, ...readable],
    [scope.prefix, scope.namespace, scope.name, scope.resourceGroup, ...readable],
    limit,
  );

/** Flexible server: 3-63 of a-z, 0-9 and hyphen, unique in all of Azure. */
export const serverName = (scope: NameScope, region: string, generation: number): string =>
  azureName(scope, generation === 1 ? [region] : [region, `g${generation}`], 63);

/** Whether a server's name, unless it was too long, is the one that this generation gets in a region. */
export const isNamedFor = (name: string, region: string, generation: number): boolean =>
  generation > 1 && name.includes(`-${region}-g${generation}-`);

/** Virtual endpoint: 3-63 of letters, digits and hyphens, unique in all of Azure. */
export const virtualEndpointName = (scope: NameScope, generation: number): string =>
  azureName(scope, generation === 1 ? ['endpoint'] : ['endpoint', `g${generation}`], 63);

/** Traffic Manager profile and its label below trafficmanager.net: 1-63 of letters, digits and hyphens, unique in all of Azure. */
export const trafficManagerName = (scope: NameScope): string => azureName(scope, ['traffic'], 63);
/** Azure's public cloud. */
export const TRAFFIC_MANAGER_DOMAIN = 'trafficmanager.net';

/** Virtual network: 2-64, unique in its resource group, which another object may share. */
export const vnetName = (scope: NameScope, region: string): string => azureName(scope, ['vnet', region], 63);

/** Network security group: 1-80, unique in its resource group. */
export const nsgName = (scope: NameScope, region: string, ordinal: SubnetOrdinal): string =>
  azureName(scope, ordinal === 1 ? ['nsg', region] : ['nsg', region, '2'], 63);

/** Storage account: 3-24 of a-z and 0-9, unique in all of Azure. */
export const storageAccountName = (scope: NameScope): string => {
  const stem = slug(`${scope.prefix}${scope.name}`).replaceAll('-', '').slice(0, 12);
  const parts = [scope.prefix, scope.namespace, scope.name, scope.resourceGroup, 'backup'];
  return `${stem}bk${createHash('sha256').update(parts.join('\0')).digest('hex').slice(0, 10)}`;
};

/** User-assigned identity: 3-128, unique in its resource group. The copy's region may be that of the second server. */
export const keyIdentityName = (scope: NameScope, use: KeyUse, region: string): string =>
  azureName(scope, use === 'geo-backup' ? ['key', 'copy', region] : ['key', region], 63);

/** User-assigned identity, as above. */
export const workloadIdentityName = (scope: NameScope, use: WorkloadUse): string => azureName(scope, [use], 63);

/** Federated identity credential: 3-120, unique in its identity, which has one. */
export const FEDERATED_CREDENTIAL_NAME = 'kubernetes';

/** Role assignment: a GUID. One for each identity, so that a new identity never meets the assignment of an old one (Azure refuses that). */
export function roleAssignmentName(scope: string, principalId: string, role: string): string {
  const hex = createHash('sha256').update([scope.toLowerCase(), principalId, role].join('\0')).digest('hex');
  // The marks of a name-based GUID, RFC 9562.
  return [hex.slice(0, 8), hex.slice(8, 12), `5${hex.slice(13, 16)}`, `a${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    '-',
  );
}
/** Azure id of a role assignment. */
export const roleAssignmentId = (scope: string, name: string): string =>
  `${scope}/providers/Microsoft.Authorization/roleAssignments/${name}`;

/** Backup vault: 2-50 of letters, digits and hyphens, unique in its resource group. */
export const backupVaultName = (scope: NameScope, region: string): string => azureName(scope, ['vault', region], 50);

/** Log Analytics workspace: 4-63 of letters, digits and hyphens, unique in its resource group. */
export const workspaceName = (scope: NameScope): string => azureName(scope, ['logs'], 63);

/** Action group: unique in its resource group. */
export const actionGroupName = (scope: NameScope): string => azureName(scope, ['alerts'], 63);

/** What an action group's messages begin with: 1-12 characters. */
export const actionGroupShortName = (name: string): string => name.slice(0, 12).replaceAll(/[-.]+$/g, '');

/** Metric alert: at most 260, unique in its resource group, as the name of the server already is. */
export const alertName = (server: string, alert: string): string => `${server}-${alert}`;

/** Private endpoint: 1-80, unique in its resource group, as the name of the server already is. */
export const privateEndpointName = (server: string): string => `${server}-endpoint`;
/** Azure name of the backup that is taken before an upgrade, and what the names of all of them are like. */
export const upgradeBackupName = (version: string, nth: number): string => `major-upgrade-${version}-${nth}`;
export const UPGRADE_BACKUP = /^major-upgrade-\d+-(\d+)$/;
/** Azure id of the parameter of a server that makes its sessions read-only. */
export const fenceParameterId = (server: string): string => `${server}/configurations/default_transaction_read_only`;

/** Names inside a parent that is ours alone need no hash. */
export const subnetName = (ordinal: SubnetOrdinal): string => `postgresql${second(ordinal)}`;
export const BACKUP_POLICY_NAME = 'weekly';
export const LOCK_NAME = 'database-protection';
export const DIAGNOSTIC_SETTING_NAME = 'crossplane';
/** Folder of the backup container that holds the dumps, so that nothing else in it is ever deleted. */
export const DUMP_FOLDER = 'dumps';
export const dnsLinkName = (region: string): string => region;
export const peeringName = (toRegion: string): string => `to-${toRegion}`;

/** A hub network here, told by its whole id; also the Azure name of what joins it to ours, in a parent that is ours alone. */
export const hubName = (network: string, id: string): string => hashed([network], [id.toLowerCase()], 30);
/** Peering of a hub with one of our networks: 1-80, unique in the hub, which other clusters and subscriptions use too. */
export const hubPeeringName = (network: string, id: string): string => hashed([network], [id.toLowerCase()], 80);

/** Azure: the name to which a server's public name points once it has a private endpoint (private-endpoint-dns). */
export const PRIVATE_LINK_ZONE = 'privatelink.postgres.database.azure.com';

/** Private DNS zone, when the user names none. Its middle label keeps it from equalling a server's FQDN. */
export const dnsZoneName = (namespace: string, name: string): string =>
  [...[slug(name), slug(namespace)].filter((label) => label !== ''), 'private.postgres.database.azure.com'].join('.');
