import type { Database } from '../api/database.ts';
import type { Upgrade } from '../failover/types.ts';
import { keysOf, UPGRADE_BACKUP } from '../names.ts';
import type { Observed } from '../observed/observed.ts';
import { mayBeThere } from './in-service.ts';
import type { OnDemandBackupPlan, ServerPlan } from './types.ts';

/**
 * Backups that were taken of a server before it was upgraded, and the one that is wanted now. They stay until Azure drops them with their
 * retention, or the server goes: the platform takes them, so it must not be the one that deletes what a person may still want.
 */
export function upgradeBackups(
  database: Database,
  { resources }: Observed,
  servers: readonly ServerPlan[],
  wanted: Upgrade['backup'],
): OnDemandBackupPlan[] {
  // A person who lists one takes it over, and may delete it.
  const listed = database.spec.backup.onDemand ?? [];
  const there = servers
    .filter(({ retiring }) => !retiring)
    .flatMap(({ key: server }) => {
      const prefix = keysOf.backup(server);
      return [...resources].flatMap(([key, backup]) => {
        const name = key.startsWith(prefix) ? key.slice(prefix.length) : '';
        return UPGRADE_BACKUP.test(name) && !backup.lost ? [{ name, server }] : [];
      });
    });
  const isNew = wanted && there.every(({ name, server }) => name !== wanted.name || server !== wanted.server);
  const own = [...there, ...(isNew ? [wanted] : [])].filter(({ name }) => !listed.includes(name));
  return own.map(({ name, server }) => {
    const key = keysOf.backup(server, name);
    const found = resources.get(key);
    const of = resources.get(server)?.atProvider.id;
    return {
      key,
      name,
      server,
      taken: found?.atProvider.id !== undefined && (found.ready || !found.mayCreate),
      id: found?.atProvider.id ?? (mayBeThere(database) && of ? `${of}/backups/${name}` : undefined),
      keepsServer: false,
      after: [server],
      until: [],
    };
  });
}
