import assert from 'node:assert/strict';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { bundleDumps } from '../../tools/package/bundle.ts';
import { createCertificateAuthority } from '../crossplane/certificates.ts';
import { execute, type Outcome, run } from '../crossplane/commands.ts';
import { freePorts } from '../crossplane/free-ports.ts';
import { type Supervisor, superviseProcesses } from '../crossplane/supervisor.ts';
import { repositoryRoot } from '../crossplane/tools.ts';
import { type BlobStandIn, startBlobStandIn } from './blob-stand-in.ts';
import { type Container, cronJobContainers, environment, restoreContainers } from './manifests.ts';
import { postgresPrograms, type Server, startServer } from './postgres.ts';
import { ORDERS, ROWS } from './tables.ts';

/**
 * The dumps of spec.backup.logical end to end, as their manifests say it: the scripts of the composed CronJob and of examples/restore, the
 * bundle of the image, a real PostgreSQL with a hot standby, and a stand-in for Blob Storage and Microsoft Entra ID. Only host names, the
 * password and folders are put in place of those of a cluster.
 */
describe('logical dumps', { concurrency: false }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'dumps-e2e-'));
  const clientId = '00000000-0000-0000-0000-000000000001';
  const tenant = '00000000-0000-0000-0000-000000000002';
  const federatedToken = 'made-up-federated-token';
  const odd = 'odd name=1';
  let processes: Supervisor;
  let programs: string;
  let authority: string;
  let primary: Server;
  let standby: Server;
  let blobs: BlobStandIn;
  let dump: Container;
  let upload: Container;

  const container = 'postgresql-backups';
  const azure = (): Record<string, string> => ({
    AZURE_CLIENT_ID: clientId,
    AZURE_TENANT_ID: tenant,
    AZURE_FEDERATED_TOKEN_FILE: join(folder, 'token'),
    AZURE_AUTHORITY_HOST: `${blobs.origin}/`,
    NODE_EXTRA_CA_CERTS: authority,
    CONTAINER_URL: `${blobs.origin}/${container}`,
  });

  /** Runs a container's command as it stands in its manifest, with this machine's programs for the image's. */
  const runContainer = (of: Container, env: Record<string, string>): Promise<Outcome> => {
    const [program = '', ...args] = of.command.map((word) => {
      if (word === '/usr/bin/node') return process.execPath;
      return word === '/dumps.cjs' ? join(folder, 'dumps.cjs') : word;
    });
    return execute(program, args, { env: { PATH: `${programs}:${process.env.PATH}`, ...environment(of), ...env } });
  };
  const volume = (name: string): string => {
    mkdirSync(join(folder, name));
    return join(folder, name);
  };
  const runDump = (from: Server, volume: string, more: Record<string, string> = {}): Promise<Outcome> => {
    const { PGHOST = '', PGPORT = '', PGPASSWORD = '' } = from.env;
    return runContainer(dump, { PGHOST, PGPORT, PGPASSWORD, DUMPS: volume, ...more });
  };
  const only = (path: string): string => {
    const [name, ...more] = readdirSync(path);
    assert.ok(name !== undefined && more.length === 0, `${path} holds one dump`);
    return name;
  };
  const succeeded = ({ code, stdout, stderr }: Outcome): string => {
    assert.equal(code, 0, `${stdout}\n${stderr}`);
    return stdout;
  };

  before(async () => {
    programs = await postgresPrograms();
    processes = superviseProcesses(folder);
    await bundleDumps(join(folder, 'dumps.cjs'));
    const ca = await createCertificateAuthority(join(folder, 'ca'));
    authority = ca.certificate;
    const certificates = join(folder, 'server');
    await ca.issue(certificates, { commonName: 'stand-in', usage: 'serverAuth', names: ['IP:127.0.0.1'] });
    writeFileSync(join(folder, 'token'), federatedToken);
    blobs = await startBlobStandIn(certificates, { tenant, clientId, federatedToken });

    const xr = join(folder, 'xr.yaml');
    const asked = `  backup: {logical: {enabled: true, clientId: ${clientId}}}\n`;
    writeFileSync(xr, readFileSync(`${repositoryRoot}examples/minimal/xr.yaml`, 'utf8') + asked);
    [dump, upload] = cronJobContainers(xr);
    const login = environment(dump).PGUSER ?? '';
    const password = 'made-up-password';
    const [one = 0, other = 0] = await freePorts(2);
    // The user that runs PostgreSQL must get through to its folders.
    await run('chmod', ['755', folder]);
    const settings = { programs, certificates, login, password, processes };
    primary = await startServer({ ...settings, folder: join(folder, 'primary'), port: one });
    for (const name of ['orders', odd]) await primary.rows('postgres', `CREATE DATABASE "${name}"`);
    await primary.rows('orders', ORDERS);
    await primary.rows(odd, "CREATE TABLE t AS SELECT 'kept' AS value");
    standby = await startServer({ ...settings, folder: join(folder, 'standby'), port: other }, primary);
  });

  after(async () => {
    await processes?.stopAll();
    await blobs?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('dumps every database of a hot standby, each with its checksum', async () => {
    assert.deepEqual(await standby.rows('postgres', 'SELECT pg_is_in_recovery()'), ['t']);
    const path = volume('from-standby');
    succeeded(await runDump(standby, path));
    const name = only(path);
    assert.match(name, /^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ$/);
    const files = readdirSync(join(path, name)).sort();
    assert.deepEqual(
      files.map((file) => file.replace(/\d+\.dump$/, 'N.dump')),
      ['SHA256SUMS', 'odd_name_1-N.dump', 'orders.dump', 'postgres.dump'],
    );
    await run('sha256sum', ['-c', 'SHA256SUMS'], { cwd: join(path, name) });
  });

  it('dumps only the databases that are named', async () => {
    const path = volume('named');
    succeeded(await runDump(primary, path, { DATABASES: `orders\n${odd}` }));
    const files = readdirSync(join(path, only(path)));
    assert.equal(files.filter((file) => file.endsWith('.dump')).length, 2);
    assert.ok(!files.includes('postgres.dump'));
  });

  it('uploads them with the identity of the pod, the checksums last', async () => {
    const path = join(folder, 'from-standby');
    const stdout = succeeded(await runContainer(upload, { ...azure(), DUMPS: path }));
    const name = only(path);
    const at = (file: string): string => `${container}/dumps/${name}/${file}`;
    for (const file of readdirSync(join(path, name)))
      assert.ok(blobs.blobs.get(at(file))?.equals(readFileSync(join(path, name, file))), file);
    assert.equal(blobs.calls.at(-1), `Put Blob ${at('SHA256SUMS')}`);
    assert.ok(blobs.calls.filter((call) => call === `Put Block ${at('orders.dump')}`).length >= 3, 'several blocks');
    assert.match(stdout, new RegExp(`^uploaded dumps/${name}/SHA256SUMS$`, 'm'));
  });

  it('restores into another database, and every row is the same', async () => {
    const [download, restore] = restoreContainers();
    const path = join(folder, 'restored');
    const env = { DUMPS: path };
    const stdout = succeeded(await runContainer(download, { ...azure(), ...env }));
    assert.equal(stdout, `downloaded ${only(join(folder, 'from-standby'))}\n`);
    succeeded(await runContainer(restore, { ...primary.env, ...env }));
    const { TARGET = '' } = environment(restore);
    for (const [what, sql] of Object.entries(ROWS)) {
      const before = await primary.rows('orders', sql);
      assert.ok(before.length > 0, what);
      assert.deepEqual(await primary.rows(TARGET, sql), before, what);
    }
    const schema = (database: string): Promise<string> =>
      run(join(programs, 'pg_dump'), ['--schema-only', '--no-owner', '--no-privileges', database], {
        env: primary.env,
      });
    // Newer minor versions put a random word into \restrict.
    const plain = (text: string): string => text.replaceAll(/^\\(un)?restrict .*$/gm, '');
    assert.equal(plain(await schema(TARGET)), plain(await schema('orders')));
  });

  it('restores a database with an odd name from the file that is named after it', async () => {
    const [, restore] = restoreContainers();
    const path = join(folder, 'restored');
    const file = readdirSync(path).find((name) => name.startsWith('odd_name_1-')) ?? '';
    const env = { DUMPS: path, DUMP_FILE: file, TARGET: 'odd_restored' };
    succeeded(await runContainer(restore, { ...primary.env, ...env }));
    assert.deepEqual(await primary.rows('odd_restored', 'SELECT value FROM t'), ['kept']);
  });

  it('fails, and leaves no checksums, when a database cannot be dumped', async () => {
    const path = volume('missing');
    const { code, stderr } = await runDump(primary, path, { DATABASES: 'postgres\nno_such_database' });
    assert.notEqual(code, 0);
    assert.match(stderr, /no_such_database/);
    assert.ok(!existsSync(join(path, only(path), 'SHA256SUMS')));
    const before = blobs.blobs.size;
    const uploaded = await runContainer(upload, { ...azure(), DUMPS: path });
    assert.equal(uploaded.code, 1);
    assert.equal(blobs.blobs.size, before);
  });

  it('fails when the server cannot be reached, and says no password', async () => {
    const path = volume('unreachable');
    const [closed = 0] = await freePorts(1);
    const { code, stdout, stderr } = await runDump(primary, path, { PGPORT: String(closed) });
    assert.notEqual(code, 0);
    assert.ok(!`${stdout}${stderr}`.includes('made-up-password'));
  });

  it('does not upload a file that has changed on the volume', async () => {
    const path = join(folder, 'named');
    appendFileSync(join(path, only(path), 'orders.dump'), 'x');
    const before = [...blobs.blobs.keys()];
    const { code, stderr } = await runContainer(upload, { ...azure(), DUMPS: path });
    assert.equal(code, 1);
    assert.match(stderr, /orders\.dump: has the checksum [0-9a-f]{64}, not [0-9a-f]{64}$/m);
    assert.ok(![...blobs.blobs.keys()].some((name) => !before.includes(name) && /orders|SHA256SUMS/.test(name)));
  });

  it('does not restore a blob that has changed in the container', async () => {
    const [download] = restoreContainers();
    const name = [...blobs.blobs.keys()].find((key) => key.endsWith('/postgres.dump')) ?? '';
    const whole = blobs.blobs.get(name) ?? Buffer.alloc(0);
    blobs.blobs.set(name, Buffer.concat([whole.subarray(0, -1), Buffer.from('x')]));
    const { code, stderr } = await runContainer(download, { ...azure(), DUMPS: join(folder, 'changed') });
    blobs.blobs.set(name, whole);
    assert.equal(code, 1);
    assert.match(stderr, /postgres\.dump: has the checksum/);
  });

  it('uploads nothing with a token that Azure does not take', async () => {
    const before = blobs.calls.length;
    writeFileSync(join(folder, 'other-token'), 'another');
    const env = { ...azure(), AZURE_FEDERATED_TOKEN_FILE: join(folder, 'other-token') };
    const { code, stderr } = await runContainer(upload, { ...env, DUMPS: join(folder, 'from-standby') });
    assert.equal(code, 1);
    assert.match(stderr, /client_assertion/);
    assert.equal(blobs.calls.length, before);
  });
});
