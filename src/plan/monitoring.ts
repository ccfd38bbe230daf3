import type { Database } from '../api/database.ts';
import {
  actionGroupName,
  actionGroupShortName,
  alertName,
  DIAGNOSTIC_SETTING_NAME,
  keys,
  keysOf,
  type NameScope,
  namespacedName,
  workspaceName,
} from '../names.ts';
import type { Observed } from '../observed/observed.ts';
import { type Alert, alertsOf, thresholdsOf } from './alerts.ts';
import { mayBeThere } from './in-service.ts';
import type { AlertPlan, DatadogMonitorPlan, LogsPlan, MonitoringPlan, ServerPlan } from './types.ts';

/** What Azure includes in the price of ingestion (Azure Monitor pricing), and the shortest that azurerm takes. */
const RETENTION_DAYS = 30;

/**
 * Logs, alerts and monitors of the servers, keyed by server: an alert that fits only the writer leaves when the server becomes a replica. No
 * reference resolves to a server here, so its id is injected; once something watches it, it keeps the id that it was made with.
 */
export function monitoring(
  database: Database,
  observed: Observed,
  scope: NameScope,
  lineage: readonly ServerPlan[],
  /** Keys of servers that keep what they have. */
  unfenced: readonly string[],
): MonitoringPlan {
  const { alerts, datadog, exclude } = database.spec.monitoring;
  const group = actionGroup(database, observed, scope);
  const pairs = lineage.flatMap((server) => alertsOf(server, lineage, exclude).map((alert) => ({ server, alert })));
  return {
    workspace: workspace(database, observed, scope),
    logs: logs(database, observed, lineage, unfenced),
    actionGroup: group,
    actionGroupIds: actionGroupIds(alerts.actionGroupId, group?.name, observed),
    alerts: alerts.enabled ? pairs.map(({ server, alert }) => metricAlert(database, observed, server, alert)) : [],
    datadogMonitors: datadog.enabled
      ? pairs.flatMap(({ server, alert }) => datadogMonitor(database, observed, server, alert))
      : [],
  };
}

/** A workspace that exists stays with its retention, whether logs still go there or not: it holds them. */
function workspace(
  { spec, primary }: Database,
  observed: Observed,
  scope: NameScope,
): MonitoringPlan['workspace'] | undefined {
  const { enabled, workspaceId, retentionDays, dailyQuotaGB } = spec.monitoring.logs;
  const existing = observed.resources.get(keys.workspace);
  const name = existing?.externalName ?? workspaceName(scope);
  const location = existing?.forProvider.location ?? primary.region.name;
  if (enabled && workspaceId === undefined)
    return { name, location, retentionDays: retentionDays ?? RETENTION_DAYS, dailyQuotaGB };
  if (!existing) return undefined;
  const { retentionInDays, dailyQuotaGb } = existing.forProvider;
  return { name, location, retentionDays: retentionInDays ?? RETENTION_DAYS, dailyQuotaGB: dailyQuotaGb };
}

function logs(
  database: Database,
  observed: Observed,
  lineage: readonly ServerPlan[],
  unfenced: readonly string[],
): LogsPlan | undefined {
  const { enabled, workspaceId, categories, metrics } = database.spec.monitoring.logs;
  const imports = mayBeThere(database);
  const found = (server: ServerPlan) => observed.resources.get(keys.diagnostics(server.key));
  // The setting of a server that keeps what it has neither comes nor goes.
  const watched = lineage.filter((server) =>
    unfenced.includes(server.key) ? found(server) || (enabled && imports) : enabled,
  );
  if (watched.length === 0 && !enabled) return undefined;
  return {
    workspaceId:
      workspaceId ??
      observed.resources.get(keys.workspace)?.atProvider.id ??
      lineage.map((server) => found(server)?.forProvider.logAnalyticsWorkspaceId).find((id) => id !== undefined),
    own: workspaceId === undefined,
    categories: [...new Set(categories)].sort(),
    metrics,
    settings: watched.map((server) => {
      // Force-new, so the one that it was made with.
      const serverId = found(server)?.forProvider.targetResourceId ?? idOf(observed, server);
      // azurerm 4.80 azurerm_monitor_diagnostic_setting: two parts.
      const imported = imports && serverId ? `${serverId}|${DIAGNOSTIC_SETTING_NAME}` : undefined;
      return {
        key: keys.diagnostics(server.key),
        server: server.key,
        serverId,
        id: found(server)?.atProvider.id ?? imported,
      };
    }),
  };
}

