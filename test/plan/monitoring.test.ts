import { read } from '../../src/api/door.ts';
import { userConnections } from '../../src/azure/compute-storage.ts';
import type { Observed } from '../../src/observed/observed.ts';
import { monitoring } from '../../src/plan/monitoring.ts';
import { plan } from '../../src/plan/plan.ts';
import type { MonitoringPlan, ServerPlan } from '../../src/plan/types.ts';
import { fact, facts } from '../support/observed.ts';
import { oneRegion, twoRegions, xr } from '../support/requests.ts';

const all = {
  logs: { enabled: true },
  alerts: { enabled: true, emails: ['b@example.org', 'A@example.org', 'a@example.org'] },
  datadog: { enabled: true },
};
const scope = { namespace: 'team-a', name: 'orders', resourceGroup: 'rg', prefix: '' };

function database(spec: object) {
  const reading = read(xr('namespaced', spec), undefined);
  if (!('database' in reading)) throw new Error(JSON.stringify(reading.problems));
  return reading.database;
}

const planned = (spec: object, observed: Observed = facts({})): MonitoringPlan =>
  plan(database(spec), observed, 0).monitoring;

const thresholds = ({ alerts }: MonitoringPlan): Record<string, number> =>
  Object.fromEntries(alerts.map(({ key, threshold }) => [key.replace('-server-alert-', ' '), threshold]));

describe('userConnections', () => {
  // Microsoft, concepts-limits: the column "Maximum user connections".
  it.each([
    ['B_Standard_B1ms', 35],
    ['B_Standard_B2s', 414],
    ['B_Standard_B2ms', 844],
    ['B_Standard_B12ms', 4985],
    ['GP_Standard_D2ds_v5', 844],
    ['GP_Standard_D4s_v3', 1703],
    ['GP_Standard_D8ads_v5', 3422],
    ['GP_Standard_D96ds_v5', 4985],
    ['MO_Standard_E2ds_v5', 1703],
    ['MO_Standard_E4ds_v4', 3422],
    ['MO_Standard_E96ads_v5', 4985],
  ])('of %s are %i', (size, connections) => expect(userConnections(size)).toBe(connections));
});

