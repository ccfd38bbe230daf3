import { lastSegment, parentId, resourceKey } from '../arm-id.ts';
import { objectOf, textOf } from '../json.ts';
import type { KindDefinition } from '../kind.ts';
import { type AzureResource, type PlannedRequest, type Simulation, withEntry } from '../state.ts';
import { replicasOf, serverType, sourceOf } from './server-lookup.ts';

interface Parameter {
  readonly initial: string;
  readonly type: 'boolean' | 'integer' | 'string' | 'list';
  /** Takes effect after a restart, which azurerm does by itself. */
  readonly static?: boolean;
}

/** A selection of server parameters; another name is refused as Azure refuses unknown ones. Initial values are those of a GP server. */
const parameters: { readonly [name: string]: Parameter } = {
  'azure.extensions': { initial: '', type: 'list' },
  'azure.accepted_password_auth_method': { initial: 'md5,scram-sha-256', type: 'list' },
  autovacuum: { initial: 'on', type: 'boolean' },
  client_min_messages: { initial: 'notice', type: 'string' },
  'cron.database_name': { initial: 'postgres', type: 'string', static: true },
  default_transaction_read_only: { initial: 'off', type: 'boolean' },
  idle_in_transaction_session_timeout: { initial: '0', type: 'integer' },
  idle_session_timeout: { initial: '0', type: 'integer' },
  lock_timeout: { initial: '0', type: 'integer' },
  log_checkpoints: { initial: 'on', type: 'boolean' },
  log_connections: { initial: 'off', type: 'boolean' },
  log_disconnections: { initial: 'off', type: 'boolean' },
  log_lock_waits: { initial: 'off', type: 'boolean' },
  log_min_duration_statement: { initial: '-1', type: 'integer' },
  log_statement: { initial: 'none', type: 'string' },
  maintenance_work_mem: { initial: '65536', type: 'integer' },
  max_connections: { initial: '859', type: 'integer', static: true },
  max_locks_per_transaction: { initial: '64', type: 'integer', static: true },
  max_prepared_transactions: { initial: '0', type: 'integer', static: true },
  max_replication_slots: { initial: '10', type: 'integer', static: true },
  max_wal_senders: { initial: '10', type: 'integer', static: true },
  max_worker_processes: { initial: '8', type: 'integer', static: true },
  'pgbouncer.enabled': { initial: 'false', type: 'boolean' },
  'pgms_wait_sampling.query_capture_mode': { initial: 'none', type: 'string' },
  'pg_qs.query_capture_mode': { initial: 'none', type: 'string' },
  password_encryption: { initial: 'scram-sha-256', type: 'string' },
  random_page_cost: { initial: '2', type: 'string' },
  require_secure_transport: { initial: 'on', type: 'boolean' },
  shared_buffers: { initial: '524288', type: 'integer', static: true },
  shared_preload_libraries: { initial: 'pg_cron,pg_stat_statements', type: 'list', static: true },
  ssl_min_protocol_version: { initial: 'TLSv1.2', type: 'string' },
  statement_timeout: { initial: '0', type: 'integer' },
  timezone: { initial: 'UTC', type: 'string' },
  track_commit_timestamp: { initial: 'off', type: 'boolean', static: true },
  track_io_timing: { initial: 'on', type: 'boolean' },
  wal_level: { initial: 'replica', type: 'string', static: true },
  work_mem: { initial: '4096', type: 'integer' },
};

/** On a replica these must not be below the primary's (azurerm 4.80 postgres). */
const notBelowPrimary = [
  'max_connections',
  'max_locks_per_transaction',
  'max_prepared_transactions',
  'max_wal_senders',
  'max_worker_processes',
];

/** What Azure reports back for a value: lower-case switches, plain integers, lists in its own order. */
function normalise(name: string, value: string): string {
  const type = parameters[name]?.type;
  if (type === 'boolean') return value.toLowerCase();
  if (type === 'integer') return /^-?\d+$/.test(value.trim()) ? String(Number(value)) : value;
  if (type !== 'list') return value;
  return value
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')
    .sort()
    .join(',');
}

/** The effective value of a parameter of a server, undefined when the server or the parameter does not exist. */
export function parameterOf(state: Simulation, serverId: string, name: string): string | undefined {
  const server = state.resources[resourceKey(serverId)];
  const parameter = parameters[name];
  if (!server || server.phase === 'Creating' || !parameter) return undefined;
  return textOf(objectOf(server.hidden.parameters)[name]) || parameter.initial;
}

const parts = (id: string): readonly [string, string] => [parentId(id) ?? '', lastSegment(id)];

const setParameter = (
  state: Simulation,
  id: string,
  value: string,
): { server: AzureResource; next: AzureResource } | undefined => {
  const [serverId, name] = parts(id);
  const server = state.resources[resourceKey(serverId)];
  if (!server) return undefined;
  const changed = { ...objectOf(server.hidden.parameters), [name]: value };
  return { server, next: { ...server, hidden: { ...server.hidden, parameters: changed } } };
};

function storeParameter(state: Simulation, id: string, value: string): Simulation {
  const stored = setParameter(state, id, normalise(lastSegment(id), value));
  if (!stored) return state;
  return { ...state, resources: withEntry(state.resources, resourceKey(stored.server.id), stored.next) };
}

const configurationType = `${serverType}/configurations`;

