import {
  annotations,
  generationOf,
  keys,
  keysOf,
  type Site,
  siteOf,
  UPGRADE_BACKUP,
  upgradeBackupName,
} from '../names.ts';
import { isAbsent } from '../observed/observed.ts';
import type { Situation } from './acceptance.ts';
import { listedBackups } from './backups.ts';
import { isStale } from './evidence.ts';
import { shut } from './gates.ts';
import type { Link } from './lineage.ts';
import { wishedStandby } from './standby.ts';
import type { Upgrade, UpgradeMemory, Verdict, Witness } from './types.ts';

/*
 * An in-place upgrade to another major version (Microsoft, major version upgrades): Azure refuses it while there are replicas, restarts the
 * server for as long as it takes, takes a standby away meanwhile, and never goes back. azurerm sends the version in a PATCH of its own since
 * 4.27 (#28559), also of a server that was made as a replica: createMode stays what it is.
 *
 * What has been done stands on the object of the server that takes writes. The version of that server is decided here, never by the spec
 * alone, and is never lower than what Azure reports.
 */

const higher = (one: string | undefined, than: string | undefined): boolean =>
  one !== undefined && than !== undefined && Number(one) > Number(than);

/** What the object of the server that takes writes remembers of upgrades. */
export const memoryOf = ({ server: { annotations: own } }: Link): UpgradeMemory => ({
  begun: own[annotations.upgrade],
  removedReplica: own[annotations.removedReplica],
  failed: own[annotations.upgradeFailed],
  backups: Number(own[annotations.upgradeBackups] ?? 0),
});

/** The replica that went for an upgrade, while there is no other one. */
function removedOf({ removedReplica = '' }: UpgradeMemory) {
  const [key = '', name = ''] = removedReplica.split('/');
  return name === '' ? undefined : { key, name, site: siteOf(key), generation: generationOf(key) };
}

/** Generations that are not given again although nothing of them is there any more. */
export const removedBefore = (writer: Link): readonly { readonly site: Site; readonly generation: number }[] =>
  [removedOf(memoryOf(writer))].flatMap((removed) => removed ?? []);

/** Whether an upgrade took the replica away, and nothing has come in its place. */
export const isReplicaOwed = (writer: Link): boolean => removedOf(memoryOf(writer)) !== undefined;

/** The version was asked for, and Azure does not report it yet. */
const isSent = ({ server: { forProvider, atProvider } }: Link): boolean =>
  higher(forProvider.version, atProvider.version);

/** Whether an upgrade has gone so far that no failover may begin; undefined when none has. */
export function upgrading(writer: Link): Verdict | undefined {
  const { begun } = memoryOf(writer);
  if (!shut('no-failover-in-upgrade', begun !== undefined || isSent(writer))) return undefined;
  return {
    status: 'False',
    reason: 'Upgrading',
    message: `${writer.key} is being upgraded to PostgreSQL ${begun ?? writer.server.forProvider.version}, and has no replica until that is over; when its region is lost meanwhile, the way is to wait`,
  };
}

/** No answer, or a server that is busy, is no refusal: the provider tries again. */
const PASSING =
  /ServerIsBusy|OperationNotAllowedOnUpdating|AnotherOperationInProgress|ServerBusy|ServerUnavailable|ServiceUnavailable|GatewayTimeout|TooManyRequests|context deadline exceeded|no such host|connection (refused|reset)|i\/o timeout/;
const WORDS_KEPT = 300;

/** Why Azure did not upgrade, in its own words; undefined while it may still do so. */
function failureOf({ server }: Link): string | undefined {
  const ended = server.conditions.find(({ type }) => type === 'LastAsyncOperation');
  if (ended?.status !== 'False' || PASSING.test(ended.message)) return undefined;
  // What upjet says before it tells nothing.
  const words = ended.message.replace(/^(async \w+ failed: )?(failed to \w+ the resource: )?/, '');
  return words.replaceAll(/\s+/g, ' ').slice(0, WORDS_KEPT);
}

export interface UpgradeSituation extends Situation {
  readonly now: number;
  /** Why nothing can begin now; undefined when nothing is under way. */
  readonly busy: string | undefined;
}

