import type { Database } from '../api/database.ts';
import { keys } from '../names.ts';
import { isLookedAt, type Observed } from '../observed/observed.ts';
import { isSettledRole } from '../observed/role-age.ts';
import { millisecondsOf } from '../observed/time.ts';
import { listedBackups } from './backups.ts';
import { shut } from './gates.ts';
import { isUntaken, type Link } from './lineage.ts';
import { refusedSwitchover } from './switchover.ts';
import type { Verdict } from './types.ts';

export interface Situation {
  readonly database: Database;
  readonly observed: Observed;
  readonly writer: Link;
  readonly follower: Link | undefined;
  /** Servers that neither take writes nor follow. */
  readonly others: readonly Link[];
  /** The names are at the server that takes writes. */
  readonly settled: boolean;
}

const no = (reason: string, message: string): Verdict => ({ status: 'False', reason, message });

export const underWay = no('InProgress', 'a failover is under way');

/** Whether a failover would begin if it were asked for now, and why not. */
export function readiness(at: Situation & { readonly now: number }): Verdict {
  const { database, observed, writer, follower, others, settled, now } = at;
  const { mode, option, minimumIntervalMinutes, formerPrimary } = database.spec.failover;
  if (!database.secondary) return no('NoSecondaryRegion', 'there is no spec.regions.secondary to fail over to');
  if (!settled) return no('InProgress', 'the failover before is not over');
  if (isLookedAt(writer.server) || (follower && isLookedAt(follower.server)))
    return no('Adopting', 'servers of another control plane are being taken over');
  if (!follower) return no('NoReplica', 'there is no replica yet that could be promoted');
  if (shut('replica-ready', !follower.server.ready))
    return no('ReplicaNotReady', `the replica ${follower.key} is not ready`);
  if (
    database.spec.network.mode === 'PrivateEndpoint' &&
    !observed.resources.get(keys.privateEndpoint(follower.key))?.ready
  )
    return no('ReplicaNotReady', `the private endpoint of the replica ${follower.key} is not ready`);
  if (option === 'Planned' && !follower.server.synced)
    return no('ReplicaNotSynced', `Azure refuses a change of the replica ${follower.key}, or does not answer`);
  if (option === 'Planned' && !(writer.server.ready && writer.server.synced))
    return no(
      'WriterNotReady',
      `${writer.key} is not ready, or Azure does not answer; when its region is lost, set spec.failover.option to Forced`,
    );
  const refused = mode === 'Switchover' ? refusedSwitchover(database, observed, writer, follower) : undefined;
  if (refused) return refused;
  const unready = unreadyExecutor(database, observed, now);
  if (unready.length > 0)
    return no(
      'ExecutorNotReady',
      `the identity of the Job that makes the call is not ready (${unready.join(', ')}); wait, or set spec.failover.executor to Manual`,
    );
  // A switchover keeps both servers and makes none.
  const kept = mode === 'Promote' ? others.find(({ site }) => site === writer.site) : undefined;
  if (kept && isUntaken(kept))
    return no(
      'Restoring',
      `${kept.key} was made from a backup in the region that would keep ${writer.key}, and has not taken over; let it, or add "${kept.server.externalName}" to spec.failover.retire, which deletes it`,
    );
  const backups = kept ? listedBackups(database, observed, kept.key) : [];
  if (kept && backups.length > 0)
    return no(
      'FormerPrimaryRetained',
      `${kept.key} is still kept in the region that would keep another one, with the backups ${backups.join(', ')} on it; take them out of spec.backup.onDemand, which deletes them, and retire the server`,
    );
  if (kept && shut('former-retained', true))
    return no(
      'FormerPrimaryRetained',
      `${kept.key} is still kept in the region that would keep another one; ${formerPrimary === 'Delete' ? 'it is being deleted' : `add "${kept.server.externalName}" to spec.failover.retire, which deletes it with its data`}`,
    );
  const ended = observed.conditions.find(({ type }) => type === 'FailoverInProgress');
  const since = now - millisecondsOf(ended?.lastTransitionTime);
  // A status that was lost comes back with this answer, and its condition counts from then on. One that never was, as where servers were taken
  // over, tells of nothing that is too soon. Without a clock every interval has passed.
  const lost = !ended && database.spec.adopt === undefined;
  if ((writer.term ?? 1) > 1 && lost && minimumIntervalMinutes > 0 && Number.isFinite(now))
    return no(
      'TooSoon',
      `it is not known when the last failover ended, because the status was lost; it counts as just now (spec.failover.minimumIntervalMinutes)`,
    );
  if ((writer.term ?? 1) > 1 && ended?.status === 'False' && since < minimumIntervalMinutes * 60_000)
    return no(
      'TooSoon',
      `the last failover ended less than ${minimumIntervalMinutes} minutes ago (spec.failover.minimumIntervalMinutes)`,
    );
  const can = mode === 'Switchover' ? `change places with ${writer.key}` : 'be promoted';
  return {
    status: 'True',
    reason: 'Ready',
    message:
      option === 'Planned'
        ? `${follower.key} can ${can} without losing data`
        : `${follower.key} can ${can}; transactions that have not reached it would be lost`,
  };
}

/** What the Job of the call lacks of the identity that is made for it. A call that Azure refuses would be found out with the writer lost. */
function unreadyExecutor({ spec: { failover } }: Database, { resources }: Observed, now: number): string[] {
  const { mode, option, executor, executorIdentity } = failover;
  if (executor !== 'Job' || executorIdentity?.roleDefinitionId === undefined) return [];
  if (mode === 'Promote' && option === 'Planned') return []; // the provider promotes
  const role = keys.workloadRole('failover');
  return [
    ...[keys.failoverServiceAccount, keys.workloadCredential('failover')].filter((key) => !resources.get(key)?.ready),
    ...(isSettledRole(resources.get(role), now) ? [] : [role]),
  ];
}
