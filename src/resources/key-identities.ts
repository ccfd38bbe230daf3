import { KEY_ROLE, RoleAssignment } from '../azure/authorization.ts';
import { type Composed, managed } from '../azure/managed.ts';
import { UserAssignedIdentity } from '../azure/managedidentity.ts';
import { keys } from '../names.ts';
import type { KeyIdentityPlan, Plan } from '../plan/types.ts';

/** No LateInitialize: Azure's own spelling of a scope must not become what is asked for. */
const POLICIES = ['Observe', 'Create', 'Update', 'Delete'];

/** Who reads the keys of the user's vaults, and that they may. */
export const keyIdentities = (plan: Plan): Composed[] =>
  plan.keyIdentities.flatMap((of) => [identity(plan, of), role(of)]);

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

function role({ use, vaultId, principalId, roleName, roleId }: KeyIdentityPlan): Composed {
  const from = keys.keyIdentity(use);
  return managed(RoleAssignment, {
    key: keys.keyRole(use),
    why: `lets ${from} use the key`,
    after: [from],
    until: principalId === undefined ? [from] : [],
    externalName: roleId,
    managementPolicies: POLICIES,
    forProvider: {
      name: roleName,
      scope: vaultId,
      principalId,
      principalType: 'ServicePrincipal',
      roleDefinitionName: KEY_ROLE,
      skipServicePrincipalAadCheck: true,
    },
  });
}
