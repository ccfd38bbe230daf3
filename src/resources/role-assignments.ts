import { RoleAssignment } from '../azure/authorization.ts';
import { type Composed, type Managed, managed } from '../azure/managed.ts';
import { NO_LATE_INITIALIZE } from '../azure/management-policies.ts';
import type { RoleAssignmentPlan } from '../plan/types.ts';

/**
 * A role of an identity that was just made. No LateInitialize: Azure's own spelling of a scope must not become what is asked for.
 */
export const roleAssignment = (
  { scope, principalId, name, id }: RoleAssignmentPlan,
  role: { readonly roleDefinitionName?: string; readonly roleDefinitionId?: string },
  rest: Pick<Managed, 'key' | 'why' | 'after' | 'until' | 'labels' | 'deletable'>,
): Composed =>
  managed(RoleAssignment, {
    ...rest,
    externalName: id,
    managementPolicies: NO_LATE_INITIALIZE,
    forProvider: {
      name,
      scope,
      principalId,
      principalType: 'ServicePrincipal',
      ...role,
      skipServicePrincipalAadCheck: true,
    },
  });
