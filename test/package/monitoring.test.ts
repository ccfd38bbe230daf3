import { readFileSync } from 'node:fs';
import { parse, parseAllDocuments } from 'yaml';
import { createMetrics } from '../../src/server/metrics.ts';
import { packageName, repositoryRoot } from '../../tools/package/publishing.ts';
import { settle } from '../support/passes.ts';
import { twoRegions, xr } from '../support/requests.ts';
import { dashboardProblems } from './grafana-dashboard.ts';

const text = (path: string): string => readFileSync(`${repositoryRoot}${path}`, 'utf8');
const installed = (name: string) =>
  parseAllDocuments(text(`examples/install/monitoring/${name}`)).map((each) => each.toJS());

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly datasource?: { readonly uid: string };
  readonly targets?: readonly {
    readonly expr: string;
    readonly refId: string;
    readonly datasource: { readonly uid: string };
  }[];
}

const [dashboardMap] = installed('dashboard.yaml');
const dashboard: {
  readonly uid: string;
  readonly templating: {
    readonly list: readonly {
      readonly name: string;
      readonly query: string;
      readonly datasource?: { readonly uid: string };
    }[];
  };
  readonly panels: readonly Panel[];
} = JSON.parse(dashboardMap.data['postgresql.json']);
const [{ spec: rules }] = installed('rules.yaml');
const stateMetrics = parse(installed('kube-state-metrics.yaml')[0].data['config.yaml']);

const alerts: readonly { alert: string; expr: string; for: string; labels: object; annotations: object }[] =
  rules.groups.flatMap((group: { rules: object[] }) => group.rules);
const expressions = [
  ...dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)),
  ...dashboard.templating.list.flatMap(({ query, datasource }) => (datasource ? [query] : [])),
  ...alerts.map(({ expr }) => expr),
];

describe('every expression of the dashboard and of the rules', () => {
  /** Names of metrics, with those that a histogram has beside its own. */
  const known = async (): Promise<Set<string>> => {
    const exposed = (await createMetrics().expose()).text;
    const own = [...exposed.matchAll(/^# TYPE (\S+) (\S+)$/gm)].flatMap(([, name = '', type]) =>
      type === 'histogram' ? ['_bucket', '_sum', '_count'].map((suffix) => name + suffix) : [name],
    );
    const ofXrs = stateMetrics.spec.resources.flatMap(
      ({ metricNamePrefix, metrics }: { metricNamePrefix: string; metrics: { name: string }[] }) =>
        metrics.map(({ name }) => `${metricNamePrefix}_${name}`),
    );
    return new Set([...own, ...ofXrs]);
  };

  it('asks for metrics that the function or kube-state-metrics has', async () => {
    const names = expressions.flatMap(
      (expr) => expr.match(/\b(function|nodejs|process|xpostgresqldatabase)_\w+/g) ?? [],
    );
    expect(names.length).toBeGreaterThan(expressions.length - 1);
    const all = await known();
    expect([...new Set(names)].filter((name) => !all.has(name))).toEqual([]);
  });

  it('asks for conditions that XRs have, and for outcomes that calls have', async () => {
    const { response } = settle(xr('namespaced', twoRegions));
    // The last three are Crossplane's own.
    const types = [...response.conditions.map(({ type }) => type), 'Ready', 'Synced', 'Responsive'];
    const outcomes = [...(await createMetrics().expose()).text.matchAll(/function_calls_total\{outcome="(\w+)"\}/g)];
    const values = (label: string): string[] =>
      expressions.flatMap((expr) =>
        [...expr.matchAll(new RegExp(`${label}=~?"([^"]+)"`, 'g'))].flatMap(([, value = '']) => value.split('|')),
      );
    expect(values('type').length).toBeGreaterThan(5);
    expect(values('type').filter((type) => !types.includes(type))).toEqual([]);
    expect(values('outcome').filter((value) => !outcomes.some(([, outcome]) => outcome === value))).toEqual([]);
  });
});

describe('the state that kube-state-metrics reads', () => {
  type Path = readonly string[];
  const at = (object: unknown, path: Path): unknown =>
    path.reduce<unknown>((value, step) => (value as Record<string, unknown> | undefined)?.[step], object);
  const examples = {
    'database.platform.io': 'examples/active-passive/expected.yaml',
    'claims.database.platform.io': 'examples/claims/expected.yaml',
  };

  it.each(Object.entries(examples))('is there in an XR of %s', (group, file) => {
    const resource = stateMetrics.spec.resources.find(
      (each: { groupVersionKind: { group: string } }) => each.groupVersionKind.group === group,
    );
    const rendered = parseAllDocuments(text(file))[0]?.toJS();
    const object = { ...rendered, metadata: { creationTimestamp: '2024-01-01T00:00:00Z', ...rendered.metadata } };
    expect(`${resource.groupVersionKind.group}/${resource.groupVersionKind.version}`).toBe(object.apiVersion);
    expect(resource.groupVersionKind.kind).toBe(object.kind);
    for (const path of Object.values<Path>(resource.labelsFromPath))
      expect(at(object, path)).toEqual(expect.any(String));
    for (const { each } of resource.metrics) {
      const found = at(object, each.gauge.path);
      const entries = Array.isArray(found) ? found : [found];
      expect(entries.length).toBeGreaterThan(0);
      for (const entry of entries) {
        expect(['boolean', 'string']).toContain(typeof at(entry, each.gauge.valueFrom));
        for (const path of Object.values<Path>(each.gauge.labelsFromPath ?? {}))
          expect(at(entry, path)).toEqual(expect.any(String));
      }
    }
  });
});

// Against Grafana's schema; no Grafana is at hand to open it.
describe('the dashboard', () => {
  it('is one by the schema that Grafana publishes', () => {
    expect(dashboardProblems(dashboard)).toEqual([]);
  });

  type Draft = Record<string, unknown> & {
    readonly panels: Record<string, unknown>[];
    readonly templating: { readonly list: Record<string, unknown>[] };
  };
  it.each<[string, (draft: Draft) => unknown, string]>([
    ['an unknown field', (draft) => Object.assign(draft, { rows: [] }), '/ must NOT have additional properties rows'],
    [
      'no version of the schema',
      (draft) => delete draft.schemaVersion,
      "/ must have required property 'schemaVersion'",
    ],
    [
      'a panel of another plugin',
      ({ panels }) => Object.assign(panels[1] ?? {}, { type: 'graph' }),
      '/panels/1 value of tag "type" must be in oneOf',
    ],
    [
      'a panel wider than the grid',
      ({ panels }) => Object.assign(panels[1] ?? {}, { gridPos: { x: 0, y: 1, w: 25, h: 4 } }),
      '/panels/1/gridPos/w must be <= 24',
    ],
    [
      'a panel that asks nothing',
      ({ panels }) => Object.assign(panels[1] ?? {}, { targets: [] }),
      '/panels/1/targets must NOT have fewer than 1 items',
    ],
    [
      'a query without an expression',
      ({ panels }) =>
        Object.assign(panels[1] ?? {}, {
          targets: [{ refId: 'A', datasource: { type: 'prometheus', uid: 'a' } }],
        }),
      "/panels/1/targets/0 must have required property 'expr'",
    ],
    [
      'a variable of an unknown type',
      ({ templating }) => Object.assign(templating.list[0] ?? {}, { type: 'list' }),
      '/templating/list/0/type must be equal to one of the allowed values',
    ],
  ])('would not be with %s', (_, spoil, problem) => {
    const draft: Draft = JSON.parse(JSON.stringify(dashboard));
    spoil(draft);
    expect(dashboardProblems(draft)).toContain(problem);
  });

  it('is a ConfigMap that the sidecar finds', () => {
    expect(dashboardMap).toMatchObject({ kind: 'ConfigMap', metadata: { labels: { grafana_dashboard: '1' } } });
    expect(dashboard.uid.length).toBeLessThanOrEqual(40);
  });

  it('has panels with ids and a place of their own', () => {
    const { panels } = dashboard;
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) => {
      expect(x + w).toBeLessThanOrEqual(24);
      return Array.from({ length: w * h }, (_, index) => `${x + (index % w)}/${y + Math.floor(index / w)}`);
    });
    expect(new Set(cells).size).toBe(cells.length);
  });

  it('asks the data source that is chosen, each query under a name of its own', () => {
    expect(dashboard.templating.list.map(({ name }) => name)).toEqual(['datasource', 'namespace']);
    const [, namespaces] = dashboard.templating.list;
    expect(namespaces?.datasource?.uid).toMatch(/^\$\{datasource\}$/);
    const asking = dashboard.panels.filter(({ type }) => type !== 'row');
    for (const { datasource, targets = [] } of asking) {
      for (const { uid } of [datasource, ...targets.map((target) => target.datasource)].filter(
        (each) => each !== undefined,
      ))
        expect(uid).toMatch(/^\$\{datasource\}$/);
      expect(new Set(targets.map(({ refId }) => refId)).size).toBe(targets.length);
    }
  });
});

