/**
 * Sizes of compute and storage. Source: azurerm 4.80 internal/services/postgres (sku_name regexp, the storage_mb list and its tiers).
 * A storageMb outside the list leaves the managed resource without any condition for ever (seen live), so nothing else may be emitted.
 */
interface StorageSize {
  readonly gb: number;
  readonly mb: number;
  /** Performance tier that Azure gives this size. */
  readonly tier: string;
  readonly maxTier: string;
}

const STORAGE_SIZES: readonly StorageSize[] = [
  { gb: 32, mb: 32768, tier: 'P4', maxTier: 'P50' },
  { gb: 64, mb: 65536, tier: 'P6', maxTier: 'P50' },
  { gb: 128, mb: 131072, tier: 'P10', maxTier: 'P50' },
  { gb: 256, mb: 262144, tier: 'P15', maxTier: 'P50' },
  { gb: 512, mb: 524288, tier: 'P20', maxTier: 'P50' },
  { gb: 1024, mb: 1048576, tier: 'P30', maxTier: 'P50' },
  { gb: 2048, mb: 2097152, tier: 'P40', maxTier: 'P50' },
  { gb: 4095, mb: 4193280, tier: 'P50', maxTier: 'P50' },
  { gb: 4096, mb: 4194304, tier: 'P50', maxTier: 'P50' },
  { gb: 8192, mb: 8388608, tier: 'P60', maxTier: 'P80' },
  { gb: 16384, mb: 16777216, tier: 'P70', maxTier: 'P80' },
  { gb: 32767, mb: 33553408, tier: 'P80', maxTier: 'P80' },
];

export interface Storage {
  readonly mb: number;
  readonly tier: string;
}

const rank = (tier: string): number => Number(tier.slice(1));

/**
 * Storage that holds at least `gb` and never less than what a server already has: Azure refuses to shrink it, and a size or tier below the
 * observed one blocks every other update. An observed tier above the default one is kept where the size allows it.
 */
export function storageFor(gb: number, observed: { readonly mb?: number; readonly tier?: string } = {}): Storage {
  const largest = STORAGE_SIZES[STORAGE_SIZES.length - 1] as StorageSize; // the list is not empty
  const wished = STORAGE_SIZES.find((size) => size.gb >= gb) ?? largest;
  const needed = Math.max(wished.mb, observed.mb ?? 0);
  const size = STORAGE_SIZES.find(({ mb }) => mb >= needed) ?? largest;
  const keep =
    observed.tier !== undefined && rank(observed.tier) > rank(size.tier) && rank(observed.tier) <= rank(size.maxTier);
  return { mb: size.mb, tier: keep ? observed.tier : size.tier };
}

/** Azure counts 4095 GiB as 4193280 MB and 32767 GiB as 33553408 MB; every other size is a multiple of 1024. */
export const storageGB = (mb: number): number => Math.floor(mb / 1024);

/** vCores of a size: the first number after its series letters (`GP_Standard_D4ds_v5` has 4). */
export const vCores = (size: string): number => Number(/_Standard_[A-Z]+(\d+)/.exec(size)?.[1] ?? 0);

/** Memory of a vCore in GiB by series; Burstable sizes follow no rule. Microsoft, concepts-limits and concepts-compute. */
const BURSTABLE_MEMORY: Readonly<Record<string, number>> = { B1ms: 2, B2s: 4 };

function memoryGiB(size: string): number {
  const [tier, , machine = ''] = size.split('_');
  if (tier === 'MO') return vCores(size) * 8;
  return BURSTABLE_MEMORY[machine] ?? vCores(size) * 4;
}

// The slots that Azure keeps for replication and monitoring (Microsoft, concepts-limits).
const RESERVED_CONNECTIONS = 15;

/**
 * Connections that a server leaves to its users: of those that it has, else of those that Azure gives to this size. Microsoft,
 * concepts-limits and the parameter max_connections: 25 for each GiB up to 2 GiB, above that 0.1049164697034809 for each MiB, at most 5000;
 * of these Azure keeps 15.
 */
export function userConnections(size: string, maxConnections?: number): number {
  const memory = memoryGiB(size);
  const given = memory <= 2 ? memory * 25 : Math.min(Math.floor(memory * 1024 * 0.1049164697034809), 5000);
  return (maxConnections ?? given) - RESERVED_CONNECTIONS;
}