describe('alerts', () => {
  it('are those of each role, with thresholds that follow the size', () => {
    expect(thresholds(planned({ ...twoRegions, monitoring: all }))).toEqual({
      'primary liveness': 1,
      'primary cpu': 80,
      'primary memory': 90,
      'primary storage': 80,
      'primary failed-connections': 20,
      'primary wal-storage': 27_487_790_694, // 20 % of 128 GiB
      'primary connections': 675, // 80 % of 844
      'primary replication-bytes': 1_073_741_824,
      'secondary liveness': 1,
      'secondary cpu': 80,
      'secondary memory': 90,
      'secondary storage': 80,
      'secondary failed-connections': 20,
      'secondary wal-storage': 27_487_790_694,
      'secondary connections': 675,
      'secondary replication-seconds': 300,
    });
    const larger = { ...oneRegion, database: { size: 'MO_Standard_E8ds_v5', storageGB: 1024 } };
    expect(thresholds(planned({ ...larger, monitoring: all }))).toMatchObject({
      'primary wal-storage': 219_902_325_555,
      'primary connections': 3988,
    });
  });

  it.each([
    [undefined, undefined, 300],
    [0, undefined, 300],
    [1, undefined, 60],
    [10, undefined, 600],
    [10_080, undefined, 86_400],
    [10, 120, 120],
  ])('tell of a lag by the objective: %s min, %s s in the spec, %s s', (rpoMinutes, replicationLagSeconds, seconds) => {
    const wished = { ...all, thresholds: { replicationLagSeconds } };
    expect(thresholds(planned({ ...twoRegions, objectives: { rpoMinutes }, monitoring: wished }))).toMatchObject({
      'secondary replication-seconds': seconds,
    });
  });

  it('count the connections that each server has, whatever its size would have', () => {
    const reported = (value: string) => fact({ forProvider: { name: 'max_connections' }, atProvider: { value } });
    const some = facts({
      'primary-server-parameter-max-connections': reported('115'),
      'secondary-server-parameter-max-connections': reported(''),
    });
    const { alerts, datadogMonitors } = planned({ ...twoRegions, monitoring: all }, some);
    expect(thresholds({ alerts } as MonitoringPlan)).toMatchObject({
      'primary connections': 80,
      'secondary connections': 675,
    });
    expect(datadogMonitors.find(({ key }) => key === 'primary-server-datadog-connections')?.threshold).toBe(80);
  });

  it('of a server that is alone have no lag', () => {
    expect(Object.keys(thresholds(planned({ ...oneRegion, monitoring: all })))).toHaveLength(7);
  });

  it('take every threshold from the spec, and leave out what is excluded', () => {
    const own = {
      cpuPercent: 1,
      memoryPercent: 2,
      storagePercent: 3,
      failedConnections: 4,
      walStoragePercent: 50,
      connectionsPercent: 50,
      replicationLagSeconds: 7,
      replicationLagMiB: 8,
    };
    expect(
      thresholds(planned({ ...twoRegions, monitoring: { ...all, thresholds: own, exclude: ['Liveness'] } })),
    ).toMatchObject({
      'primary cpu': 1,
      'primary memory': 2,
      'primary storage': 3,
      'primary failed-connections': 4,
      'primary wal-storage': 68_719_476_736,
      'primary connections': 422,
      'primary replication-bytes': 8 * 1024 * 1024,
      'secondary replication-seconds': 7,
    });
    const left = planned({ ...twoRegions, monitoring: { ...all, exclude: ['Liveness', 'CPU'] } });
    expect(left.alerts.filter(({ key }) => /-(liveness|cpu)$/.test(key))).toEqual([]);
    expect(left.datadogMonitors.filter(({ key }) => key.endsWith('-cpu'))).toEqual([]);
  });

  it('follow the roles that servers have after a failover, under the same keys', () => {
    const of = database({ ...twoRegions, monitoring: all });
    const [writer, replica] = plan(of, facts({}), 0).servers as [ServerPlan, ServerPlan]; // two regions, two servers
    const swapped: ServerPlan[] = [
      { ...replica, role: 'Primary', source: undefined },
      { ...writer, role: 'Replica', source: replica.key },
    ];
    const keysOf = (lineage: readonly ServerPlan[]) =>
      monitoring(of, facts({}), scope, lineage, [])
        .alerts.map(({ key }) => key)
        .filter((key) => key.includes('replication'))
        .sort();
    expect(keysOf([writer, replica])).toEqual([
      'primary-server-alert-replication-bytes',
      'secondary-server-alert-replication-seconds',
    ]);
    expect(keysOf(swapped)).toEqual([
      'primary-server-alert-replication-seconds',
      'secondary-server-alert-replication-bytes',
    ]);
    const others = (lineage: readonly ServerPlan[]) =>
      monitoring(of, facts({}), scope, lineage, [])
        .alerts.filter(({ key }) => !key.includes('replication'))
        .map(({ key, name }) => `${key} ${name}`)
        .sort();
    expect(others(swapped)).toEqual(others([writer, replica]));
  });

  it('tell each address once, however it is written', () => {
    expect(planned({ ...oneRegion, monitoring: all }).actionGroup?.emails).toEqual(['a@example.org', 'b@example.org']);
    expect(planned({ ...oneRegion, monitoring: { alerts: { enabled: true } } }).actionGroup).toBeUndefined();
    expect(
      planned({ ...oneRegion, monitoring: { alerts: { emails: ['a@example.org'] } } }).actionGroup,
    ).toBeUndefined();
  });
});