describe('the rules', () => {
  it('have a name of their own, a severity, a duration, and say what is wrong', () => {
    expect(new Set(alerts.map(({ alert }) => alert)).size).toBe(alerts.length);
    for (const rule of alerts)
      expect(rule).toEqual({
        alert: expect.stringMatching(/^PostgreSQL(Function|Database)[A-Z]/),
        expr: expect.any(String),
        for: expect.stringMatching(/^\d+[mh]$/),
        labels: { severity: expect.stringMatching(/^(critical|warning)$/) },
        annotations: { summary: expect.any(String), description: expect.any(String) },
      });
  });
});

describe('the providers', () => {
  it('have the names that a dependency would give them', () => {
    expect(installed('providers.yaml').map(({ metadata }) => metadata.name)).toEqual(
      ['insights', 'operationalinsights'].map((service) =>
        packageName(`xpkg.upbound.io/upbound/provider-azure-${service}`),
      ),
    );
  });

  it('are no dependency of the Configurations, which work without them', () => {
    for (const path of ['crossplane.yaml', 'package/claims/crossplane.yaml'])
      expect(text(path)).not.toContain('insights');
  });
});

it('the PodMonitor selects the pods of the function', () => {
  const [monitor] = installed('pod-monitor.yaml');
  const [runtime] = parseAllDocuments(text('examples/install/runtime.yaml')).map((each) => each.toJS());
  const { annotations } = runtime.spec.deploymentTemplate.spec.template.metadata;
  expect(monitor.spec.selector.matchLabels).toEqual(
    runtime.spec.deploymentTemplate.spec.template.spec.topologySpreadConstraints[0].labelSelector.matchLabels,
  );
  expect(monitor.spec.podMetricsEndpoints).toMatchObject([
    { portNumber: Number(annotations['prometheus.io/port']), path: annotations['prometheus.io/path'] },
  ]);
});
