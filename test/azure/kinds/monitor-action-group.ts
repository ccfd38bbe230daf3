import { providerId, resourceGroupId } from '../arm-id.ts';
import { listOf, objectOf, textOf } from '../json.ts';
import { type KindDefinition, resourceGroupName } from '../kind.ts';

export const actionGroupType = 'Microsoft.Insights/actionGroups';

export const monitorActionGroup: KindDefinition = {
  kind: 'MonitorActionGroup',
  service: 'insights',
  clusterVersion: 'v1beta2',
  type: actionGroupType,
  naming: 'external-name',
  references: [resourceGroupName],
  id: (name, { resourceGroupName: group }, subscription) =>
    group ? providerId(resourceGroupId(subscription, textOf(group)), actionGroupType, name) : undefined,
  identifiers: ['resourceGroupName'],
  defaults: { enabled: true },
  removable: ['tags', 'emailReceiver'],
  forceNew: ['location'],
  seconds: { create: 5, update: 5, delete: 5 },
  stored: (params) => ({ properties: { location: 'global', ...params } }),
  rules: [
    {
      id: 'action-group-fields',
      source:
        'azurerm 4.80 monitor (short_name 1-12); provider-upjet-azure CRDs (names of receivers are unique without case)',
      verified: true,
      on: ['create', 'update'],
      code: 'provider',
      refuse: ({ desired }) => {
        const short = textOf(desired.shortName);
        if (short.length < 1 || short.length > 12) return `short_name '${short}' has not 1 to 12 characters`;
        const names = listOf(desired.emailReceiver).map((each) => textOf(objectOf(each).name).toLowerCase());
        return new Set(names).size === names.length ? undefined : 'two receivers have the same name';
      },
    },
  ],
};
