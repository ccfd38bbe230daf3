import type { Database } from '../api/database.ts';
import { annotations, keys, type Site } from '../names.ts';
import type { Observed } from '../observed/observed.ts';
import { readiness, underWay } from './acceptance.ts';
import { adoption } from './adoption.ts';
import { listedBackups } from './backups.ts';
import { creation, Doubt, withoutWriter } from './creation.ts';
import { fenceState, heldUntilOpen, promotionSent, promotionStays, testimony } from './evidence.ts';
import { fenceOf, splitBrain } from './fence.ts';
import { shut } from './gates.ts';
import { inOrder, isUntaken, type Link, lineage, missingWriter, nextGeneration, writerOf } from './lineage.ts';
import { observing } from './observe-only.ts';
import { isCutOff, promotion, type Step } from './promotion.ts';
import { type Reprotection, reprotection } from './reprotection.ts';
import { type Restoration, restoration } from './restore.ts';
import { swapped, swappedBack, withFollower } from './swapped.ts';
import { isYielding, switchover } from './switchover.ts';
import type { Failover, Phase, ServerRole } from './types.ts';
import { removedBefore, upgrade, upgrading } from './upgrade.ts';
import { busyWith, withUpgrade } from './upgrade-turn.ts';
import { validation } from './validation.ts';

const otherSite = (site: Site): Site => (site === 'primary' ? 'secondary' : 'primary');

/**
 * Decides where a failover is from the spec and what is observed, and nothing else: a lost status, a restarted function or another control
 * plane changes nothing. `now` is in milliseconds since 1970 and used only to compare with observed times: how long ago the last failover
 * was, and whether a witness is old enough to be asked anew. Throws Doubt when the server that takes writes cannot be told.
 */
