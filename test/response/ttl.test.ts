import { runFunction } from '../../src/function.ts';
import { settle } from '../support/passes.ts';
import { type Json, type Observed, request, seen, twoRegions, xr } from '../support/requests.ts';

const TEN_MINUTES = 600;
const ONE_MINUTE = 60;

const generated = xr('namespaced', twoRegions);
const ofTheUser = xr('namespaced', {
  ...twoRegions,
  security: { adminPasswordSecretRef: { name: 'mine', key: 'password' } },
});

const ttl = (document: Json, observed: Observed, conditions: Json[] = []): number | undefined =>
  runFunction(request({ ...document, status: { conditions } }, { observed })).meta?.ttl?.seconds;

/** Settled but for the connection details of the writer, and for the Secret that is made of them. */
const withoutPassword = (document: Json, ready: boolean): Observed => {
  const {
    'connection-secret': _,
    'admin-password': admin,
    'primary-server': server,
    ...others
  } = settle(document).observed;
  if (server === undefined) throw new Error('there is no primary server');
  const empty = admin && { 'admin-password': { ...admin, resource: { ...admin.resource, data: {} } } };
  return {
    ...others,
    ...empty,
    'primary-server': { ...seen('primary-server', server, { ready }), connectionDetails: {} },
  };
};

it('is ten minutes while nothing but watched resources is waited for, and once all is settled', () => {
  expect(ttl(generated, {})).toBe(TEN_MINUTES);
  expect(ttl(generated, settle(generated).observed)).toBe(TEN_MINUTES);
  expect(ttl(ofTheUser, settle(ofTheUser).observed)).toBe(TEN_MINUTES);
});

it.each([
  ['Responsive', 'False', ONE_MINUTE],
  ['Responsive', 'True', TEN_MINUTES],
  ['Synced', 'False', ONE_MINUTE],
  ['Synced', 'True', TEN_MINUTES],
  ['Ready', 'False', TEN_MINUTES],
])('with %s=%s is %d s', (type, status, seconds) => {
  expect(ttl(generated, {}, [{ type, status }])).toBe(seconds);
  expect(ttl(generated, settle(generated).observed, [{ type, status }])).toBe(seconds);
});

it("is one minute while a server that is Ready lacks the user's password", () => {
  expect(ttl(ofTheUser, withoutPassword(ofTheUser, true))).toBe(ONE_MINUTE);
  expect(ttl(ofTheUser, withoutPassword(ofTheUser, false))).toBe(TEN_MINUTES);
});

it('is ten minutes while the generated password is waited for, because its Secret is composed', () => {
  expect(ttl(generated, withoutPassword(generated, true))).toBe(TEN_MINUTES);
});

it('is one minute until Azure has a rotated password, which a Secret that is not watched tells', () => {
  const rotating = xr('namespaced', { ...twoRegions, security: { passwordRotation: { trigger: 'a' } } });
  const { observed } = settle(rotating);
  const old = settle(generated).observed['admin-password'];
  const server = observed['primary-server'];
  if (!old || !server) throw new Error('neither a Secret nor a server');
  const applied = (password: string): Observed => ({
    ...observed,
    'admin-password': { ...old, resource: { ...old.resource, data: { password: btoa('the-old-one') } } },
    'primary-server': {
      ...server,
      connectionDetails: { 'attribute.administrator_password': Buffer.from(password) },
    },
  });
  expect(ttl(rotating, applied('the-old-one'))).toBe(ONE_MINUTE);
  expect(ttl(rotating, applied('not-a-real-password'))).toBe(TEN_MINUTES);
});

it('is one minute while a fresh look tells whether the replica is gone before an upgrade', () => {
  const { observed } = settle(xr('namespaced', { ...twoRegions, database: { version: '15' } }));
  const { 'secondary-server': _, 'primary-server': server, ...others } = observed;
  const { metadata, ...object } = server?.resource as { metadata: { annotations: Json } };
  const annotations = {
    ...metadata.annotations,
    'database.platform.io/upgrade': '17',
    'database.platform.io/upgrade-removed-replica': 'secondary-server/orders-centralus',
  };
  const begun = { ...server, resource: { ...object, metadata: { ...metadata, annotations } } } as typeof server;
  const wished = { ...twoRegions, database: { version: '17' }, upgrade: { approvedVersion: '17' } };
  expect(ttl(xr('namespaced', wished), { ...others, ...(begun && { 'primary-server': begun }) })).toBe(ONE_MINUTE);
});
