import { groupIdOf, parentId, resourceKey } from '../arm-id.ts';
import { textOf } from '../json.ts';
import type { KindDefinition } from '../kind.ts';
import type { Simulation } from '../state.ts';
import { principalOf, vaultType } from './backup-vault.ts';
import { hasRole } from './role-assignment.ts';
import { sourceOf } from './server-lookup.ts';

const at = (state: Simulation, id: unknown) => state.resources[resourceKey(String(id))];

export const backupInstance: KindDefinition = {
  kind: 'BackupInstancePostgreSQLFlexibleServer',
  service: 'dataprotection',
  clusterVersion: 'v1beta1',
  type: `${vaultType}/backupInstances`,
  naming: 'external-name',
  references: [
    { field: 'vaultId', kind: 'BackupVault', service: 'dataprotection', by: 'id' },
    { field: 'serverId', kind: 'FlexibleServer', service: 'dbforpostgresql', by: 'id' },
    { field: 'backupPolicyId', kind: 'BackupPolicyPostgreSQLFlexibleServer', service: 'dataprotection', by: 'id' },
  ],
  id: (name, { vaultId }) => (vaultId ? `${textOf(vaultId)}/backupInstances/${name}` : undefined),
  identifiers: ['vaultId'],
  defaults: {},
  removable: [],
  forceNew: ['location', 'serverId'],
  seconds: { create: 120, update: 60, delete: 60 },
  computed: () => ({ protectionState: 'ProtectionConfigured' }),
  rules: [
    {
      id: 'backup-instance-region',
      source: 'Microsoft, support matrix of Azure Backup for flexible servers (vault and server in one region)',
      verified: true,
      on: ['create'],
      code: 'UserErrorDatasourceRegionMismatch',
      refuse: ({ state, id, desired }) =>
        at(state, parentId(id))?.region === at(state, desired.serverId)?.region
          ? undefined
          : 'the vault is not in the region of the server',
    },
    {
      id: 'backup-instance-not-of-replica',
      source: 'Microsoft, concepts-read-replicas (no backups on replicas)',
      verified: true,
      on: ['create'],
      code: 'UserErrorReplicaNotSupported',
      refuse: ({ state, desired }) => {
        const server = at(state, desired.serverId);
        return server && sourceOf(server) !== '' ? 'a read replica cannot be backed up into a vault' : undefined;
      },
    },
    {
      id: 'backup-instance-roles',
      source: 'azurerm 4.80 documentation of the resource (roles of the vault); the code is made up',
      verified: true,
      on: ['create'],
      code: 'UserErrorMissingPermissions',
      refuse: ({ state, id, desired }) => {
        const principal = principalOf(parentId(id) ?? '');
        const serverId = textOf(desired.serverId);
        if (!hasRole(state, principal, groupIdOf(serverId), 'Reader'))
          return "the vault's identity has no role Reader on the server's resource group";
        return hasRole(state, principal, serverId, 'PostgreSQL Flexible Server Long Term Retention Backup Role')
          ? undefined
          : "the vault's identity has no role for long-term retention on the server";
      },
    },
  ],
};
