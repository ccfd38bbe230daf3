/**
 * Extensions that need a library loaded at start, and that library. Source: Microsoft, server parameters of PostgreSQL 17,
 * shared_preload_libraries, allowed values (December 2025); pg_failover_slots: concepts-extensions-considerations.
 */
const LIBRARIES: ReadonlyMap<string, string> = new Map([
  ['anon', 'anon'],
  ['azure_storage', 'azure_storage'],
  ['credcheck', 'credcheck'],
  ['pg_cron', 'pg_cron'],
  ['pg_duckdb', 'pg_duckdb'],
  ['pg_hint_plan', 'pg_hint_plan'],
  ['pg_partman', 'pg_partman_bgw'],
  ['pg_prewarm', 'pg_prewarm'],
  ['pg_squeeze', 'pg_squeeze'],
  ['pg_stat_statements', 'pg_stat_statements'],
  ['pgaudit', 'pgaudit'],
  ['pglogical', 'pglogical'],
  ['timescaledb', 'timescaledb'],
]);

/** Libraries without an extension: nothing to put on the allow-list. */
const LIBRARY_ALONE = new Set(['auto_explain', 'pg_failover_slots', 'wal2json']);

/** What Azure loads by default. A list of ours replaces Azure's, so it stays in it. */
const LOADED_BY_DEFAULT = 'pg_stat_statements';

/** The parameters that a list of extensions becomes; what is Azure's default already is left out. */
export function extensionParameters(extensions: readonly string[]): Readonly<Record<string, string>> {
  const allowed = extensions.filter((name) => !LIBRARY_ALONE.has(name));
  const libraries = extensions.flatMap((name) => LIBRARIES.get(name) ?? (LIBRARY_ALONE.has(name) ? name : []));
  const loaded = libraries.some((library) => library !== LOADED_BY_DEFAULT) ? [LOADED_BY_DEFAULT, ...libraries] : [];
  return {
    ...(allowed.length > 0 ? { 'azure.extensions': allowed.join(',') } : {}),
    ...(loaded.length > 0 ? { shared_preload_libraries: loaded.join(',') } : {}),
  };
}
