import { providerId, resourceGroupId } from '../arm-id.ts';
import { numberOf, textOf } from '../json.ts';
import { type KindDefinition, resourceGroupName } from '../kind.ts';

export const workspaceType = 'Microsoft.OperationalInsights/workspaces';

export const logAnalyticsWorkspace: KindDefinition = {
  kind: 'Workspace',
  service: 'operationalinsights',
  clusterVersion: 'v1beta2',
  type: workspaceType,
  naming: 'external-name',
  references: [resourceGroupName],
  id: (name, { resourceGroupName: group }, subscription) =>
    group ? providerId(resourceGroupId(subscription, textOf(group)), workspaceType, name) : undefined,
  identifiers: ['resourceGroupName'],
  defaults: { sku: 'PerGB2018', dailyQuotaGb: -1 },
  removable: ['tags'],
  forceNew: ['location'],
  seconds: { create: 60, update: 20, delete: 20 },
  // A made-up GUID: agents know a workspace by it, diagnostic settings do not.
  computed: () => ({ workspaceId: '00000000-0000-0000-0000-000000000003' }),
  rules: [
    {
      id: 'workspace-fields',
      source: 'azurerm 4.80 loganalytics (validate.LogAnalyticsWorkspaceName; retention_in_days 30-730)',
      verified: true,
      on: ['create', 'update'],
      code: 'provider',
      refuse: ({ name, desired }) => {
        if (!/^[A-Za-z0-9][A-Za-z0-9-]{2,61}[A-Za-z0-9]$/.test(name))
          return `'${name}' is not a valid workspace name: 4 to 63 letters, digits and inner hyphens`;
        const days = numberOf(desired.retentionInDays);
        return days >= 30 && days <= 730 ? undefined : `retention_in_days ${days} is not between 30 and 730`;
      },
    },
  ],
};
