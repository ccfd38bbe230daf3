import type { PostgreSQLStatus } from '../api/types.generated.ts';
import { keys } from '../names.ts';
import type { Observed } from '../observed/observed.ts';
import type { OnDemandBackupPlan, Plan } from '../plan/types.ts';
import { refusal } from './azure-errors.ts';

/** What has become of the backups that were asked for beside Azure's own. */
export function backupStatus(plan: Plan, observed: Observed): PostgreSQLStatus['backup'] {
  const { backups, released } = plan.onDemandBackups;
  // An empty list takes the last entry out of a status that is merged.
  const onDemand =
    backups.length > 0 || released.length > 0
      ? backups.map((backup) => ({
          name: backup.name,
          server: plan.servers.find(({ key }) => key === backup.server)?.name,
          completedAt: observed.resources.get(backup.key)?.atProvider.completedTime,
          message: message(backup, observed),
        }))
      : undefined;
  if (!plan.dumps && !onDemand && !plan.longTerm) return undefined;
  return {
    lastDump: plan.dumps && observed.resources.get(keys.dumpCronJob)?.lastSuccess,
    onDemand,
    longTerm: plan.longTerm?.instances.map(({ key, name, vault, until }) => {
      const found = observed.resources.get(key);
      return {
        server: name,
        vault: plan.longTerm?.vaults.find((each) => each.key === vault)?.name,
        protectionState: found?.atProvider.protectionState,
        message: (found && refusal(found)) ?? vaulted(found?.ready, until.length > 0),
      };
    }),
  };
}

function vaulted(ready: boolean | undefined, waits: boolean): string {
  if (ready !== undefined) return ready ? 'set up' : 'being set up';
  return waits
    ? 'waits until the roles of the vault have taken effect, which takes ten minutes'
    : 'waits for the vault and its roles';
}

function message({ key, server, taken, keepsServer, until }: OnDemandBackupPlan, observed: Observed): string {
  if (keepsServer) return `taken; it keeps ${server} from being deleted, until it is taken out of spec.backup.onDemand`;
  if (taken) return 'taken; Azure drops it when its retention is over';
  const found = observed.resources.get(key);
  const refused = found && refusal(found);
  if (refused !== undefined) return refused;
  if (found) return 'being taken';
  return until.length > 0 ? 'waits until the failover is over' : `waits for ${server}, or for the backup before it`;
}
