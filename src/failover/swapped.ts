import type { Database } from '../api/database.ts';
import { keys } from '../names.ts';
import type { Observed } from '../observed/observed.ts';
import { fenceState, isStale, sameId, testimony } from './evidence.ts';
import { fenceOf } from './fence.ts';
import type { Link } from './lineage.ts';
import type { Reprotection } from './reprotection.ts';

/** The server that a switchover is to have made a replica, until it is known that it did. */
export interface Swapped {
  readonly link: Link;
  /** It is known to be no replica: from now on it is a former primary as after a promotion. */
  readonly apart: boolean;
  readonly fence: boolean;
  /** Its witness is wanted. */
  readonly asked: boolean;
}

const own = ({ key }: Link): string => keys.witness(key, 'after');

/** The servers, with the one that a switchover made the writer's replica following it: its own witness says so. */
export const withFollower = (links: readonly Link[], writer: Link, observed: Observed): readonly Link[] =>
  links.map((link) => {
    if (link === writer || link.yieldsTo !== writer.key) return link;
    const answer = testimony(observed, own(link));
    return answer.says === 'replica' && sameId(answer.source, writer.server.atProvider.id)
      ? { ...link, follows: writer.key, yieldsTo: undefined }
      : link;
  });

/**
 * Where the former writer of a switchover is. Azure demotes it, so it is not fenced unless its witness says that it follows nobody. As that
 * may only be too early, after a forced switchover of a lost region, it is asked anew behind the fence.
 */
export function swapped(
  database: Database,
  observed: Observed,
  now: number,
  links: readonly Link[],
  writer: Link,
): Swapped | undefined {
  const link = links.find((each) => each !== writer && each.yieldsTo === writer.key);
  if (!link) return undefined;
  const { retire, reprotect } = database.spec.failover;
  const state = fenceState(observed, fenceOf(database, observed, link));
  const { says } = testimony(observed, own(link));
  const released = retire.includes(link.server.externalName ?? '');
  const silent = reprotect === 'Now' && says === 'unanswered' && isStale(observed, own(link), now);
  if (released || silent || (says === 'standalone' && state === 'on'))
    return { link, apart: true, fence: true, asked: true };
  const fence = says === 'standalone' || state === 'pending' || state === 'on';
  return { link, apart: false, fence, asked: !fence || state === 'on' };
}

/** What is waited for until the former writer is known to follow, or not to. */
export function swappedBack({ link, fence, asked }: Swapped, writer: Link): Reprotection {
  return {
    phase: 'Unprotected',
    make: false,
    witnesses: asked ? [{ key: own(link), server: link.key }] : [],
    message: fence
      ? `${link.key} did not become a replica of ${writer.key}; it is fenced, and asked again behind the fence`
      : `waits until ${link.key} says that it replicates from ${writer.key}; when its region is lost, set spec.failover.reprotect to Now to have a new replica made`,
  };
}
