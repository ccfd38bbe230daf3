import type { Database } from '../api/database.ts';
import { keysOf } from '../names.ts';
import type { Observed } from '../observed/observed.ts';
import type { Link } from './lineage.ts';
import type { FailoverJob } from './types.ts';

/** Whether it was seen that writes by the write name arrive at the server that takes them. */
export interface Validation {
  /** One sentence while the failover waits for it. */
  readonly waits?: string;
  /** The term, while it has to be remembered that nobody has looked. */
  readonly unvalidated?: number;
  readonly jobs: readonly FailoverJob[];
}

const isWanted = ({ spec }: Database): boolean => spec.failover.validation?.enabled ?? true;

/** Why no probe can run, or undefined when one can. One that is switched off needs no reason. */
function cannotRun({ spec: { failover, security }, platform }: Database): string | undefined {
  if ((failover.validation?.image ?? platform.probeImage) === undefined)
    return 'spec.failover.validation.image is not set';
  return security.entra?.passwordAuthentication === false ? 'it could not log in by password' : undefined;
}

/** For the phases after a failover: what nobody has looked at. */
export function notProbed(database: Database): string {
  const why = isWanted(database) ? cannotRun(database) : undefined;
  return why === undefined ? '' : `; no probe wrote by the write name, because ${why}`;
}

/**
 * A probe that writes by the write name, once the names have moved, and reads back. It never moves the names: they follow the evidence of
 * the promotion alone. A platform that failed over before this was remembered has nothing to validate.
 */
export function validation(database: Database, observed: Observed, writer: Link, settled: boolean): Validation {
  const { term, unvalidated } = writer;
  if (term === undefined || unvalidated !== term) return { jobs: [] };
  const key = keysOf.validation(term);
  const found = observed.resources.get(key);
  const jobs = [{ key, does: 'Validate', term, server: writer.key }] as const;
  if (!settled) return { unvalidated, jobs: found ? jobs : [] };
  // What is remembered is forgotten first, and the Job leaves once that is observed: so its result cannot be lost.
  if (!isWanted(database) || cannotRun(database) !== undefined) return { jobs: found ? jobs : [] };
  if (found?.job?.ended === 'Complete') return { jobs };
  return {
    unvalidated,
    jobs,
    waits:
      found?.job?.ended === 'Failed'
        ? `the probe failed: ${found.job.message}; the log of Job ${found.job.name} says what it saw; delete that Job to probe again, or set spec.failover.validation.enabled to false to go on without`
        : 'a probe writes by the write name and reads back; to go on without it, set spec.failover.validation.enabled to false',
  };
}
