import { storageFor, vCores } from '../azure/compute-storage.ts';
import type { ObservedResource } from '../observed/observed.ts';

export interface Capacity {
  readonly size: string;
  readonly storageMb: number;
  readonly storageTier: string;
  readonly autoGrow: boolean;
}

interface Wish {
  readonly size: string;
  readonly storageGB: number;
  readonly autoGrow: boolean;
}

type Field = 'skuName' | 'storageMb' | 'autoGrowEnabled';

/** Whether a server has got where it should: Azure reports the value, and nothing is being refused. */
const reached = (server: ObservedResource, field: Field, value: string | number | boolean): boolean =>
  server.ready && server.synced && server.atProvider[field] === value;

/**
 * Capacity of the primary and its replica. A replica may never be the smaller one (Azure: read replicas, "Scale" and "Storage autogrow"): what
 * grows goes to the replica first and what shrinks to the primary first, and the other server keeps what was asked of it until the first has
 * got there. Storage only grows, and both get the larger of what is wished and what either has, because promotion needs equal sizes.
 */
export function capacity(
  wished: Wish,
  primary: ObservedResource | undefined,
  replica: ObservedResource | undefined,
): { readonly primary: Capacity; readonly replica: Capacity } {
  const largest = storageFor(wished.storageGB, {
    mb: Math.max(storageOf(primary), storageOf(replica)),
    tier: higherTier(primary?.atProvider.storageTier, replica?.atProvider.storageTier),
  });
  const goal: Capacity = {
    size: wished.size,
    storageMb: largest.mb,
    storageTier: largest.tier,
    autoGrow: wished.autoGrow,
  };
  if (!primary || !replica) return { primary: goal, replica: goal };

  // What Azure has, not what was asked for: while the primary shrinks, the wish already names the smaller size.
  const current = primary.atProvider.skuName ?? primary.forProvider.skuName ?? goal.size;
  const size = ordered(vCores(goal.size) >= vCores(current), 'skuName', goal.size, primary, replica);
  const autoGrow = ordered(goal.autoGrow, 'autoGrowEnabled', goal.autoGrow, primary, replica);
  // Never below what Azure reports: a size that grew by itself would otherwise be a refused shrink that blocks every other update.
  const held = storageFor(0, { mb: storageOf(primary), tier: primary.atProvider.storageTier });
  const grown = storageOf(primary) >= goal.storageMb || reached(replica, 'storageMb', goal.storageMb);
  return {
    primary: {
      size: size.primary,
      storageMb: grown ? goal.storageMb : held.mb,
      storageTier: grown ? goal.storageTier : held.tier,
      autoGrow: autoGrow.primary,
    },
    replica: { ...goal, size: size.replica, autoGrow: autoGrow.replica },
  };
}

/** The goal for the server that goes first; for the other one the goal once the first has got there, and until then what was asked of it. */
function ordered<T extends string | boolean>(
  replicaFirst: boolean,
  field: 'skuName' | 'autoGrowEnabled',
  goal: T,
  primary: ObservedResource,
  replica: ObservedResource,
): { readonly primary: T; readonly replica: T } {
  const [first, second] = replicaFirst ? [replica, primary] : [primary, replica];
  const asked = (second.forProvider[field] ?? second.atProvider[field]) as T | undefined; // `field` and T belong together
  const later = asked === undefined || reached(first, field, goal) ? goal : asked;
  return replicaFirst ? { primary: later, replica: goal } : { primary: goal, replica: later };
}

const storageOf = (server: ObservedResource | undefined): number =>
  Math.max(server?.atProvider.storageMb ?? 0, server?.forProvider.storageMb ?? 0);

const higherTier = (a: string | undefined, b: string | undefined): string | undefined =>
  a !== undefined && b !== undefined && Number(b.slice(1)) < Number(a.slice(1)) ? a : (b ?? a);
