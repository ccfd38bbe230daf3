import type { Composed, KubernetesObject } from '../azure/managed.ts';
import { keys } from '../names.ts';
import type { ExecutorPlan, Plan } from '../plan/types.ts';
import { workloadAnnotations } from './pods.ts';

const RBAC = 'rbac.authorization.k8s.io';

/** The identity of the Jobs that make the Azure calls of a failover: in Azure one of yours or one that is made, here the right to read the one object that asks. */
export function executor({ executor, owner }: Plan): Composed[] {
  if (!executor) return []; // a person makes the calls
  const { namespace, serviceAccount, role, roleName } = executor;
  const metadata = role === 'Role' ? { name: roleName, namespace } : { name: roleName };
  return [
    {
      ...object(executor, keys.failoverServiceAccount, 'identity of the Jobs that make calls of a failover', {
        apiVersion: 'v1',
        kind: 'ServiceAccount',
        metadata: { name: serviceAccount, namespace, annotations: workloadAnnotations(executor.clientId) },
        automountServiceAccountToken: false,
      }),
      until: executor.clientId === undefined ? executor.standsOn.slice(0, 1) : [],
    },
    object(executor, keys.failoverRole, 'may read what asks for a failover', {
      apiVersion: `${RBAC}/v1`,
      kind: role,
      metadata,
      rules: [{ apiGroups: [owner.group], resources: [owner.plural], resourceNames: [owner.name], verbs: ['get'] }],
    }),
    object(executor, keys.failoverRoleBinding, 'gives the role to the identity', {
      apiVersion: `${RBAC}/v1`,
      kind: role === 'Role' ? 'RoleBinding' : 'ClusterRoleBinding',
      metadata,
      roleRef: { apiGroup: RBAC, kind: role, name: roleName },
      subjects: [{ kind: 'ServiceAccount', name: serviceAccount, namespace }],
    }),
  ];
}

const object = (
  { via }: ExecutorPlan,
  key: string,
  why: string,
  manifest: KubernetesObject['manifest'],
): KubernetesObject => ({ key, why, after: [], holds: 'nothing', via, manifest });