function actionGroup(
  { spec }: Database,
  observed: Observed,
  scope: NameScope,
): MonitoringPlan['actionGroup'] | undefined {
  const { enabled, emails } = spec.monitoring.alerts;
  if (!enabled || emails === undefined || emails.length === 0) return undefined;
  return {
    name: observed.resources.get(keys.actionGroup)?.externalName ?? actionGroupName(scope),
    shortName: actionGroupShortName(scope.name),
    // Azure tells the names of receivers, which are their addresses here, apart without case.
    emails: [...new Map(emails.map((email) => [email.toLowerCase(), email])).values()].sort(),
  };
}

/** Ours is read from the alerts, too, so that one whose id is not reported for a moment is not taken out of them. */
function actionGroupIds(brought: string | undefined, name: string | undefined, observed: Observed): string[] {
  const told = [...observed.resources.values()].flatMap((resource) =>
    resource.kind === 'MonitorMetricAlert' ? (resource.forProvider.action ?? []) : [],
  );
  const own =
    name === undefined
      ? undefined
      : (observed.resources.get(keys.actionGroup)?.atProvider.id ??
        told.map(({ actionGroupId }) => actionGroupId).find((id) => id?.endsWith(`/${name}`)));
  return [own, brought].filter((id) => id !== undefined);
}

function metricAlert({ spec }: Database, observed: Observed, server: ServerPlan, alert: Alert): AlertPlan {
  const key = keys.alert(server.key, alert.slug);
  const thresholds = thresholdsOf(spec);
  const threshold = alert.threshold(thresholds, watched(observed, server));
  return {
    key,
    name: alertName(server.name, alert.slug),
    server: server.key,
    serverId: idOf(observed, server) ?? observed.resources.get(key)?.forProvider.scopes?.[0],
    says: `${server.name} in ${server.region} ${alert.says(threshold, thresholds)}`,
    metric: alert.metric,
    aggregation: alert.aggregation,
    operator: alert.operator,
    threshold,
    windowMinutes: alert.windowMinutes,
    severity: alert.severity,
  };
}

function datadogMonitor(
  { flavour, owner, spec }: Database,
  observed: Observed,
  server: ServerPlan,
  alert: Alert,
): DatadogMonitorPlan[] {
  if (!alert.datadog) return []; // Datadog has no such metric
  const { metric, aggregator } = alert.datadog;
  const { datadog } = spec.monitoring;
  const thresholds = thresholdsOf(spec);
  const key = keys.datadogMonitor(server.key, alert.slug);
  const threshold = alert.threshold(thresholds, watched(observed, server));
  const says = `${server.name} in ${server.region} ${alert.says(threshold, thresholds)}`;
  // Datadog names every Azure resource by the tag `name`. A count is summed up as one, not as a rate.
  const series = `${aggregator}:${metric}{name:${server.name}}${aggregator === 'sum' ? '.as_count()' : ''}`;
  const via = flavour === 'cluster' ? 'Object' : 'Native';
  return [
    {
      key,
      server: server.key,
      via,
      name: (via === 'Native' && observed.resources.get(key)?.name) || namespacedName(owner.name, key),
      title: `PostgreSQL ${[owner.namespace, owner.name].filter((part) => part !== '').join('/')}: ${alert.name} of ${server.name}`,
      message: [`${says}.`, ...(datadog.notify === undefined ? [] : [datadog.notify])].join(' '),
      query: `${aggregator}(last_${alert.windowMinutes}m):${series} > ${threshold}`,
      threshold,
      priority: alert.severity + 1,
      tags: [...new Set(['managed-by:crossplane', `server:${server.name}`, ...(datadog.tags ?? [])])].sort(),
    },
  ];
}

/** A server keeps its max_connections when its size changes, so what Azure reports counts before what the size would have. */
function watched({ resources }: Observed, { key, size, storageMb }: ServerPlan) {
  const reported = Number(resources.get(keysOf.parameter(key, 'max_connections'))?.atProvider.value);
  return { size, storageMb, maxConnections: reported > 0 ? reported : undefined };
}

const idOf = (observed: Observed, server: ServerPlan): string | undefined =>
  observed.resources.get(server.key)?.atProvider.id;
