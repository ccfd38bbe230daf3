import type { Standby } from '../failover/standby.ts';
import { type HighAvailability, isLookedAt, type ObservedResource } from '../observed/observed.ts';
import type { ZonePlan } from './types.ts';

export type ZoneFacts = Pick<
  ObservedResource,
  'initProvider' | 'forProvider' | 'atProvider' | 'conditions' | 'generation'
>;

/**
 * Zones are given once and adopted afterwards. The provider ignores a field only while it stands in initProvider alone, and a block only as a
 * whole: with a zone in forProvider it fails the server back after a zone failover, and with a nested standby zone it blocks every other
 * update. (Seen live: provider-upjet-azure a983cb478, azurerm 4.80.)
 *
 * High availability switched on after creation has to stand in forProvider, or nobody would send it. Its standby zone then follows the
 * observed one, because Azure chooses it, and a zone failover moves it.
 *
 * Azure knows no way from one mode to the other (Microsoft, high availability: disable it, then enable it with the other mode), so a change
 * of mode is two: both places are left empty, and the new mode is asked for once the provider has done that.
 */
export function zonePlan(
  wished: {
    readonly zone?: string;
    readonly standby?: Standby;
    /**
     * It did not begin as the server that takes writes, or began with what a backup held, which comes without a standby (Microsoft, backup and
     * restore), so high availability has to be sent to it.
     */
    readonly promoted?: boolean;
    /** Nothing may begin that makes the server busy. */
    readonly busy?: boolean;
    /** An upgrade waits for its standby. */
    readonly awaited?: boolean;
  },
  observed: ZoneFacts | undefined,
): ZonePlan {
  const { zone, standby, promoted, busy, awaited } = wished;
  // Until Azure has the server, other zones may be what it takes to create it.
  if (observed?.atProvider.id === undefined) return { zone, initial: promoted ? undefined : standby };
  const { initProvider, atProvider } = observed;
  // A server without any zone in its spec never becomes Synced, so the one that Azure chose is adopted.
  const adopted = initProvider.zone || atProvider.zone || zone;
  const { highAvailability: initial } = initProvider;
  const { highAvailability: enforced } = observed.forProvider;
  const mode = (enforced ?? initial)?.mode;
  // Neither on nor off meanwhile: Azure would refuse the fence of a server that it gives a standby. One that was only looked at may have one.
  if (busy && (!standby || (mode === undefined && !awaited && !isLookedAt(observed))))
    return { zone: adopted, initial: sent(initial), enforced: sent(enforced) };
  // Both places empty is the one way to switch it off: the provider then sends Disabled.
  if (!standby) return { zone: adopted };
  const on = atProvider.highAvailability?.mode;
  if (mode !== undefined && mode !== standby.mode) {
    // Until Azure is seen with the mode that was sent, nobody knows whether it has to be taken away first; one that was refused is not there.
    const unseen = on === undefined && !hasFailed(observed);
    if (busy || unseen) return { zone: adopted, initial: sent(initial), enforced: sent(enforced) };
    if (on !== undefined) return { zone: adopted };
  }
  if (initial?.mode !== undefined && !promoted) return { zone: adopted, initial: { ...initial, mode: standby.mode } };
  // Azure cannot leave a Burstable size and switch it on in one update (azurerm #27612): the size comes first.
  if (atProvider.skuName?.startsWith('B_')) return { zone: adopted };
  // What the provider reports it never clears, so this may be long over; then it is only asked whether the provider is at rest.
  const other = on !== undefined && on !== standby.mode;
  if (mode === undefined && other && (busy || !isDone(observed))) return { zone: adopted };
  const chosen = other ? undefined : atProvider.highAvailability?.standbyAvailabilityZone;
  return {
    zone: adopted,
    enforced: { mode: standby.mode, standbyAvailabilityZone: chosen || standby.standbyAvailabilityZone },
  };
}

/** What was sent stays as it is. */
const sent = (block: HighAvailability | undefined): Standby | undefined =>
  block?.mode === undefined ? undefined : (block as Standby); // the modes that we sent

/** The provider has worked on this very spec and nothing failed. upjet's own callback writes Synced without a generation. */
export function isDone({ conditions, generation }: ZoneFacts): boolean {
  const find = (type: string) => conditions.find((each) => each.type === type);
  const synced = find('Synced');
  return (
    synced?.status === 'True' &&
    synced.observedGeneration !== undefined &&
    synced.observedGeneration >= (generation ?? 0) &&
    !hasFailed({ conditions })
  );
}

const hasFailed = ({ conditions }: Pick<ObservedResource, 'conditions'>): boolean =>
  conditions.some(({ type, status }) => type === 'LastAsyncOperation' && status === 'False');
