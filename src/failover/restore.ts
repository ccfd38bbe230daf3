import type { Database } from '../api/database.ts';
import { keys } from '../names.ts';
import type { Observed } from '../observed/observed.ts';
import { fenceState, testimony } from './evidence.ts';
import { fenceOf } from './fence.ts';
import { shut } from './gates.ts';
import { isUntaken, type Link, nextGeneration } from './lineage.ts';
import type { Phase, RestorePoint, ServerRole, Witness } from './types.ts';

type Wish = NonNullable<Database['spec']['restore']>;

/** What spec.restore asks for, in words that an object can remember: each wish is carried out once. */
const wishOf = ({ mode, pointInTime, sourceServerId = 'writer' }: Wish): string =>
  `${mode} ${pointInTime} ${sourceServerId}`;

/** What the first server is made from, and what it remembers of that. */
export function firstRestore({ spec: { restore } }: Database): Pick<ServerRole, 'restore' | 'restores' | 'restored'> {
  if (restore?.sourceServerId === undefined) return {};
  const point: RestorePoint = { mode: restore.mode, source: restore.sourceServerId, time: restore.pointInTime };
  const wish = wishOf(restore);
  return { restore: point, restores: wish, restored: wish };
}

/** Where a restore beside living servers is, and what it asks for now. */
export interface Restoration {
  /** The server that was made for it, until it takes writes. */
  readonly link?: Link;
  /** The server to be made now. */
  readonly made: readonly ServerRole[];
  readonly said?: { readonly phase: Phase; readonly message: string };
  /** The restored server is opened for writes: explicitly, because the backup may be of a server that was fenced. */
  readonly opens: boolean;
  /** Why it has not begun. */
  readonly blocked?: string;
  /** The server that takes writes is fenced, to be followed by the restored one. */
  readonly cuts: boolean;
  /** The restored server takes the next term. */
  readonly proven: boolean;
  readonly witnesses: readonly Witness[];
  /** What every server remembers from now on. */
  readonly remembered?: string;
}

interface Around {
  readonly database: Database;
  readonly observed: Observed;
  readonly links: readonly Link[];
  readonly writer: Link;
  readonly follower: Link | undefined;
  /** No failover is under way. */
  readonly free: boolean;
  /** One is asked for. It waits for a server that was restored already, so that one does not wait for it. */
  readonly wanted: boolean;
}

/**
 * A server beside the one that takes writes, made from a backup, to which writes move once it is ready. It stands in the same region: the
 * next generation, in the other subnet, so that the former writer can be fenced. It replicates from nobody from the beginning, and a fresh
 * look says so before anybody is fenced.
 */
export function restoration(around: Around): Restoration {
  const { database, links, writer } = around;
  const { restore, failover } = database.spec;
  const none = { made: [], opens: false, cuts: false, proven: false, witnesses: [], remembered: writer.restored };
  if (!restore) return none;
  const wish = wishOf(restore);
  const link = links.find((each) => each.restores === wish && isUntaken(each));
  const known = links.some(({ restores, restored }) => restores === wish || restored === wish);
  const begun = { ...none, remembered: known ? wish : writer.restored };
  // One that is to be deleted is no candidate any more.
  if (link && !failover.retire.includes(link.server.externalName ?? '')) return takeOver(around, restore, link, begun);
  if (link || shut('restore-once', known) || !around.free || around.wanted) return begun;
  return begin(around, restore, wish, begun);
}

function begin(
  { database, observed, links, writer, follower }: Around,
  restore: Wish,
  wish: string,
  none: Restoration,
) {
  const source = restore.sourceServerId ?? writer.server.atProvider.id;
  const kept = links.find((link) => link !== writer && link !== follower && link.site === writer.site);
  const blocked = (why: string): Restoration => ({ ...none, blocked: why });
  if (kept) {
    // Azure deletes no server that has a replica.
    const both = [kept, ...links.filter(({ follows }) => follows === kept.key)];
    const names = both.map(({ server }) => `"${server.externalName}"`).join(' and ');
    return blocked(
      `${kept.key} is kept in the region in which the server would be made; add ${names} to spec.failover.retire, which deletes ${both.length > 1 ? 'them with their' : 'it with its'} data, or remove spec.restore`,
    );
  }
  if (!writer.server.ready || !writer.server.synced || source === undefined)
    return blocked(`waits until ${writer.key} is ready and Azure takes its changes; or remove spec.restore`);
  if (follower?.server.ready === false) return blocked(`waits until the replica ${follower.key} is made`);
  if (!['absent', 'off'].includes(fenceState(observed, fenceOf(database, observed, writer)))) return none;
  const generation = nextGeneration(links, writer.site, database);
  const made: ServerRole = {
    key: keys.server(writer.site, generation),
    site: writer.site,
    generation,
    role: 'Restored',
    restore: { mode: restore.mode, source, time: restore.pointInTime },
    restores: wish,
    restored: wish,
    promote: false,
    retiring: false,
  };
  return { ...none, made: [made], said: making(made.key, restore) };
}

