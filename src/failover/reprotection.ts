import { keys } from '../names.ts';
import type { Situation } from './acceptance.ts';
import { testimony } from './evidence.ts';
import { shut } from './gates.ts';
import { wishedStandby } from './standby.ts';
import type { Phase } from './types.ts';
import { isReplicaOwed } from './upgrade.ts';
import { notProbed } from './validation.ts';

export interface Reprotection {
  readonly phase: Phase;
  readonly message: string;
  /** Make a new replica now. */
  readonly make: boolean;
  readonly witnesses: readonly { readonly key: string; readonly server: string }[];
}

/**
 * What comes after the names have moved: a new replica in the region that lost the writer, once that region is seen to answer (a fresh look
 * at the former writer, asked for after the promotion) or a person says so, and after high availability has come back on the writer.
 */
export function reprotection({ database, observed, writer, follower, others, settled }: Situation): Reprotection {
  const none = { make: false, witnesses: [] };
  if (!database.secondary)
    return { ...none, phase: 'Stable', message: 'one region: there is no other to fail over to' };
  if (!settled) return { ...none, phase: 'CuttingOver', message: '' };
  const unseen = notProbed(database);
  // Its region answered when the replica before it was deleted for an upgrade.
  const first = (writer.term ?? 1) === 1 || isReplicaOwed(writer);
  if (follower?.server.lost)
    return {
      ...none,
      phase: 'Unprotected',
      message: `the replica ${follower.key} is not in Azure any more, as it looks to the provider; look for "${follower.server.externalName}" there, and to have it made again set spec.deletion.policy to Delete until it is ready`,
    };
  if (follower)
    return follower.server.ready
      ? { ...none, phase: 'Stable', message: `${follower.key} follows ${writer.key}` }
      : { ...none, phase: 'Reprotecting', message: `the replica ${follower.key} is being made` };
  if (first) return { ...none, make: true, phase: 'Reprotecting', message: 'the replica is being made' };

  const former = others
    .filter(({ site }) => site !== writer.site)
    .reduce<(typeof others)[number] | undefined>(
      (last, link) => ((link.term ?? 0) > (last?.term ?? -1) ? link : last),
      undefined,
    );
  const key = former && keys.witness(former.key, 'after');
  const witnesses = former && key ? [{ key, server: former.key }] : [];
  const waits = (message: string): Reprotection => ({
    make: false,
    witnesses,
    phase: 'Unprotected',
    message: `${message}${unseen}`,
  });
  const { reprotect } = database.spec.failover;
  if (reprotect === 'Manual') return waits('a new replica is made when spec.failover.reprotect is Automatic or Now');
  const answers = key !== undefined && ['standalone', 'replica'].includes(testimony(observed, key).says);
  if (reprotect === 'Automatic' && shut('region-answers', !answers))
    return waits(
      'a new replica is made once the region that lost the writer answers; to make it without waiting for that, set spec.failover.reprotect to Now',
    );
  const standby = wishedStandby(database, writer.site);
  const { atProvider, synced, ready } = writer.server;
  if (!ready || !synced) return waits(`waits until ${writer.key} is ready and Azure takes its changes`);
  if (standby && shut('standby-before-replica', atProvider.highAvailability?.mode !== standby.mode))
    return waits(`waits until ${writer.key} has its standby; the replica comes after it`);
  return { make: true, witnesses, phase: 'Reprotecting', message: 'a new replica is being made' };
}
