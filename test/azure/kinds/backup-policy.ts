import { listOf, objectOf, textOf } from '../json.ts';
import type { KindDefinition } from '../kind.ts';
import { vaultType } from './backup-vault.ts';

export const backupPolicy: KindDefinition = {
  kind: 'BackupPolicyPostgreSQLFlexibleServer',
  service: 'dataprotection',
  clusterVersion: 'v1beta1',
  type: `${vaultType}/backupPolicies`,
  naming: 'external-name',
  references: [{ field: 'vaultId', kind: 'BackupVault', service: 'dataprotection', by: 'id' }],
  id: (name, { vaultId }) => (vaultId ? `${textOf(vaultId)}/backupPolicies/${name}` : undefined),
  identifiers: ['vaultId'],
  defaults: {},
  removable: [],
  forceNew: ['backupRepeatingTimeIntervals', 'defaultRetentionRule', 'retentionRule', 'timeZone'],
  seconds: { create: 5, update: 5, delete: 5 },
  rules: [
    {
      id: 'backup-policy-weekly',
      source: 'azurerm 4.80 dataprotection (backup_repeating_time_intervals: weekly; data_store_type VaultStore)',
      verified: true,
      on: ['create'],
      code: 'UserErrorInvalidPolicy',
      refuse: ({ desired }) => {
        const intervals = listOf(desired.backupRepeatingTimeIntervals).map(textOf);
        if (
          intervals.length === 0 ||
          intervals.some((each) => !/^R\/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00\/P1W$/.test(each))
        )
          return `'${intervals.join(', ')}' is not a weekly interval`;
        const cycles = listOf(objectOf(desired.defaultRetentionRule).lifeCycle).map(objectOf);
        return cycles.length > 0 &&
          cycles.every(
            ({ dataStoreType, duration }) => dataStoreType === 'VaultStore' && /^P\d+[DMY]$/.test(textOf(duration)),
          )
          ? undefined
          : 'the default retention rule has no duration in the vault';
      },
    },
  ],
};
