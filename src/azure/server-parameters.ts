/**
 * Server parameters of flexible servers. Sources: Microsoft, "Server parameters" of PostgreSQL 17 (data type, static or dynamic), read in
 * December 2025; PostgreSQL 17 documentation, chapter 20, for the rest. A name that is not here is allowed: Azure knows many more.
 */
type ParameterType = 'switch' | 'truth' | 'integer' | 'real' | 'set' | 'text';

const SWITCHES =
  'array_nulls autovacuum check_function_bodies debug_pretty_print enable_bitmapscan enable_hashagg enable_hashjoin enable_indexonlyscan enable_indexscan enable_material enable_memoize enable_mergejoin enable_nestloop enable_parallel_append enable_parallel_hash enable_partition_pruning enable_partitionwise_aggregate enable_partitionwise_join enable_seqscan enable_sort enable_tidscan hot_standby_feedback jit log_checkpoints log_connections log_disconnections log_duration log_lock_waits log_recovery_conflict_waits log_replication_commands parallel_leader_participation pg_stat_statements.save pg_stat_statements.track_utility pgaudit.log_catalog pgaudit.log_parameter pgaudit.log_relation pgaudit.log_statement_once quote_all_identifiers row_security synchronize_seqscans track_activities track_counts track_io_timing track_wal_io_timing transform_null_equals';
const INTEGERS =
  'autovacuum_analyze_threshold autovacuum_naptime autovacuum_vacuum_cost_delay autovacuum_vacuum_cost_limit autovacuum_vacuum_insert_threshold autovacuum_vacuum_threshold autovacuum_work_mem bgwriter_delay bgwriter_lru_maxpages checkpoint_timeout commit_delay commit_siblings deadlock_timeout default_statistics_target effective_cache_size effective_io_concurrency extra_float_digits from_collapse_limit geqo_threshold gin_fuzzy_search_limit gin_pending_list_limit idle_in_transaction_session_timeout idle_session_timeout join_collapse_limit lock_timeout log_autovacuum_min_duration log_min_duration_sample log_min_duration_statement log_parameter_max_length log_temp_files logical_decoding_work_mem maintenance_io_concurrency maintenance_work_mem max_parallel_maintenance_workers max_parallel_workers max_parallel_workers_per_gather max_slot_wal_keep_size max_standby_archive_delay max_standby_streaming_delay max_sync_workers_per_subscription max_wal_size min_wal_size pgbouncer.default_pool_size pgbouncer.max_client_conn pgbouncer.max_prepared_statements pgbouncer.min_pool_size pgbouncer.query_wait_timeout pgbouncer.server_idle_timeout statement_timeout tcp_keepalives_count tcp_keepalives_idle tcp_keepalives_interval temp_buffers temp_file_limit vacuum_cost_limit vacuum_cost_page_hit vacuum_cost_page_miss vacuum_freeze_min_age vacuum_freeze_table_age wal_receiver_status_interval wal_sender_timeout wal_writer_delay work_mem';
const REALS =
  'autovacuum_analyze_scale_factor autovacuum_vacuum_insert_scale_factor autovacuum_vacuum_scale_factor bgwriter_lru_multiplier checkpoint_completion_target cpu_index_tuple_cost cpu_operator_cost cpu_tuple_cost cursor_tuple_fraction hash_mem_multiplier jit_above_cost log_statement_sample_rate parallel_setup_cost parallel_tuple_cost random_page_cost recursive_worktable_factor seq_page_cost vacuum_cost_delay';
const TEXTS =
  'application_name bytea_output client_encoding client_min_messages constraint_exclusion DateStyle default_tablespace default_text_search_config default_toast_compression default_transaction_isolation IntervalStyle log_error_verbosity log_line_prefix log_min_error_statement log_min_messages log_statement password_encryption pg_qs.query_capture_mode pgms_wait_sampling.query_capture_mode pg_stat_statements.track pgbouncer.pool_mode plan_cache_mode search_path session_replication_role ssl_max_protocol_version ssl_min_protocol_version synchronous_commit timezone TimeZone track_functions xmlbinary xmloption';
