import type { Database } from '../api/database.ts';
import { clusterName, namespacedName } from '../names.ts';
import type { ExecutorPlan } from './types.ts';

/** Who makes the Azure calls of a failover, or undefined when a person does. */
export function executor({ flavour, owner, namespace, spec, handles }: Database): ExecutorPlan | undefined {
  const { executor, executorIdentity } = spec.failover;
  if (executor !== 'Job' || !executorIdentity) return undefined; // the rules want an identity
  const { apiVersion = '' } = handles.find(({ kind }) => kind === owner.kind) ?? {};
  const within = owner.namespace === '' ? '' : `namespaces/${owner.namespace}/`;
  return {
    via: flavour === 'cluster' ? 'Object' : 'Native',
    namespace,
    serviceAccount: namespacedName(owner.name, 'failover'),
    clientId: executorIdentity.clientId,
    role: owner.namespace === '' ? 'ClusterRole' : 'Role',
    roleName:
      owner.namespace === '' ? clusterName(namespace, owner.name, 'failover') : namespacedName(owner.name, 'failover'),
    object: `/apis/${apiVersion}/${within}${owner.plural}/${owner.name}`,
  };
}
