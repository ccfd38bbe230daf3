import { resourceGroupId, resourceKey } from '../arm-id.ts';
import type { KindDefinition } from '../kind.ts';

export const resourceGroup: KindDefinition = {
  kind: 'ResourceGroup',
  service: '',
  clusterVersion: 'v1beta1',
  type: 'Microsoft.Resources/resourceGroups',
  naming: 'external-name',
  references: [],
  id: (name, _params, subscription) => resourceGroupId(subscription, name),
  identifiers: [],
  defaults: {},
  removable: ['tags', 'managedBy'],
  forceNew: ['location'],
  seconds: { create: 5, update: 5, delete: 60 },
  rules: [
    {
      id: 'resource-group-name',
      source: 'Microsoft, resource naming rules',
      verified: true,
      on: ['create'],
      code: 'InvalidParameter',
      refuse: ({ name }) =>
        /^[-\w._()]{1,90}$/.test(name) && !name.endsWith('.')
          ? undefined
          : `the resource group name '${name}' must have 1 to 90 letters, digits, '-', '_', '.', '()' and not end in a dot`,
    },
    {
      id: 'resource-group-not-empty',
      source: 'provider-upjet-azure CRDs (azurerm prevent_deletion_if_contains_resources)',
      verified: true,
      on: ['delete'],
      code: 'provider',
      refuse: ({ state, id }) => {
        const group = resourceKey(id);
        const inside = Object.keys(state.resources).filter((key) => key.startsWith(`${group}/`));
        return inside.length === 0
          ? undefined
          : `the resource group still contains resources: ${inside.slice(0, 3).join(', ')}${inside.length > 3 ? ` and ${inside.length - 3} more` : ''}`;
      },
    },
  ],
};
