import { chmodSync, chownSync, copyFileSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execute, run } from '../crossplane/commands.ts';
import type { Supervisor } from '../crossplane/supervisor.ts';

const DEBIAN = '/usr/lib/postgresql';

/** The folder of the newest PostgreSQL on this machine, server and clients. Fails where there is none. */
export async function postgresPrograms(): Promise<string> {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).sort((a, b) => Number(b) - Number(a)) : [];
  const asked = await execute('pg_config', ['--bindir']).catch(() => undefined);
  const folders = [...versions.map((version) => join(DEBIAN, version, 'bin')), asked?.stdout.trim() ?? ''];
  const found = folders.find((folder) => existsSync(join(folder, 'initdb')));
  if (found === undefined) throw new Error('no PostgreSQL server on this machine: apt-get install postgresql');
  return found;
}

interface Identity {
  readonly uid: number;
  readonly gid: number;
}

/** PostgreSQL refuses to run as root, so it is then started as the user of its package, or as nobody. */
async function identity(): Promise<Identity | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  for (const user of ['postgres', 'nobody']) {
    const [uid, gid] = await Promise.all(['-u', '-g'].map((flag) => execute('id', [flag, user])));
    if (uid?.code === 0 && gid?.code === 0) return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
  }
  throw new Error('neither the user postgres nor nobody exists, and PostgreSQL refuses to run as root');
}

const as = (who: Identity | undefined, command: string, args: readonly string[]): readonly [string, string[]] =>
  who
    ? ['setpriv', [`--reuid=${who.uid}`, `--regid=${who.gid}`, '--clear-groups', command, ...args]]
    : [command, [...args]];

export interface Server {
  readonly port: number;
  /** What libpq reads, for the administrator. */
  readonly env: Readonly<Record<string, string>>;
  /** The rows of a query in psql's unaligned form, one text for each. */
  rows(database: string, sql: string): Promise<readonly string[]>;
}

interface Settings {
  readonly programs: string;
  readonly folder: string;
  /** With tls.crt and tls.key. */
  readonly certificates: string;
  readonly port: number;
  readonly login: string;
  readonly password: string;
  readonly processes: Supervisor;
}

/** A new server with TLS and a password, on loopback; or the hot standby of `primary`. */
export async function startServer(settings: Settings, primary?: Server): Promise<Server> {
  const { programs, folder, certificates, port, login, password, processes } = settings;
  const who = await identity();
  const data = join(folder, 'data');
  mkdirSync(folder, { recursive: true });
  if (who) chownSync(folder, who.uid, who.gid);
  const secret = join(folder, 'password');
  writeFileSync(secret, password);
  if (who) chownSync(secret, who.uid, who.gid);
  const env: Record<string, string> = {
    PGHOST: '127.0.0.1',
    PGPORT: String(port),
    PGUSER: login,
    PGPASSWORD: password,
    PGSSLMODE: 'require',
    PATH: `${programs}:${process.env.PATH}`,
  };
  const make = primary
    ? as(who, join(programs, 'pg_basebackup'), ['--pgdata', data, '--write-recovery-conf', '--checkpoint=fast'])
    : as(who, join(programs, 'initdb'), [
        ...['--pgdata', data, '--username', login, '--pwfile', secret, '--auth=scram-sha-256'],
        ...['--encoding=UTF8', '--locale=C.UTF-8', '--no-sync'],
      ]);
  await run(...make, { env: primary ? { ...primary.env } : { PATH: env.PATH }, cwd: folder });
  for (const file of ['tls.crt', 'tls.key']) {
    copyFileSync(join(certificates, file), join(data, file));
    chmodSync(join(data, file), 0o600);
    if (who) chownSync(join(data, file), who.uid, who.gid);
  }
  const options = {
    port,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    ssl: 'on',
    ssl_cert_file: 'tls.crt',
    ssl_key_file: 'tls.key',
    fsync: 'off',
    wal_level: 'replica',
  };
  const flags = Object.entries(options).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const name = `postgres-${port}`;
  const started = await processes.start(name, ...as(who, join(programs, 'postgres'), ['-D', data, ...flags]));
  for (;;) {
    const ready = await execute(join(programs, 'pg_isready'), [], { env });
    if (ready.code === 0) break;
    if (started.ended() !== undefined) throw new Error(`${name} ${started.ended()}; ${started.logFile} says why`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const rows: Server['rows'] = async (database, sql) => {
    const text = await run(join(programs, 'psql'), ['-XAtq', '-v', 'ON_ERROR_STOP=1', '-c', sql], {
      env: { ...env, PGDATABASE: database },
    });
    return text.split('\n').slice(0, -1);
  };
  return { port, env, rows };
}
