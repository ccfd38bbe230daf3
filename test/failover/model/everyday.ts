import type { Json } from '../../support/requests.ts';

/** What a person does to a spec, as a story tells it. */
type Wish = readonly [tells: string, change: (spec: Json) => Json | undefined];

const database = (spec: Json, fields: Json): Json => ({ ...spec, database: { ...(spec.database as Json), ...fields } });

/** Without an object that has become empty, so that going back is going back to the same state. */
function without(spec: Json, field: string, name: string): Json | undefined {
  const now = spec[field] as Json | undefined;
  if (now?.[name] === undefined) return undefined;
  const { [name]: _, ...others } = now;
  const { [field]: __, ...rest } = spec;
  return Object.keys(others).length === 0 ? rest : { ...rest, [field]: others };
}

const parameters = (spec: Json, values: Json): Json => ({
  ...spec,
  parameters: { ...(spec.parameters as Json), ...values },
});

/** What a platform has of each, so that one action can take it away or make it less. */
export const FURNISHED = {
  database: { size: 'GP_Standard_D4ds_v5' },
  parameters: { max_connections: '1000', work_mem: '8192' },
  extensions: ['pgaudit'],
  maintenanceWindow: { dayOfWeek: 'Sunday', startHour: 3, startMinute: 0 },
};

/** Changes that every platform sees, and that no failover is asked for with. */
export const EVERYDAY: readonly Wish[] = [
  ['wants a larger size', (spec) => database(spec, { size: 'GP_Standard_D4ds_v5' })],
  ['wants the smallest size', (spec) => without(spec, 'database', 'size')],
  ['wants more storage', (spec) => database(spec, { storageGB: 256 })],
  ['wants storage not to grow by itself', (spec) => database(spec, { autoGrow: false })],
  ['wants storage to grow by itself again', (spec) => without(spec, 'database', 'autoGrow')],
  ['wants more connections', (spec) => parameters(spec, { max_connections: '2000' })],
  ['wants fewer connections', (spec) => parameters(spec, { max_connections: '500' })],
  ['wants more memory to sort in', (spec) => parameters(spec, { work_mem: '16384' })],
  ["wants Azure's default of that memory", (spec) => without(spec, 'parameters', 'work_mem')],
  ['wants an extension that is loaded at the start', (spec) => ({ ...spec, extensions: ['pgaudit'] })],
  ['wants no extension', ({ extensions, ...rest }) => (extensions === undefined ? undefined : rest)],
  [
    'wants maintenance on Saturdays',
    (spec) => ({ ...spec, maintenanceWindow: { dayOfWeek: 'Saturday', startHour: 22, startMinute: 30 } }),
  ],
  ['leaves maintenance to Azure', ({ maintenanceWindow, ...rest }) => (maintenanceWindow ? rest : undefined)],
  ['wants high availability', (spec) => ({ ...spec, highAvailability: { mode: 'ZoneRedundant' } })],
  ['wants high availability in one zone', (spec) => ({ ...spec, highAvailability: { mode: 'SameZone' } })],
  [
    'wants no high availability any more',
    ({ highAvailability, ...rest }) => (highAvailability === undefined ? undefined : rest),
  ],
];
