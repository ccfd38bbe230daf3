import type { Failover, Phase } from '../failover/types.ts';
import { annotations } from '../names.ts';
import type { Observed, ObservedResource } from '../observed/observed.ts';
import { isDone, type ZoneFacts } from './high-availability.ts';
import type { ZonePlan } from './types.ts';

export interface AskedZone {
  /** spec.highAvailability.activeZone. */
  readonly asked?: string;
  /** The server was there since this was asked, and is wherever Azure has put it after that. */
  readonly reached: boolean;
  /** Until when nothing may begin. */
  readonly held?: string;
}

/**
 * A planned zone failover that spec.highAvailability.activeZone asks for. With the zone and the standby's zone both in forProvider, exchanged
 * with respect to what Azure has, azurerm restarts the server with PlannedFailover, and it refuses any other change of a zone (azurerm 4.80
 * resourcePostgresqlFlexibleServerUpdate; seen live). Left there, the same two would undo the next zone failover of Azure's own, so they leave
 * once the server is seen in its zone.
 *
 * What stands in initProvider stays meanwhile: forProvider wins over it, and what both have is no longer ignored (upjet 2.4,
 * GetMergedParameters and GetTerraformIgnoreChanges), so high availability is at no time in neither.
 */
export function zoneMove(
  wished: AskedZone & {
    /** The server takes writes, and this control plane may change it. */
    readonly ours: boolean;
  },
  base: ZonePlan,
  observed: ZoneFacts | undefined,
): ZonePlan {
  const { asked, ours, reached, held } = wished;
  if (asked === undefined) return base;
  if (reached) return { ...base, reached: asked };
  if (!ours || observed?.atProvider.id === undefined) return base;
  const { zone, highAvailability: at } = observed.atProvider;
  if (zone === asked) return { ...base, reached: asked };
  const waits = (why: string): ZonePlan => ({
    ...base,
    told: `spec.highAvailability.activeZone "${asked}" waits: ${why}`,
  });
  const mode = (base.enforced ?? base.initial)?.mode;
  if (held !== undefined) return waits(held);
  if (mode !== 'ZoneRedundant' || at?.mode !== mode || !zone || !at.standbyAvailabilityZone)
    return waits('there is no standby in another zone yet');
  if (at.standbyAvailabilityZone !== asked)
    return waits(`the standby is in zone ${at.standbyAvailabilityZone}, and it can only change places with the server`);
  // What the provider reports it never clears, so a standby that it still reports may be one that is only being made.
  const begun = observed.forProvider.zone === asked;
  const block = observed.forProvider.highAvailability ?? observed.initProvider.highAvailability;
  if (!begun && !(block?.mode === mode && isDone(observed)))
    return waits('the last change of the server is not through yet');
  return {
    ...base,
    exchanged: asked,
    enforced: { mode, standbyAvailabilityZone: zone },
    told: `it is asked to go to zone ${asked}, where its standby is`,
  };
}

/** What the server was asked for without an exchange of zones that is under way, so that nobody takes that for how it stood. */
export function beforeExchange(observed: ObservedResource): ZoneFacts {
  const { initProvider, forProvider, atProvider, conditions, generation } = observed;
  if (forProvider.zone === undefined) return observed;
  const { zone: _, highAvailability: exchanged, ...rest } = forProvider;
  const highAvailability =
    exchanged && initProvider.highAvailability === undefined
      ? { mode: exchanged.mode, standbyAvailabilityZone: atProvider.highAvailability?.standbyAvailabilityZone }
      : undefined;
  return { initProvider, forProvider: { ...rest, highAvailability }, atProvider, conditions, generation };
}

/** What is asked of the server that takes writes: a new one goes on from what the one before it had reached. */
export function askedZone(
  asked: string | undefined,
  { phase, servers }: Pick<Failover, 'phase' | 'servers'>,
  { resources }: Pick<Observed, 'resources'>,
): AskedZone {
  const replicaIsMade = servers.some(
    ({ key, role, retiring }) => role === 'Replica' && !retiring && resources.get(key)?.atProvider.id === undefined,
  );
  return {
    asked,
    reached: servers.some(({ key }) => hasReached(asked, resources.get(key))),
    held: heldBy(phase, replicaIsMade),
  };
}

export const hasReached = (asked: string | undefined, found: Pick<ObservedResource, 'annotations'> | undefined) =>
  asked !== undefined && found?.annotations[annotations.zoneReached] === asked;

/** A restart would fail what needs the server: a failover, an upgrade, a replica or a restore that is being made from it. */
function heldBy(phase: Phase, replicaIsMade: boolean): string | undefined {
  if (phase !== 'Stable' && phase !== 'Unprotected') return `until the phase is Stable; it is ${phase}`;
  return replicaIsMade ? 'until the replica is made' : undefined;
}
