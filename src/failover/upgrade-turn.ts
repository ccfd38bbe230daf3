import { isLookedAt } from '../observed/observed.ts';
import type { Link } from './lineage.ts';
import type { Reprotection } from './reprotection.ts';
import type { Upgrade } from './types.ts';

/** An upgrade comes before another replica; one that waits or has failed is told of beside everything else. */
export function withUpgrade(rest: Reprotection, { phase, failed, waits, witnesses }: Upgrade): Reprotection {
  if (phase !== undefined) return { phase: 'Upgrading', message: phase, make: false, witnesses };
  const told = failed ?? waits;
  return told === undefined ? rest : { ...rest, message: `${rest.message}; ${told}` };
}

/** Why nothing else can begin now; undefined when nothing is under way, and there is a replica that is ready, or none. */
export function busyWith(at: {
  readonly going: boolean;
  readonly over: boolean;
  readonly pending: unknown;
  readonly wanted: boolean;
  /** A server that was made from a backup, or is being made from one, is to take over. */
  readonly restores: boolean;
  readonly rest: Reprotection;
  readonly writer: Link;
  readonly follower: Link | undefined;
}): string | undefined {
  if (at.going || !at.over || at.pending) return 'a failover is under way';
  if (at.wanted) return 'a failover is asked for in spec.failover.activeRegion';
  if (at.restores) return 'a server is made from a backup';
  if (isLookedAt(at.writer.server)) return 'servers of another control plane are being taken over';
  if (at.rest.make || at.follower?.server.ready === false) return 'the replica is being made, or is not ready';
  return undefined;
}
