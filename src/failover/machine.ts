import type { Database } from '../api/database.ts';
import { annotations, generationOf, keys, type Site, siteOf, subnetOrdinal } from '../names.ts';
import type { Observed } from '../observed/observed.ts';
import { subnetOf } from '../plan/subnets.ts';
import { readiness } from './acceptance.ts';
import {
  fenceState,
  isStale,
  promotionFailed,
  promotionFinished,
  promotionSent,
  promotionStays,
  sameId,
  type Testimony,
  testimony,
} from './evidence.ts';
import { inOrder, type Link, lineage, missingWriter, nextGeneration, writerOf } from './lineage.ts';
import { reprotection } from './reprotection.ts';
import type { Failover, Fence, Phase, ServerRole } from './types.ts';

/** A step of a failover: the phase, its sentence, and what the step asks for. */
interface Step {
  readonly phase: Phase;
  readonly message: string;
  readonly call?: string;
  /** Send the promotion, or go on sending it. */
  readonly promote?: boolean;
  readonly witnesses?: readonly ('before' | 'after')[];
  /** The promotion is proven: the target takes the next term. */
  readonly proven?: boolean;
}

/** What is observed does not tell what is safe, so nothing is changed. */
export class Doubt extends Error {}

const otherSite = (site: Site): Site => (site === 'primary' ? 'secondary' : 'primary');

/**
 * Decides where a failover is from the spec and what is observed, and nothing else: a lost status, a restarted function or another control
 * plane changes nothing. `now` is in milliseconds since 1970 and used only to compare with observed times: how long ago the last failover
 * was, and whether a witness is old enough to be asked anew. Throws Doubt when the server that takes writes cannot be told.
 */
export function failover(database: Database, observed: Observed, now: number): Failover {
  const links = lineage(observed);
  const missing = missingWriter(links, observed);
  if (missing !== undefined) return withoutWriter(database, links, missing);
  if (links.length === 0) return creation(database);
  const writer = writerOf(links);
  if (!writer)
    throw new Doubt(
      `none of ${links.map(({ key }) => key).join(', ')} is known to take writes; restore the annotation ${annotations.term} on the one that does`,
    );
  const { failover: asked } = database.spec;
  const follower = links.find(({ key, follows }) => key !== writer.key && follows === writer.key);
  const sent = promotionSent(follower);
  const wanted = database.secondary !== undefined && asked.activeRegion !== writer.site;
  const begun = sent || (follower !== undefined && observed.resources.has(keys.witness(follower.key, 'before')));
  const names = nameHolder(links, observed) ?? writer;
  const host = writer.server.atProvider.fqdn;
  const moved = host !== undefined && observed.resources.get(keys.writeRecord)?.atProvider.record === host;
  const settledNames = (writer.term ?? 1) === 1 || (moved && names === writer);
  const others = links.filter((link) => link !== writer && link !== follower);

  const ready = readiness({ database, observed, now, writer, follower, others, settled: settledNames });
  const going = follower !== undefined && (sent || (wanted && settledNames && (begun || ready.status === 'True')));
  const step = going ? promotion(database, observed, now, writer, follower) : undefined;
  const unfencing = !going && ['pending', 'on'].includes(fenceState(observed, fenceOf(database, writer)));
  const next = reprotection({ database, observed, writer, follower, others, settled: settledNames && !unfencing });
  const protectedPair = follower?.server.ready === true && !going && !wanted && settledNames;

  const role = (link: Link): ServerRole => {
    const { key, site, generation, term, follows } = link;
    const named = asked.retire.includes(link.server.externalName ?? '');
    const isWriter = link === writer;
    const isFollower = link === follower;
    // Its own object remembers that it follows nobody any more, before the witness that said so leaves with it.
    const cutOff = isFollower && !sent && named && isCutOff(testimony(observed, keys.witness(key, 'before')), writer);
    return {
      key,
      site,
      generation,
      role: isWriter ? 'Primary' : isFollower ? 'Replica' : 'Former',
      term: isFollower && step?.proven ? (writer.term ?? 1) + 1 : isWriter ? (term ?? 1) : term,
      follows: (isFollower && step?.proven) || cutOff ? undefined : follows,
      promote: promotionStays(link) || (isFollower && step?.promote === true),
      retiring:
        !isWriter &&
        !isFollower &&
        ((named && settledNames && !going) || (asked.formerPrimary === 'Delete' && protectedPair)),
    };
  };
  const roles = links.map(role);
  const leaving = roles
    .filter(({ key, retiring }) => retiring && mayDelete(observed, key) && !hasDependents(observed, key))
    .map(({ key }) => key);
  const made: ServerRole[] = next.make
    ? [
        {
          key: keys.server(otherSite(writer.site), nextGeneration(links, otherSite(writer.site))),
          site: otherSite(writer.site),
          generation: nextGeneration(links, otherSite(writer.site)),
          role: 'Replica',
          follows: writer.key,
          promote: false,
          retiring: false,
        },
      ]
    : [];

  const canMove = asked.cutover === 'Automatic' && !unfencing;
  const target = settledNames || canMove ? writer : names;
  const phase = phaseOf({ step, unfencing, settledNames, canMove, next, wanted, ready: ready.status, asked });
  const isFormer = ({ key }: Link): boolean => roles.some((each) => each.key === key && each.role === 'Former');
  const retiring = new Set(roles.filter((each) => each.retiring).map(({ key }) => key));
  return {
    ...phase,
    call: step?.call,
    ...(going || !settledNames || unfencing
      ? { from: going || unfencing ? writer.site : otherSite(writer.site), to: going ? follower?.site : writer.site }
      : {}),
    servers: [...roles.filter(({ key }) => !leaving.includes(key)), ...made].sort(inOrder),
    leaving,
    witnesses: [
      ...(going && follower
        ? (step?.witnesses ?? []).map((when) => ({ key: keys.witness(follower.key, when), server: follower.key }))
        : []),
      ...next.witnesses,
    ],
    fences: [
      ...links
        .filter(isFormer)
        .map((link) => ({ ...fenceOf(database, link), sessions: !retiring.has(link.key), on: true })),
      ...(going || fenceState(observed, fenceOf(database, writer)) !== 'absent'
        ? [{ ...fenceOf(database, writer), sessions: true, on: going }]
        : []),
    ],
    names: target.key,
    writable: target === writer && !going && !unfencing && settledNames,
    held: going || !settledNames || ((writer.term ?? 1) > 1 && (next.make || follower?.server.ready === false)),
    ready,
    splitBrain: splitBrain(
      database,
      links.filter((link) => isFormer(link) && !retiring.has(link.key)),
      observed,
    ),
  };
}

