import type { Database } from '../api/database.ts';
import { annotations, keys, usageKey } from '../names.ts';
import type { Observed } from '../observed/observed.ts';
import { fenceState, isStale, sameId, testimony } from './evidence.ts';
import { execution } from './execution.ts';
import { fenceOf } from './fence.ts';
import { shut } from './gates.ts';
import type { Link } from './lineage.ts';
import { type Step, unasked } from './promotion.ts';
import type { Verdict } from './types.ts';
import { verification } from './verification.ts';

/*
 * Azure swaps the roles of a pair in one call, and both servers stay. The provider cannot make the call, and nobody reports that it was made,
 * so the witnesses of both servers tell. Before the call is shown, the object of the server that takes writes is told to yield: its annotation
 * remembers that a call may be under way, and without the policy Update nothing is sent to it that Azure would refuse on a replica, as high
 * availability in forProvider would be (seen live).
 */

/** Whether a switchover to this replica may have been called for. */
export const isYielding = (writer: Link, target: Link | undefined): boolean =>
  target !== undefined && writer.yieldsTo === target.key;

const no = (reason: string, message: string): Verdict => ({ status: 'False', reason, message });

/** Why Azure or the provider could not take a switchover of this pair. */
export function refusedSwitchover(
  { spec }: Database,
  observed: Observed,
  writer: Link,
  follower: Link,
): Verdict | undefined {
  const endpoint = [...observed.resources].find(
    ([, { kind, annotations: own }]) =>
      kind === 'FlexibleServerVirtualEndpoint' &&
      [writer.key, follower.key].every((key) => [own[annotations.source], own[annotations.reader]].includes(key)),
  );
  if (!endpoint?.[1].ready)
    return no(
      'NoVirtualEndpoint',
      `Azure switches over a pair with a virtual endpoint only; ${endpoint ? `${endpoint[0]} is not ready` : 'that of this pair is not there yet'}`,
    );
  if (!isSwitchoverProof(writer, follower))
    return no(
      'NotSwitchoverProof',
      `${writer.key} was made a server of its own by a promotion, and the provider would not take it as a replica of ${follower.key}; set spec.failover.mode to Promote`,
    );
  // Microsoft, read replicas, promote: equal tier and storage; a forced switchover in an outage skips the check.
  const checked = spec.failover.option === 'Planned' || writer.server.synced;
  const [one, other] = [writer.server.atProvider, follower.server.atProvider];
  const differs = (['skuName', 'storageMb', 'storageTier'] as const).some((field) => one[field] !== other[field]);
  if (shut('equal-pair', checked && differs))
    return no(
      'NotSymmetric',
      `Azure switches over equal servers only; ${writer.key} and ${follower.key} differ in size or storage`,
    );
  return undefined;
}

/**
 * Whether the provider lets this server be a replica of that one: its own source is ignored or is that one. Another source is force-new, and
 * replicationRole None would ask a replica to be promoted.
 */
function isSwitchoverProof({ server }: Link, follower: Link): boolean {
  const { sourceServerId, replicationRole } = server.forProvider;
  if (sourceServerId === undefined) return server.initProvider.sourceServerId !== undefined;
  return replicationRole === undefined && sameId(sourceServerId, follower.server.atProvider.id);
}

/** The steps up to the proof that the target takes writes. There is no fence: Azure demotes the writer. */
export function switchover(database: Database, observed: Observed, now: number, writer: Link, target: Link): Step {
  const step = { phase: 'Promoting', fence: false } as const;
  const origin = testimony(observed, keys.witness(target.key, 'before'));
  if (!isYielding(writer, target)) {
    // Also when a promotion has begun and the mode was changed.
    const refused = refusedSwitchover(database, observed, writer, target);
    if (refused)
      return {
        ...step,
        witnesses: ['before'],
        message: `${refused.message}; or set spec.failover.activeRegion back`,
      };
    const waits = unasked(origin, writer, target);
    return waits
      ? { ...waits, phase: 'Promoting' }
      : { ...step, yields: true, witnesses: ['before'], message: `prepares ${writer.key} to become a replica` };
  }
  if (database.spec.failover.mode !== 'Switchover') {
    // A person says that the call was not made and will not be; the witness is fresh, because none stands while the call is shown.
    if (origin.says === 'replica')
      return { ...step, witnesses: ['before'], message: `${writer.key} keeps taking writes` };
    if (origin.says !== 'standalone')
      return {
        ...step,
        yields: true,
        witnesses: ['before'],
        message: `looks whether ${target.key} still replicates from ${writer.key} before the switchover is taken back`,
      };
    return witnessed(database, observed, writer, target, {
      ...step,
      yields: true,
      message: `${target.key} takes writes: the call was made`,
    });
  }
  const open = ['absent', 'off'].includes(fenceState(observed, fenceOf(database, observed, writer)));
  const ordered = observed.resources.has(usageKey(writer.key, target.key));
  if (!open || ordered || writer.server.policies.includes('Update') || origin.says !== 'nothing')
    return { ...step, yields: true, message: `prepares ${writer.key} to become a replica` };
  return called(database, observed, now, writer, target);
}

