import { createHash } from 'node:crypto';

/**
 * Every name, key and label. Keys and labels depend on site and generation; Kubernetes names also on namespace and name; Azure names also on
 * resource group and naming prefix. None depends on a role, which changes, or on a uid, which another control plane would not have.
 */

/** Where a server stands; `primary` and `secondary` are the names of the two fields under spec.regions, not roles. */
export type Site = 'primary' | 'secondary';

/** Composition-resource names. Changing one deletes a resource and creates another. */
export const keys = {
  resourceGroup: 'resource-group',
  adminPassword: 'admin-password',
  dnsZone: 'private-dns-zone',
  vnet: (site: Site) => `${site}-vnet`,
  subnet: (site: Site) => `${site}-subnet`,
  dnsLink: (site: Site) => `${site}-dns-link`,
  peering: (from: Site) => `${from}-peering`,
  server: (site: Site, generation: number) => (generation === 1 ? `${site}-server` : `${site}-server-${generation}`),
  writeRecord: 'cname-write',
  readRecord: 'cname-read',
  backupAccount: 'backup-storage-account',
  backupContainer: 'backup-container',
  connectionSecret: 'connection-secret',
  managementConfig: 'management-config',
  managementServiceAccount: 'management-serviceaccount',
  managementRole: 'management-role',
  managementRoleBinding: 'management-rolebinding',
  managementClusterRole: 'management-clusterrole',
  managementClusterRoleBinding: 'management-clusterrolebinding',
} as const;

/** Composition-resource names of which there are several. What belongs to one server has that server's in it. At most 63 characters: they are labels too. */
export const keysOf = {
  /** The Secret of a rotated password; without a trigger what all of them begin with. */
  passwordVersion: (trigger?: string) => `admin-password-${trigger === undefined ? '' : hash([trigger])}`,
  /** A dot and an underscore stay apart: PostgreSQL has no name with two underscores in a row. */
  parameter: (server: string, name: string) =>
    namespacedName(server, `parameter-${name.toLowerCase().replaceAll('.', '--').replaceAll('_', '-')}`),
  lock: (server: string) => `${server}-lock`,
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

/** Virtual network: 2-64, unique in its resource group, which another object may share. */
export const vnetName = (scope: NameScope, region: string): string => azureName(scope, ['vnet', region], 63);

/** Storage account: 3-24 of a-z and 0-9, unique in all of Azure. */
export const storageAccountName = (scope: NameScope): string => {
  const stem = slug(`${scope.prefix}${scope.name}`).replaceAll('-', '').slice(0, 12);
  const parts = [scope.prefix, scope.namespace, scope.name, scope.resourceGroup, 'backup'];
  return `${stem}bk${createHash('sha256').update(parts.join('\0')).digest('hex').slice(0, 10)}`;
};

/** Names inside a parent that is ours alone need no hash. */
export const SUBNET_NAME = 'postgresql';
export const LOCK_NAME = 'database-protection';
export const dnsLinkName = (region: string): string => region;
export const peeringName = (toRegion: string): string => `to-${toRegion}`;

/** Private DNS zone, when the user names none. Its middle label keeps it from equalling a server's FQDN. */
export const dnsZoneName = (namespace: string, name: string): string =>
  [...[slug(name), slug(namespace)].filter((label) => label !== ''), 'private.postgres.database.azure.com'].join('.');
