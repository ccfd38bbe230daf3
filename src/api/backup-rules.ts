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

/** Rules over backups. */
export const backupRules: readonly Rule[] = [distinctBackups, burstableBackups];
