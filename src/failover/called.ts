import type { Database } from '../api/database.ts';
import { keys } from '../names.ts';
import type { Observed } from '../observed/observed.ts';
import { isStale, testimony } from './evidence.ts';
import { execution } from './execution.ts';
import { shut } from './gates.ts';
import type { Link } from './lineage.ts';
import type { Step } from './promotion.ts';
import { verification } from './verification.ts';

/*
 * The call of a forced promotion is made outside of the provider, by a person or by a Job, and nobody reports that it was. So the replica's
 * object remembers, from before the call is shown, that it may be made. From then on a changed wish alone is no way back: a writer that is
 * opened again beside a replica that was promoted would be two writers, and the status would call the other one its replica.
 */

/** What is asked before the call is shown, or after it is wanted no more. Undefined while it may be made. */
export function settled(
  database: Database,
  observed: Observed,
  now: number,
  writer: Link,
  target: Link,
): Step | undefined {
  const { activeRegion, mode, option } = database.spec.failover;
  const step = { phase: 'Promoting', called: true } as const;
  const [before, after] = [keys.witness(target.key, 'before'), keys.witness(target.key, 'after')];
  const origin = testimony(observed, before);
  const asked = mode === 'Promote' && option === 'Forced';
  const wanted = activeRegion !== writer.site;
  if (asked && wanted)
    return origin.says === 'nothing'
      ? undefined
      : { ...step, message: `prepares the call that promotes ${target.key}` };

  const job = execution(database, observed, writer, target);
  // It looks at the wish itself before it acts, and ends by itself.
  if (job && job.ended === undefined && observed.resources.has(job.job.key))
    return { ...step, jobs: [job.job], message: `waits until the Job that may promote ${target.key} has ended` };
  const answer = testimony(observed, after);
  if (asked && !job && answer.says !== 'standalone')
    return {
      ...step,
      witnesses: answer.says === 'replica' && isStale(observed, after, now) ? [] : ['after'],
      message: `the call that promotes ${target.key} may have been made; when it was not and will not be, set spec.failover.option to Planned, and when it was, this goes on by itself`,
    };
  const made = answer.says === 'standalone' || origin.says === 'standalone';
  if (!made && !shut('call-not-made', origin.says !== 'replica'))
    return { ...step, called: undefined, witnesses: ['before'], message: `${writer.key} keeps taking writes` };
  if (!made)
    return { ...step, witnesses: ['before'], message: `looks whether the call that promotes ${target.key} was made` };
  const probe = verification(database, observed, writer, target);
  const told = {
    ...step,
    witnesses: answer.says === 'standalone' ? (['after'] as const) : (['before'] as const),
    message: `${target.key} is promoted: the call was made, and there is no way back now`,
  };
  return probe && !probe.seen
    ? { ...told, jobs: [probe.job], message: probe.message }
    : { ...told, jobs: probe ? [probe.job] : [], proven: true };
}
