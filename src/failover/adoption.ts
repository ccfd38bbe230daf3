import type { Database } from '../api/database.ts';
import { annotations, fenceParameterId, keys } from '../names.ts';
import { isAbsent, isLookedAt, type Observed } from '../observed/observed.ts';
import { agreed, type Claim, initial, keyOf, listed, listedName, remembered } from './claims.ts';
import { isStale, sameId, testimony } from './evidence.ts';
import { shut } from './gates.ts';
import type { Link } from './lineage.ts';
import { observing } from './observe-only.ts';
import type { Failover } from './types.ts';

/** Servers that another control plane made or kept: taken over now, still looked at, or not there at all. */
export type Adoption = { readonly links: readonly Link[] } | { readonly waits: Failover } | undefined;

/**
 * Taking over from another control plane. It begins where spec.adopt lists servers of which none is known here, or where this control plane
 * has only observed. Who takes writes is believed when fresh looks at the servers agree with what the user lists, or else with what the
 * objects remember. Until then everything is only observed, and nothing is made.
 */
export function adoption(database: Database, observed: Observed, now: number, links: readonly Link[]): Adoption {
  const given = listed(database);
  const observes = links.some(({ server }) => server.annotations[annotations.observeOnly] === 'true');
  if (links.length === 0 ? given.length === 0 : !observes) return undefined;
  const own = remembered(links);
  const views = [given, own.length === 0 && given.length === 0 ? initial(database) : own].filter(
    (claims) => claims.length > 0,
  );
  const doubts = views.map((claims) => {
    const found = doubt(database, observed, claims, claims !== given);
    return shut('adoption-agreed', found !== undefined) ? found : undefined;
  });
  const claims = views[0] ?? [];
  // What it was looked at as stays with an object for ever (see resources/servers.ts), so one with another role comes back fresh.
  const leaving = links
    .filter(({ server }) => isLookedAt(server))
    .filter(({ key, server }) => isReplica(claims, key) !== (server.forProvider.createMode === 'Replica'))
    .map(({ key }) => key);
  const believed = views[doubts.indexOf(undefined)];
  if (believed && leaving.length === 0) return { links: agreed(links, believed) };
  const message = doubts[0] ?? `looks again at ${leaving.join(', ')}`;
  return {
    waits: {
      ...observing(database, observed, links, claims),
      leaving,
      phase: 'Adopting',
      message,
      // As condition PrimaryReady says: what takes writes is not known, and the write name alone may be at a server that does not any more.
      writable: false,
      witnesses: witnesses(database, observed, now, claims, links),
      ready: { status: 'False', reason: 'Adopting', message },
      splitBrain: {
        status: 'Unknown',
        reason: 'Adopting',
        message: 'it is not known yet which servers take writes',
      },
    },
  };
}

/** Fresh looks at every server, and at the fence of the one that is said to take writes. */
function witnesses(
  database: Database,
  observed: Observed,
  now: number,
  claims: readonly Claim[],
  links: readonly Link[],
): Failover['witnesses'] {
  const servers = [...new Set([...claims, ...links].map(({ key }) => key))];
  const primary = keyOf(claims, 'Primary');
  const id = primary === undefined ? undefined : observed.resources.get(primary)?.atProvider.id;
  const all = [
    ...servers.map((server) => ({ key: keys.witness(server, 'adoption'), server })),
    ...(primary !== undefined && id !== undefined
      ? [{ key: keys.witness(primary, 'fence'), server: primary, parameterId: fenceParameterId(id) }]
      : []),
  ];
  // An answer repeats itself for ever, so one that was not the expected one is left out for one pass and comes back fresh.
  const unexpected = new Set(
    claims.flatMap((claim) =>
      judge(database, observed, claim, primary) === undefined ? [] : [keys.witness(claim.key, 'adoption')],
    ),
  );
  const isUnexpected = (key: string): boolean =>
    unexpected.has(key) ? hasAnswered(observed, key) : observed.resources.get(key)?.atProvider.value === 'on';
  return all.filter(({ key }) => !isUnexpected(key) || !isStale(observed, key, now));
}

/** Azure writes it in either way. */
const regionName = (location: string): string => location.toLowerCase().replaceAll(' ', '');

const isReplica = (claims: readonly Claim[], server: string): boolean =>
  claims.some(({ key, role }) => key === server && role === 'Replica');

const hasAnswered = (observed: Observed, key: string): boolean =>
  ['standalone', 'replica'].includes(testimony(observed, key).says);

/** Why a view of the servers is not believed, as one sentence; undefined when it is. */
function doubt(
  database: Database,
  observed: Observed,
  claims: readonly Claim[],
  fromMemory: boolean,
): string | undefined {
  const primary = keyOf(claims, 'Primary');
  for (const claim of claims) {
    const said = judge(database, observed, claim, primary);
    if (said !== undefined) return said;
  }
  if (primary === undefined) return undefined; // the rules want one
  return doubtOfFence(database, observed, primary) ?? doubtOfName(database, observed, claims, primary, fromMemory);
}

