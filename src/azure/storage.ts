import type { AzureKind, Selector } from './managed.ts';
import type { Tags } from './resource-group.ts';

/** storage.azure.[m.]upbound.io */
export const Account: AzureKind<{
  location: string;
  resourceGroupName: string;
  accountKind: 'StorageV2';
  accountTier: 'Standard';
  accountReplicationType: string;
  minTlsVersion: 'TLS1_2';
  httpsTrafficOnlyEnabled: boolean;
  sharedAccessKeyEnabled: boolean;
  defaultToOauthAuthentication: boolean;
  allowNestedItemsToBePublic: boolean;
  crossTenantReplicationEnabled: boolean;
  blobProperties: {
    versioningEnabled: boolean;
    /** Days, 1-365. */
    deleteRetentionPolicy: { days: number };
    containerDeleteRetentionPolicy: { days: number };
  };
  tags: Tags;
}> = { kind: 'Account', service: 'storage', clusterVersion: 'v1beta2', holds: 'data' };

export const Container: AzureKind<{
  /** Through ARM: with storageAccountName azurerm would use the data plane and the account's keys. */
  storageAccountIdSelector: Selector;
  containerAccessType: 'private';
}> = { kind: 'Container', service: 'storage', clusterVersion: 'v1beta1', holds: 'data' };

/** One per account. */
export const ManagementPolicy: AzureKind<{
  storageAccountIdSelector: Selector;
  rule: readonly {
    name: string;
    enabled: boolean;
    /** A prefix begins with the container's name. */
    filters: { blobTypes: readonly 'blockBlob'[]; prefixMatch: readonly string[] };
    actions: {
      baseBlob: { deleteAfterDaysSinceModificationGreaterThan: number };
      version: { deleteAfterDaysSinceCreation: number };
    };
  }[];
}> = { kind: 'ManagementPolicy', service: 'storage', clusterVersion: 'v1beta2', holds: 'nothing' };
