import type { Database } from '../api/database.ts';
import { thresholdsOf } from './alerts.ts';
import type { ServerPlan } from './types.ts';

/** Why an objective cannot be met. */
export interface Shortfall {
  readonly reason:
    | 'NoSecondaryRegion'
    | 'NoStandby'
    | 'StandbyTooSlow'
    | 'NamesTooSlow'
    | 'AsynchronousReplica'
    | 'LagNotWatched'
    | 'LagAlertTooLate'
    | 'CallManual'
    | 'CutoverManual'
    | 'ReprotectManual';
  readonly message: string;
}

/** Microsoft, "Reliability in Azure Database for PostgreSQL": over to the standby "within 60-120 seconds with zero data loss". */
const STANDBY_SECONDS = 120;
/** The same: loss of a promoted cross-region replica "is expected to be up to 5 minutes", close to the lag in a severe failure. */
const REPLICA_LOSS_MINUTES = 5;
/** Microsoft, "Backup and restore": a geo-redundant backup is up to an hour behind. */
const GEO_BACKUP_LOSS_MINUTES = 60;
/** What proving a promotion takes at least: one look of the provider and one of this function (failover/evidence.ts, response/ttl.ts). */
const PROOF_SECONDS = 35;

/**
 * What in the spec rules out the objectives, in the order in which a person would want to hear of it; undefined without objectives. Of the
 * spec alone, and not of what is observed, so that it moves only when somebody changes something. It is no promise: Microsoft gives no time for
 * a promotion.
 */
export function objectives(database: Database, lineage: readonly ServerPlan[]): readonly Shortfall[] | undefined {
  const asked = database.spec.objectives;
  if (asked?.rtoMinutes === undefined && asked?.rpoMinutes === undefined) return undefined;
  return [...outage(database, asked.rtoMinutes), ...loss(database, lineage, asked.rpoMinutes), ...byHand(database)];
}

/** The time to live of the name that clients keep longest, and its field. */
function longestName({ ttlSeconds, trafficManager }: Database['spec']['network']) {
  const others = trafficManager?.enabled ? trafficManager.ttlSeconds : undefined;
  return others !== undefined && others > ttlSeconds
    ? { field: 'spec.network.trafficManager.ttlSeconds', ttl: others }
    : { field: 'spec.network.ttlSeconds', ttl: ttlSeconds };
}

function outage({ spec, secondary }: Database, minutes: number | undefined): Shortfall[] {
  if (minutes === undefined) return [];
  const { highAvailability, network } = spec;
  const found: Shortfall[] = [];
  const { field, ttl } = longestName(network);
  const known = ttl + PROOF_SECONDS;
  if (!secondary)
    found.push({
      reason: 'NoSecondaryRegion',
      message: `a lost region is waited for, or restored from a backup in a time that grows with the data; set spec.regions.secondary`,
    });
  else if (known > minutes * 60)
    found.push({
      reason: 'NamesTooSlow',
      message: `clients may keep the old name for ${ttl} s and the proof of a promotion takes ${PROOF_SECONDS} s, more than ${minutes} min (spec.objectives.rtoMinutes); lower ${field} or raise the objective`,
    });
  if (highAvailability.mode === 'Disabled')
    found.push({
      reason: 'NoStandby',
      message: `a server that fails is started anew on another machine, in a time that Microsoft does not give; set spec.highAvailability.mode`,
    });
  else if (minutes * 60 < STANDBY_SECONDS)
    found.push({
      reason: 'StandbyTooSlow',
      message: `Azure needs up to ${STANDBY_SECONDS} s to go over to the standby, more than ${minutes} min (spec.objectives.rtoMinutes); raise the objective`,
    });
  return found;
}

function loss({ spec, secondary }: Database, lineage: readonly ServerPlan[], minutes: number | undefined): Shortfall[] {
  if (minutes === undefined) return [];
  const { monitoring } = spec;
  if (!secondary) {
    const copied = lineage.find(({ role }) => role === 'Primary')?.created?.geoRedundantBackup === true;
    if (copied && minutes >= GEO_BACKUP_LOSS_MINUTES) return [];
    return [
      {
        reason: 'NoSecondaryRegion',
        message: copied
          ? `the copy of the backup in another region is up to ${GEO_BACKUP_LOSS_MINUTES} min old, more than ${minutes} min (spec.objectives.rpoMinutes); set spec.regions.secondary`
          : 'nothing of the data is in another region; set spec.regions.secondary',
      },
    ];
  }
  const found: Shortfall[] = [];
  if (minutes < REPLICA_LOSS_MINUTES)
    found.push({
      reason: 'AsynchronousReplica',
      message: `the replica is asynchronous, and Microsoft expects a loss of up to ${REPLICA_LOSS_MINUTES} min when a region is lost, more than ${minutes} min (spec.objectives.rpoMinutes); raise the objective`,
    });
  const threshold = thresholdsOf(spec).replicationLagSeconds;
  // Datadog's integration has no metric of the lag (plan/alerts.ts).
  if (!monitoring.alerts.enabled || monitoring.exclude.includes('ReplicationLagSeconds'))
    found.push({
      reason: 'LagNotWatched',
      message:
        'nobody is told when the replica falls behind; set spec.monitoring.alerts.enabled, and leave ReplicationLagSeconds out of spec.monitoring.exclude',
    });
  else if (threshold > minutes * 60)
    found.push({
      reason: 'LagAlertTooLate',
      message: `the alert on the lag comes at ${threshold} s, later than ${minutes} min (spec.objectives.rpoMinutes); lower spec.monitoring.thresholds.replicationLagSeconds`,
    });
  return found;
}

/** Steps that wait for a person in the middle of a failover, or leave it unfinished: their time is unlimited. */
function byHand({ spec: { failover, objectives }, secondary }: Database): Shortfall[] {
  if (!secondary) return [];
  const found: Shortfall[] = [];
  // The provider can promote as planned and nothing else, and a lost region cannot be left as planned (failover/promotion.ts).
  if (failover.executor !== 'Job' && objectives?.rtoMinutes !== undefined)
    found.push({
      reason: 'CallManual',
      message: `${failover.mode === 'Switchover' ? 'every failover' : 'a failover from a lost region'} waits until a person makes the call of status.failover.call; set spec.failover.executor to Job`,
    });
  if (failover.cutover === 'Manual' && objectives?.rtoMinutes !== undefined)
    found.push({
      reason: 'CutoverManual',
      message: 'the names wait for a person in the middle of a failover; set spec.failover.cutover to Automatic',
    });
  if (failover.reprotect === 'Manual')
    found.push({
      reason: 'ReprotectManual',
      message:
        'after a failover there is no replica until a person asks for one; set spec.failover.reprotect to Automatic',
    });
  return found;
}
