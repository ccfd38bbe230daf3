import type { Standby } from '../failover/standby.ts';
import type { ObservedResource } from '../observed/observed.ts';
import type { ZonePlan } from './types.ts';

/**
 * Zones are given once and adopted afterwards. The provider ignores a field only while it stands in initProvider alone, and a block only as a
 * whole: with a zone in forProvider it fails the server back after a zone failover, and with a nested standby zone it blocks every other
 * update. (Seen live: provider-upjet-azure a983cb478, azurerm 4.80.)
 *
 * High availability switched on after creation has to stand in forProvider, or nobody would send it. Its standby zone then follows the
 * observed one, because Azure chooses it, and a zone failover moves it.
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
  },
  observed: ObservedResource | undefined,
): ZonePlan {
  const { zone, standby, promoted } = wished;
  // Until Azure has the server, other zones may be what it takes to create it.
  if (observed?.atProvider.id === undefined) return { zone, initial: promoted ? undefined : standby };
  const { initProvider, atProvider } = observed;
  // A server without any zone in its spec never becomes Synced, so the one that Azure chose is adopted.
  const adopted = initProvider.zone || atProvider.zone || zone;
  // Both places empty is the one way to switch it off: the provider then sends Disabled.
  if (!standby) return { zone: adopted };
  const initial = initProvider.highAvailability;
  if (initial?.mode !== undefined && !promoted) return { zone: adopted, initial: { ...initial, mode: standby.mode } };
  // Azure cannot leave a Burstable size and switch it on in one update (azurerm #27612): the size comes first.
  if (atProvider.skuName?.startsWith('B_')) return { zone: adopted };
  return {
    zone: adopted,
    enforced: {
      mode: standby.mode,
      standbyAvailabilityZone: atProvider.highAvailability?.standbyAvailabilityZone || standby.standbyAvailabilityZone,
    },
  };
}
