import type { Database } from '../api/database.ts';
import { clusterName, namespacedName } from '../names.ts';
import type { ExecutorPlan, WorkloadIdentitiesPlan } from './types.ts';
import { identityFor, rests } from './workload-identities.ts';

/** Who makes the Azure calls of a failover, or undefined when a person does. */
export function executor(
  { flavour, owner, namespace, spec, handles }: Database,
  workloads: WorkloadIdentitiesPlan,
): ExecutorPlan | undefined {
  const { executor, executorIdentity: { clientId } = {} } = spec.failover;
  const made = identityFor(workloads, 'failover');
  if (executor !== 'Job' || (clientId === undefined && !made)) return undefined; // the rules want an identity
  const { apiVersion = '' } = handles.find(({ kind }) => kind === owner.kind) ?? {};
  const within = owner.namespace === '' ? '' : `namespaces/${owner.namespace}/`;
  return {
    via: flavour === 'cluster' ? 'Object' : 'Native',
    namespace,
    serviceAccount: namespacedName(owner.name, 'failover'),
    clientId: clientId ?? made?.clientId,
    ...rests(made),
    role: owner.namespace === '' ? 'ClusterRole' : 'Role',
    roleName:
      owner.namespace === '' ? clusterName(namespace, owner.name, 'failover') : namespacedName(owner.name, 'failover'),
    object: `/apis/${apiVersion}/${within}${owner.plural}/${owner.name}`,
  };
}
