/**
 * Writes by the write name ($PGHOST), and reads what it wrote by that name and from the host of the server that should take writes
 * ($TARGET): a name that still leads to another server is found out. For a POSIX shell in an image with psql, and a root that nobody may
 * write to. Its schema is its own; what is in it is removed again, and nothing else: without CASCADE.
 */
export const VALIDATION_SCRIPT = `schema=database_platform_io_probe
run() { psql -XAtq -v ON_ERROR_STOP=1 "$@"; }
clean() { run -c "SET client_min_messages TO warning" -c "DROP TABLE IF EXISTS $schema.writes" -c "DROP SCHEMA IF EXISTS $schema"; }
trap 'clean || true' EXIT
wrote=$(date -u +%Y-%m-%dT%H:%M:%SZ)-$$
run -c "SET client_min_messages TO warning" -c "CREATE SCHEMA IF NOT EXISTS $schema" -c "CREATE TABLE IF NOT EXISTS $schema.writes (value text)" -c "INSERT INTO $schema.writes VALUES ('$wrote')"
echo "wrote by $PGHOST"
for host in "$PGHOST" "$TARGET"; do
  read=$(run -h "$host" -c "SELECT value FROM $schema.writes WHERE value = '$wrote'" || true)
  if [ "$read" != "$wrote" ]; then echo "$host does not have what was written by $PGHOST" >&2; exit 1; fi
  echo "read it from $host"
done
trap - EXIT
clean
`;

/** Asks the server at $PGHOST itself: it fails on one that recovers from another server. */
export const VERIFICATION_SCRIPT = `recovers=$(psql -XAtq -v ON_ERROR_STOP=1 -c 'SELECT pg_is_in_recovery()')
if [ "$recovers" != f ]; then echo "$PGHOST is in recovery: it follows another server" >&2; exit 1; fi
echo "$PGHOST is not in recovery"
`;