/** Somebody promoted the replica, or made it follow another server. */
const isCutOff = (origin: Testimony, writer: Link): boolean =>
  origin.says === 'standalone' || (origin.says === 'replica' && !sameId(origin.source, writer.server.atProvider.id));

/** Nothing exists yet: writes begin in the primary region. */
function creation({ secondary }: Database): Failover {
  const writer: ServerRole = {
    key: keys.server('primary', 1),
    site: 'primary',
    generation: 1,
    role: 'Primary',
    term: 1,
    promote: false,
    retiring: false,
  };
  const replica: ServerRole = {
    ...writer,
    key: keys.server('secondary', 1),
    site: 'secondary',
    role: 'Replica',
    term: undefined,
    follows: writer.key,
  };
  const waits = { status: 'False', reason: 'Creating', message: 'the servers are being created' } as const;
  return {
    phase: 'Unprotected',
    message: 'the servers are being created',
    servers: secondary ? [writer, replica] : [writer],
    leaving: [],
    witnesses: [],
    fences: [],
    names: writer.key,
    writable: true,
    held: false,
    ready: waits,
    splitBrain: noSplitBrain,
  };
}

/**
 * The object of the server that takes writes is missing. Before the first failover it is asked for again, which adopts the server. After
 * one, asking could make an empty server, or a replica of a former writer.
 */
function withoutWriter(database: Database, links: readonly Link[], missing: string): Failover {
  if (links.some(({ term }) => (term ?? 1) > 1) || generationOf(missing) > 1 || siteOf(missing) !== 'primary')
    throw new Doubt(
      `the object of ${missing}, which takes writes, is missing from the cluster; restore it from a backup with its annotations, because another server must not take its place`,
    );
  const begun = creation(database);
  return {
    ...begun,
    servers: begun.servers
      .filter(({ key }) => !links.some((link) => link.key === key))
      .concat(links.map(roleOf))
      .sort(inOrder),
    ready: { status: 'False', reason: 'WriterMissing', message: `the object of ${missing} is missing` },
  };
}

const roleOf = ({ key, site, generation, term, follows, server }: Link): ServerRole => ({
  key,
  site,
  generation,
  role: follows === undefined ? 'Former' : 'Replica',
  term,
  follows,
  promote: server.forProvider.replicationRole === 'None',
  retiring: false,
});