const nameOf = (database: Database, observed: Observed, key: string): string =>
  listedName(database, key) ?? observed.resources.get(key)?.externalName ?? key;

/** A server that took writes before is a server of its own, as the one that takes them now is. Its fence tells them apart. */
function doubtOfFence(database: Database, observed: Observed, primary: string): string | undefined {
  const { resources } = observed;
  // A fence of this control plane's own is its own business.
  if (resources.has(keys.readOnly(primary))) return undefined;
  const name = `"${nameOf(database, observed, primary)}"`;
  const value = resources.get(keys.witness(primary, 'fence'))?.atProvider.value;
  if (value === undefined) return `looks whether the server ${name} takes writes`;
  return value === 'on'
    ? `the server ${name} is fenced: default_transaction_read_only is on, so another one took writes after it; correct spec.adopt.servers, or set the parameter to off by hand where this one is to take them`
    : undefined;
}

/**
 * The write name may still be at a server that took writes before, where the other control plane was lost before it could move it: a Former
 * after a promotion, after a switchover the Replica, which has been seen to replicate from the Primary.
 */
function doubtOfName(
  database: Database,
  observed: Observed,
  claims: readonly Claim[],
  primary: string,
  fromMemory: boolean,
): string | undefined {
  const record = observed.resources.get(keys.writeRecord);
  const target = record?.atProvider.record;
  if (target === undefined) return record && isAbsent(record) ? undefined : 'looks where the write name points';
  const at = fromMemory ? [primary] : claims.map(({ key }) => key);
  if (at.some((key) => target.split('.')[0] === nameOf(database, observed, key))) return undefined;
  return `the write name points at ${target}, which is ${fromMemory ? `not the server that ${primary} is remembered as` : 'none of the listed servers'}; list the servers in spec.adopt.servers as the other control plane's status.adopt has them`;
}

function judge(
  database: Database,
  observed: Observed,
  { key, site, role }: Claim,
  primary: string | undefined,
): string | undefined {
  const server = observed.resources.get(key);
  const name = `"${nameOf(database, observed, key)}"`;
  const answer = testimony(observed, keys.witness(key, 'adoption'));
  const of = primary === undefined ? undefined : observed.resources.get(primary);
  const correct = 'correct spec.adopt.servers';
  if (!server) return `looks at the server ${name}`;
  if (answer.says === 'nothing' || answer.says === 'unanswered' || server.atProvider.id === undefined) {
    // It may stand in the region that was lost. Its fence is the first thing that is asked of it.
    if (role === 'Former') return undefined;
    return isAbsent(server)
      ? `there is no server ${name} in the resource group; ${correct}, spec.resourceGroup.name or the provider's subscription`
      : `waits for an answer about the server ${name}; when its region is lost, promote the replica by hand, list that one as Primary and this one as Former`;
  }
  const { atProvider } = server;
  const source = answer.says === 'replica' ? `"${answer.source.split('/').at(-1)}"` : undefined;
  if (role === 'Primary' && source !== undefined)
    return `the server ${name} replicates from ${source}, so it does not take writes; ${correct}`;
  if (role === 'Replica' && source === undefined)
    return `the server ${name} replicates from no other, so it is no Replica; ${correct}`;
  if (role === 'Replica' && answer.says === 'replica' && !sameId(answer.source, of?.atProvider.id))
    return `the server ${name} replicates from ${source}, which is not the Primary; ${correct}`;
  if (role === 'Former' && answer.says === 'replica' && sameId(answer.source, of?.atProvider.id))
    return `the server ${name} replicates from the Primary, so it is no Former; ${correct}`;
  if (role === 'Former') return undefined;

  const { region } = (site === 'secondary' && database.secondary) || database.primary;
  const { version } = database.spec.database;
  // An upgrade may have been agreed to, and waits until the servers are taken over.
  const upgrades = database.spec.upgrade?.approvedVersion === version && Number(atProvider.version) < Number(version);
  const login = database.spec.security.adminUsername;
  if (atProvider.location !== undefined && regionName(atProvider.location) !== region.name)
    return `the server ${name} stands in ${regionName(atProvider.location)}, but spec.regions.${site}.name is ${region.name}; ${correct}`;
  if (atProvider.version !== undefined && atProvider.version !== version && !upgrades)
    return `the server ${name} has PostgreSQL ${atProvider.version}, but spec.database.version is "${version}"; set it to "${atProvider.version}"`;
  if (atProvider.administratorLogin !== undefined && atProvider.administratorLogin !== login)
    return `the server ${name} has the administrator "${atProvider.administratorLogin}", but spec.security.adminUsername is "${login}"; set it to that`;
  return undefined;
}
