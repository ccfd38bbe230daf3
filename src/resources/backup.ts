import { type Composed, managed } from '../azure/managed.ts';
import { Account, Container } from '../azure/storage.ts';
import { keys } from '../names.ts';
import type { Plan } from '../plan/types.ts';
import { selects } from './selectors.ts';

export function backup(plan: Plan): Composed[] {
  if (!plan.backup) return []; // the user switched it off before it ever existed
  const { accountName, replication, containerName, softDeleteDays, tags } = plan.backup;
  return [
    managed(Account, {
      key: keys.backupAccount,
      why: 'for logical dumps',
      after: [keys.resourceGroup],
      externalName: accountName,
      forProvider: {
        location: plan.resourceGroup.location,
        resourceGroupName: plan.resourceGroup.name,
        accountKind: 'StorageV2',
        accountTier: 'Standard',
        accountReplicationType: replication,
        minTlsVersion: 'TLS1_2',
        httpsTrafficOnlyEnabled: true,
        // Access is by Entra ID roles alone: a shared key would open everything and cannot be scoped.
        sharedAccessKeyEnabled: false,
        defaultToOauthAuthentication: true,
        allowNestedItemsToBePublic: false,
        crossTenantReplicationEnabled: false,
        blobProperties: {
          versioningEnabled: true,
          deleteRetentionPolicy: { days: softDeleteDays },
          containerDeleteRetentionPolicy: { days: softDeleteDays },
        },
        tags,
      },
    }),
    managed(Container, {
      key: keys.backupContainer,
      why: 'the folder of the dumps',
      after: [keys.backupAccount],
      externalName: containerName,
      forProvider: {
        storageAccountIdSelector: selects(keys.backupAccount),
        containerAccessType: 'private',
      },
    }),
  ];
}
