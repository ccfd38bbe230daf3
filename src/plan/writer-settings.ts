import type { Database } from '../api/database.ts';
import type { ObservedResource } from '../observed/observed.ts';
import type { ServerPlan } from './types.ts';

/**
 * What a server that does not take writes was given when it did. In a switchover Azure's value counts: one that could not be sent in time would
 * be sent to the replica, which Azure refuses for backups, and a replica that is not Synced gets nothing else.
 */
export function standing<F extends 'backupRetentionDays' | 'maintenanceWindow'>(
  found: ObservedResource | undefined,
  swapped: boolean,
  field: F,
): ObservedResource['forProvider'][F] {
  const given = found?.forProvider[field];
  return given === undefined || !swapped ? given : (found?.atProvider[field] ?? given);
}

const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

export function maintenanceWindow({ spec }: Database): ServerPlan['maintenanceWindow'] {
  if (!spec.maintenanceWindow) return undefined;
  const { dayOfWeek, startHour, startMinute } = spec.maintenanceWindow;
  return { dayOfWeek: DAYS.indexOf(dayOfWeek), startHour, startMinute };
}
