/**
 * Extensions with which Azure's check before an in-place upgrade fails, and which have to be dropped in every database first (Microsoft,
 * major version upgrades, extension limitations).
 */
const ALWAYS = ['timescaledb', 'postgres_fdw', 'session_variable', 'pg_hint_plan', 'plv8'];
/** The same, for an upgrade to version 17 or a later one. */
const FROM_17 = ['age', 'azure_ai', 'hll', 'pg_diskann', 'pgrouting'];

/** Those of the extensions with which Azure does not upgrade to this version. */
export const blocking = (extensions: readonly string[], version: string): string[] => {
  const blockers = new Set([...ALWAYS, ...(Number(version) >= 17 ? FROM_17 : [])]);
  return extensions.filter((name) => blockers.has(name));
};
