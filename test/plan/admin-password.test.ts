import { read } from '../../src/api/door.ts';
import type { Phase } from '../../src/failover/types.ts';
import { adminPassword } from '../../src/plan/admin-password.ts';
import { plan } from '../../src/plan/plan.ts';
import type { ServerPlan } from '../../src/plan/types.ts';
import { fact, facts } from '../support/observed.ts';
import { twoRegions, xr } from '../support/requests.ts';

const password = (text: string) =>
  fact({ apiVersion: 'v1', kind: 'Secret', name: text, data: { password: btoa(text) } });
const server = (secret: string | undefined, applied?: string) =>
  fact({
    forProvider: {
      administratorLogin: 'psqladmin',
      ...(secret ? { administratorPasswordSecretRef: { name: secret, key: 'password' } } : {}),
    },
    connection: (): Record<string, Uint8Array> =>
      applied ? { 'attribute.administrator_password': Buffer.from(applied) } : {},
  });

/** Roles as they stand once the secondary region takes writes, where `promoted`. */
function planned(
  resources: Parameters<typeof facts>[0],
  { trigger, promoted = false, phase = 'Stable' }: { trigger?: string; promoted?: boolean; phase?: Phase },
) {
  const security = trigger === undefined ? {} : { passwordRotation: { trigger } };
  const reading = read(xr('namespaced', { ...twoRegions, security }), undefined);
  if (!('database' in reading)) throw new Error('the spec is valid');
  const observed = facts(resources);
  const servers = plan(reading.database, observed, 0).servers.map((one): ServerPlan => {
    if (!promoted) return one;
    const writes = one.site === 'secondary';
    return { ...one, role: writes ? 'Primary' : 'Former', term: writes ? 2 : 1, password: true };
  });
  return adminPassword(reading.database, observed, servers, { phase });
}

const names = (refs: ReturnType<typeof planned>['refs']) =>
  Object.fromEntries(Object.entries(refs).map(([key, { name }]) => [key, name]));

describe('a generated password', () => {
  it('is followed only once its Secret exists, and retires the old one only once Azure has it', () => {
    const old = { 'admin-password': password('old') };
    const first = planned({ ...old, 'primary-server': server('old', 'old') }, { trigger: 'a' });
    const [made] = first.secrets;
    expect(first).toMatchObject({ retired: [], target: 'admin-password', working: { name: 'old' } });
    expect(made?.key).toMatch(/^admin-password-[0-9a-f]{8}$/);
    const both = { ...old, [String(made?.key)]: password('new') };
    const under = planned({ ...both, 'primary-server': server('new', 'old') }, { trigger: 'a' });
    expect(names(under.refs)).toEqual({ 'primary-server': 'new' });
    expect(under).toMatchObject({ retired: [], working: { name: 'old' } });
    const done = planned({ ...both, 'primary-server': server('new', 'new') }, { trigger: 'a' });
    expect(done).toMatchObject({ retired: ['admin-password'], working: { name: 'new' } });
  });

  it('retires nothing while nobody can tell what Azure has', () => {
    const [made] = planned({}, { trigger: 'a' }).secrets;
    const both = { 'admin-password': password('old'), [String(made?.key)]: password('new') };
    expect(planned({ ...both, 'primary-server': server('new') }, { trigger: 'a' }).retired).toEqual([]);
  });

  it('stays the one that it was when the other region takes writes', () => {
    const resources = {
      'admin-password-01234567': password('rotated'),
      'primary-server': server('rotated', 'rotated'),
      'secondary-server': server(undefined),
    };
    const { refs, secrets, retired, working } = planned(resources, { promoted: true });
    expect(secrets.map(({ key }) => key)).toEqual(['admin-password-01234567']);
    expect(names(refs)).toEqual({ 'primary-server': 'rotated', 'secondary-server': 'rotated' });
    expect({ retired, working: working?.name }).toEqual({ retired: [], working: 'rotated' });
  });

  it('of a promoted server is the one of the last writer before it, whatever an older writer keeps', () => {
    const resources = {
      'admin-password': password('first'),
      'admin-password-01234567': password('rotated'),
      'primary-server': server('rotated', 'rotated'),
      'primary-server-2': server('first'),
      'secondary-server': server(undefined),
    };
    const { refs, target, retired } = planned(resources, { promoted: true });
    expect(refs['secondary-server']?.name).toBe('rotated');
    expect({ target, retired }).toEqual({ target: 'admin-password-01234567', retired: [] });
  });

  it('of a promoted server is rotated like any other, and the old one is kept for the former writer that names it', () => {
    const [made] = planned({}, { trigger: 'a' }).secrets;
    const resources = {
      'admin-password': password('old'),
      [String(made?.key)]: password('new'),
      'primary-server': server('old', 'old'),
      'secondary-server': server('new', 'new'),
    };
    const { refs, retired, working } = planned(resources, { trigger: 'a', promoted: true });
    expect(names(refs)).toEqual({ 'primary-server': 'old', 'secondary-server': 'new' });
    expect({ retired, working: working?.name }).toEqual({ retired: [], working: 'new' });
  });

  it('is not given to another server while writes move', () => {
    const [made] = planned({}, { trigger: 'a' }).secrets;
    const both = { 'admin-password': password('old'), [String(made?.key)]: password('new') };
    const resources = { ...both, 'primary-server': server('old', 'old') };
    expect(planned(resources, { trigger: 'a', phase: 'Promoting' }).target).toBe('admin-password');
    expect(planned(resources, { trigger: 'a' }).target).toBe(made?.key);
  });
});