const STATIC_INTEGERS =
  'autovacuum_freeze_max_age autovacuum_max_workers autovacuum_multixact_freeze_max_age cron.max_running_jobs max_connections max_files_per_process max_locks_per_transaction max_logical_replication_workers max_pred_locks_per_transaction max_prepared_transactions max_replication_slots max_wal_senders max_worker_processes pg_stat_statements.max shared_buffers track_activity_query_size wal_buffers';

const of = (names: string, type: ParameterType) => names.split(' ').map((name) => [name, type] as const);

const TYPES: ReadonlyMap<string, ParameterType> = new Map([
  ...of(SWITCHES, 'switch'),
  ...of('pgbouncer.enabled metrics.collector_database_activity metrics.pgbouncer_diagnostics', 'truth'),
  ...of(INTEGERS, 'integer'),
  ...of(REALS, 'real'),
  ...of(TEXTS, 'text'),
  ...of(STATIC_INTEGERS, 'integer'),
  ...of('cron.log_run cron.log_statement track_commit_timestamp', 'switch'),
  ...of('cron.database_name cron.timezone huge_pages wal_level', 'text'),
  ...of('azure.accepted_password_auth_method azure.extensions pgaudit.log shared_preload_libraries', 'set'),
]);

const STATIC = new Set(
  `${STATIC_INTEGERS} cron.database_name cron.log_run cron.log_statement cron.timezone huge_pages shared_preload_libraries track_commit_timestamp wal_level`.split(
    ' ',
  ),
);

/** On a replica these may never be below the primary's (Microsoft, concepts-read-replicas, "Considerations"). */
const NOT_BELOW_PRIMARY = new Set([
  'max_connections',
  'max_locks_per_transaction',
  'max_prepared_transactions',
  'max_wal_senders',
  'max_worker_processes',
]);

export const isNotBelowPrimary = (name: string): boolean => NOT_BELOW_PRIMARY.has(name);

/**
 * Whether a change restarts the server: azurerm restarts it itself after a static parameter, and after its reset as well. Of a name that is
 * not known here it is assumed, so that no restart comes unannounced.
 */
export const restartsServer = (name: string): boolean => STATIC.has(name) || !TYPES.has(name);

/** What a value must be, for a person, or undefined when it can be right. */
export function wrongValue(name: string, value: string): string | undefined {
  const type = TYPES.get(name);
  if (type === undefined || normalised(type, value) !== undefined) return undefined;
  if (type === 'switch') return 'write on or off';
  if (type === 'truth') return 'write true or false';
  return `write a ${type === 'integer' ? 'whole number' : 'number'} in the parameter's own unit, without the unit`;
}

/** The value as Azure reports it, as far as that is known: the provider compares the two as text, and sends any difference for ever. */
export function azureValue(name: string, value: string): string {
  const type = TYPES.get(name);
  return (type && normalised(type, value)) ?? value.trim();
}

/** Whether Azure's value says what is asked for, whatever the spelling. */
export function sameValue(name: string, asked: string, reported: string): boolean {
  const [one, other] = [azureValue(name, asked), azureValue(name, reported)];
  return one === other || (TYPES.get(name) === 'set' && one.toLowerCase() === other.toLowerCase());
}

function normalised(type: ParameterType, value: string): string | undefined {
  const text = value.trim();
  switch (type) {
    case 'switch':
      return truth(text, 'on', 'off');
    case 'truth':
      return truth(text, 'true', 'false');
    case 'integer':
      return /^-?\d{1,15}$/.test(text) ? String(Number(text)) : undefined;
    case 'real':
      return /^-?\d{1,15}(\.\d{1,15})?$/.test(text) ? String(Number(text)) : undefined;
    case 'set':
      return [...new Set(text.split(',').map((item) => item.trim()))]
        .filter((item) => item !== '')
        .sort()
        .join(',');
    case 'text':
      return text;
  }
}

function truth(text: string, yes: string, no: string): string | undefined {
  if (/^(on|true|yes|1)$/i.test(text)) return yes;
  return /^(off|false|no|0)$/i.test(text) ? no : undefined;
}