describe('ids', () => {
  const SERVER = '/subscriptions/0/resourceGroups/rg/providers/Microsoft.DBforPostgreSQL/flexibleServers/orders';
  const GROUP = '/subscriptions/0/resourceGroups/rg/providers/Microsoft.Insights/actionGroups/people';
  const spec = { ...oneRegion, monitoring: all };

  it('are those that Azure reports', () => {
    const { alerts, logs, actionGroupIds } = planned(
      spec,
      facts({
        'primary-server': fact({ atProvider: { id: SERVER } }),
        'action-group': fact({ externalName: 'people', atProvider: { id: GROUP } }),
        'log-analytics-workspace': fact({ atProvider: { id: '/workspace' } }),
      }),
    );
    expect(alerts[0]?.serverId).toBe(SERVER);
    expect(logs).toMatchObject({ workspaceId: '/workspace', settings: [{ serverId: SERVER, id: undefined }] });
    expect(actionGroupIds).toEqual([GROUP]);
  });

  it('stay while a provider reports none', () => {
    const { alerts, logs, actionGroupIds } = planned(
      spec,
      facts({
        'primary-server': fact(),
        'action-group': fact({ externalName: 'people' }),
        'primary-server-alert-liveness': fact({
          kind: 'MonitorMetricAlert',
          forProvider: { scopes: [SERVER], action: [{ actionGroupId: '/other' }, { actionGroupId: GROUP }] },
        }),
        'primary-server-diagnostics': fact({
          forProvider: { targetResourceId: SERVER, logAnalyticsWorkspaceId: '/workspace' },
        }),
      }),
    );
    expect(alerts[0]?.serverId).toBe(SERVER);
    expect(logs).toMatchObject({ workspaceId: '/workspace', settings: [{ serverId: SERVER }] });
    expect(actionGroupIds).toEqual([GROUP]);
  });

  it('of a workspace and an action group that are brought are used as they are', () => {
    const workspaceId = '/subscriptions/0/resourceGroups/a/providers/Microsoft.OperationalInsights/workspaces/b';
    const brought = planned({
      ...oneRegion,
      monitoring: { logs: { enabled: true, workspaceId }, alerts: { enabled: true, actionGroupId: GROUP } },
    });
    expect(brought.workspace).toBeUndefined();
    expect(brought.logs).toMatchObject({ workspaceId, own: false });
    expect(brought.actionGroupIds).toEqual([GROUP]);
  });
});

describe('the workspace that was made', () => {
  const existing = facts({
    'log-analytics-workspace': fact({
      externalName: 'kept',
      forProvider: { location: 'eastus2', retentionInDays: 365, dailyQuotaGb: 3 },
    }),
  });
  it.each([
    ['logs are switched off', { logs: { enabled: false } }],
    [
      'another one is brought',
      {
        logs: {
          enabled: true,
          workspaceId: '/subscriptions/0/resourceGroups/a/providers/Microsoft.OperationalInsights/workspaces/b',
        },
      },
    ],
  ])('stays with its retention when %s', (_, wished) =>
    expect(planned({ ...oneRegion, monitoring: wished }, existing).workspace).toEqual({
      name: 'kept',
      location: 'eastus2',
      retentionDays: 365,
      dailyQuotaGB: 3,
    }),
  );

  it('is not made when nobody asks for logs', () => {
    expect(planned(oneRegion).workspace).toBeUndefined();
  });
});

describe('Datadog monitors', () => {
  const wished = { ...oneRegion, monitoring: { datadog: { enabled: true, notify: '@slack-a', tags: ['team:a'] } } };

  it('are there for the metrics that Datadog has, and say whom to tell', () => {
    const { datadogMonitors } = planned(wished);
    expect(datadogMonitors.map(({ key }) => key)).toEqual(
      ['cpu', 'memory', 'storage', 'failed-connections', 'wal-storage', 'connections'].map(
        (slug) => `primary-server-datadog-${slug}`,
      ),
    );
    const server = plan(database(wished), facts({}), 0).servers[0]?.name;
    expect(datadogMonitors[0]).toMatchObject({
      via: 'Native',
      name: 'orders-primary-server-datadog-cpu',
      message: `${server} in eastus2 uses more than 80 percent of its CPU. @slack-a`,
      query: `avg(last_15m):avg:azure.dbforpostgresql_flexibleservers.cpu_percent{name:${server}} > 80`,
      tags: ['managed-by:crossplane', `server:${server}`, 'team:a'],
      priority: 3,
    });
    expect(datadogMonitors[3]?.query).toBe(
      `sum(last_15m):sum:azure.dbforpostgresql_flexibleservers.connections_failed{name:${server}}.as_count() > 20`,
    );
  });

  it('go through provider-kubernetes in the claims flavour', () => {
    const reading = read(xr('cluster', wished), undefined);
    const monitors = 'database' in reading ? plan(reading.database, facts({}), 0).monitoring.datadogMonitors : [];
    expect(monitors.map(({ via }) => via)).toEqual(Array(6).fill('Object'));
  });
});
