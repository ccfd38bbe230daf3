import { createHash } from 'node:crypto';
import { parentId, resourceKey } from '../arm-id.ts';
import { textOf } from '../json.ts';
import type { KindDefinition } from '../kind.ts';
import type { Simulation } from '../state.ts';

const assignmentType = 'Microsoft.Authorization/roleAssignments';

/** Whether an identity has a role on exactly this resource. What it has above it is not looked at. */
export const hasRole = (state: Simulation, scope: string, principal: string, role: string): boolean =>
  Object.values(state.resources).some(
    ({ type, id, phase, properties }) =>
      type === assignmentType &&
      phase === 'Ready' &&
      resourceKey(parentId(id) ?? '') === resourceKey(scope) &&
      properties.principalId === principal &&
      properties.roleDefinitionName === role,
  );

export const roleAssignment: KindDefinition = {
  kind: 'RoleAssignment',
  service: 'authorization',
  clusterVersion: 'v1beta1',
  type: assignmentType,
  naming: 'assigned',
  references: [{ field: 'roleDefinitionId', kind: 'RoleDefinition', service: 'authorization', by: 'id' }],
  // azurerm makes a GUID up where none is given; here it follows from what is assigned.
  id: (_name, { scope, principalId, roleDefinitionName }) => {
    if (!scope || !principalId || !roleDefinitionName) return undefined;
    const digits = createHash('sha256')
      .update(`${textOf(principalId)} ${textOf(roleDefinitionName)}`)
      .digest('hex');
    return `${textOf(scope)}/providers/${assignmentType}/00000000-0000-0000-0000-${digits.slice(0, 12)}`;
  },
  identifiers: ['scope'],
  defaults: {},
  removable: [],
  forceNew: ['principalId', 'principalType', 'roleDefinitionName'],
  echoed: ['skipServicePrincipalAadCheck'],
  seconds: { create: 10, update: 5, delete: 5 },
  rules: [
    {
      id: 'role-known',
      source: 'Microsoft, Azure built-in roles',
      verified: true,
      on: ['create'],
      code: 'RoleDefinitionDoesNotExist',
      refuse: ({ desired }) =>
        ['Reader', 'PostgreSQL Flexible Server Long Term Retention Backup Role'].includes(
          textOf(desired.roleDefinitionName),
        )
          ? undefined
          : `the role '${textOf(desired.roleDefinitionName)}' is not known here`,
    },
  ],
};
