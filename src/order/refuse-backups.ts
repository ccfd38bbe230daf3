import type { Problem } from '../api/problem.ts';
import { keysOf } from '../names.ts';
import type { Observed } from '../observed/observed.ts';
import type { Plan } from '../plan/types.ts';

/** A backup that is no longer listed, on a server whose lock would keep Azure from deleting it for ever: locks are inherited. */
export function refusedBackupChanges({ onDemandBackups, locks, deletion }: Plan, observed: Observed): Problem[] {
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
