import type { AzureKind, Selector } from './managed.ts';
import type { Tags } from './resource-group.ts';

/** dataprotection.azure.[m.]upbound.io. Fields by azurerm 4.80 azurerm_data_protection_backup_vault; all but immutability and tags are force-new. */
export const BackupVault: AzureKind<{
  location: string;
  resourceGroupName: string;
  datastoreType: 'VaultStore';
  redundancy: string;
  /** `Locked` could never be taken back, so it is not offered. */
  immutability: 'Disabled' | 'Unlocked';
  softDelete: 'On';
  identity: { type: 'SystemAssigned' };
  tags: Tags;
}> = { kind: 'BackupVault', service: 'dataprotection', clusterVersion: 'v1beta2', holds: 'data' };

/** Every field is force-new (azurerm 4.80 azurerm_data_protection_backup_policy_postgresql_flexible_server). */
export const BackupPolicyPostgreSQLFlexibleServer: AzureKind<{
  vaultIdSelector: Selector;
  /** ISO 8601; azurerm takes weekly ones only. */
  backupRepeatingTimeIntervals: readonly string[];
  defaultRetentionRule: { lifeCycle: readonly { dataStoreType: 'VaultStore'; duration: string }[] };
}> = {
  kind: 'BackupPolicyPostgreSQLFlexibleServer',
  service: 'dataprotection',
  clusterVersion: 'v1beta1',
  holds: 'foundation',
};

/** azurerm 4.80 azurerm_data_protection_backup_instance_postgresql_flexible_server. Azure: vault and server are in one region. */
export const BackupInstancePostgreSQLFlexibleServer: AzureKind<{
  location: string;
  serverIdSelector: Selector;
  vaultIdSelector: Selector;
  backupPolicyIdSelector: Selector;
}> = {
  kind: 'BackupInstancePostgreSQLFlexibleServer',
  service: 'dataprotection',
  clusterVersion: 'v1beta1',
  holds: 'data',
};
