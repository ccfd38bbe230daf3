import type { Database } from '../api/database.ts';
import { storageFor } from '../azure/compute-storage.ts';
import { listedName } from '../failover/claims.ts';
import { type Standby, wishedStandby } from '../failover/standby.ts';
import type { Failover, ServerRole } from '../failover/types.ts';
import { annotations, keys, type NameScope, type Site, serverName, subnetOrdinal } from '../names.ts';
import { isLookedAt, type Observed, type ObservedResource } from '../observed/observed.ts';
import { hasPasswords, isPasswordThere } from './admin-password.ts';
import { type ZoneFacts, zonePlan } from './high-availability.ts';
import { writesMove } from './in-service.ts';
import { restoredFrom } from './restored-servers.ts';
import { type Capacity, capacity } from './scaling.ts';
import { subnetOf } from './subnets.ts';
import type { RestoredPlan, ServerPlan, ZonePlan } from './types.ts';
import { maintenanceWindow, standing } from './writer-settings.ts';
import { type AskedZone, askedZone, beforeExchange, hasReached, zoneMove } from './zone-move.ts';

/** The servers, in the order of region and generation. */
export function servers(database: Database, observed: Observed, failover: Failover, scope: NameScope): ServerPlan[] {
  const { spec } = database;
  const keyOf = (role: ServerRole['role']) => failover.servers.find((server) => server.role === role)?.key ?? '';
  const goal = capacity(
    spec.database,
    observed.resources.get(keyOf('Primary')),
    observed.resources.get(keyOf('Replica')),
  );
  const passwords = hasPasswords(database, observed, keyOf('Primary'));
  const zone = askedZone(spec.highAvailability.activeZone, failover, observed);
  return failover.servers.map((server) => {
    const found = observed.resources.get(server.key);
    const planned = server.role === 'Replica' ? goal.replica : goal.primary;
    const kept = found && (failover.held || server.role === 'Former' || server.role === 'Restored');
    return one(database, server, observed, {
      scope,
      passwords,
      subnet: subnetOf(database, observed, server),
      observeOnly: failover.observeOnly === true,
      standbyLost: failover.upgrade?.standbyLost === true,
      upgrading: failover.phase === 'Upgrading',
      version: versionOf(server, failover.servers, observed) ?? spec.database.version,
      busy: writesMove(failover),
      zone,
      capacity: kept ? held(found, planned) : planned,
    });
  });
}

/** A replica has its writer's. Where nobody has decided, as while the writer's object is missing, a server stays with what it has. */
function versionOf(
  { key, role, version }: ServerRole,
  all: readonly ServerRole[],
  { resources }: Observed,
): string | undefined {
  const known = (server: string | undefined): string | undefined => {
    const found = resources.get(server ?? '');
    return found?.atProvider.version ?? found?.forProvider.version;
  };
  const pair = all.filter((each) => each.role !== 'Former');
  const decided = role === 'Former' ? undefined : pair.find((each) => each.role === 'Primary')?.version;
  return version ?? decided ?? known(key) ?? known(pair.find((each) => known(each.key) !== undefined)?.key);
}

interface Around {
  readonly scope: NameScope;
  readonly passwords: boolean;
  /** Key of its subnet. */
  readonly subnet: string;
  readonly observeOnly: boolean;
  /** Azure has not given its standby back to the server that takes writes. */
  readonly standbyLost: boolean;
  /** Nothing else is asked of it meanwhile. */
  readonly upgrading: boolean;
  readonly version: string;
  /** Nothing may begin that makes a server busy. */
  readonly busy: boolean;
  readonly zone: AskedZone;
  readonly capacity: Capacity;
}

