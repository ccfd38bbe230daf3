import { KEY_ROLE } from '../azure/authorization.ts';
import { type Composed, managed } from '../azure/managed.ts';
import { UserAssignedIdentity } from '../azure/managedidentity.ts';
import { NO_LATE_INITIALIZE } from '../azure/management-policies.ts';
import { keys } from '../names.ts';
import type { KeyIdentityPlan, Plan } from '../plan/types.ts';
import { roleAssignment } from './role-assignments.ts';

/** No LateInitialize: Azure's own spelling of a scope must not become what is asked for. */
const POLICIES = NO_LATE_INITIALIZE;

/** Who reads the keys of the user's vaults, and that they may. */
export const keyIdentities = (plan: Plan): Composed[] =>
  plan.keyIdentities.flatMap((of) => [identity(plan, of), right(of)]);

function identity(plan: Plan, { use, name, region, id }: KeyIdentityPlan): Composed {
  const what = use === 'geo-backup' ? 'the copy of the backups' : `the servers in ${region}`;
  return managed(UserAssignedIdentity, {
    key: keys.keyIdentity(use),
    why: `reads the key of ${what}`,
    after: [keys.resourceGroup],
    externalName: id,
    managementPolicies: POLICIES,
    forProvider: { name, location: region, resourceGroupName: plan.resourceGroup.name, tags: plan.tags },
  });
}

function right({ use, role }: KeyIdentityPlan): Composed {
  const from = keys.keyIdentity(use);
  return roleAssignment(
    role,
    { roleDefinitionName: KEY_ROLE },
    {
      key: keys.keyRole(use),
      why: `lets ${from} use the key`,
      after: [from],
      until: role.principalId === undefined ? [from] : [],
    },
  );
}
