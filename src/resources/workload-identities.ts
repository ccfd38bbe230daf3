import { type Composed, managed } from '../azure/managed.ts';
import { FederatedIdentityCredential, TOKEN_AUDIENCE, UserAssignedIdentity } from '../azure/managedidentity.ts';
import { NO_LATE_INITIALIZE } from '../azure/management-policies.ts';
import { FEDERATED_CREDENTIAL_NAME, keys, type WorkloadUse } from '../names.ts';
import type { Plan, WorkloadIdentityPlan } from '../plan/types.ts';
import { roleAssignment } from './role-assignments.ts';

/** No LateInitialize: Azure's own spelling of a scope must not become what is asked for. */
const POLICIES = NO_LATE_INITIALIZE;

const WHO: Readonly<Record<WorkloadUse, string>> = {
  dump: 'the dumps',
  failover: 'the Jobs that make calls of a failover',
};

/** Who the dumps and the Jobs of a failover are in Azure, that Azure takes the cluster's word for it, and what they may do. */
export const workloadIdentities = (plan: Plan): Composed[] =>
  plan.workloadIdentities.identities.flatMap((of) => [...identity(plan, of), ...credential(of), ...right(of)]);

function identity(plan: Plan, { use, goes, identity }: WorkloadIdentityPlan): Composed[] {
  if (!identity) return [];
  const { id, name, region } = identity;
  return [
    managed(UserAssignedIdentity, {
      key: keys.workloadIdentity(use),
      why: `who ${WHO[use]} are in Azure`,
      after: [keys.resourceGroup],
      externalName: id,
      managementPolicies: POLICIES,
      deletable: goes,
      forProvider: { name, location: region, resourceGroupName: plan.resourceGroup.name, tags: plan.tags },
    }),
  ];
}

/** Azure deletes it with its identity. */
function credential({ use, credential }: WorkloadIdentityPlan): Composed[] {
  if (!credential) return [];
  const { parentId, issuer, subject } = credential;
  const parent = keys.workloadIdentity(use);
  return [
    managed(FederatedIdentityCredential, {
      key: keys.workloadCredential(use),
      why: `lets Azure take the token of the ServiceAccount for ${parent}`,
      after: [parent],
      until: parentId === undefined ? [parent] : [],
      externalName: FEDERATED_CREDENTIAL_NAME,
      managementPolicies: POLICIES,
      forProvider: { parentId, issuer, subject, audience: [TOKEN_AUDIENCE] },
    }),
  ];
}

function right({ use, goes, role }: WorkloadIdentityPlan): Composed[] {
  if (!role) return [];
  const { on, scope, principalId, roleDefinitionName, roleDefinitionId } = role;
  const from = keys.workloadIdentity(use);
  return [
    roleAssignment(
      role,
      { roleDefinitionName, roleDefinitionId },
      {
        key: keys.workloadRole(use),
        why: use === 'dump' ? `lets ${from} write into the container` : `lets ${from} read and write the servers`,
        after: [from, ...(on ? [on] : [])],
        until: [...(principalId === undefined ? [from] : []), ...(scope === undefined && on ? [on] : [])],
        deletable: goes,
      },
    ),
  ];
}
