import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { bundleFailoverCall } from '../../tools/package/bundle.ts';
import { createCertificateAuthority } from '../crossplane/certificates.ts';
import { execute, type Outcome } from '../crossplane/commands.ts';
import { type ArmStandIn, startArmStandIn } from './arm-stand-in.ts';

const id = (name: string): string =>
  `/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/orders/providers/Microsoft.DBforPostgreSQL/flexibleServers/${name}`;
const [SOURCE, TARGET] = [id('orders-a'), id('orders-b')];
const OBJECT = '/apis/database.platform.io/v1alpha1/namespaces/team-a/xpostgresqldatabases/orders';
const PATCH =
  'PATCH orders-b {"properties":{"replica":{"role":"None","promoteMode":"Standalone","promoteOption":"Forced"}}}';

/** The program of the image, as one file, against stand-ins for Microsoft Entra ID, Azure Resource Manager and the Kubernetes API. */
describe('failover.cjs', { concurrency: false }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'failover-call-e2e-'));
  const clientId = '00000000-0000-0000-0000-000000000001';
  const tenant = '00000000-0000-0000-0000-000000000002';
  const account = join(folder, 'serviceaccount');
  let azure: ArmStandIn;
  let authority: string;

  before(async () => {
    await bundleFailoverCall(join(folder, 'failover.cjs'));
    const ca = await createCertificateAuthority(join(folder, 'ca'));
    authority = ca.certificate;
    const certificates = join(folder, 'server');
    await ca.issue(certificates, { commonName: 'stand-in', usage: 'serverAuth', names: ['IP:127.0.0.1'] });
    mkdirSync(account);
    copyFileSync(authority, join(account, 'ca.crt'));
    writeFileSync(join(account, 'token'), 'made-up-service-account-token\n');
    writeFileSync(join(folder, 'federated'), 'made-up-federated-token');
    azure = await startArmStandIn(certificates, {
      tenant,
      clientId,
      federatedToken: 'made-up-federated-token',
      serviceAccountToken: 'made-up-service-account-token',
      object: OBJECT,
    });
  });

  after(async () => {
    await azure?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  beforeEach(() => {
    azure.calls.length = 0;
    azure.operation = [];
    azure.refuse = undefined;
    azure.failover = { activeRegion: 'secondary', mode: 'Promote', option: 'Forced', executor: 'Job' };
    azure.servers.clear();
    azure.servers.set(SOURCE, { replicationRole: 'Primary' });
    azure.servers.set(TARGET, { replicationRole: 'GeoAsyncReplica', sourceServerResourceId: SOURCE });
  });

  const ARGUMENTS = [
    ...['failover', '--mode', 'Promote', '--option', 'Forced', '--active-region', 'secondary'],
    ...['--source', SOURCE, '--target', TARGET, '--object', OBJECT],
  ];
  const runProgram = (args: readonly string[] = ARGUMENTS, env: Record<string, string> = {}): Promise<Outcome> =>
    execute(process.execPath, [join(folder, 'failover.cjs'), ...args], {
      env: {
        AZURE_CLIENT_ID: clientId,
        AZURE_TENANT_ID: tenant,
        AZURE_FEDERATED_TOKEN_FILE: join(folder, 'federated'),
        AZURE_AUTHORITY_HOST: `${azure.origin}/`,
        ARM_ENDPOINT: azure.origin,
        NODE_EXTRA_CA_CERTS: authority,
        KUBERNETES_SERVICE_HOST: '127.0.0.1',
        KUBERNETES_SERVICE_PORT: String(azure.port),
        SERVICE_ACCOUNT_FOLDER: account,
        ...env,
      },
    });

  it('promotes, and waits for the end of the operation; run again it does nothing', async () => {
    azure.operation = ['InProgress', 503, 'InProgress'];
    const first = await runProgram();
    assert.equal(first.code, 0, first.stderr);
    assert.equal(first.stdout, `done: ${TARGET} is promoted: Promote, Forced\n`);
    assert.deepEqual(azure.calls, [
      PATCH,
      ...['InProgress', '503', 'InProgress', 'Succeeded'].map((status) => `GET operation: ${status}`),
    ]);
    const again = await runProgram();
    assert.equal(again.code, 0, again.stderr);
    assert.equal(again.stdout, `nothing to do: ${TARGET} replicates from nobody\n`);
    assert.equal(azure.calls.length, 5);
  });

  it('asks the server itself where it may not see the operation, which belongs to the subscription', async () => {
    azure.operation = [403];
    const { code, stdout, stderr } = await runProgram();
    assert.equal(code, 0, stderr);
    assert.equal(stdout, `done: ${TARGET} is promoted: Promote, Forced\n`);
    assert.deepEqual(azure.calls, [PATCH, 'GET operation: 403']);
  });

  it('does nothing when the object no longer asks for it, or is gone', async () => {
    azure.failover = { ...azure.failover, activeRegion: 'primary' };
    const back = await runProgram();
    assert.deepEqual(
      [back.code, back.stdout],
      [0, 'nothing to do: spec.failover.activeRegion is primary, no longer secondary\n'],
    );
    azure.failover = undefined;
    const gone = await runProgram();
    assert.deepEqual([gone.code, gone.stdout], [0, 'nothing to do: the object that asked for the failover is gone\n']);
    assert.deepEqual(azure.calls, []);
  });

  it('fails, so that the Job tries again, when Azure refuses it, or the operation fails', async () => {
    azure.refuse = 409;
    const busy = await runProgram();
    assert.equal(busy.code, 1);
    assert.match(busy.stderr, /^failover: PATCH .*orders-b: Azure answers 409: .*ServerIsBusy/);
    azure.refuse = undefined;
    azure.operation = ['Failed'];
    const failed = await runProgram();
    assert.equal(failed.code, 1);
    assert.equal(failed.stderr, 'failover: the promotion failed: PromotionFailed made up\n');
    const last = await runProgram();
    assert.equal(last.code, 0, last.stderr);
  });

  it('fails when the API server does not let it read the object, and says so', async () => {
    const other = ARGUMENTS.map((word) => (word === OBJECT ? OBJECT.replace(/orders$/, 'other') : word));
    const { code, stderr } = await runProgram(other);
    assert.equal(code, 1);
    assert.match(stderr, /^failover: GET \/apis\/.*\/other: the API server answers 403/);
    assert.deepEqual(azure.calls, []);
  });

  it('refuses arguments that it does not understand, and shows how it is called', async () => {
    for (const args of [[], ['failover'], [...ARGUMENTS, '--mode', 'Swap'], [...ARGUMENTS, '--target', '/x']]) {
      const { code, stderr } = await runProgram(args);
      assert.equal(code, 1);
      assert.match(stderr, /usage: failover\.cjs failover/);
    }
  });
});