/** Where an upgrade is, and what it asks for now. */
export function upgrade(at: UpgradeSituation): Upgrade {
  const { database, writer, follower } = at;
  const { version: target } = database.spec.database;
  const { version: has } = writer.server.atProvider;
  const asked = writer.server.forProvider.version;
  const memory = memoryOf(writer);
  const version = has ?? asked ?? target;
  const owed = removedOf(memory);
  const failedAt = memory.failed?.split(':')[0];
  const remembers: UpgradeMemory = {
    ...memory,
    // One that is being deleted is not there any more.
    removedReplica: owed && follower && !follower.server.deleting ? undefined : memory.removedReplica,
    // A new attempt begins when the spec has gone back to what the server has.
    failed: failedAt === target && higher(target, has) ? memory.failed : undefined,
  };
  if (isSent(writer)) return sent(at, remembers);
  const approved = database.spec.upgrade?.approvedVersion === target;
  const wished = approved && higher(target, has) && failedAt !== target;
  if (wished && memory.begun === target) return prepared(at, remembers, target, version);
  if (wished) return beginning(at, remembers, target, version);
  if (memory.begun !== undefined) return after(at, remembers, version);
  const failed = remembers.failed?.slice(target.length + 2);
  const lower = higher(has, target)
    ? `"${target}" in spec.database.version is lower than the version ${has} of ${writer.key}, and Azure does not go back; set it to "${has}"`
    : undefined;
  return {
    version,
    remembers: { ...remembers, backups: Math.max(memory.backups, lastBackup(at)) },
    witnesses: [],
    waits: lower,
    failed:
      failed === undefined
        ? undefined
        : `the upgrade to PostgreSQL ${target} failed (${failed}); when the cause is gone, set spec.database.version to "${version}", and then to "${target}" again`,
  };
}

/** The highest number of a backup that was taken of this server for an upgrade. */
const lastBackup = ({ observed, writer }: Pick<Situation, 'observed' | 'writer'>): number => {
  const prefix = keysOf.backup(writer.key);
  const names = [...observed.resources.keys()].flatMap((key) =>
    key.startsWith(prefix) ? key.slice(prefix.length) : [],
  );
  return Math.max(0, ...names.map((name) => Number(UPGRADE_BACKUP.exec(name)?.[1] ?? 0)));
};

/** Nothing has been taken away yet: a backup comes first, unless Azure takes none of such servers. */
function beginning(at: UpgradeSituation, remembers: UpgradeMemory, target: string, version: string): Upgrade {
  const { observed, writer, follower } = at;
  const step = { version, remembers, witnesses: [] };
  const busy = at.busy ?? cannotGo(at);
  if (shut('upgrade-from-rest', busy !== undefined))
    return { ...step, waits: `the upgrade to PostgreSQL ${target} waits: ${busy}` };
  const nth = remembers.backups + 1;
  const name = upgradeBackupName(target, nth);
  const taken = observed.resources.get(keysOf.backup(writer.key, name));
  const burstable = writer.server.atProvider.skuName?.startsWith('B_') === true;
  if (!burstable && shut('upgrade-backup', !(taken?.ready && taken.atProvider.id !== undefined)))
    return {
      ...step,
      backup: { name, server: writer.key },
      phase: `a backup of ${writer.key} is taken before the upgrade to PostgreSQL ${target}${taken?.failing ? '; Azure refuses it, and status.backup.onDemand says why' : ''}`,
    };
  const removes = follower && `${follower.key}/${follower.server.externalName ?? follower.key}`;
  return {
    ...step,
    remembers: { ...remembers, begun: target, removedReplica: removes ?? remembers.removedReplica, backups: nth },
    phase: follower
      ? `the upgrade to PostgreSQL ${target} begins: the replica ${follower.key} leaves, and from now on the database is not protected`
      : `the upgrade to PostgreSQL ${target} begins`,
  };
}

