import { keys } from '../names.ts';
import type { Plan, ServerPlan } from '../plan/types.ts';

/** Keys of what backups need. */
export const backupKeys = ({ servers, backup, longTerm, dumps }: Plan): string[] => [
  ...servers.filter(({ role }) => role === 'Primary').map(({ key }) => key),
  ...(backup ? [keys.backupAccount, keys.backupContainer] : []),
  ...(longTerm ? [...longTerm.vaults.map(({ key }) => key), ...longTerm.instances.map(({ key }) => key)] : []),
  ...(dumps ? [...dumps.standsOn, keys.dumpServiceAccount, keys.dumpCronJob, keys.dumpRetention] : []),
];

/** What the backups cover once all of it is there: those of the server that takes writes, and those that stayed with another one. */
export function backupMessage(plan: Plan): string {
  return [
    setUp(plan),
    ...(plan.longTerm ? ['a backup goes into a vault every week'] : []),
    ...promoted(plan),
    ...former(plan),
  ].join('; ');
}

function setUp({ backup, dumps }: Plan): string {
  if (dumps) return 'automatic backups, the backup storage and the dumps into it are set up';
  return backup
    ? 'automatic backups and the backup storage are set up'
    : 'automatic backups are set up; backup storage is switched off';
}

/** The backups are to be copied to another region, and those of the server that takes writes are not. */
export const lacksGeoCopy = ({ servers, geoRedundantBackup }: Plan): boolean =>
  geoRedundantBackup && servers.some((server) => server.role === 'Primary' && !isCopied(server));

/** Whether a server's backups are copied as one that was made empty would have them. */
const isCopied = ({ source, madeFrom, created }: ServerPlan): boolean =>
  (source === undefined && madeFrom === undefined) || created?.geoRedundantBackup === true;

/** A replica has no backups, and Azure decides at creation whether they are copied (concepts-read-replicas, concepts-backup-restore). */
const promoted = (plan: Plan): string[] =>
  plan.servers.flatMap((server) => {
    const { key, role, source, madeFrom } = server;
    if (role !== 'Primary' || (source === undefined && !madeFrom)) return [];
    const [begin, made] = madeFrom ? ['its restore', 'made from a copy'] : ['its promotion', 'made as a replica'];
    const copies = lacksGeoCopy(plan) ? `, and are not copied to another region, because it was ${made}` : '';
    return [`those of ${key} begin at ${begin}${copies}`];
  });

const former = ({ servers }: Plan): string[] =>
  servers.flatMap(({ key, role, retentionDays, created, retiring }) =>
    role === 'Former' && retentionDays !== undefined && !retiring
      ? [
          `${key} keeps its own for ${retentionDays} days${created?.geoRedundantBackup ? ', copied to another region,' : ''} until it is retired`,
        ]
      : [],
  );