/** Keys of what has to be there before a server: no reference of its own orders the security group, the link of the zone or the group. */
function groundOf({ spec, primary, secondary }: Database, site: Site, subnet: string): string[] {
  if (spec.network.mode !== 'VNetIntegration') return [keys.resourceGroup];
  const { existing } = (site === 'secondary' && secondary) || primary;
  return [
    subnet,
    ...(existing ? [] : [keys.nsgAssociation(site, subnetOrdinal(subnet))]),
    keys.dnsZone,
    ...(spec.network.privateDnsZone?.existing.link === false ? [] : [keys.dnsLink(site)]),
  ];
}

/** A server that was only looked at is asked for things once what they refer to is there; a reference to nothing would block it. */
const standsReady = ({ ground, source }: Pick<ServerPlan, 'ground' | 'source'>, { resources }: Observed): boolean =>
  ground.every((key) => resources.get(key)?.ready === true) &&
  (source === undefined || resources.get(source)?.atProvider.id !== undefined);

function one(database: Database, server: ServerRole, observed: Observed, around: Around): ServerPlan {
  const { scope, passwords, subnet, observeOnly, standbyLost, upgrading, busy, version, capacity } = around;
  const { key, site, generation, role, term, follows, unvalidated, yieldsTo, called, promote, retiring, upgrade } =
    server;
  const { spec } = database;
  const found = observed.resources.get(key);
  const place = (site === 'secondary' && database.secondary) || database.primary;
  const { region } = place;
  const name = found?.externalName ?? listedName(database, key) ?? serverName(scope, region.name, generation);
  // A server that was not made as a replica is not made one by a switchover.
  const began =
    found === undefined || isLookedAt(found) || found.forProvider.createMode === 'Replica' ? follows : undefined;
  const source = (found && !isLookedAt(found) ? found.annotations[annotations.source] : undefined) ?? began;
  const madeFrom = restoredFrom(server.restore, found, { version, passwords });
  const made: Made = madeFrom ? 'FromBackup' : source === undefined ? 'AsPrimary' : 'AsReplica';
  const writes = role === 'Primary';
  const ground = groundOf(database, site, subnet);
  // It may have taken writes before, and replicates now or is about to.
  const swapped = role === 'Replica' || yieldsTo !== undefined;
  const lookedAt = found
    ? isLookedAt(found) && (observeOnly || !standsReady({ ground, source }, observed))
    : observeOnly;
  const before = found && beforeExchange(found);
  const refersToPassword = found?.forProvider.administratorPasswordSecretRef !== undefined;
  return {
    key,
    site,
    generation,
    subnet,
    ground,
    name,
    fqdn: found?.atProvider.fqdn ?? `${name}.postgres.database.azure.com`,
    region: region.name,
    role,
    source,
    term,
    follows,
    unvalidated,
    yieldsTo,
    called,
    promote,
    retiring,
    lookedAt,
    upgrade,
    version,
    ...capacity,
    zones: zoneMove(
      writes
        ? { ...around.zone, ours: !lookedAt && !observeOnly }
        : // It remembers it too, so that the next one learns it whichever object is written first.
          { ...around.zone, ours: false, reached: hasReached(around.zone.asked, found) },
      before && upgrading && !standbyLost
        ? zonesAsTheyAre(before)
        : zones(database, { site, writes, made, term, standbyLost, busy }, before),
      found,
    ),
    created: created(database, made, madeFrom, region.geoBackup, found),
    retentionDays:
      writes && !swapped ? spec.database.backupRetentionDays : standing(found, swapped, 'backupRetentionDays'),
    // A replica inherits it and refuses to be given another one. One that took writes keeps what it refers to: azurerm would send an empty one.
    password:
      passwords &&
      (madeFrom
        ? refersToPassword || (found?.ready === true && role !== 'Former' && isPasswordThere(database, observed))
        : // A provider that has looked at it without a password would send one that is named later, and Azure takes none for a replica.
          lookedAt && found
          ? refersToPassword
          : writes || made === 'AsPrimary' || (swapped && refersToPassword)),
    maintenanceWindow: swapped
      ? standing(found, swapped, 'maintenanceWindow')
      : writes
        ? maintenanceWindow(database)
        : undefined,
    // Any value works; a create would send it, so it is added only to a server that Azure has, and then stays.
    switchoverProof: made === 'AsPrimary' ? (found?.initProvider.sourceServerId ?? found?.atProvider.id) : undefined,
    madeFrom,
    restores: server.restores,
    restored: server.restored,
  };
}