/** What stands in the way of an upgrade that failovers do not mind. */
function cannotGo({ database, observed, writer, follower }: Situation): string | undefined {
  const backups = follower ? listedBackups(database, observed, follower.key) : [];
  if (follower && backups.length > 0)
    return `the backups ${backups.join(', ')} are on ${follower.key}, which has to go; take them out of spec.backup.onDemand, which deletes them`;
  const { ready, synced, failing } = writer.server;
  return ready && synced && !failing ? undefined : `${writer.key} is not ready, or Azure refuses a change of it`;
}

/** The replica goes, with what stands on it, and then the version is sent. Until that, going back is setting the version back. */
function prepared(at: UpgradeSituation, remembers: UpgradeMemory, target: string, version: string): Upgrade {
  const { observed, now, writer, follower } = at;
  const step = { version, remembers, witnesses: [] } as const;
  const phase = `to be upgraded to PostgreSQL ${target}, the replica goes first; the database is not protected meanwhile`;
  if (follower)
    return {
      ...step,
      // Until there is another one, what went is remembered.
      remembers: { ...remembers, removedReplica: `${follower.key}/${follower.server.externalName ?? follower.key}` },
      retires: true,
      phase,
    };
  const removed = removedOf(remembers);
  const key = removed && keys.witness(removed.key, 'upgrade');
  const look = key === undefined ? undefined : observed.resources.get(key);
  // Crossplane forgets an object as soon as it has asked for its deletion (core v2, UpdateResourceRefs), which in Azure takes minutes.
  if (removed && key && shut('replica-gone', !look || !isAbsent(look)))
    return {
      ...step,
      witnesses: look?.atProvider.id !== undefined && isStale(observed, key, now) ? [] : [witness(key, removed)],
      phase,
    };
  const { ready, synced, failing } = writer.server;
  if (!ready || !synced || failing)
    return {
      ...step,
      phase: `waits until ${writer.key} is ready and Azure takes its changes, to upgrade it to PostgreSQL ${target}`,
    };
  return { ...step, version: target, phase: `${writer.key} is to be upgraded to PostgreSQL ${target}` };
}

const witness = (key: string, { key: server, name }: { readonly key: string; readonly name: string }): Witness => ({
  key,
  server,
  externalName: name,
});

/** The version was sent: there is no way back now. Azure restores what there was before when it cannot upgrade. */
function sent(at: UpgradeSituation, remembers: UpgradeMemory): Upgrade {
  const { writer } = at;
  const { forProvider, atProvider } = writer.server;
  const asked = forProvider.version ?? '';
  const words = failureOf(writer);
  const step = { remembers: { ...remembers, begun: asked }, witnesses: [] } as const;
  if (words === undefined)
    return {
      ...step,
      version: asked,
      stopped: true,
      phase: `Azure upgrades ${writer.key} to PostgreSQL ${asked}: it does not answer until that is over, and there is no replica; there is no way back now`,
    };
  return {
    ...step,
    remembers: { ...step.remembers, failed: `${asked}: ${words}` },
    version: atProvider.version ?? asked,
    phase: `Azure did not upgrade ${writer.key} to PostgreSQL ${asked} (${words}); it goes on with version ${atProvider.version}`,
  };
}

/** The upgrade is over, or was taken back: the standby first, which Azure gives back or not, and then a new replica. */
function after(at: UpgradeSituation, remembers: UpgradeMemory, version: string): Upgrade {
  const { database, observed, now, writer, follower } = at;
  const over = { version, remembers: { ...remembers, begun: undefined }, witnesses: [] };
  const standby = wishedStandby(database, writer.site);
  if (follower || !standby) return over;
  const key = keys.witness(writer.key, 'upgrade');
  const look = observed.resources.get(key);
  const answered = look?.ready && look.synced && look.atProvider.id !== undefined;
  // Only a fresh look tells: what an object has reported once stays there (seen live: provider-upjet-azure a983cb478).
  const has = answered ? look.atProvider.highAvailability?.mode : undefined;
  if (answered && !shut('standby-before-replica', has !== standby.mode)) return over;
  return {
    version,
    remembers,
    standbyLost: answered && has !== standby.mode,
    witnesses: answered && isStale(observed, key, now) ? [] : [{ key, server: writer.key }],
    phase: `${writer.key} has PostgreSQL ${version}; waits until it has its standby, and the replica comes after it`,
  };
}
