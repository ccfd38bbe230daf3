import type { PostgreSQLSpec } from '../api/types.generated.ts';
import { userConnections } from '../azure/compute-storage.ts';
import type { AlertPlan, ServerPlan } from './types.ts';

type Thresholds = Required<PostgreSQLSpec['monitoring']['thresholds']>;

/** Microsoft, "Reliability": the loss of a promoted replica in another region "is expected to be up to 5 minutes". */
const LAG_SECONDS = 300;
/** What spec.monitoring.thresholds.replicationLagSeconds takes. */
const LONGEST_LAG_SECONDS = 86_400;

/** Those of the spec. A lag that is longer than what may be lost is worth telling; an objective of 0 no replica can keep. */
export function thresholdsOf({ monitoring, objectives }: PostgreSQLSpec): Thresholds {
  const objective = (objectives?.rpoMinutes ?? 0) * 60;
  const lag = objective === 0 ? LAG_SECONDS : Math.min(objective, LONGEST_LAG_SECONDS);
  const { replicationLagSeconds = lag, ...others } = monitoring.thresholds;
  return { ...others, replicationLagSeconds };
}

/** What a threshold is made for. */
interface Watched {
  readonly storageMb: number;
  readonly size: string;
  /** As Azure reports the parameter max_connections, where it is looked at. */
  readonly maxConnections?: number;
}

/** What is watched, and when it is too much. Metrics and how they aggregate: Microsoft, concepts-monitoring of flexible servers. */
export interface Alert extends Pick<AlertPlan, 'metric' | 'aggregation' | 'operator' | 'windowMinutes' | 'severity'> {
  /** As spec.monitoring.exclude calls it. */
  readonly name: PostgreSQLSpec['monitoring']['exclude'][number];
  /** Its part of keys and Azure names. */
  readonly slug: string;
  /** The role that has the metric; absent where every server has it. */
  readonly role?: ServerPlan['role'];
  readonly threshold: (thresholds: Thresholds, server: Watched) => number;
  /** What has happened, after the name of the server. */
  readonly says: (threshold: number, thresholds: Thresholds) => string;
  /** Its metric in Datadog's integration "Azure DB for PostgreSQL", which has no other of ours. */
  readonly datadog?: { readonly metric: string; readonly aggregator: 'avg' | 'max' | 'sum' };
}

const MIB = 2 ** 20;
const DATADOG = 'azure.dbforpostgresql_flexibleservers';

/** In the order in which a person would want to hear of them. */
const ALERTS: readonly Alert[] = [
  {
    name: 'Liveness',
    slug: 'liveness',
    metric: 'is_db_alive',
    aggregation: 'Maximum', // Microsoft: MAX tells whether it was up at all within the window
    operator: 'LessThan',
    windowMinutes: 5,
    severity: 0,
    threshold: () => 1,
    says: () => 'does not answer',
  },
  {
    name: 'CPU',
    slug: 'cpu',
    metric: 'cpu_percent',
    aggregation: 'Average',
    operator: 'GreaterThan',
    windowMinutes: 15,
    severity: 2,
    threshold: ({ cpuPercent }) => cpuPercent,
    says: (threshold) => `uses more than ${threshold} percent of its CPU`,
    datadog: { metric: `${DATADOG}.cpu_percent`, aggregator: 'avg' },
  },
  {
    name: 'Memory',
    slug: 'memory',
    metric: 'memory_percent',
    aggregation: 'Average',
    operator: 'GreaterThan',
    windowMinutes: 15,
    severity: 2,
    threshold: ({ memoryPercent }) => memoryPercent,
    says: (threshold) => `uses more than ${threshold} percent of its memory`,
    datadog: { metric: `${DATADOG}.memory_percent`, aggregator: 'avg' },
  },
  {
    name: 'Storage',
    slug: 'storage',
    metric: 'storage_percent',
    aggregation: 'Maximum',
    operator: 'GreaterThan',
    windowMinutes: 15,
    severity: 1,
    threshold: ({ storagePercent }) => storagePercent,
    says: (threshold) => `uses more than ${threshold} percent of its storage, and becomes read-only when that is full`,
    datadog: { metric: `${DATADOG}.storage_percent`, aggregator: 'max' },
  },
  {
    name: 'FailedConnections',
    slug: 'failed-connections',
    metric: 'connections_failed',
    aggregation: 'Total',
    operator: 'GreaterThan',
    windowMinutes: 15,
    severity: 2,
    threshold: ({ failedConnections }) => failedConnections,
    says: (threshold) => `refused more than ${threshold} connections within 15 minutes`,
    datadog: { metric: `${DATADOG}.connections_failed`, aggregator: 'sum' },
  },
  {
    name: 'WALStorage',
    slug: 'wal-storage',
    metric: 'txlogs_storage_used',
    aggregation: 'Maximum',
    operator: 'GreaterThan',
    windowMinutes: 15,
    severity: 1,
    threshold: ({ walStoragePercent }, { storageMb }) => Math.floor((storageMb * MIB * walStoragePercent) / 100),
    says: (_, { walStoragePercent }) =>
      `keeps write-ahead log worth more than ${walStoragePercent} percent of its storage; a replica or a replication slot does not take it`,
    datadog: { metric: `${DATADOG}.txlogs_storage_used`, aggregator: 'max' },
  },
  {
    name: 'Connections',
    slug: 'connections',
    metric: 'active_connections',
    aggregation: 'Maximum',
    operator: 'GreaterThan',
    windowMinutes: 15,
    severity: 2,
    threshold: ({ connectionsPercent }, { size, maxConnections }) =>
      Math.floor((userConnections(size, maxConnections) * connectionsPercent) / 100),
    says: (threshold) => `has more than ${threshold} connections, which is near its limit`,
    datadog: { metric: `${DATADOG}.active_connections`, aggregator: 'max' },
  },
  {
    name: 'ReplicationLagSeconds',
    slug: 'replication-seconds',
    role: 'Replica',
    metric: 'physical_replication_delay_in_seconds',
    aggregation: 'Maximum',
    operator: 'GreaterThan',
    windowMinutes: 15,
    severity: 2,
    threshold: ({ replicationLagSeconds }) => replicationLagSeconds,
    says: (threshold) => `replayed its last transaction more than ${threshold} seconds ago`,
  },
  {
    name: 'ReplicationLagBytes',
    slug: 'replication-bytes',
    role: 'Primary',
    metric: 'physical_replication_delay_in_bytes',
    aggregation: 'Maximum',
    operator: 'GreaterThan',
    windowMinutes: 15,
    severity: 2,
    threshold: ({ replicationLagMiB }) => replicationLagMiB * MIB,
    says: (_, { replicationLagMiB }) => `is more than ${replicationLagMiB} MiB ahead of its slowest replica`,
  },
];

/** The alerts that fit the role that a server has now. Only a writer with a replica has a lag in bytes. */
export const alertsOf = (
  server: ServerPlan,
  lineage: readonly ServerPlan[],
  exclude: PostgreSQLSpec['monitoring']['exclude'],
): readonly Alert[] =>
  ALERTS.filter(
    ({ name, role }) =>
      !exclude.includes(name) &&
      (role === undefined || role === server.role) &&
      (name !== 'ReplicationLagBytes' || lineage.some((other) => other.role === 'Replica')),
  );
