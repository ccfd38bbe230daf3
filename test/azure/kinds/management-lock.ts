import { textOf } from '../json.ts';
import type { KindDefinition } from '../kind.ts';

export const lockType = 'Microsoft.Authorization/locks';

export const managementLock: KindDefinition = {
  kind: 'ManagementLock',
  service: 'authorization',
  clusterVersion: 'v1beta1',
  type: lockType,
  naming: 'assigned',
  references: [{ field: 'scope', kind: 'ResourceGroup', service: '', by: 'id' }],
  id: (_name, { scope, name }) =>
    scope && name ? `${textOf(scope)}/providers/${lockType}/${textOf(name)}` : undefined,
  identifiers: ['name', 'scope'],
  defaults: {},
  removable: ['notes'],
  forceNew: ['lockLevel', 'notes'],
  seconds: { create: 5, update: 5, delete: 5 },
  rules: [
    {
      id: 'lock-fields',
      source: 'provider-upjet-azure CRDs; Microsoft, resource naming rules',
      verified: true,
      on: ['create'],
      code: 'InvalidRequestContent',
      refuse: ({ name, desired }) => {
        if (!/^[^<>%&:\\?/]{1,90}$/.test(name)) return `'${name}' is not a valid lock name`;
        return ['CanNotDelete', 'ReadOnly'].includes(textOf(desired.lockLevel))
          ? undefined
          : `lock level '${textOf(desired.lockLevel)}' is unknown`;
      },
    },
  ],
};