/** The call is shown, and both servers are asked who they replicate from. An answer that came too early is asked for anew. */
function called(database: Database, observed: Observed, now: number, writer: Link, target: Link): Step {
  const { option, activeRegion } = database.spec.failover;
  const [theirs, own] = [keys.witness(target.key, 'after'), keys.witness(writer.key, 'after')];
  const [answer, former] = [testimony(observed, theirs).says, testimony(observed, own).says];
  const step = { phase: 'Promoting', fence: false, yields: true } as const;
  const job = execution(database, observed, writer, target);
  if (answer === 'standalone') {
    const pending = former === 'nothing' || (former === 'unanswered' && !isStale(observed, own, now));
    const unended = job !== undefined && job.ended !== 'Complete' && observed.resources.has(job.job.key);
    const looking = {
      ...step,
      witnesses: ['after'],
      writerWitness: former !== 'standalone',
      message: `${target.key} takes writes; looks whether ${writer.key} replicates from it`,
    } as const;
    if (unended) return { ...looking, jobs: [job.job] };
    // The names do not wait for a region that does not answer.
    return pending ? looking : witnessed(database, observed, writer, target, looking);
  }
  const asked = {
    ...step,
    witnesses: answer === 'replica' && isStale(observed, theirs, now) ? [] : (['after'] as const),
    writerWitness: !(former === 'standalone' && isStale(observed, own, now)),
  };
  if (activeRegion === writer.site)
    return {
      ...asked,
      message: `the call that makes ${target.key} the server that takes writes may have been made; when it was not and will not be, set spec.failover.mode to Promote, and when it was, this goes on by itself`,
    };
  const refused = refusedSwitchover(database, observed, writer, target);
  if (refused)
    return { ...asked, message: `${refused.message}; the call in status.failover.call is shown when that is over` };
  // One that found nothing to do leaves with the witness that tells so, and both come back fresh.
  if (job)
    return {
      ...asked,
      jobs: asked.witnesses.length === 0 && job.ended === 'Complete' ? [] : [job.job],
      message: job.message,
    };
  return {
    ...asked,
    call: switchoverCall(target, option),
    message: `waits for a person to make the call in status.failover.call, which lets ${target.key} and ${writer.key} change places${option === 'Forced' ? ': transactions that have not reached the replica are lost' : ''}`,
  };
}

/** What is left once the witnesses have told: with `verify: Sql` PostgreSQL itself is asked. */
function witnessed(database: Database, observed: Observed, writer: Link, target: Link, step: Step): Step {
  const probe = verification(database, observed, writer, target);
  return probe && shut('sql-verified', !probe.seen)
    ? { ...step, jobs: [probe.job], message: probe.message }
    : { ...step, proven: true };
}

/**
 * Azure REST, PostgreSQL 2025-08-01, Servers - Update, on the replica; `az postgres flexible-server replica promote --promote-mode switchover`
 * sends the same. Not run against Azure: whether this version also wants sourceServerResourceId beside it (azure-cli #33776) is not verified.
 */
const switchoverCall = (target: Link, option: 'Planned' | 'Forced'): string =>
  `az rest --method patch --url "https://management.azure.com${target.server.atProvider.id}?api-version=2025-08-01" --body '{"properties":{"replica":{"role":"Primary","promoteMode":"Switchover","promoteOption":"${option}"}}}'`;
