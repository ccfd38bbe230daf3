/**
 * Dumps every database into a folder that is named by the time at which it began, for a POSIX shell in an image with PostgreSQL's clients.
 * The checksums are written last and uploaded last: a folder with SHA256SUMS is whole. A database is given in the environment, because a
 * name with an equals sign would be taken for a connection string.
 */
export const DUMP_SCRIPT = `folder=$DUMPS/$(date -u +%Y-%m-%dT%H-%M-%SZ)
mkdir "$folder"
cd "$folder"
databases=$DATABASES
if [ -z "$databases" ]; then
  databases=$(PGDATABASE=postgres psql -XAtqc "SELECT datname FROM pg_database WHERE datallowconn AND NOT datistemplate AND datname NOT IN ('azure_maintenance', 'azure_sys') ORDER BY datname")
fi
printf '%s\\n' "$databases" | while IFS= read -r database; do
  file=$(printf '%s' "$database" | tr -c 'A-Za-z0-9_-' '_')
  if [ "$file" != "$database" ]; then file=$file-$(printf '%s' "$database" | cksum | cut -d ' ' -f 1); fi
  echo "dumping $database"
  PGDATABASE=$database pg_dump --no-password --format=custom --file="$file.dump"
done
sha256sum -- *.dump >SHA256SUMS
`;
