import type { Database } from '../api/database.ts';
import type { SecretRef } from '../azure/managed.ts';
import { cronJobName, DUMP_FOLDER, keys, namespacedName } from '../names.ts';
import type { BackupPlan, DumpPlan, Plan, ServerPlan, WorkloadIdentitiesPlan } from './types.ts';
import { identityFor, rests } from './workload-identities.ts';

interface Around {
  readonly suspended: boolean;
  readonly lineage: readonly ServerPlan[];
  readonly endpoints: Plan['endpoints'];
  readonly login: string;
  readonly password: SecretRef;
  readonly storage: BackupPlan;
  readonly workloads: WorkloadIdentitiesPlan;
}

/** What dumps are made from and where they go, or undefined when nobody asks for them. */
export function dumps(
  { flavour, owner, spec, platform }: Database,
  { suspended, lineage, endpoints, login, password, storage, workloads }: Around,
): DumpPlan | undefined {
  const { enabled, clientId, image, ...asked } = spec.backup.logical;
  const made = identityFor(workloads, 'dump');
  if (!enabled || (clientId === undefined && !made)) return undefined; // the rules want an id, or an issuer
  const replica = lineage.some(({ role, retiring }) => role === 'Replica' && !retiring);
  return {
    ...asked,
    // One that exists would run without its rights, after an identity of the user's has given way to ours.
    suspended: suspended || made?.settled === false,
    via: flavour === 'cluster' ? 'Object' : 'Native',
    // A pod reads Secrets of its own namespace only.
    namespace: password.namespace,
    cronJob: cronJobName(owner.name, 'dump'),
    serviceAccount: namespacedName(owner.name, 'dump'),
    clientId: clientId ?? made?.clientId,
    ...rests(made),
    image: image ?? `postgres:${spec.database.version}`,
    uploadImage: platform.functionImage,
    host: replica ? endpoints.read.host : endpoints.write.host,
    record: replica ? keys.readRecord : keys.writeRecord,
    login,
    password,
    containerUrl: `https://${storage.accountName}.blob.core.windows.net/${storage.containerName}`,
    folder: DUMP_FOLDER,
  };
}
