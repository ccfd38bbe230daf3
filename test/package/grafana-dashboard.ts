import { Ajv } from 'ajv';

/**
 * A Grafana dashboard, as Grafana publishes it (grafana/grafana, kinds/dashboard/dashboard_kind.cue), cut down to the fields that ours has.
 * What is closed there is closed here; open there are variables, queries, and the options of panels and transformations, which belong to
 * plugins. Two things the kind leaves open are asked for: a title and a place for every panel.
 */
type Schema = Readonly<Record<string, unknown>>;

const text = { type: 'string' };
const flag = { type: 'boolean' };
const whole = { type: 'integer', minimum: 0 };
const named = { type: 'string', minLength: 1 };
const list = (items: Schema): Schema => ({ type: 'array', items });
const open = (properties: Readonly<Record<string, Schema>>, required: readonly string[] = []): Schema => ({
  type: 'object',
  properties,
  required,
});
const closed = (properties: Readonly<Record<string, Schema>>, required: readonly string[] = []): Schema => ({
  ...open(properties, required),
  additionalProperties: false,
});

const dataSource = closed({ type: { const: 'prometheus' }, uid: named }, ['type', 'uid']);
const gridPos = closed(
  {
    h: { type: 'integer', minimum: 1 },
    w: { type: 'integer', minimum: 1, maximum: 24 },
    x: { type: 'integer', minimum: 0, maximum: 23 },
    y: whole,
  },
  ['h', 'w', 'x', 'y'],
);

const variable = open(
  {
    type: { enum: ['query', 'adhoc', 'constant', 'datasource', 'interval', 'textbox', 'custom', 'system'] },
    name: named,
    label: text,
    hide: { enum: [0, 1, 2] },
    query: text,
    datasource: dataSource,
  },
  ['type', 'name', 'hide'],
);

/** Of the Prometheus data source (grafana/grafana, public/app/plugins/datasource/prometheus/dataquery.cue). */
const query = open(
  {
    refId: named,
    datasource: dataSource,
    expr: named,
    legendFormat: text,
    editorMode: { enum: ['code', 'builder'] },
    format: { enum: ['time_series', 'table', 'heatmap'] },
    range: flag,
    instant: flag,
  },
  ['refId', 'datasource', 'expr'],
);

const fieldConfig = closed(
  {
    defaults: closed({
      unit: text,
      decimals: { type: 'number' },
      min: { type: 'number' },
      mappings: list(
        closed(
          {
            type: { const: 'value' },
            options: {
              type: 'object',
              additionalProperties: closed({ text, color: text, index: { type: 'integer' } }),
            },
          },
          ['type', 'options'],
        ),
      ),
      thresholds: closed(
        {
          mode: { enum: ['absolute', 'percentage'] },
          // The first is from minus infinity, which JSON writes as null.
          steps: list(closed({ value: { type: ['number', 'null'] }, color: named }, ['color'])),
        },
        ['mode', 'steps'],
      ),
      color: closed({ mode: named }, ['mode']),
    }),
    overrides: { type: 'array', maxItems: 0 },
  },
  ['defaults', 'overrides'],
);

const row = closed(
  { type: { const: 'row' }, id: whole, title: named, collapsed: flag, gridPos, panels: { type: 'array', maxItems: 0 } },
  ['type', 'id', 'title', 'gridPos', 'panels'],
);

const panel = closed(
  {
    type: { enum: ['stat', 'table', 'timeseries'] },
    id: whole,
    title: named,
    description: text,
    datasource: dataSource,
    gridPos,
    targets: { ...list(query), minItems: 1 },
    transformations: list(closed({ id: named, options: { type: 'object' } }, ['id', 'options'])),
    options: { type: 'object' },
    fieldConfig,
  },
  ['type', 'id', 'title', 'datasource', 'gridPos', 'targets', 'options', 'fieldConfig'],
);

const dashboard = closed(
  {
    uid: { type: 'string', minLength: 8, maxLength: 40 },
    title: named,
    description: text,
    tags: list(text),
    timezone: { enum: ['browser', 'utc'] },
    editable: flag,
    graphTooltip: { enum: [0, 1, 2] },
    schemaVersion: { type: 'integer', minimum: 36, maximum: 65_535 },
    refresh: { type: 'string', pattern: '^[0-9]+[smhd]$' },
    time: closed({ from: named, to: named }, ['from', 'to']),
    templating: closed({ list: list(variable) }, ['list']),
    annotations: closed({ list: { type: 'array', maxItems: 0 } }),
    links: { type: 'array', maxItems: 0 },
    panels: list({ type: 'object', discriminator: { propertyName: 'type' }, required: ['type'], oneOf: [row, panel] }),
  },
  ['uid', 'title', 'editable', 'graphTooltip', 'schemaVersion', 'templating', 'panels'],
);

const validate = new Ajv({ allErrors: true, allowUnionTypes: true, discriminator: true }).compile(dashboard);

/** What Grafana would not take, or would not show; empty when there is nothing. */
export const dashboardProblems = (candidate: unknown): string[] => {
  validate(candidate);
  return (validate.errors ?? []).map(
    ({ instancePath, message, params }) =>
      `${instancePath || '/'} ${message}${'additionalProperty' in params ? ` ${params.additionalProperty}` : ''}`,
  );
};