/** Default value, to which a deleted FlexibleServerConfiguration goes back. */
const initialValue = (name: string): string => parameters[name]?.initial ?? '';

export const isStatic = (name: string): boolean => parameters[name]?.static === true;

const restartAfter = (id: string): readonly PlannedRequest[] =>
  isStatic(lastSegment(id)) ? [{ method: 'POST', id: `${parentId(id)}/restart` }] : [];

/** azurerm 4.80: a PATCH, and for a static parameter a restart. */
const settingOf = (id: string, value: string) => ({
  requests: [{ method: 'PATCH' as const, id, body: { value } }, ...restartAfter(id)],
  effect: { set: { value } },
});

export const flexibleServerConfiguration: KindDefinition = {
  kind: 'FlexibleServerConfiguration',
  service: 'dbforpostgresql',
  clusterVersion: 'v1beta1',
  type: configurationType,
  naming: 'assigned',
  references: [{ field: 'serverId', kind: 'FlexibleServer', service: 'dbforpostgresql', by: 'id' }],
  id: (_name, { serverId, name }) =>
    serverId && name ? `${textOf(serverId)}/configurations/${textOf(name)}` : undefined,
  identifiers: ['serverId', 'name'],
  defaults: {},
  removable: [],
  forceNew: [],
  seconds: { create: (params) => (isStatic(textOf(params.name)) ? 90 : 20), update: 20, delete: 20 },
  serialise: (id) => ({
    lock: `configuration:${resourceKey(parentId(id) ?? '')}`,
    busy: [resourceKey(parentId(id) ?? '')],
  }),
  // Every parameter exists as soon as its server does; creating the managed resource is a PATCH of it.
  implicit: (state, id) => {
    const [serverId, name] = parts(id);
    const value = parameterOf(state, serverId, name);
    if (value === undefined) return undefined;
    return { id, type: configurationType, phase: 'Ready', properties: { name, serverId, value }, hidden: {} };
  },
  commit: (state, id, effect) => storeParameter(state, id, textOf(effect.set?.value)),
  planCreate: (id, { value }) => settingOf(id, textOf(value)),
  planUpdate: ({ resource, changes }) => {
    const value = textOf(changes.value?.new);
    return {
      ...settingOf(resource.id, value),
      change: { value },
      seconds: isStatic(lastSegment(resource.id)) ? 90 : 20,
    };
  },
  // azurerm 4.80 resourceFlexibleServerConfigurationDelete: back to the default, and a restart after a static one as well.
  planDelete: (resource) => ({
    requests: [
      { method: 'PATCH', id: resource.id, body: { value: initialValue(lastSegment(resource.id)) } },
      ...restartAfter(resource.id),
    ],
    effect: { set: { value: initialValue(lastSegment(resource.id)) } },
  }),
  rules: [
    {
      id: 'configuration-known',
      source: 'ARM ConfigurationNotExists; the simulator knows a selection',
      verified: true,
      on: ['create', 'update'],
      code: 'ConfigurationNotExists',
      refuse: ({ name }) => (parameters[name] ? undefined : `the configuration '${name}' does not exist`),
    },
    {
      id: 'configuration-value',
      source: 'ARM InvalidParameterValue',
      verified: true,
      on: ['create', 'update'],
      code: 'InvalidParameterValue',
      refuse: ({ name, change }) => {
        const value = textOf(change.value);
        const type = parameters[name]?.type;
        const ok =
          type === 'boolean'
            ? /^(on|off|true|false)$/i.test(value)
            : type === 'integer'
              ? /^\s*-?\d+\s*$/.test(value)
              : true;
        return ok ? undefined : `'${value}' is not a valid value for '${name}'`;
      },
    },
    {
      id: 'configuration-replica-not-below-primary',
      source: 'azurerm 4.80 postgres (must be at least the primary on a replica)',
      verified: true,
      on: ['create', 'update', 'delete'],
      code: 'InvalidParameterValue',
      refuse: ({ state, id, name, change, verb }) => {
        if (!notBelowPrimary.includes(name)) return undefined;
        const server = state.resources[resourceKey(parentId(id) ?? '')];
        // A deletion is a PATCH to the default.
        const value = Number(verb === 'delete' ? initialValue(name) : textOf(change.value));
        if (!server) return undefined;
        const primary = sourceOf(server) === '' ? undefined : parameterOf(state, sourceOf(server), name);
        if (primary !== undefined && value < Number(primary))
          return `'${name}' of a replica must be at least ${primary}, as on its primary`;
        const replica = replicasOf(state, server.id).find(
          (each) => Number(parameterOf(state, each.id, name) ?? value) < value,
        );
        return replica ? `'${name}' must first be raised on the replica ${replica.id}` : undefined;
      },
    },
    {
      id: 'configuration-pgbouncer-tier',
      source: 'azurerm 4.80 postgres; Microsoft, compute tiers (no built-in PgBouncer on Burstable)',
      verified: true,
      on: ['create', 'update'],
      code: 'FeatureNotSupportedOnBurstable',
      refuse: ({ state, id, name, change }) => {
        const sku = textOf(state.resources[resourceKey(parentId(id) ?? '')]?.properties.skuName);
        return name === 'pgbouncer.enabled' && sku.startsWith('B_') && textOf(change.value).toLowerCase() === 'true'
          ? 'PgBouncer is not available on Burstable servers'
          : undefined;
      },
    },
  ],
};
