import type { Database } from '../api/database.ts';
import { fenceState } from '../failover/evidence.ts';
import { shut } from '../failover/gates.ts';
import type { Failover, Fence } from '../failover/types.ts';
import type { Observed, ObservedResource } from '../observed/observed.ts';
import type { ServerPlan } from './types.ts';

/**
 * Whether a server gets what is newly asked for. A server that has lost its role keeps what it has and gets nothing new, because every
 * change of it could undo a fence or wake it up. What belongs to a server asks this one function.
 */
export const takesChanges = ({ role }: Pick<ServerPlan, 'role'>): boolean =>
  !shut('former-left-alone', role === 'Former');

/**
 * Keys of former writers whose fence is not confirmed. The fence is the first that is asked of them, so until then everything that stands on
 * them stays as it is. One that a person retires goes all the same.
 */
export const unfencedFormers = (
  servers: readonly ServerPlan[],
  fences: readonly Fence[],
  observed: Observed,
): readonly string[] =>
  servers
    .filter((server) => !takesChanges(server) && !server.retiring)
    .map(({ key }) => key)
    .filter((key) => !fences.some((fence) => fence.server === key && fenceState(observed, fence) === 'on'));

/**
 * Whether a resource that goes has to be given the policy Delete first. Under spec.deletion.policy Orphan it has none, and would go from the
 * cluster and stay in Azure: an administrator could log in for ever, and a lock would keep its server.
 */
export const mayNotDelete = ({ policies }: ObservedResource): boolean =>
  policies.length > 0 && !policies.includes('*') && !policies.includes('Delete');

/**
 * Whether another control plane may have made already what has no name of ours. The id that it would have is then said beforehand, and the
 * provider takes it up instead of making it again.
 */
export const mayBeThere = ({ spec: { adopt, management } }: Database): boolean =>
  adopt !== undefined || management.role === 'Standby';

/** While writes move, a server is upgraded, or another control plane acts, nothing begins that makes a server busy or restarts it. What has begun goes on. */
export const writesMove = ({ phase }: Pick<Failover, 'phase'>): boolean =>
  phase === 'Fencing' ||
  phase === 'Promoting' ||
  phase === 'CuttingOver' ||
  phase === 'Upgrading' ||
  phase === 'Standby' ||
  phase === 'Adopting';
