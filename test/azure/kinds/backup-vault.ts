import { createHash } from 'node:crypto';
import { providerId, resourceGroupId, resourceKey } from '../arm-id.ts';
import { textOf } from '../json.ts';
import { type KindDefinition, resourceGroupName } from '../kind.ts';

export const vaultType = 'Microsoft.DataProtection/backupVaults';

/** The made-up object id of a vault's identity. */
export const principalOf = (id: string): string => {
  const digits = createHash('sha256').update(resourceKey(id)).digest('hex').slice(0, 12);
  return `00000000-0000-0000-0000-${digits}`;
};

export const backupVault: KindDefinition = {
  kind: 'BackupVault',
  service: 'dataprotection',
  clusterVersion: 'v1beta2',
  type: vaultType,
  naming: 'external-name',
  references: [resourceGroupName],
  id: (name, { resourceGroupName: group }, subscription) =>
    group ? providerId(resourceGroupId(subscription, textOf(group)), vaultType, name) : undefined,
  identifiers: ['resourceGroupName'],
  defaults: { immutability: 'Disabled', softDelete: 'On', retentionDurationInDays: 14 },
  removable: ['tags', 'identity'],
  forceNew: ['location', 'datastoreType', 'redundancy'],
  seconds: { create: 30, update: 20, delete: 20 },
  computed: ({ id, properties }) => ({
    identity: { type: properties.identity ? 'SystemAssigned' : '', principalId: principalOf(id) },
  }),
  rules: [
    {
      id: 'vault-fields',
      source: 'azurerm 4.80 dataprotection (data_protection_backup_vault: name, redundancy)',
      verified: true,
      on: ['create'],
      code: 'provider',
      refuse: ({ name, desired }) => {
        if (!/^[-a-zA-Z0-9]{2,50}$/.test(name)) return `'${name}' is not a valid vault name`;
        return ['GeoRedundant', 'LocallyRedundant', 'ZoneRedundant'].includes(textOf(desired.redundancy))
          ? undefined
          : `the redundancy '${textOf(desired.redundancy)}' is unknown`;
      },
    },
    {
      id: 'vault-with-backups',
      source:
        'Microsoft, Backup vault overview (a vault with backup instances, soft-deleted ones included, is not deleted)',
      verified: true,
      on: ['delete'],
      code: 'BackupVaultContainsBackupInstances',
      refuse: ({ state, id }) =>
        Object.keys(state.resources).some((key) => key.startsWith(`${resourceKey(id)}/backupinstances/`))
          ? 'the vault holds backup instances'
          : undefined,
    },
  ],
};
