import type { Database } from '../api/database.ts';
import { keysOf } from '../names.ts';
import type { Observed } from '../observed/observed.ts';
import type { Link } from './lineage.ts';
import type { FailoverJob } from './types.ts';

/** What PostgreSQL itself says of a promotion. */
export interface Verification {
  readonly job: FailoverJob;
  /** A Job connected to the target's own host and saw that it does not recover from another server. */
  readonly seen: boolean;
  readonly message: string;
}

/** The probe that is asked in addition to the witness; undefined when the witness is enough. */
export function verification(
  { spec }: Database,
  observed: Observed,
  writer: Link,
  target: Link,
): Verification | undefined {
  if (spec.failover.verify !== 'Sql') return undefined;
  const term = (writer.term ?? 1) + 1;
  const key = keysOf.verification(term);
  const found = observed.resources.get(key)?.job;
  return {
    job: { key, does: 'Verify', term, server: target.key },
    seen: found?.ended === 'Complete',
    message:
      found?.ended === 'Failed'
        ? `${target.key} is promoted, but the probe that asks it failed: ${found.message}; the log of Job ${found.name} says what it saw; delete that Job to probe again, or set spec.failover.verify to Witness`
        : `${target.key} is promoted, and a probe asks it whether it takes writes; to go on without it, set spec.failover.verify to Witness`,
  };
}
