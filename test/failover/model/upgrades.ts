import { objectOf } from '../../azure/json.ts';
import { find } from '../../azure/objects.ts';
import type { Json } from '../../support/requests.ts';
import { failoverOf } from './story.ts';
import type { Reconciled, World } from './world.ts';

const BEGUN = 'database.platform.io/upgrade';
const REMOVED = 'database.platform.io/upgrade-removed-replica';

/** The server that takes writes, as it was applied before, or as it is desired now. */
const writerIn = (bodies: World['applied']) =>
  Object.entries(bodies).find(
    ([key, { kind, metadata }]) =>
      kind === 'FlexibleServer' && !key.includes('-witness-') && metadata.labels?.role === 'primary',
  )?.[1].metadata;

const memory = (bodies: World['applied']): Readonly<Record<string, string>> => writerIn(bodies)?.annotations ?? {};

/** Whether an upgrade that has begun takes this server away: it has nothing but a copy. */
export const goesForUpgrade = ({ applied }: World, key: string): boolean =>
  memory(applied)[REMOVED]?.split('/')[0] === key;

/** Whether an upgrade that has begun takes a replica away. */
export const upgradeEndsPair = ({ applied }: World): boolean => memory(applied)[REMOVED] !== undefined;

/** Sentences for what must not be where an upgrade begins, and while it is under way. */
export function wrongUpgrade(before: World, { world, answer }: Reconciled): string[] {
  const [old, now] = [memory(before.applied), memory(answer.desired)];
  const found: string[] = [];
  if (now[BEGUN] === undefined) return [];
  const { activeRegion = 'primary' } = (before.spec.failover ?? {}) as Json;
  if (old[BEGUN] === undefined) {
    if (writerIn(answer.desired)?.labels?.['database.platform.io/site'] !== activeRegion)
      found.push('an upgrade begins, and a failover is asked for');
    if (!hasBackup(before)) found.push('an upgrade begins without a backup of its own');
  } else if (['Fencing', 'Promoting'].includes(String(failoverOf(world.status).phase)))
    found.push('a failover begins in the middle of an upgrade');
  return found;
}

/** Whether a backup that was taken for an upgrade is there, and none of the upgrades before this one has used it. */
const hasBackup = ({ sim, applied }: World): boolean => {
  const used = Number(memory(applied)['database.platform.io/upgrade-backups'] ?? 0);
  return Object.values(sim.resources).some(
    ({ id, phase }) => phase === 'Ready' && Number(/\/backups\/major-upgrade-\d+-(\d+)$/.exec(id)?.[1] ?? 0) > used,
  );
};

/** Whether the object of this key is being deleted. */
export const isGoing = ({ sim, refs }: World, key: string): boolean =>
  objectOf(refs[key] && find(sim, refs[key])?.metadata).deletionTimestamp !== undefined;
