import { roleAssignmentId, roleAssignmentName } from '../names.ts';
import type { ObservedResource } from '../observed/observed.ts';
import type { RoleAssignmentPlan } from './types.ts';

/** Every field of a role assignment is force-new: what it was made with, it keeps. */
export function roleAssignment(
  found: ObservedResource | undefined,
  wished: {
    readonly scope: string | undefined;
    readonly principalId: string | undefined;
    /** Name of a built-in role, or Azure id of any. */
    readonly role: string;
    /** Another control plane may have made it. */
    readonly imports: boolean;
  },
): RoleAssignmentPlan {
  const scope = found?.forProvider.scope ?? wished.scope;
  const principalId = found?.forProvider.principalId ?? wished.principalId;
  const name =
    found?.forProvider.name ?? (scope && principalId ? roleAssignmentName(scope, principalId, wished.role) : undefined);
  const id = found?.atProvider.id ?? (wished.imports && scope && name ? roleAssignmentId(scope, name) : undefined);
  return { scope, principalId, name, id };
}
