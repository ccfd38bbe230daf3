import type { Database } from '../api/database.ts';
import type { Site } from '../names.ts';

/** High availability inside a region. */
export interface Standby {
  readonly mode: 'ZoneRedundant' | 'SameZone';
  /** Absent in regions without zones. */
  readonly standbyAvailabilityZone?: string;
}

/** The standby that the server of a region should have while it takes writes. A region without zones can have one only in the same zone. */
export function wishedStandby(
  { spec: { highAvailability }, primary, secondary }: Database,
  site: Site,
): Standby | undefined {
  const { mode, primaryZone, standbyZone } = highAvailability;
  if (mode === 'Disabled') return undefined;
  if (!(site === 'primary' ? primary : (secondary ?? primary)).region.zones) return { mode: 'SameZone' };
  return { mode, standbyAvailabilityZone: mode === 'SameZone' ? primaryZone : standbyZone };
}
