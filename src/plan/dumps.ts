import type { Database } from '../api/database.ts';
import type { SecretRef } from '../azure/managed.ts';
import { cronJobName, DUMP_FOLDER, keys, namespacedName } from '../names.ts';
import type { BackupPlan, DumpPlan, Plan, ServerPlan } from './types.ts';

interface Around {
  readonly suspended: boolean;
  readonly lineage: readonly ServerPlan[];
  readonly endpoints: Plan['endpoints'];
  readonly login: string;
  readonly password: SecretRef;
  readonly storage: BackupPlan;
}

/** What dumps are made from and where they go, or undefined when nobody asks for them. */
export function dumps(
  { flavour, owner, spec, platform }: Database,
  { suspended, lineage, endpoints, login, password, storage }: Around,
): DumpPlan | undefined {
  const { enabled, clientId, image, ...asked } = spec.backup.logical;
  if (!enabled || clientId === undefined) return undefined; // the rules want an id
  const replica = lineage.some(({ role }) => role === 'Replica');
  return {
    ...asked,
    suspended,
    via: flavour === 'cluster' ? 'Object' : 'Native',
    // A pod reads Secrets of its own namespace only.
    namespace: password.namespace,
    cronJob: cronJobName(owner.name, 'dump'),
    serviceAccount: namespacedName(owner.name, 'dump'),
    clientId,
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