const making = (key: string, { pointInTime }: Wish) =>
  ({
    phase: 'Restoring',
    message: `${key} is being made from a backup, as of ${pointInTime}; writes stay where they are`,
  }) as const;

/** From the making of the server to the proof that it may take writes. */
function takeOver(
  { database, observed, writer, free }: Around,
  restore: Wish,
  link: Link,
  begun: Restoration,
): Restoration {
  const lacks = notReady(database, observed, writer, link);
  const at = { ...begun, link, opens: lacks === undefined };
  const name = `"${link.server.externalName}"`;
  const says = (message: string): Restoration => ({ ...at, said: { phase: 'Restoring', message } });
  const closed = fenceState(observed, fenceOf(database, observed, link)) !== 'off';
  const unready = lacks ?? (closed ? `waits until ${link.key} is open for writes` : undefined);
  if (shut('restored-ready', unready !== undefined))
    return unready === MAKING ? { ...at, said: making(link.key, restore) } : says(unready ?? '');
  if (link.site !== writer.site)
    return says(
      `${link.key} stands in a region that writes have left since; add ${name} to spec.failover.retire, which deletes it`,
    );
  if (restore.cutover !== 'Automatic' || database.spec.failover.cutover !== 'Automatic')
    return says(
      `${link.key} is restored and can be looked at at ${link.server.atProvider.fqdn}; it takes over once spec.restore.cutover and spec.failover.cutover are Automatic, without what was written after ${restore.pointInTime}`,
    );
  if (!free) return says(`${link.key} is restored, and takes over once the failover that is under way is over`);
  const witness = keys.witness(link.key, 'before');
  const asked = { witnesses: [{ key: witness, server: link.key }] };
  const answer = testimony(observed, witness).says;
  if (shut('restored-ready', answer !== 'standalone'))
    return {
      ...says(
        answer === 'replica'
          ? `${link.key} replicates from another server now; add ${name} to spec.failover.retire, which deletes it`
          : `looks whether ${link.key} is a server of its own`,
      ),
      ...asked,
    };
  const fenced = fenceState(observed, fenceOf(database, observed, writer)) === 'on';
  return {
    ...at,
    ...asked,
    cuts: true,
    proven: !shut('restore-fenced', !fenced),
    said: {
      phase: 'Fencing',
      message: `waits until ${writer.key} has stopped taking writes; ${link.key} takes over then, and what was written after ${restore.pointInTime} stays on ${writer.key}; to go back, set spec.restore.cutover to Manual`,
    },
  };
}

const MAKING = 'making';

/** What a restored server lacks, as one sentence, or that it is still being made. */
function notReady(database: Database, observed: Observed, writer: Link, link: Link): string | undefined {
  const { ready, synced, atProvider } = link.server;
  if (!ready || atProvider.id === undefined) return MAKING;
  if (atProvider.version !== writer.server.atProvider.version)
    return `${link.key} has PostgreSQL ${atProvider.version}, and ${writer.key} has ${writer.server.atProvider.version}, so it cannot take over; add "${link.server.externalName}" to spec.failover.retire, which deletes it`;
  if (!synced) return `Azure refuses a change of ${link.key}, or does not answer; it takes over when that is done`;
  const { mode } = database.spec.network;
  if (mode === 'PrivateEndpoint' && !observed.resources.get(keys.privateEndpoint(link.key))?.ready)
    return `waits until the private endpoint of ${link.key} is ready`;
  // The backup has the password that was in force then.
  const hasPassword = writer.server.forProvider.administratorPasswordSecretRef !== undefined;
  const applied = link.server.connection()['attribute.administrator_password'];
  return hasPassword && !(applied && applied.length > 0)
    ? `waits until ${link.key} has the administrator's password`
    : undefined;
}
