import { textOf } from '../json.ts';
import type { KindDefinition } from '../kind.ts';
import type { Simulation } from '../state.ts';

export const roleAssignmentType = 'Microsoft.Authorization/roleAssignments';

/** Those that the simulator knows the effect of. */
const ROLES = new Set([
  'Key Vault Crypto Service Encryption User',
  'Reader',
  'PostgreSQL Flexible Server Long Term Retention Backup Role',
  'Storage Blob Data Contributor',
]);

/** Of a role of the user's, which is taken to be there. */
const DEFINITION =
  /^\/subscriptions\/[0-9a-f-]{36}\/providers\/Microsoft\.Authorization\/roleDefinitions\/[0-9a-f-]{36}$/;

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Whether a principal has a role on a scope. */
export const hasRole = ({ resources }: Simulation, principalId: string, scope: string, role: string): boolean =>
  Object.values(resources).some(
    ({ id, properties }) =>
      id.startsWith(scope) &&
      id.includes(`/${roleAssignmentType}/`) &&
      properties.principalId === principalId &&
      properties.roleDefinitionName === role,
  );

export const roleAssignment: KindDefinition = {
  kind: 'RoleAssignment',
  service: 'authorization',
  clusterVersion: 'v1beta1',
  type: roleAssignmentType,
  naming: 'assigned',
  references: [],
  id: (_name, { scope, name }) =>
    scope && name ? `${textOf(scope)}/providers/${roleAssignmentType}/${textOf(name)}` : undefined,
  identifiers: ['name', 'scope', 'skipServicePrincipalAadCheck'],
  defaults: {},
  removable: [],
  forceNew: ['principalId', 'principalType', 'roleDefinitionName', 'roleDefinitionId'],
  seconds: { create: 10, update: 5, delete: 5 },
  rules: [
    {
      id: 'role-assignment-fields',
      source: 'azurerm 4.80 authorization (name is a UUID); Microsoft, Role Assignments - Create',
      verified: true,
      on: ['create'],
      code: 'InvalidCreateRoleAssignmentRequest',
      refuse: ({ name, desired }) => {
        if (!GUID.test(name)) return `'${name}' is not a GUID`;
        if (!GUID.test(textOf(desired.principalId))) return 'the principal is not a GUID';
        return textOf(desired.roleDefinitionName) === '' && textOf(desired.roleDefinitionId) === ''
          ? 'a role is needed'
          : undefined;
      },
    },
    {
      id: 'role-known',
      source: 'Microsoft, Azure built-in roles',
      verified: true,
      on: ['create'],
      code: 'RoleDefinitionDoesNotExist',
      refuse: ({ desired }) =>
        ROLES.has(textOf(desired.roleDefinitionName)) || DEFINITION.test(textOf(desired.roleDefinitionId))
          ? undefined
          : `the role '${textOf(desired.roleDefinitionName)}' is not known here`,
    },
    {
      id: 'role-assignment-once',
      source: 'Microsoft, Troubleshoot Azure RBAC (RoleAssignmentExists)',
      verified: true,
      on: ['create'],
      code: 'RoleAssignmentExists',
      refuse: ({ state, id, desired }) => {
        const scope = id.slice(0, id.indexOf(`/providers/${roleAssignmentType}/`));
        return hasRole(state, textOf(desired.principalId), scope, textOf(desired.roleDefinitionName))
          ? 'the role assignment already exists'
          : undefined;
      },
    },
  ],
};
