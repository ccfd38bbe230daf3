import { groupIdOf, lastSegment, parentId, resourceKey, typeOfId } from '../arm-id.ts';
import { isEmpty, type JsonObject, listOf, objectOf, textOf } from '../json.ts';
import type { KindDefinition } from '../kind.ts';
import { workspaceType } from './log-analytics-workspace.ts';

export const diagnosticSettingType = 'Microsoft.Insights/diagnosticSettings';

// Microsoft, supported resource logs of Microsoft.DBforPostgreSQL/flexibleServers.
export const CATEGORIES = [
  'PostgreSQLLogs',
  'PostgreSQLFlexSessions',
  'PostgreSQLFlexQueryStoreRuntime',
  'PostgreSQLFlexQueryStoreWaitStats',
  'PostgreSQLFlexTableStats',
  'PostgreSQLFlexDatabaseXacts',
  'PostgreSQLFlexPGBouncer',
  'PostgreSQLQueryStoreSqlText',
];

const categories = (properties: JsonObject): string[] =>
  [...listOf(properties.enabledLog), ...listOf(properties.enabledMetric)].map((each) =>
    textOf(objectOf(each).category),
  );

/** The provider's id is `<target>|<name>`; here it is ARM's own, below the target, because `|` parts alternatives elsewhere. */
export const monitorDiagnosticSetting: KindDefinition = {
  kind: 'MonitorDiagnosticSetting',
  service: 'insights',
  clusterVersion: 'v1beta2',
  type: diagnosticSettingType,
  naming: 'assigned',
  references: [],
  id: (_name, { targetResourceId, name }) =>
    targetResourceId && name
      ? `${textOf(targetResourceId)}/providers/${diagnosticSettingType}/${textOf(name)}`
      : undefined,
  imported: (externalName) => externalName.replace('|', `/providers/${diagnosticSettingType}/`),
  identifiers: ['name', 'targetResourceId'],
  defaults: {},
  removable: ['enabledLog', 'enabledMetric'],
  forceNew: ['name', 'targetResourceId'],
  seconds: { create: 10, update: 10, delete: 10 },
  rules: [
    {
      id: 'diagnostic-setting-fields',
      source: 'azurerm 4.80 monitor (at least one type of Log or Metric must be enabled; one destination)',
      verified: true,
      on: ['create', 'update'],
      code: 'provider',
      refuse: ({ desired }) => {
        if (categories(desired).length === 0) return 'at least one type of Log or Metric must be enabled';
        return typeOfId(textOf(desired.logAnalyticsWorkspaceId)) === workspaceType
          ? undefined
          : `'${textOf(desired.logAnalyticsWorkspaceId)}' is not the id of a workspace`;
      },
    },
    {
      id: 'diagnostic-setting-category',
      source: 'Microsoft, supported resource logs of flexible servers; metrics have the category AllMetrics',
      verified: true,
      on: ['create', 'update'],
      code: 'BadRequest',
      refuse: ({ desired }) => {
        const unknown = categories(desired).find((each) => each !== 'AllMetrics' && !CATEGORIES.includes(each));
        return unknown === undefined ? undefined : `Category '${unknown}' is not supported.`;
      },
    },
    {
      id: 'diagnostic-setting-workspace',
      source:
        'Microsoft, diagnostic settings (the destination must exist); a workspace outside of the simulation is taken for granted',
      verified: true,
      on: ['create', 'update'],
      code: 'ResourceNotFound',
      refuse: ({ state, desired }) => {
        const workspace = textOf(desired.logAnalyticsWorkspaceId);
        const known = state.resources[resourceKey(groupIdOf(workspace))] !== undefined;
        return !known || state.resources[resourceKey(workspace)]?.phase === 'Ready'
          ? undefined
          : `the workspace ${workspace} was not found`;
      },
    },
    {
      id: 'diagnostic-setting-sink-twice',
      source: 'Microsoft, diagnostic settings (data sinks cannot be reused in different settings on the same category)',
      verified: true,
      on: ['create', 'update'],
      code: 'Conflict',
      refuse: ({ state, id, desired }) => {
        for (const other of Object.values(state.resources)) {
          const sibling = other.type === diagnosticSettingType && parentId(other.id) === parentId(id);
          const sink = textOf(other.properties.logAnalyticsWorkspaceId);
          if (!sibling || isEmpty(sink) || resourceKey(other.id) === resourceKey(id)) continue;
          if (resourceKey(sink) !== resourceKey(textOf(desired.logAnalyticsWorkspaceId))) continue;
          const category = categories(desired).find((each) => categories(other.properties).includes(each));
          if (category !== undefined)
            return `Data sink '${sink}' is already used in diagnostic setting '${lastSegment(other.id)}' for category '${category}'.`;
        }
        return undefined;
      },
    },
  ],
};
