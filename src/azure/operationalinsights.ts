import type { AzureKind } from './managed.ts';
import type { Tags } from './resource-group.ts';

/** operationalinsights.azure.[m.]upbound.io. Fields by azurerm 4.80 azurerm_log_analytics_workspace. */
export const Workspace: AzureKind<{
  location: string;
  resourceGroupName: string;
  sku: 'PerGB2018';
  /** Days, 30-730. */
  retentionInDays: number;
  /** Absent means no limit. */
  dailyQuotaGb?: number;
  tags: Tags;
}> = { kind: 'Workspace', service: 'operationalinsights', clusterVersion: 'v1beta2', holds: 'data' };