/** The steps up to the proof that the target takes writes. */
function promotion(database: Database, observed: Observed, now: number, writer: Link, target: Link): Step {
  const { option } = database.spec.failover;
  const planned = option === 'Planned';
  const sent = promotionSent(target);
  const [before, after] = [keys.witness(target.key, 'before'), keys.witness(target.key, 'after')];
  const origin = testimony(observed, before);
  const name = target.server.externalName ?? target.key;

  if (!sent) {
    if (isCutOff(origin, writer))
      return {
        phase: 'Fencing',
        witnesses: ['before'],
        message: `the server ${name} no longer replicates from ${writer.key}, so its data is older; add "${name}" to spec.failover.retire to have a new replica made, or set spec.failover.activeRegion back`,
      };
    if (origin.says === 'nothing' || origin.says === 'unanswered')
      return {
        phase: 'Fencing',
        witnesses: ['before'],
        message: `looks whether ${target.key} still replicates from ${writer.key}`,
      };
    if (planned && fenceState(observed, fenceOf(database, writer)) !== 'on')
      return {
        phase: 'Fencing',
        witnesses: ['before'],
        message: `waits until ${writer.key} has stopped taking writes; when its region is lost, set spec.failover.option to Forced`,
      };
  }

  const finished = promotionFinished(target);
  const failed = promotionFailed(target);
  const asking = !planned || finished || failed;
  const answer = testimony(observed, after);
  const proven = (!planned || finished) && answer.says === 'standalone';
  // An answer that came too early would be repeated for ever, so the witness is left out for one pass and comes back fresh.
  const tooEarly = answer.says === 'replica' && isStale(observed, after, now);
  const witnesses = asking && !tooEarly ? (['before', 'after'] as const) : (['before'] as const);
  if (planned)
    return {
      phase: 'Promoting',
      promote: true,
      proven,
      witnesses,
      message:
        failed && answer.says === 'standalone'
          ? `${target.key} is promoted, but the provider reports that it failed; set spec.failover.option to Forced to go on`
          : `${target.key} is being promoted; there is no way back now${finished ? '' : `; when the region of ${writer.key} is lost, set spec.failover.option to Forced`}`,
    };
  return {
    phase: 'Promoting',
    promote: sent,
    proven,
    witnesses,
    call: proven ? undefined : forcedCall(target),
    message: `waits for a person to make the call in status.failover.call, which promotes ${target.key} without waiting for the data that it lacks: transactions that have not reached it are lost`,
  };
}

/** Azure REST, PostgreSQL 2025-08-01, Servers - Update. Not run against Azure. */
const forcedCall = (target: Link): string =>
  `az rest --method patch --url "https://management.azure.com${target.server.atProvider.id}?api-version=2025-08-01" --body '{"properties":{"replica":{"role":"None","promoteMode":"Standalone","promoteOption":"Forced"}}}'`;

/** The server that the write name points at, as Azure has it. */
const nameHolder = (links: readonly Link[], observed: Observed): Link | undefined => {
  const record = observed.resources.get(keys.writeRecord)?.forProvider.record;
  return links.find(({ server }) => record !== undefined && server.atProvider.fqdn === record);
};

/** Under spec.deletion.policy Orphan a server has to be given the policy first; without it nothing would be deleted in Azure. */
const mayDelete = ({ resources }: Observed, server: string): boolean =>
  resources.get(server)?.policies.includes('Delete') === true;

/** What stands on a server leaves before it. The network half of its fence stays until it is gone. */
function hasDependents({ resources }: Observed, server: string): boolean {
  const name = resources.get(server)?.name;
  // `primary-server-2` is another server, and so are the things that stand on it.
  for (const [key, { usage }] of resources) {
    if (usage && usage.of.name === name) return true;
    if (key.startsWith(`${server}-`) && !/^\d/.test(key.slice(server.length + 1)) && key !== keys.networkFence(server))
      return true;
  }
  return false;
}

function phaseOf(at: {
  readonly step: Step | undefined;
  readonly unfencing: boolean;
  readonly settledNames: boolean;
  readonly canMove: boolean;
  readonly next: ReturnType<typeof reprotection>;
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
  if (at.next.phase !== 'Stable') return at.next;
  if (at.wanted)
    return {
      phase: 'Stable',
      message: `a failover to the ${at.asked.activeRegion} region is asked for and has not begun; condition FailoverReady says why`,
    };
  return at.next;
}

const noSplitBrain = {
  status: 'False',
  reason: 'OneWriter',
  message: 'no other server can take writes',
} as const;

/** A former writer may take writes until its fence is confirmed, and with a fence that its sessions can override for ever. */
function splitBrain(database: Database, formers: readonly Link[], observed: Observed): Failover['splitBrain'] {
  const open = formers.filter((link) => fenceState(observed, fenceOf(database, link)) !== 'on');
  if (open.length > 0)
    return {
      status: 'True',
      reason: 'FormerWriterOpen',
      message: `${open.map(({ key }) => key).join(', ')}: took writes before and is not fenced yet; keep applications away from it`,
    };
  const soft = formers.filter((link) => fenceOf(database, link).network === undefined);
  if (soft.length === 0) return noSplitBrain;
  return {
    status: 'True',
    reason: 'FenceIsSoft',
    message: `${soft.map(({ key }) => key).join(', ')}: its sessions are read-only unless they ask otherwise, and its subnet has to stay open for the next server; block TCP 5432 and 6432 to it, or retire it`,
  };
}

/** The network half closes the whole subnet, so it is left out where the server of the next generation has to stand in the same one. */
function fenceOf(database: Database, { key, site, generation, server }: Link): Pick<Fence, 'server' | 'network'> {
  const place = (site === 'secondary' && database.secondary) || database.primary;
  if (place.subnets.even === undefined) return { server: key };
  const ordinal = subnetOrdinal(subnetOf(site, generation, place, server));
  return { server: key, network: { nsg: keys.nsg(site, ordinal) } };
}
