import { wrongSchedule } from './cron.ts';
import { fine, type Rule, refuse } from './rule.ts';

const ON_DEMAND = 'spec.backup.onDemand';

/** CEL. */
const distinctBackups: Rule = ({ spec: { backup } }) =>
  new Set(backup.onDemand).size < (backup.onDemand?.length ?? 0)
    ? refuse(ON_DEMAND, 'hold one name twice; keep one of the entries')
    : fine;

/** CEL. Azure: backups on demand are not supported with the Burstable tier (concepts-backup-restore, limitations). */
const burstableBackups: Rule = ({ spec: { backup, database } }) =>
  backup.onDemand && backup.onDemand.length > 0 && database.size.startsWith('B_')
    ? refuse(
        ON_DEMAND,
        'is not possible with a Burstable size, of which Azure takes no backups on demand; choose a GP_ or MO_ size, or remove it',
      )
    : fine;

/** CEL. Azure: a vault with backups, soft-deleted ones included, cannot be deleted (Microsoft, Backup vault overview). */
const lastingVaults: Rule = ({ spec: { backup, deletion } }) =>
  backup.longTerm?.enabled && deletion.policy !== 'Orphan'
    ? refuse(
        'spec.backup.longTerm.enabled',
        'needs spec.deletion.policy Orphan, because Azure does not delete a vault that holds backups, nor the resource group around it; set the policy to Orphan, or this to false',
      )
    : fine;

/** Azure: zone-redundant storage needs zones, geo-redundant storage copies to the paired region. */
const vaultRedundancy: Rule = ({ spec, primary, secondary }) => {
  if (!spec.backup.longTerm?.enabled) return fine;
  const { redundancy } = spec.backup.longTerm;
  return [primary, ...(secondary ? [secondary] : [])].flatMap(({ region }) => {
    if (redundancy === 'ZoneRedundant' && !region.zones)
      return refuse(
        'spec.backup.longTerm.redundancy',
        `"ZoneRedundant" is not possible: ${region.name} has no availability zones; use GeoRedundant or LocallyRedundant`,
      );
    return redundancy === 'GeoRedundant' && region.pair === undefined
      ? refuse(
          'spec.backup.longTerm.redundancy',
          `"GeoRedundant" is not possible: ${region.name} has no paired region; use ZoneRedundant or LocallyRedundant`,
        )
      : fine;
  });
};

/** The API server refuses such a CronJob, when everything else is there already. */
const possibleSchedule: Rule = ({ spec: { backup } }) => {
  const { enabled, schedule } = backup.logical;
  const wrong = enabled ? wrongSchedule(schedule) : undefined;
  return wrong
    ? refuse(
        'spec.backup.logical.schedule',
        `"${schedule}" is not a schedule that Kubernetes takes: ${wrong}; correct that part`,
      )
    : fine;
};

/** Rules over backups. */
export const backupRules: readonly Rule[] = [
  possibleSchedule,
  lastingVaults,
  vaultRedundancy,
  distinctBackups,
  burstableBackups,
];
