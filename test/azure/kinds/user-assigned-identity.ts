import { providerId, resourceGroupId } from '../arm-id.ts';
import { textOf } from '../json.ts';
import { type KindDefinition, resourceGroupName } from '../kind.ts';

export const identityType = 'Microsoft.ManagedIdentity/userAssignedIdentities';

/** A GUID of the identity's own, made up from its id. */
const guid = (id: string, first: string): string => {
  const digits = [...id.toLowerCase()].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 1e12, 7);
  return `${first.repeat(8)}-0000-4000-8000-${String(digits).padStart(12, '0')}`;
};

/** Who an identity is in Microsoft Entra ID. */
export const principalOf = (id: string): string => guid(id, 'a');

export const userAssignedIdentity: KindDefinition = {
  kind: 'UserAssignedIdentity',
  service: 'managedidentity',
  clusterVersion: 'v1beta1',
  type: identityType,
  // upjet (config/externalname.go): the provider writes the id; the name is a parameter.
  naming: 'assigned',
  references: [resourceGroupName],
  id: (_name, { resourceGroupName: group, name }, subscription) =>
    group && name ? providerId(resourceGroupId(subscription, textOf(group)), identityType, textOf(name)) : undefined,
  identifiers: ['resourceGroupName', 'name'],
  defaults: {},
  removable: ['tags'],
  forceNew: ['location'],
  seconds: { create: 10, update: 5, delete: 5 },
  computed: (_, id) => ({
    principalId: principalOf(id),
    clientId: guid(id, 'c'),
    tenantId: '00000000-0000-0000-0000-000000000004',
  }),
  rules: [
    {
      id: 'identity-name',
      source: 'azurerm 4.80 managedidentity (name: 3 to 128 letters, digits, hyphens and underscores)',
      verified: true,
      on: ['create'],
      code: 'provider',
      refuse: ({ name }) =>
        /^[A-Za-z0-9][A-Za-z0-9_-]{2,127}$/.test(name) ? undefined : `'${name}' is not a name of an identity`,
    },
  ],
};
