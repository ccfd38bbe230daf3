import type { Database } from '../api/database.ts';
import { keysOf } from '../names.ts';
import type { Observed } from '../observed/observed.ts';
import type { Link } from './lineage.ts';
import type { FailoverJob } from './types.ts';

/** A Job that makes the Azure call of one failover. */
export interface Execution {
  readonly job: FailoverJob;
  readonly ended?: 'Complete' | 'Failed';
  readonly message: string;
}

/**
 * The Job that makes the call which the provider does not offer; undefined when a person makes it. That it is complete is the evidence of
 * the operation: it does nothing, and says so in its log, unless both servers still have their roles and the call is still asked for.
 */
export function execution(
  { spec: { failover } }: Database,
  observed: Observed,
  writer: Link,
  target: Link,
): Execution | undefined {
  const [source, replica] = [writer.server.atProvider.id, target.server.atProvider.id];
  if (failover.executor !== 'Job' || source === undefined || replica === undefined) return undefined;
  const term = (writer.term ?? 1) + 1;
  const key = keysOf.failoverCall(term);
  const found = observed.resources.get(key)?.job;
  const { mode, option } = failover;
  const lost =
    option === 'Forced'
      ? ' without waiting for the data that it lacks: transactions that have not reached it are lost'
      : '';
  return {
    job: {
      key,
      does: 'Call',
      term,
      server: target.key,
      call: { mode, option, activeRegion: target.site, source, target: replica },
    },
    ended: found?.ended,
    message:
      found?.ended === 'Failed'
        ? `the Job that promotes ${target.key} failed: ${found.message}; the log of Job ${found.name} says what Azure answered; delete that Job to try again, or set spec.failover.executor to Manual to make the call yourself`
        : `a Job promotes ${target.key}${lost}; to make the call yourself, set spec.failover.executor to Manual`,
  };
}
