import type { FailoverOperation } from '../api/types.generated.ts';
import type { Condition } from '../observed/observed.ts';
import type { Target } from './target.ts';

/** What speaks against a failover now, and what a person should know although nothing does. */
export interface Findings {
  readonly refusals: readonly string[];
  readonly warnings: readonly string[];
}

/** Reasons of FailoverReady that only a planned failover has: with Forced they are what it is for. */
const PLANNED_ONLY = new Set(['ReplicaNotSynced', 'WriterNotReady']);

/**
 * Whether the failover that is asked for would begin. The function that composes the database has the last word: what passes here and does
 * not begin there waits and says so in FailoverReady.
 */
export function preflight(operation: FailoverOperation, target: Target): Findings {
  const at = (type: string): Condition | undefined => target.conditions.find((each) => each.type === type);
  const option = operation.option ?? target.option;
  const refusals = [
    ...identity(target),
    ...current(at('Synced'), target),
    ...readiness(at('FailoverReady'), option, target),
  ];
  if (refusals.length === 0 && operation.mode === 'Drill') refusals.push(...drill(at, option, target));
  return { refusals, warnings: refusals.length > 0 ? [] : warnings(operation, option, target) };
}

/** Whether it is the object that decides. */
export function identity({ deleting, claim }: Target): string[] {
  if (deleting) return ['is being deleted'];
  if (claim !== undefined)
    return [`belongs to the claim ${claim}, which would set the field back; name the claim in input.spec.target`];
  return [];
}

/** The conditions have to speak of the spec as it is. */
export function current(synced: Condition | undefined, { generation }: Target): string[] {
  if (synced?.status !== 'True')
    return ['condition Synced is not True, so its conditions may be old; see its message first'];
  if ((synced.observedGeneration ?? generation) < generation)
    return ['was changed a moment ago, and its conditions do not speak of that yet; it is looked at again by itself'];
  return [];
}

function readiness(ready: Condition | undefined, option: string, target: Target): string[] {
  if (!ready) return ['has no condition FailoverReady; upgrade the function that composes it'];
  if (option === 'Planned' && target.option === 'Forced')
    return ['has spec.failover.option "Forced", and FailoverReady speaks of that; set it to Planned first'];
  if (ready.status === 'True' || (option === 'Forced' && PLANNED_ONLY.has(ready.reason))) return [];
  return [`FailoverReady is ${ready.status}, ${ready.reason}: ${ready.message}`];
}

/** A drill has to come to its end by itself, and must not be the reason for a loss. */
function drill(at: (type: string) => Condition | undefined, option: string, target: Target): string[] {
  const { cutover, reprotect } = target;
  const splitBrain = at('SplitBrainPossible');
  const refusals: string[] = [];
  if (option === 'Forced') refusals.push('has spec.failover.option "Forced", which can lose data; set it to Planned');
  if (at('Ready')?.status !== 'True') refusals.push('is not Ready; a drill begins with a database that works');
  if (splitBrain?.status === 'True' && splitBrain.reason === 'FormerWriterOpen')
    refusals.push(`SplitBrainPossible is True: ${splitBrain.message}`);
  if (cutover !== 'Automatic')
    refusals.push(`has spec.failover.cutover "${cutover}", so applications could not write until a person comes`);
  if (reprotect === 'Manual')
    refusals.push('has spec.failover.reprotect "Manual", so it would stay without a replica until a person comes');
  return refusals;
}

function warnings({ mode }: FailoverOperation, option: string, target: Target): string[] {
  const unwatched = target.servers.filter(({ role, name }) => role !== 'Former' && !target.watched.has(name));
  return [
    ...(unwatched.length > 0
      ? [
          `nothing here sees how far the replica is behind, and not every alert is set for ${unwatched.map(({ name }) => name).join(', ')}; look at the metric physical_replication_delay_in_bytes, or set spec.monitoring.alerts`,
        ]
      : []),
    ...(option === 'Forced' ? ['with Forced, transactions that have not reached the replica are lost'] : []),
    ...(mode === 'Drill' && target.formerPrimary === 'Retain'
      ? [
          'the former primary is kept and paid for; after the way back each region keeps one, and the next failover waits until they are in spec.failover.retire',
        ]
      : []),
  ];
}
