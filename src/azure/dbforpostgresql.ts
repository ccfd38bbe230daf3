import type { AzureKind, SecretRef, Selector } from './managed.ts';
import type { Tags } from './resource-group.ts';

/**
 * One server parameter. `value` is exactly what Azure reports back: any difference is sent again every few seconds (seen live). Deleting the
 * managed resource resets the parameter (azurerm 4.80 azurerm_postgresql_flexible_server_configuration).
 */
export const FlexibleServerConfiguration: AzureKind<{ serverIdSelector: Selector; name: string; value?: string }> = {
  kind: 'FlexibleServerConfiguration',
  service: 'dbforpostgresql',
  clusterVersion: 'v1beta1',
  holds: 'nothing',
};

/**
 * A full backup on demand. Azure's id is written into the external name by the provider, and both fields are force-new (azurerm 4.80
 * azurerm_postgresql_flexible_server_backup).
 */
export const FlexibleServerBackup: AzureKind<{ serverIdSelector: Selector; name: string }> = {
  kind: 'FlexibleServerBackup',
  service: 'dbforpostgresql',
  clusterVersion: 'v1beta1',
  holds: 'data',
};

/** Clients that reach a server with public access. `nothing`: it is made again in seconds, and a fence takes it away. */
export const FlexibleServerFirewallRule: AzureKind<{
  serverIdSelector: Selector;
  startIpAddress: string;
  endIpAddress: string;
}> = { kind: 'FlexibleServerFirewallRule', service: 'dbforpostgresql', clusterVersion: 'v1beta1', holds: 'nothing' };

/** How azurerm calls a server that is made from a backup: of a server that is there, in the paired region, of one that was deleted. */
export type RestoreMode = 'PointInTimeRestore' | 'GeoRestore' | 'ReviveDropped';

/** dbforpostgresql.azure.[m.]upbound.io. Fields by azurerm 4.80 azurerm_postgresql_flexible_server. */
export interface FlexibleServerFields {
  location: string;
  resourceGroupName: string;
  /** Absent means `Default`. Never changed: azurerm would send it as a patch that ARM refuses. */
  createMode?: 'Replica' | RestoreMode;
  /** Promotes a replica to a server of its own (planned). Refused on create; once sent, taking it back is an error for ever. */
  replicationRole?: 'None';
  /** Force-new. Resolved once from the selector; upjet keeps the result. */
  sourceServerIdSelector?: Selector;
  /**
   * In initProvider only: sent when the server is created, and no difference after a later switchover, whatever it says (seen live). Of a
   * server that is made from a backup, the one whose backup it is.
   */
  sourceServerId?: string;
  /** Force-new, and never reported back. In initProvider only. */
  pointInTimeRestoreTimeInUtc?: string;
  /** Wanted of a server that is made empty. Another one than a server has upgrades it. */
  version?: string;
  skuName: string;
  storageMb: number;
  storageTier: string;
  autoGrowEnabled: boolean;
  /** Sent when it is created. In forProvider only while a zone failover is asked for: a difference makes the provider fail over. */
  zone?: string;
  highAvailability?: { mode: 'ZoneRedundant' | 'SameZone'; standbyAvailabilityZone?: string };
  /** Days, 7-35. Not on a replica. */
  backupRetentionDays?: number;
  /** Force-new. Not on a replica. */
  geoRedundantBackupEnabled?: boolean;
  /** Force-new. Not on a replica. */
  administratorLogin?: string;
  administratorPasswordSecretRef?: SecretRef;
  autoGeneratePassword?: boolean;
  /** Absent: Azure's default, passwords alone. Left out later it would stay as it is (optional and computed). */
  authentication?: { activeDirectoryAuthEnabled: boolean; passwordAuthEnabled: boolean; tenantId?: string };
  /** Every identity that customerManagedKey names. */
  identity?: { type: 'UserAssigned'; identityIds: readonly string[] };
  /** Force-new as a whole. */
  customerManagedKey?: {
    keyVaultKeyId?: string;
    primaryUserAssignedIdentityId?: string;
    geoBackupKeyVaultKeyId?: string;
    geoBackupUserAssignedIdentityId?: string;
  };
  /** UTC; dayOfWeek 0 is Sunday. azurerm applies it in a second request after the create. */
  maintenanceWindow?: { dayOfWeek: number; startHour: number; startMinute: number };
  /** Both, or neither: azurerm. A server without them is reached by its private endpoint. */
  delegatedSubnetIdSelector?: Selector;
  privateDnsZoneIdSelector?: Selector;
  /** Azure's default is true, which it refuses on a VNet-integrated server. */
  publicNetworkAccessEnabled: boolean;
  tags: Tags;
}

export const FlexibleServer: AzureKind<FlexibleServerFields> = {
  kind: 'FlexibleServer',
  service: 'dbforpostgresql',
  clusterVersion: 'v1beta2',
  holds: 'data',
  secretRefs: ['administratorPasswordSecretRef'],
};

/**
 * Azure's id is made from the parameters, so there is no external name to give, and every field is force-new (azurerm 4.80
 * azurerm_postgresql_flexible_server_active_directory_administrator).
 */
export const FlexibleServerActiveDirectoryAdministrator: AzureKind<{
  resourceGroupName: string;
  serverName: string;
  tenantId: string;
  objectId: string;
  principalName: string;
  principalType: string;
}> = {
  kind: 'FlexibleServerActiveDirectoryAdministrator',
  service: 'dbforpostgresql',
  clusterVersion: 'v1beta1',
  holds: 'nothing',
};

/** A server that another control plane made, before it is taken over: nothing that could differ from what it is. */
export const LookedAtServer: AzureKind<
  Pick<FlexibleServerFields, 'createMode' | 'administratorPasswordSecretRef'> & { resourceGroupName: string }
> = {
  kind: 'FlexibleServer',
  service: 'dbforpostgresql',
  clusterVersion: 'v1beta2',
  holds: 'data',
  secretRefs: ['administratorPasswordSecretRef'],
};

/** A server looked at through an object that never changes it. Two fields are all that its id needs (seen live). */
export const ServerWitness: AzureKind<{ resourceGroupName: string }> = {
  kind: 'FlexibleServer',
  service: 'dbforpostgresql',
  clusterVersion: 'v1beta2',
  holds: 'nothing',
};

/**
 * A pair of names that Azure keeps at the server which takes writes and at its replica. Azure assigns the id, and it is two ids: one under
 * each member. After a switchover the members are swapped in Azure and the provider reads them back in the order of the spec; a change of
 * either member is stuck from then on (seen live), so the spec stays as it was made.
 */
export const FlexibleServerVirtualEndpoint: AzureKind<{
  name: string;
  type: 'ReadWrite';
  sourceServerIdSelector: Selector;
  replicaServerIdSelector: Selector;
}> = {
  kind: 'FlexibleServerVirtualEndpoint',
  service: 'dbforpostgresql',
  clusterVersion: 'v1beta1',
  holds: 'foundation',
};
