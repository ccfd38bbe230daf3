import type { Database } from '../api/database.ts';
import { keys } from '../names.ts';
import type { Observed } from '../observed/observed.ts';
import { settled } from './called.ts';
import {
  fenceState,
  isStale,
  promotionFailed,
  promotionFinished,
  promotionSent,
  sameId,
  type Testimony,
  testimony,
} from './evidence.ts';
import { execution } from './execution.ts';
import { fenceOf } from './fence.ts';
import { shut } from './gates.ts';
import type { Link } from './lineage.ts';
import type { FailoverJob, Phase } from './types.ts';
import { verification } from './verification.ts';

/** A step of a failover: the phase, its sentence, and what the step asks for. */
export interface Step {
  readonly phase: Phase;
  readonly message: string;
  readonly call?: string;
  readonly jobs?: readonly FailoverJob[];
  /** Send the promotion, or go on sending it. */
  readonly promote?: boolean;
  readonly witnesses?: readonly ('before' | 'after')[];
  /** The writer is asked too, after a call that is to make it a replica. */
  readonly writerWitness?: boolean;
  /** The writer is told that it is to become the target's replica; see switchover.ts. */
  readonly yields?: boolean;
  /** The target is told that the call which promotes it may be made; see called.ts. */
  readonly called?: boolean;
  /** False while it is not known that the replica could take over: a writer without a successor is not fenced. */
  readonly fence?: false;
  /** The promotion is proven: the target takes the next term. */
  readonly proven?: boolean;
}

/** Somebody promoted the replica, or made it follow another server. */
export const isCutOff = (origin: Testimony, writer: Link): boolean =>
  origin.says === 'standalone' || (origin.says === 'replica' && !sameId(origin.source, writer.server.atProvider.id));

/** What comes before anything is asked of a target: a fresh look tells that it still follows the writer. */
export function unasked(origin: Testimony, writer: Link, target: Link): Step | undefined {
  const name = target.server.externalName ?? target.key;
  if (shut('witness-before', isCutOff(origin, writer)))
    return {
      phase: 'Fencing',
      fence: false,
      witnesses: ['before'],
      message: `the server ${name} no longer replicates from ${writer.key}, so its data is older; add "${name}" to spec.failover.retire to have a new replica made, or set spec.failover.activeRegion back`,
    };
  if (shut('witness-before', origin.says === 'nothing' || origin.says === 'unanswered'))
    return {
      phase: 'Fencing',
      fence: false,
      witnesses: ['before'],
      message: `looks whether ${target.key} still replicates from ${writer.key}`,
    };
  return undefined;
}

/** The steps up to the proof that the target takes writes. */
export function promotion(database: Database, observed: Observed, now: number, writer: Link, target: Link): Step {
  const { option } = database.spec.failover;
  const planned = option === 'Planned';
  const sent = promotionSent(target);
  const [before, after] = [keys.witness(target.key, 'before'), keys.witness(target.key, 'after')];
  const origin = testimony(observed, before);

  if (!sent && target.called) {
    const waits = settled(database, observed, now, writer, target);
    if (waits) return waits;
  } else if (!sent) {
    const waits = unasked(origin, writer, target);
    if (waits) return waits;
    if (planned && shut('fence-confirmed', fenceState(observed, fenceOf(database, observed, writer)) !== 'on'))
      return {
        phase: 'Fencing',
        witnesses: ['before'],
        message: `waits until ${writer.key} has stopped taking writes; when its region is lost, set spec.failover.option to Forced`,
      };
    if (!planned)
      return {
        phase: 'Promoting',
        witnesses: ['before'],
        called: true,
        message: `prepares the call that promotes ${target.key}`,
      };
  }

  const finished = promotionFinished(target);
  const failed = promotionFailed(target);
  const job = planned ? undefined : execution(database, observed, writer, target);
  const unreported = shut('operation-ended', job ? job.ended !== 'Complete' : planned && !finished);
  const asking = !unreported || (planned && failed);
  const answer = testimony(observed, after);
  const witnessed = !unreported && !shut('witness-after', answer.says !== 'standalone');
  const probe = witnessed ? verification(database, observed, writer, target) : undefined;
  const proven = witnessed && !shut('sql-verified', probe?.seen === false);
  // An answer that came too early would be repeated for ever, so the witness is left out for one pass and comes back fresh.
  const tooEarly = answer.says === 'replica' && isStale(observed, after, now);
  // While a call may be made the first look is left out, so that it is fresh where the call is taken back.
  const first = target.called && !sent ? [] : (['before'] as const);
  const witnesses = asking && !tooEarly ? ([...first, 'after'] as const) : first;
  const called = !sent && target.called;
  const jobs = [job, probe].flatMap((each) => each?.job ?? []);
  if (probe && !proven)
    return { phase: 'Promoting', promote: planned || sent, called, witnesses, jobs, message: probe.message };
  if (planned)
    return {
      phase: 'Promoting',
      promote: true,
      proven,
      witnesses,
      jobs,
      message:
        failed && answer.says === 'standalone'
          ? `${target.key} is promoted, but the provider reports that it failed; set spec.failover.option to Forced to go on`
          : `${target.key} is being promoted; there is no way back now${finished ? '' : `; when the region of ${writer.key} is lost, set spec.failover.option to Forced`}`,
    };
  // One that found nothing to do would have nothing to do for ever, so it leaves with the witness and both come back fresh.
  if (job)
    return {
      phase: 'Promoting',
      promote: sent,
      called,
      proven,
      witnesses,
      jobs: tooEarly && job.ended === 'Complete' ? [] : jobs,
      message: job.message,
    };
  return {
    phase: 'Promoting',
    promote: sent,
    called,
    proven,
    witnesses,
    jobs,
    call: proven ? undefined : forcedCall(target),
    message: `waits for a person to make the call in status.failover.call, which promotes ${target.key} without waiting for the data that it lacks: transactions that have not reached it are lost`,
  };
}

/** Azure REST, PostgreSQL 2025-08-01, Servers - Update. Not run against Azure. */
const forcedCall = (target: Link): string =>
  `az rest --method patch --url "https://management.azure.com${target.server.atProvider.id}?api-version=2025-08-01" --body '{"properties":{"replica":{"role":"None","promoteMode":"Standalone","promoteOption":"Forced"}}}'`;
