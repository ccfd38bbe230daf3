import type { AzureKind } from './managed.ts';
import type { Tags } from './resource-group.ts';

/** insights.azure.[m.]upbound.io. Fields by azurerm 4.80 azurerm_monitor_*. */
export const MonitorDiagnosticSetting: AzureKind<{
  /** Its Azure name: the external name is `<targetResourceId>|<name>`, and the provider writes it. Force-new. */
  name: string;
  /** Force-new. The CRD has no reference for it. Absent until Azure has the server. */
  targetResourceId?: string;
  /** The CRD has no reference for it. Absent until Azure has the workspace. */
  logAnalyticsWorkspaceId?: string;
  enabledLog: readonly { category: string }[];
  /** `metric`, the older field for the same, differs for ever (provider-upjet-azure #797, #798). */
  enabledMetric?: readonly { category: 'AllMetrics' }[];
}> = { kind: 'MonitorDiagnosticSetting', service: 'insights', clusterVersion: 'v1beta2', holds: 'nothing' };

export const MonitorActionGroup: AzureKind<{
  resourceGroupName: string;
  /** At most 12 characters; shown in messages. */
  shortName: string;
  emailReceiver: readonly { name: string; emailAddress: string; useCommonAlertSchema: boolean }[];
  tags: Tags;
}> = { kind: 'MonitorActionGroup', service: 'insights', clusterVersion: 'v1beta2', holds: 'nothing' };

export interface MetricCriterion {
  readonly metricNamespace: 'Microsoft.DBforPostgreSQL/flexibleServers';
  readonly metricName: string;
  readonly aggregation: 'Average' | 'Maximum' | 'Total';
  readonly operator: 'GreaterThan' | 'LessThan';
  readonly threshold: number;
}

export const MonitorMetricAlert: AzureKind<{
  resourceGroupName: string;
  description: string;
  /** Ids of servers. The CRD's own selector looks for storage accounts. Absent until Azure has the server. */
  scopes?: readonly string[];
  criteria: readonly MetricCriterion[];
  /** 0 is the worst, 4 the least. */
  severity: 0 | 1 | 2 | 3 | 4;
  frequency: 'PT1M' | 'PT5M';
  windowSize: 'PT5M' | 'PT15M';
  /** Literal ids: a selector would be resolved inside a list that every apply of ours replaces as a whole. */
  action?: readonly { actionGroupId: string }[];
  tags: Tags;
}> = { kind: 'MonitorMetricAlert', service: 'insights', clusterVersion: 'v1beta2', holds: 'nothing' };