export function failover(database: Database, observed: Observed, now: number): Failover {
  const found = lineage(observed);
  if (database.spec.management.role === 'Standby') return observing(database, observed, found);
  const adopted = adoption(database, observed, now, found);
  if (adopted && 'waits' in adopted) return adopted.waits;
  const known = adopted?.links ?? found;
  const missing = missingWriter(known, observed);
  if (missing !== undefined) return withoutWriter(database, known, missing);
  if (known.length === 0) return creation(database);
  const writer = writerOf(known);
  if (!writer)
    throw new Doubt(
      `none of ${known.map(({ key }) => key).join(', ')} is known to take writes; restore the annotation ${annotations.term} on the one that does`,
    );
  const links = withFollower(known, writer, observed);
  const { failover: asked } = database.spec;
  const follower = links.find(({ key, follows }) => key !== writer.key && follows === writer.key);
  const sent = promotionSent(follower);
  const wanted = database.secondary !== undefined && asked.activeRegion !== writer.site;
  const yielding = isYielding(writer, follower);
  const called = follower?.called === true;
  const former = swapped(database, observed, now, links, writer);
  const pending = former?.apart === false ? former : undefined;
  const begun = sent || (follower !== undefined && observed.resources.has(keys.witness(follower.key, 'before')));
  const names = nameHolder(links, observed) ?? writer;
  const host = writer.server.atProvider.fqdn;
  const moved = host !== undefined && observed.resources.get(keys.writeRecord)?.atProvider.record === host;
  const settledNames = (writer.term ?? 1) === 1 || (moved && names === writer);
  const others = links.filter((link) => link !== writer && link !== follower);

  const probe = validation(database, observed, writer, settledNames);
  const over = !shut('one-at-a-time', !settledNames) && !shut('validated', probe.waits !== undefined);

  const upgrades = upgrading(writer);
  const ready = upgrades ?? readiness({ database, observed, now, writer, follower, others, settled: over });
  const going =
    follower !== undefined && (sent || yielding || called || (wanted && over && (begun || ready.status === 'True')));
  const steps = yielding || (asked.mode === 'Switchover' && !sent && !called) ? switchover : promotion;
  const step = going ? steps(database, observed, now, writer, follower) : undefined;
  const free = over && !going && pending === undefined && upgrades === undefined;
  const back = restoration({ database, observed, links, writer, follower, free, wanted });
  const fencing = back.cuts || (going && step?.fence !== false);
  const unfencing = !fencing && ['pending', 'on'].includes(fenceState(observed, fenceOf(database, observed, writer)));
  const pair = { database, observed, writer, follower, others, settled: over && !unfencing && !back.cuts };
  const rest = pending ? swappedBack(pending, writer) : reprotection(pair);
  const restores = back.said !== undefined;
  const busy = busyWith({ going, over: over && !unfencing, pending, wanted, restores, rest, writer, follower });
  const version = upgrade({ ...pair, now, busy });
  const next = withUpgrade(rest, version);
  // Also while the next failover is asked for: that waits until the former writer is gone.
  const protectedPair = follower?.server.ready === true && !going && over && !back.cuts;

  // While the object of the other server is missing, nobody can tell whether the call was made.
  const stillYields = follower === undefined && links.every(({ key }) => key !== writer.yieldsTo);

  const role = (link: Link): ServerRole => {
    const { key, site, generation, term, follows, yieldsTo, restores, restored } = link;
    const named = asked.retire.includes(link.server.externalName ?? '');
    const isWriter = link === writer;
    const isFollower = link === follower;
    const isRestored = link === back.link;
    const proven = (isFollower && step?.proven) || (isRestored && back.proven);
    // Its own object remembers that it follows nobody any more, before the witness that said so leaves with it.
    const cutOff = isFollower && !sent && named && isCutOff(testimony(observed, keys.witness(key, 'before')), writer);
    return {
      key,
      site,
      generation,
      role: isWriter ? 'Primary' : isFollower ? 'Replica' : isRestored ? 'Restored' : 'Former',
      term: proven ? (writer.term ?? 1) + 1 : isWriter ? (term ?? 1) : term,
      follows: (isFollower && step?.proven) || cutOff ? undefined : follows,
      unvalidated: proven ? (writer.term ?? 1) + 1 : isWriter ? probe.unvalidated : undefined,
      yieldsTo:
        link === pending?.link || (isWriter && stillYields)
          ? yieldsTo
          : isWriter && step?.yields
            ? follower?.key
            : undefined,
      called: isFollower && !proven ? step?.called : undefined,
      restores,
      restored: back.remembered ?? restored,
      promote: promotionStays(link) || (isFollower && step?.promote === true),
      version: isWriter ? version.version : link.server.atProvider.version,
      upgrade: isWriter ? version.remembers : undefined,
      retiring:
        (isFollower && version.retires === true) ||
        (!isWriter &&
          !isFollower &&
          !isRestored &&
          listedBackups(database, observed, key).length === 0 &&
          ((named && settledNames && !going) ||
            (asked.formerPrimary === 'Delete' && !isUntaken(link) && !shut('pair-before-deletion', !protectedPair)))),
    };
  };
  const roles = links.map(role);
  const leaving = roles
    .filter(({ key, retiring }) => retiring && mayDelete(observed, key))
    .filter(({ key }) => !shut('dependents-first', hasDependents(observed, key)))
    .filter(({ key, role }) => !shut('read-name-first', role !== 'Former' && isRead(observed, key)))
    .map(({ key }) => key);
  const generations = [...links, ...removedBefore(writer)];
  const made: ServerRole[] = next.make
    ? [
        {
          key: keys.server(otherSite(writer.site), nextGeneration(generations, otherSite(writer.site), database)),
          site: otherSite(writer.site),
          generation: nextGeneration(generations, otherSite(writer.site), database),
          role: 'Replica',
          follows: writer.key,
          restored: back.remembered,
          promote: false,
          retiring: false,
        },
      ]
    : [];
  made.push(...back.made);

  const canMove = !shut('cutover-asked', asked.cutover !== 'Automatic') && !unfencing;
  const target = settledNames || canMove ? writer : names;
  const phase = phaseOf({
    step,
    unfencing,
    settledNames,
    validates: probe.waits,
    restores: back,
    canMove,
    next,
    wanted,
    ready: ready.status,
    asked,
  });
  const isFormer = ({ key }: Link): boolean => roles.some((each) => each.key === key && each.role === 'Former');
  const retiring = new Set(roles.filter((each) => each.retiring).map(({ key }) => key));
  return {
    ...phase,
    call: step?.call,
    ...(going ? { from: writer.site, to: follower?.site } : {}),
    ...(over ? {} : { from: siteBefore(links, writer), to: writer.site }),
    servers: [...roles.filter(({ key }) => !leaving.includes(key)), ...made].sort(inOrder),
    leaving,
    witnesses: [
      ...(going && follower
        ? (step?.witnesses ?? []).map((when) => ({ key: keys.witness(follower.key, when), server: follower.key }))
        : []),
      ...(step?.writerWitness ? [{ key: keys.witness(writer.key, 'after'), server: writer.key }] : []),
      ...next.witnesses,
      ...back.witnesses,
    ],
    jobs: [...((going && step?.jobs) || []), ...probe.jobs],
    fences: [
      ...links
        .filter((link) => isFormer(link) && link !== pending?.link)
        .map((link) => ({ ...fenceOf(database, observed, link), sessions: !retiring.has(link.key), on: true })),
      ...[
        { link: writer, on: fencing },
        ...(follower ? [{ link: follower, on: false }] : []),
        ...(pending ? [{ link: pending.link, on: pending.fence }] : []),
        ...(back.link ? [{ link: back.link, on: false }] : []),
      ]
        .map(({ link, on }) => ({ link, on, fence: fenceOf(database, observed, link) }))
        .filter(
          ({ link, on, fence }) => on || (link === back.link && back.opens) || fenceState(observed, fence) !== 'absent',
        )
        .map(({ on, fence }) => ({ ...fence, sessions: true, on, held: !on && heldUntilOpen(observed, fence) })),
    ],
    names: target.key,
    writable:
      target === writer && !fencing && !shut('open-again', unfencing) && settledNames && version.stopped !== true,
    upgrade: version,
    held:
      going ||
      next.phase === 'Upgrading' ||
      back.cuts ||
      !settledNames ||
      pending !== undefined ||
      ((writer.term ?? 1) > 1 && (next.make || follower?.server.ready === false)),
    ready: going || back.cuts ? underWay : ready,
    splitBrain: splitBrain(
      database,
      links.filter((link) => isFormer(link) && !retiring.has(link.key)),
      observed,
    ),
  };
}

