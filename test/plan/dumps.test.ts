import { readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';
import { read } from '../../src/api/door.ts';
import { run } from '../../src/cli/run.ts';
import { runFunction } from '../../src/function.ts';
import { plan } from '../../src/plan/plan.ts';
import type { DumpPlan } from '../../src/plan/types.ts';
import { repository } from '../cli/files.ts';
import { crdProblems } from '../schemas.ts';
import { fact, facts } from '../support/observed.ts';
import { settle } from '../support/passes.ts';
import { oneRegion, request, resource, twoRegions, xr } from '../support/requests.ts';

const CLIENT_ID = '00000000-0000-0000-0000-000000000001';

function dumps(spec: object, flavour: 'namespaced' | 'cluster' = 'namespaced', name = 'orders'): DumpPlan | undefined {
  const reading = read(xr(flavour, spec, name), undefined);
  if ('problems' in reading) throw new Error(JSON.stringify(reading.problems));
  return plan(reading.database, facts({}), 0).dumps;
}
const asked = (more: object = {}) => ({ backup: { logical: { enabled: true, clientId: CLIENT_ID, ...more } } });

it('are not made unless asked for', () => {
  expect(dumps(oneRegion)).toBeUndefined();
});

describe('dumps', () => {
  it('come from the read name where there is a replica, else from the write name', () => {
    expect(dumps({ ...twoRegions, ...asked() })).toMatchObject({
      host: 'read.orders.team-a.private.postgres.database.azure.com',
      record: 'cname-read',
    });
    expect(dumps({ ...oneRegion, ...asked() })).toMatchObject({
      host: 'write.orders.team-a.private.postgres.database.azure.com',
      record: 'cname-write',
    });
  });

  it("are made with the server's own version unless told otherwise", () => {
    const database = { version: '15' };
    expect(dumps({ ...oneRegion, database, ...asked() })?.image).toBe('postgres:15');
    expect(dumps({ ...oneRegion, database, ...asked({ image: 'mirror/postgres:17' }) })?.image).toBe(
      'mirror/postgres:17',
    );
  });

  it('go where the password is, because a pod reads Secrets of its own namespace only', () => {
    const security = { adminPasswordSecretRef: { namespace: 'vault', name: 'pw', key: 'password' } };
    expect(dumps({ ...oneRegion, ...asked(), security }, 'cluster')).toMatchObject({
      namespace: 'vault',
      password: { name: 'pw' },
      via: 'Object',
    });
    expect(dumps({ ...oneRegion, ...asked() }, 'cluster')?.namespace).toBe('team-a');
    expect(dumps({ ...oneRegion, ...asked() })).toMatchObject({ namespace: 'team-a', via: 'Native' });
  });

  it('go into the account that exists', () => {
    const reading = read(xr('namespaced', { ...oneRegion, ...asked() }), undefined);
    if ('problems' in reading) throw new Error(JSON.stringify(reading.problems));
    const account = fact({ kind: 'Account', externalName: 'oldbk1' });
    const planned = plan(reading.database, facts({ 'backup-storage-account': account }), 0);
    expect(planned.dumps?.containerUrl).toBe('https://oldbk1.blob.core.windows.net/postgresql-backups');
  });
});

describe('status.backup', () => {
  const LAST = '2026-01-31T01:42:10Z';
  const status = (of: 'namespaced' | 'cluster', observed: object): unknown => {
    const { response } = settle(xr(of, { ...oneRegion, ...asked() }));
    const object = response.desired?.resources['dump-cronjob']?.resource;
    const seen = { 'dump-cronjob': resource({ ...object, ...observed }) };
    const again = runFunction(request(xr(of, { ...oneRegion, ...asked() }), { observed: seen }));
    return again.desired?.composite?.resource?.status?.backup;
  };

  it('says when the last dump was whole', () => {
    expect(status('namespaced', { status: { lastSuccessfulTime: LAST } })).toEqual({ lastDump: LAST });
    const manifest = { status: { lastSuccessfulTime: LAST } };
    expect(status('cluster', { status: { atProvider: { manifest } } })).toEqual({ lastDump: LAST });
  });

  it('says nothing before that, and is not there without dumps', () => {
    expect(status('namespaced', {})).toEqual({});
    const { response } = settle(xr('namespaced', oneRegion));
    expect(response.desired?.composite?.resource?.status?.backup).toBeUndefined();
  });
});

describe('the CronJob', () => {
  const documents = parseAllDocuments(
    run(['render', repository('examples/every-field/xr.yaml'), '--until-ready'], false).stdout,
  ).map((document) => document.toJS());
  const job = documents.find(({ kind }) => kind === 'CronJob');
  const pod = job.spec.jobTemplate.spec.template.spec;

  it('has the password by reference alone', () => {
    const env: readonly { name: string; value?: string; valueFrom?: object }[] = pod.initContainers[0].env;
    expect(env.find(({ name }) => name === 'PGPASSWORD')).toEqual({
      name: 'PGPASSWORD',
      valueFrom: { secretKeyRef: { name: 'warehouse-admin', key: 'pgpassword' } },
    });
  });

  // https://kubernetes.io/docs/concepts/security/pod-security-standards, restricted.
  it('keeps to the restricted Pod Security Standard', () => {
    expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
    for (const { securityContext } of [...pod.initContainers, ...pod.containers])
      expect(securityContext).toMatchObject({ allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } });
  });

  // Kubernetes replaces $(NAME) of a variable that the container has.
  it('has a script of which Kubernetes replaces nothing', () => {
    const [, , script] = pod.initContainers[0].command;
    const names: readonly string[] = pod.initContainers[0].env.map(({ name }: { name: string }) => name);
    expect(script).toContain('$(');
    expect(script).not.toContain('$$');
    expect(names.filter((name) => script.includes(`$(${name})`))).toEqual([]);
  });
});

it('the Job of examples/restore is one that Kubernetes takes, with the names of examples/active-passive', () => {
  const [job] = parseAllDocuments(readFileSync(repository('examples/restore/job.yaml'), 'utf8')).map((each) =>
    each.toJS(),
  );
  expect(crdProblems(job)).toEqual([]);
  const account = 'testmultibk284080e2f4';
  expect(readFileSync(repository('examples/active-passive/expected.yaml'), 'utf8')).toContain(account);
  const { env } = job.spec.template.spec.initContainers[0];
  const url = env.find(({ name }: { name: string }) => name === 'CONTAINER_URL').value;
  expect(url).toBe(`https://${account}.blob.core.windows.net/postgresql-backups`);
});
