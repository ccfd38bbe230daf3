import { parentId, resourceKey } from '../arm-id.ts';
import { textOf } from '../json.ts';
import type { KindDefinition } from '../kind.ts';
import { timestamp } from '../state.ts';
import { serverType, sourceOf } from './server-lookup.ts';

export const flexibleServerBackup: KindDefinition = {
  kind: 'FlexibleServerBackup',
  service: 'dbforpostgresql',
  clusterVersion: 'v1beta1',
  type: `${serverType}/backups`,
  naming: 'assigned',
  references: [{ field: 'serverId', kind: 'FlexibleServer', service: 'dbforpostgresql', by: 'id' }],
  id: (_name, { serverId, name }) => (serverId && name ? `${textOf(serverId)}/backups/${textOf(name)}` : undefined),
  identifiers: ['serverId', 'name'],
  defaults: {},
  removable: [],
  forceNew: [],
  seconds: { create: 300, update: 5, delete: 30 },
  serialise: (id) => ({ busy: [resourceKey(parentId(id) ?? '')] }),
  stored: (params, { state }) => ({ properties: params, hidden: { completedTime: timestamp(state.now + 300) } }),
  computed: ({ hidden }) => ({ completedTime: textOf(hidden.completedTime) }),
  rules: [
    {
      id: 'backup-not-on-replica',
      source: 'Microsoft, concepts-backup-restore; Microsoft, concepts-read-replicas (no backups on replicas)',
      verified: true,
      on: ['create'],
      code: 'OperationNotAllowedOnReplica',
      refuse: ({ state, id }) => {
        const server = state.resources[resourceKey(parentId(id) ?? '')];
        return server && sourceOf(server) !== '' ? 'on-demand backups are not supported on a read replica' : undefined;
      },
    },
    {
      id: 'backup-not-on-burstable',
      source: 'Microsoft, concepts-backup-restore (limitations of on-demand backups)',
      verified: true,
      on: ['create'],
      code: 'OperationNotSupportedOnBurstable',
      refuse: ({ state, id }) =>
        textOf(state.resources[resourceKey(parentId(id) ?? '')]?.properties.skuName).startsWith('B_')
          ? 'on-demand backups are not supported in the Burstable tier'
          : undefined,
    },
    {
      id: 'seven-backups',
      source: 'Microsoft, concepts-backup-restore (at most 7 on-demand backups of a server)',
      verified: true,
      on: ['create'],
      code: 'MaximumNumberOfBackupsReached',
      refuse: ({ state, id }) => {
        const begin = `${resourceKey(parentId(id) ?? '')}/backups/`;
        return Object.keys(state.resources).filter((key) => key.startsWith(begin)).length >= 7
          ? 'the server has 7 on-demand backups'
          : undefined;
      },
    },
  ],
};
