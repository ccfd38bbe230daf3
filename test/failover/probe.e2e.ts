import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { parseAllDocuments } from 'yaml';
import { type Container, environment } from '../backup/manifests.ts';
import { postgresPrograms, type Server, startServer } from '../backup/postgres.ts';
import { createCertificateAuthority } from '../crossplane/certificates.ts';
import { execute, type Outcome, run } from '../crossplane/commands.ts';
import { freePorts } from '../crossplane/free-ports.ts';
import { type Supervisor, superviseProcesses } from '../crossplane/supervisor.ts';
import { repositoryRoot } from '../crossplane/tools.ts';

/** The container of the only composed Job of a case. */
function containerOf(folder: string): Container {
  const text = readFileSync(`${repositoryRoot}test/cases/${folder}/expected.yaml`, 'utf8');
  const job = parseAllDocuments(text)
    .map((document) => document.toJS())
    .find(({ kind }) => kind === 'Job');
  return job.spec.template.spec.containers[0];
}

/** The Jobs of a failover on a real PostgreSQL with a hot standby, as their manifests say it: only host, port and password are put in. */
describe('the probes of a failover', { concurrency: false }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'probe-e2e-'));
  let processes: Supervisor;
  let programs: string;
  let primary: Server;
  let standby: Server;
  const validate = containerOf('failover-validating');
  const verify = containerOf('failover-verifying');

  const runContainer = (of: Container, env: Record<string, string>): Promise<Outcome> => {
    const [program = '', ...args] = of.command;
    return execute(program, args, { env: { PATH: `${programs}:${process.env.PATH}`, ...environment(of), ...env } });
  };
  /** libpq takes a host name for what it verifies, and an address for where it connects; both servers are on loopback. */
  const at = ({ env }: Server): Record<string, string> => {
    const { PGPORT = '', PGPASSWORD = '' } = env;
    return { PGHOST: '127.0.0.1', TARGET: 'localhost', PGPORT, PGPASSWORD };
  };
  const schemas = (server: Server) =>
    server.rows('postgres', "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'database_platform%'");

  before(async () => {
    programs = await postgresPrograms();
    processes = superviseProcesses(folder);
    const ca = await createCertificateAuthority(join(folder, 'ca'));
    const certificates = join(folder, 'server');
    await ca.issue(certificates, { commonName: 'probed', usage: 'serverAuth', names: ['IP:127.0.0.1'] });
    const login = environment(validate).PGUSER ?? '';
    const [one = 0, other = 0] = await freePorts(2);
    // The user that runs PostgreSQL must get through to its folders.
    await run('chmod', ['755', folder]);
    const settings = { programs, certificates, login, password: 'made-up-password', processes };
    primary = await startServer({ ...settings, folder: join(folder, 'primary'), port: one });
    standby = await startServer({ ...settings, folder: join(folder, 'standby'), port: other }, primary);
  });

  after(async () => {
    await processes?.stopAll();
    rmSync(folder, { recursive: true, force: true });
  });

  it('writes, reads back by both names, and leaves nothing behind, however often it runs', async () => {
    for (let time = 0; time < 2; time++) {
      const { code, stdout, stderr } = await runContainer(validate, at(primary));
      assert.equal(code, 0, `${stdout}\n${stderr}`);
      assert.equal(stdout, 'wrote by 127.0.0.1\nread it from 127.0.0.1\nread it from localhost\n');
      assert.deepEqual(await schemas(primary), []);
    }
  });

  it('fails on a replica', async () => {
    const { code, stderr } = await runContainer(validate, at(standby));
    assert.notEqual(code, 0);
    assert.match(stderr, /cannot execute CREATE SCHEMA in a read-only transaction/);
  });

  it('fails on a fenced server, and changes nothing there', async () => {
    await primary.rows('postgres', 'ALTER SYSTEM SET default_transaction_read_only = on');
    await primary.rows('postgres', 'SELECT pg_reload_conf()');
    const { code, stderr } = await runContainer(validate, at(primary));
    await primary.rows('postgres', 'ALTER SYSTEM RESET default_transaction_read_only');
    await primary.rows('postgres', 'SELECT pg_reload_conf()');
    assert.notEqual(code, 0);
    assert.match(stderr, /read-only transaction/);
    assert.deepEqual(await schemas(primary), []);
  });

  it('fails when what was written by the name is not on the server that should take writes, and cleans up', async () => {
    const { code, stderr } = await runContainer(validate, { ...at(primary), TARGET: 'no-such-host.invalid' });
    assert.notEqual(code, 0);
    assert.match(stderr, /no-such-host\.invalid does not have what was written by 127\.0\.0\.1/);
    assert.deepEqual(await schemas(primary), []);
  });

  it('leaves a table of somebody else in its schema alone, and fails', async () => {
    await primary.rows(
      'postgres',
      'CREATE SCHEMA database_platform_io_probe; CREATE TABLE database_platform_io_probe.t()',
    );
    const { code } = await runContainer(validate, at(primary));
    assert.notEqual(code, 0);
    const tables = "SELECT tablename FROM pg_tables WHERE schemaname = 'database_platform_io_probe'";
    assert.deepEqual(await primary.rows('postgres', tables), ['t']);
    await primary.rows('postgres', 'DROP SCHEMA database_platform_io_probe CASCADE');
  });

  it('sees that a server is not in recovery, and fails on a replica', async () => {
    const asked = await runContainer(verify, at(primary));
    assert.deepEqual([asked.code, asked.stdout], [0, '127.0.0.1 is not in recovery\n'], asked.stderr);
    const replica = await runContainer(verify, at(standby));
    assert.equal(replica.code, 1);
    assert.equal(replica.stderr, '127.0.0.1 is in recovery: it follows another server\n');
    const silent = await runContainer(verify, { ...at(primary), PGHOST: 'no-such-host.invalid' });
    assert.notEqual(silent.code, 0);
  });
});