/**
 * What Azure decides at creation, so a server keeps what it was created with, also when the table of regions has changed since. One that
 * another control plane created to take writes has it as well where a switchover has made it a replica since.
 */
/** How a server came to be. */
type Made = 'AsPrimary' | 'AsReplica' | 'FromBackup';

function created(
  { spec }: Database,
  made: Made,
  madeFrom: RestoredPlan | undefined,
  regionCopies: boolean,
  found: ObservedResource | undefined,
): ServerPlan['created'] {
  const kept = found?.forProvider.geoRedundantBackupEnabled;
  const has = found?.atProvider.geoRedundantBackupEnabled;
  if (made === 'AsReplica') {
    const copies = kept ?? (found !== undefined && isLookedAt(found) && has);
    return copies === true ? { geoRedundantBackup: true } : undefined;
  }
  // Azure makes no server with such backups while the other region, whose loss a geo-restore is for, is down (backup and restore).
  const possible = madeFrom?.createMode !== 'GeoRestore' && regionCopies;
  const asked = found?.initProvider.geoRedundantBackupEnabled ?? spec.database.geoRedundantBackup ?? possible;
  return { login: madeFrom ? undefined : spec.security.adminUsername, geoRedundantBackup: kept ?? has ?? asked };
}

/**
 * High availability goes to the server that takes writes. On another one the block stays where the provider ignores it. One that took writes
 * before has lost it in the switchover (Microsoft, read replicas, promote), so it is sent again.
 */
function zones(
  database: Database,
  server: Pick<ServerRole, 'site' | 'term'> & {
    readonly writes: boolean;
    readonly made: Made;
    readonly standbyLost: boolean;
    readonly busy: boolean;
  },
  found: ZoneFacts | undefined,
): ZonePlan {
  const { site, writes, made, term, standbyLost, busy } = server;
  const { region } = (site === 'secondary' && database.secondary) || database.primary;
  const zone = region.zones ? database.spec.highAvailability.primaryZone : undefined;
  if (writes)
    return zonePlan(
      {
        zone,
        standby: wishedStandby(database, site),
        promoted: standbyLost || made !== 'AsPrimary' || (term ?? 1) > 1,
        busy,
        awaited: standbyLost,
      },
      found,
    );
  const block = found?.initProvider.highAvailability ?? found?.forProvider.highAvailability;
  return { ...zonePlan({ zone }, found), initial: block?.mode === undefined ? undefined : (block as Standby) }; // the modes that we sent
}

/** Azure takes a standby away and gives it back during an upgrade, and nothing is asked about it. */
const zonesAsTheyAre = ({ initProvider, forProvider, atProvider }: ZoneFacts): ZonePlan => ({
  zone: initProvider.zone || atProvider.zone,
  initial: initProvider.highAvailability?.mode === undefined ? undefined : (initProvider.highAvailability as Standby),
  enforced: forProvider.highAvailability?.mode === undefined ? undefined : (forProvider.highAvailability as Standby), // the modes that we sent
});

/** What a server has: nothing is asked of it that could fail or restart it while something else is under way. */
function held({ forProvider, atProvider }: ObservedResource, planned: Capacity): Capacity {
  const storage = storageFor(0, {
    mb: Math.max(forProvider.storageMb ?? 0, atProvider.storageMb ?? 0) || planned.storageMb,
    tier: atProvider.storageTier ?? forProvider.storageTier,
  });
  return {
    size: forProvider.skuName ?? atProvider.skuName ?? planned.size,
    storageMb: storage.mb,
    storageTier: storage.tier,
    autoGrow: forProvider.autoGrowEnabled ?? atProvider.autoGrowEnabled ?? planned.autoGrow,
  };
}
