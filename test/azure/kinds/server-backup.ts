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
  ],
};
