import type { Database } from '../api/database.ts';
import type { Failover } from '../failover/types.ts';
import { keysOf } from '../names.ts';
import type { Observed } from '../observed/observed.ts';
import { mayBeThere, writesMove } from './in-service.ts';
import type { OnDemandBackupPlan, OnDemandBackupsPlan, ServerPlan } from './types.ts';
import { upgradeBackups } from './upgrade-backups.ts';

/**
 * Backups on demand, each taken once of the server that takes writes. It belongs to that server for good: after a failover its key still
 * names it. One at a time, because a server of which a backup is taken refuses the next.
 */
export function onDemandBackups(
  database: Database,
  observed: Observed,
  servers: readonly ServerPlan[],
  going: Pick<Failover, 'phase' | 'upgrade'>,
): OnDemandBackupsPlan {
  const { spec } = database;
  const listed = spec.backup.onDemand ?? [];
  const writer = servers.find(({ role }) => role === 'Primary');
  const backups: OnDemandBackupPlan[] = [];
  for (const name of listed) {
    const home =
      servers.find(({ key, role }) => role !== 'Primary' && observed.resources.has(keysOf.backup(key, name))) ?? writer;
    if (!home) continue;
    const key = keysOf.backup(home.key, name);
    const found = observed.resources.get(key);
    const server = observed.resources.get(home.key)?.atProvider.id;
    const taking = backups.find(({ server, taken }) => server === home.key && !taken);
    backups.push({
      key,
      name,
      server: home.key,
      // What was taken once stays so, also when Azure has dropped it since and the provider finds nothing.
      taken: found?.atProvider.id !== undefined && (found.ready || !found.mayCreate),
      id: found?.atProvider.id ?? (mayBeThere(database) && server ? `${server}/backups/${name}` : undefined),
      keepsServer:
        home.role === 'Former' &&
        (spec.failover.retire.includes(home.name) || spec.failover.formerPrimary === 'Delete'),
      after: taking ? [home.key, taking.key] : [home.key],
      // It makes the server busy.
      until: writesMove(going) ? [home.key] : [],
    });
  }
  const own = upgradeBackups(database, observed, servers, going.upgrade?.backup);
  const kept = new Set(own.map(({ key }) => key));
  return {
    backups: [...backups, ...own],
    released: [...observed.resources].flatMap(([key, backup]) =>
      backup.kind === 'FlexibleServerBackup' && !listed.includes(backup.forProvider.name ?? '') && !kept.has(key)
        ? [key]
        : [],
    ),
  };
}
