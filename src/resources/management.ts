import type { Composed, KubernetesObject } from '../azure/managed.ts';
import { keys } from '../names.ts';
import type { ManagementPlan, Plan } from '../plan/types.ts';

const RBAC = 'rbac.authorization.k8s.io';

/** What a tool that operates this database needs: its settings, an identity, and the right to change this one object. */
export function management(plan: Plan): Composed[] {
  if (!plan.management) return []; // switched off
  const { management, namespace } = plan;
  const { name, via, settings } = management;
  return [
    object(keys.managementConfig, 'tells tools what is set', via, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name, namespace },
      data: settings,
    }),
    object(keys.managementServiceAccount, 'identity of tools', via, {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name, namespace },
    }),
    ...(management.rbac === 'Role' ? role(plan, management) : clusterRole(plan, management)),
  ];
}

/** One object by name: the XR, or the claim where there is one. */
const rules = ({ owner }: Plan) => [
  {
    apiGroups: [owner.group],
    resources: [owner.plural],
    resourceNames: [owner.name],
    verbs: ['get', 'watch', 'patch'],
  },
];

const subjects = ({ namespace }: Plan, { name }: ManagementPlan) => [{ kind: 'ServiceAccount', name, namespace }];

function role(plan: Plan, management: ManagementPlan): Composed[] {
  const { name, via } = management;
  const metadata = { name, namespace: plan.namespace };
  return [
    object(keys.managementRole, 'may change this database', via, {
      apiVersion: `${RBAC}/v1`,
      kind: 'Role',
      metadata,
      rules: rules(plan),
    }),
    object(keys.managementRoleBinding, 'gives the role to the identity', via, {
      apiVersion: `${RBAC}/v1`,
      kind: 'RoleBinding',
      metadata,
      roleRef: { apiGroup: RBAC, kind: 'Role', name },
      subjects: subjects(plan, management),
    }),
  ];
}

/**
 * Cluster-scoped objects cannot be composed by a namespaced XR, so they go through provider-kubernetes. A claim is bound in its namespace
 * only: a ClusterRoleBinding would reach every claim of the same name in every namespace.
 */
function clusterRole(plan: Plan, management: ManagementPlan): Composed[] {
  const name = management.clusterName;
  const claim = plan.flavour === 'cluster' && plan.owner.namespace !== '';
  return [
    object(keys.managementClusterRole, 'may change this database', 'Object', {
      apiVersion: `${RBAC}/v1`,
      kind: 'ClusterRole',
      metadata: { name },
      rules: rules(plan),
    }),
    object(keys.managementClusterRoleBinding, 'gives the cluster role to the identity', 'Object', {
      apiVersion: `${RBAC}/v1`,
      kind: claim ? 'RoleBinding' : 'ClusterRoleBinding',
      metadata: claim ? { name, namespace: plan.namespace } : { name },
      roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name },
      subjects: subjects(plan, management),
    }),
  ];
}

const object = (
  key: string,
  why: string,
  via: KubernetesObject['via'],
  manifest: KubernetesObject['manifest'],
): KubernetesObject => ({ key, why, after: [], holds: 'nothing', via, manifest });
