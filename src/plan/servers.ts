import type { Database, SiteSpec } from '../api/database.ts';
import { keys, type NameScope, type Site, serverName } from '../names.ts';
import type { Observed } from '../observed/observed.ts';
import { zonePlan } from './high-availability.ts';
import { type Capacity, capacity } from './scaling.ts';
import { subnetOf } from './subnets.ts';
import type { ServerPlan, Standby } from './types.ts';

/** The servers, writer first. */
export function servers(database: Database, observed: Observed, scope: NameScope): ServerPlan[] {
  const { spec, primary, secondary } = database;
  const primaryKey = keys.server('primary', 1);
  const replicaKey = keys.server('secondary', 1);
  const size = capacity(spec.database, observed.resources.get(primaryKey), observed.resources.get(replicaKey));
  const existing = observed.resources.get(primaryKey);

  const server = (site: Site, place: SiteSpec, capacity: Capacity, standby?: Standby) => {
    const { region } = place;
    const key = keys.server(site, 1);
    const found = observed.resources.get(key);
    const name = found?.externalName ?? serverName(scope, region.name, 1);
    return {
      key,
      site,
      generation: 1,
      subnet: subnetOf(site, 1, place, found),
      name,
      fqdn: found?.atProvider.fqdn ?? `${name}.postgres.database.azure.com`,
      region: region.name,
      version: spec.database.version,
      ...capacity,
      zones: zonePlan({ zone: region.zones ? spec.highAvailability.primaryZone : undefined, standby }, found),
    };
  };

  const writer: ServerPlan = {
    ...server('primary', primary, size.primary, standbyOf(database)),
    role: 'Primary',
    created: {
      login: spec.security.adminUsername,
      retentionDays: spec.database.backupRetentionDays,
      // Azure decides it at creation, so a server keeps what it was created with, also when the table of regions has changed since.
      geoRedundantBackup:
        spec.database.geoRedundantBackup ?? existing?.forProvider.geoRedundantBackupEnabled ?? primary.region.geoBackup,
    },
    maintenanceWindow: maintenanceWindow(database),
    // Any value works; a create would send it, so it is added only to a server that Azure has, and then stays.
    switchoverProof: existing?.initProvider.sourceServerId ?? existing?.atProvider.id,
  };
  if (!secondary) return [writer];
  return [writer, { ...server('secondary', secondary, size.replica), role: 'Replica', source: primaryKey }];
}

function standbyOf({ spec: { highAvailability }, primary }: Database): Standby | undefined {
  const { mode, primaryZone, standbyZone } = highAvailability;
  if (mode === 'Disabled') return undefined;
  if (!primary.region.zones) return { mode }; // SameZone: the rules refuse the other one there
  return { mode, standbyAvailabilityZone: mode === 'SameZone' ? primaryZone : standbyZone };
}

const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

function maintenanceWindow({ spec }: Database): ServerPlan['maintenanceWindow'] {
  if (!spec.maintenanceWindow) return undefined;
  const { dayOfWeek, startHour, startMinute } = spec.maintenanceWindow;
  return { dayOfWeek: DAYS.indexOf(dayOfWeek), startHour, startMinute };
}