/** Where writes were before they came to the server that takes them. */
const siteBefore = (links: readonly Link[], writer: Link): Site =>
  links.find(({ term }) => term === (writer.term ?? 1) - 1)?.site ?? otherSite(writer.site);

/** The server that the write name points at, as Azure has it. */
const nameHolder = (links: readonly Link[], observed: Observed): Link | undefined => {
  const record = observed.resources.get(keys.writeRecord)?.forProvider.record;
  return links.find(({ server }) => record !== undefined && server.atProvider.fqdn === record);
};

/** Under spec.deletion.policy Orphan a server has to be given the policy first; without it nothing would be deleted in Azure. */
const mayDelete = ({ resources }: Observed, server: string): boolean =>
  resources.get(server)?.policies.includes('Delete') === true;

/** Whether the read name points at this server in Azure. */
const isRead = ({ resources }: Observed, server: string): boolean => {
  const host = resources.get(server)?.atProvider.fqdn;
  return host !== undefined && resources.get(keys.readRecord)?.atProvider.record === host;
};

/** What stands on a server leaves before it, and what replicates from it. The network half of its fence stays until it is gone. */
function hasDependents({ resources }: Observed, server: string): boolean {
  const name = resources.get(server)?.name;
  // `primary-server-2` is another server, and so are the things that stand on it.
  for (const [key, { usage, kind, annotations: own }] of resources) {
    if (usage && usage.of.name === name) return true;
    if (kind === 'FlexibleServer' && own[annotations.follows] === server) return true;
    if (kind === 'FlexibleServerVirtualEndpoint' && [own[annotations.source], own[annotations.reader]].includes(server))
      return true;
    if (key.startsWith(`${server}-`) && !/^\d/.test(key.slice(server.length + 1)) && key !== keys.networkFence(server))
      return true;
  }
  return false;
}

function phaseOf(at: {
  readonly step: Step | undefined;
  readonly unfencing: boolean;
  readonly settledNames: boolean;
  readonly validates: string | undefined;
  readonly restores: Pick<Restoration, 'said' | 'blocked'>;
  readonly canMove: boolean;
  readonly next: Pick<Reprotection, 'phase' | 'message'>;
  readonly wanted: boolean;
  readonly ready: string;
  readonly asked: Database['spec']['failover'];
}): { readonly phase: Phase; readonly message: string } {
  if (at.step) return { phase: at.step.phase, message: at.step.message };
  if (!at.settledNames) {
    const message = at.unfencing
      ? 'waits until the server that takes writes now is open for them'
      : at.canMove
        ? 'the names move to the server that takes writes now'
        : 'the promotion is proven; the names move when spec.failover.cutover is Automatic';
    return { phase: 'CuttingOver', message };
  }
  if (at.unfencing)
    return { phase: 'Fencing', message: 'goes back: the server that takes writes is opened for them again' };
  if (at.validates !== undefined) return { phase: 'Validating', message: at.validates };
  if (at.restores.said) return at.restores.said;
  if (at.restores.blocked !== undefined && ['Stable', 'Unprotected'].includes(at.next.phase))
    return {
      phase: at.next.phase,
      message: `a restore is asked for and has not begun: ${at.restores.blocked}`,
    };
  if (at.next.phase !== 'Stable') return at.next;
  if (at.wanted)
    return {
      phase: 'Stable',
      message: `a failover to the ${at.asked.activeRegion} region is asked for and has not begun; condition FailoverReady says why`,
    };
  return at.next;
}
