import { groupIdOf, providerId, resourceGroupId, resourceKey } from '../arm-id.ts';
import { listOf, numberOf, objectOf, textOf } from '../json.ts';
import { type KindDefinition, resourceGroupName } from '../kind.ts';

const alertType = 'Microsoft.Insights/metricAlerts';

// Microsoft, concepts-monitoring of flexible servers: the metrics that are on by default and that an alert may want.
const METRICS = [
  'active_connections',
  'connections_failed',
  'cpu_percent',
  'is_db_alive',
  'max_connections',
  'memory_percent',
  'physical_replication_delay_in_bytes',
  'physical_replication_delay_in_seconds',
  'storage_percent',
  'storage_used',
  'txlogs_storage_used',
];
const MINUTES: Readonly<Record<string, number>> = {
  PT1M: 1,
  PT5M: 5,
  PT15M: 15,
  PT30M: 30,
  PT1H: 60,
  PT6H: 360,
  PT12H: 720,
  P1D: 1440,
};

export const monitorMetricAlert: KindDefinition = {
  kind: 'MonitorMetricAlert',
  service: 'insights',
  clusterVersion: 'v1beta2',
  type: alertType,
  naming: 'external-name',
  references: [resourceGroupName],
  id: (name, { resourceGroupName: group }, subscription) =>
    group ? providerId(resourceGroupId(subscription, textOf(group)), alertType, name) : undefined,
  identifiers: ['resourceGroupName'],
  defaults: { autoMitigate: true, enabled: true, frequency: 'PT1M', severity: 3, windowSize: 'PT5M' },
  removable: ['action', 'description', 'tags'],
  forceNew: [],
  seconds: { create: 30, update: 30, delete: 5 },
  rules: [
    {
      id: 'metric-alert-fields',
      source:
        'azurerm 4.80 monitor (criteria, operators, frequency, window_size); Microsoft, metric alerts (window >= frequency)',
      verified: true,
      on: ['create', 'update'],
      code: 'BadRequest',
      refuse: ({ desired }) => {
        const [frequency, window] = [MINUTES[textOf(desired.frequency)], MINUTES[textOf(desired.windowSize)]];
        if (frequency === undefined || frequency > 60 || window === undefined)
          return `frequency '${textOf(desired.frequency)}' or window '${textOf(desired.windowSize)}' is not offered`;
        if (window < frequency) return 'the window is shorter than the frequency';
        if (numberOf(desired.severity) > 4) return `severity ${numberOf(desired.severity)} is not between 0 and 4`;
        return listOf(desired.criteria).length > 0 ? undefined : 'one of criteria, dynamic_criteria is required';
      },
    },
    {
      id: 'metric-alert-scope',
      source: 'Microsoft, metric alerts (the target resource must exist)',
      verified: true,
      on: ['create', 'update'],
      code: 'ResourceNotFound',
      refuse: ({ state, desired }) => {
        const scopes = listOf(desired.scopes).map(textOf);
        if (scopes.length === 0) return 'no scope is given';
        const missing = scopes.find((scope) => state.resources[resourceKey(scope)] === undefined);
        return missing === undefined ? undefined : `The resource ${missing} was not found.`;
      },
    },
    {
      id: 'metric-alert-metric',
      source:
        'Microsoft, concepts-monitoring of flexible servers (a metric that does not exist is refused unless validation is skipped)',
      verified: true,
      on: ['create', 'update'],
      code: 'BadRequest',
      refuse: ({ desired }) => {
        for (const { metricNamespace, metricName } of listOf(desired.criteria).map(objectOf)) {
          if (metricNamespace !== 'Microsoft.DBforPostgreSQL/flexibleServers')
            return `the namespace '${textOf(metricNamespace)}' is not that of flexible servers`;
          if (!METRICS.includes(textOf(metricName))) return `Couldn't find a metric named ${textOf(metricName)}.`;
        }
        return undefined;
      },
    },
    {
      id: 'metric-alert-action-group',
      source: 'Microsoft, action groups (they must exist); one outside of the simulation is taken for granted',
      verified: true,
      on: ['create', 'update'],
      code: 'BadRequest',
      refuse: ({ state, desired }) => {
        for (const { actionGroupId } of listOf(desired.action).map(objectOf)) {
          const id = textOf(actionGroupId);
          if (id === '') return 'an action without an action group';
          const known = state.resources[resourceKey(groupIdOf(id))] !== undefined;
          if (known && state.resources[resourceKey(id)]?.phase !== 'Ready')
            return `the action group ${id} was not found`;
        }
        return undefined;
      },
    },
  ],
};
