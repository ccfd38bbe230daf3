import type { Database } from '../api/database.ts';
import type { Problem } from '../api/problem.ts';
import { keysOf } from '../names.ts';
import type { Observed } from '../observed/observed.ts';
import type { Plan } from '../plan/types.ts';

/** Changes of backups that Azure cannot make. As in refuse.ts, the sentences are those of the XRD where it has them too. */
export const refusedBackupChanges = (database: Database, plan: Plan, observed: Observed): Problem[] => [
  ...lockedBackups(plan, observed),
  ...changedVaults(database, plan, observed),
];

function changedVaults({ spec }: Database, { longTerm }: Plan, { resources }: Observed): Problem[] {
  const problems = new Map<string, string>();
  for (const { key, policy } of longTerm?.vaults ?? []) {
    const { backupRepeatingTimeIntervals: times, defaultRetentionRule: rule } =
      resources.get(policy)?.forProvider ?? {};
    if (times && (times[0] !== longTerm?.interval || rule?.lifeCycle?.[0]?.duration !== longTerm?.retention))
      problems.set(
        'spec.backup.longTerm',
        'retentionMonths, dayOfWeek and hour cannot change, because Azure cannot change a policy of a vault',
      );
    const { redundancy } = resources.get(key)?.forProvider ?? {};
    const asked = spec.backup.longTerm?.redundancy;
    if (redundancy !== undefined && asked !== undefined && redundancy !== asked)
      problems.set(
        'spec.backup.longTerm.redundancy',
        'cannot change, because Azure would have to create another vault',
      );
  }
  return [...problems].map(([field, message]) => ({ field, message }));
}

/** A backup that is no longer listed, on a server whose lock would keep Azure from deleting it for ever: locks are inherited. */
function lockedBackups({ onDemandBackups, locks, deletion }: Plan, observed: Observed): Problem[] {
  if (deletion === 'Orphan') return []; // nothing is deleted in Azure
  const locked = locks.filter(({ key, goes }) => !goes && observed.resources.has(key));
  return onDemandBackups.released.flatMap((key) => {
    const prefix = locked.map(({ server }) => keysOf.backup(server)).find((begin) => key.startsWith(begin));
    if (prefix === undefined || observed.resources.get(key)?.deleting) return [];
    return [
      {
        field: 'spec.backup.onDemand',
        message: `"${key.slice(prefix.length)}" cannot be removed while spec.security.lock is CanNotDelete, because the lock covers what belongs to the server; set spec.security.lock to None`,
      },
    ];
  });
}
