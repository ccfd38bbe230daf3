import type { FailoverRecord, Observed } from '../observed/observed.ts';
import { millisecondsOf } from '../observed/time.ts';
import type { Plan } from '../plan/types.ts';

const KEPT = 3;

/** The part of the plan that is looked at. */
interface Told extends Pick<Plan, 'activeRegion'> {
  readonly failover: Pick<Plan['failover'], 'from' | 'to'>;
  readonly sites: readonly Pick<Plan['sites'][number], 'site' | 'region'>[];
}

/**
 * The last failovers, newest first, with the times at which Crossplane stored that a phase began: condition FailoverInProgress as it was found.
 * Nothing is decided from this: a status that is lost only loses the past. A time is known one call after it has passed, since no call knows
 * its own.
 */
export function failoverHistory(
  { failover, sites, activeRegion }: Told,
  observed: Observed,
): readonly FailoverRecord[] {
  const carried = observed.conditions.find(({ type }) => type === 'FailoverInProgress');
  const [newest, ...older] = observed.failoverHistory;
  const time = carried?.lastTransitionTime || undefined;
  if (!carried || time === undefined) return observed.failoverHistory;
  const regionOf = (wanted: string | undefined) => sites.find(({ site }) => site === wanted)?.region;
  const [from, to] = [regionOf(failover.from), regionOf(failover.to)];
  const open = newest && newest.writableAt === undefined ? newest : undefined;

  const written = (record: FailoverRecord): FailoverRecord => ({
    ...record,
    writableAt: time,
    secondsToWritable: seconds(record.startedAt, time),
  });
  if (carried.status === 'True') {
    // Applications write while a probe looks.
    if (open && carried.reason === 'Validating') return [written(open), ...older];
    // A failover that is found later than at its beginning has no beginning here.
    const begins = carried.reason === 'Fencing' || carried.reason === 'Promoting';
    if (open || !begins || from === undefined || to === undefined) return observed.failoverHistory;
    return [{ from, to, startedAt: time }, ...observed.failoverHistory].slice(0, KEPT);
  }
  if (!newest || carried.status !== 'False') return observed.failoverHistory;
  // It was taken back before the promotion.
  if (open && open.to !== activeRegion) return older;
  const moved = open ? written(open) : newest;
  if (moved.protectedAt !== undefined || carried.reason !== 'Stable') return [moved, ...older];
  return [{ ...moved, protectedAt: time, secondsToProtected: seconds(moved.startedAt, time) }, ...older];
}

const seconds = (from: string, to: string): number => Math.round((millisecondsOf(to) - millisecondsOf(from)) / 1000);
