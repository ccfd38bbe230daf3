import { MonitorActionGroup, MonitorDiagnosticSetting, MonitorMetricAlert } from '../azure/insights.ts';
import { type Composed, type KubernetesObject, managed } from '../azure/managed.ts';
import { NO_LATE_INITIALIZE } from '../azure/management-policies.ts';
import { Workspace } from '../azure/operationalinsights.ts';
import { DIAGNOSTIC_SETTING_NAME, keys } from '../names.ts';
import type { AlertPlan, DatadogMonitorPlan, DiagnosticsPlan, LogsPlan, Plan } from '../plan/types.ts';
import { policiesOn } from './left-alone.ts';

/**
 * Without LateInitialize: it would copy the deprecated field `metric` beside `enabledMetric`, and what Azure adds into our lists. Nothing is
 * lost: the names are ours, and that of a diagnostic setting, which the provider then does not write, is the id that it reports. Without it
 * a restarted provider would try to create the setting again.
 */
const POLICIES = NO_LATE_INITIALIZE;

export function monitoring(plan: Plan): Composed[] {
  const { logs, alerts, datadogMonitors } = plan.monitoring;
  return [
    ...workspace(plan),
    ...(logs?.settings.map((setting) => diagnostics(plan, logs, setting)) ?? []),
    ...actionGroup(plan),
    ...alerts.map((alert) => metricAlert(plan, alert)),
    ...datadogMonitors.map((monitor) => datadogMonitor(plan, monitor)),
  ];
}

function workspace(plan: Plan): Composed[] {
  const { workspace } = plan.monitoring;
  if (!workspace) return []; // never asked for, or the user brings one
  return [
    managed(Workspace, {
      key: keys.workspace,
      why: 'takes the logs of the servers',
      after: [keys.resourceGroup],
      externalName: workspace.name,
      managementPolicies: POLICIES,
      forProvider: {
        location: workspace.location,
        resourceGroupName: plan.resourceGroup.name,
        sku: 'PerGB2018',
        retentionInDays: workspace.retentionDays,
        dailyQuotaGb: workspace.dailyQuotaGB,
        tags: plan.tags,
      },
    }),
  ];
}

function diagnostics(plan: Plan, logs: LogsPlan, { key, server, serverId, id }: DiagnosticsPlan): Composed {
  return managed(MonitorDiagnosticSetting, {
    key,
    why: `sends the logs of ${server}`,
    after: logs.own ? [server, keys.workspace] : [server],
    externalName: id,
    managementPolicies: policiesOn(plan, server, POLICIES),
    forProvider: {
      name: DIAGNOSTIC_SETTING_NAME,
      targetResourceId: serverId,
      logAnalyticsWorkspaceId: logs.workspaceId,
      enabledLog: logs.categories.map((category) => ({ category })),
      enabledMetric: logs.metrics ? [{ category: 'AllMetrics' }] : undefined,
    },
  });
}

function actionGroup(plan: Plan): Composed[] {
  const { actionGroup } = plan.monitoring;
  if (!actionGroup) return []; // nobody to tell
  return [
    managed(MonitorActionGroup, {
      key: keys.actionGroup,
      why: 'tells people of alerts',
      after: [keys.resourceGroup],
      externalName: actionGroup.name,
      managementPolicies: POLICIES,
      forProvider: {
        resourceGroupName: plan.resourceGroup.name,
        shortName: actionGroup.shortName,
        emailReceiver: actionGroup.emails.map((email) => ({
          name: email,
          emailAddress: email,
          useCommonAlertSchema: true,
        })),
        tags: plan.tags,
      },
    }),
  ];
}

function metricAlert(plan: Plan, alert: AlertPlan): Composed {
  const { actionGroup, actionGroupIds } = plan.monitoring;
  return managed(MonitorMetricAlert, {
    key: alert.key,
    why: `fires when ${alert.says}`,
    after: actionGroup ? [alert.server, keys.actionGroup] : [alert.server],
    externalName: alert.name,
    managementPolicies: POLICIES,
    forProvider: {
      resourceGroupName: plan.resourceGroup.name,
      description: alert.says,
      scopes: alert.serverId === undefined ? undefined : [alert.serverId],
      criteria: [
        {
          metricNamespace: 'Microsoft.DBforPostgreSQL/flexibleServers',
          metricName: alert.metric,
          aggregation: alert.aggregation,
          operator: alert.operator,
          threshold: alert.threshold,
        },
      ],
      severity: alert.severity,
      // The shortest: what is evaluated less often is not cheaper by much and wakes people later.
      frequency: alert.windowMinutes === 5 ? 'PT1M' : 'PT5M',
      windowSize: alert.windowMinutes === 5 ? 'PT5M' : 'PT15M',
      action: actionGroupIds.length === 0 ? undefined : actionGroupIds.map((actionGroupId) => ({ actionGroupId })),
      tags: plan.tags,
    },
  });
}

function datadogMonitor(plan: Plan, monitor: DatadogMonitorPlan): KubernetesObject {
  return {
    key: monitor.key,
    why: `fires in Datadog: ${monitor.title}`,
    after: [monitor.server],
    holds: 'nothing',
    via: monitor.via,
    manifest: {
      apiVersion: 'datadoghq.com/v1alpha1',
      kind: 'DatadogMonitor',
      metadata: { name: monitor.name, namespace: plan.namespace },
      spec: {
        name: monitor.title,
        type: 'metric alert',
        query: monitor.query,
        message: monitor.message,
        priority: monitor.priority,
        tags: monitor.tags,
        options: {
          thresholds: { critical: String(monitor.threshold) },
          includeTags: true,
          // Datadog, monitor options: cloud metrics arrive late, and it advises 15 minutes for them.
          evaluationDelay: 900,
        },
      },
    },
  };
}
