import { twoRegions } from './support/requests.ts';
import { serverId, troubled, type World, world } from './support/world.ts';

const tenantId = '00000000-0000-0000-0000-00000000000a';
const objectId = '00000000-0000-0000-0000-0000000000b1';
const entra = { tenantId, administrators: [{ objectId, principalName: 'dba', principalType: 'Group' }] };

/** Keys of what stands on a server. */
const standing = ({ engine }: World, server: string): string[] =>
  [`${server}-admin-${objectId}`, `${server}-lock`, `${server}-parameter-work-mem`].filter(
    (key) => engine.object(key) !== undefined && !engine.deleted.includes(key),
  );

const accepted = ({ cluster }: World, region: string): unknown =>
  cluster.state.resources[serverId(cluster, region).toLowerCase()]?.hidden.password;

describe.each(['Delete', 'Orphan'] as const)('access and parameters through a failover, policy %s', (policy) => {
  const own = { adminPasswordSecretRef: { name: 'mine' } };
  const security = { ...own, entra, lock: 'CanNotDelete' };
  const mine = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'mine', namespace: 'team-a' },
    data: { password: Buffer.from('Not-A-Real-Password-1').toString('base64') },
  };
  const start = (): World =>
    world('namespaced', { ...twoRegions, security, parameters: { work_mem: '8192' }, deletion: { policy } }, mine);

  it('stay on the former writer until it retires, stand on every new server, and leave before the retired one', () => {
    const here = start();
    const { cluster, engine } = here;
    for (const server of ['primary-server', 'secondary-server']) expect(standing(here, server)).toHaveLength(3);
    engine.change({ failover: { activeRegion: 'secondary' } });
    engine.settle();
    expect(engine.refusals).toEqual([]);
    expect(engine.condition('FailoverInProgress')).toMatch(/^False Stable/);
    for (const server of ['primary-server', 'primary-server-2', 'secondary-server'])
      expect(standing(here, server)).toHaveLength(3);
    const [former] = engine.status.servers as { name: string; role: string }[];
    expect(former?.role).toBe('Former');
    const before = engine.deleted.length;
    engine.change({ failover: { activeRegion: 'secondary', retire: [former?.name] } });
    engine.settle();
    expect(engine.refusals).toEqual([]);
    const left = engine.deleted.slice(before);
    const position = left.indexOf('primary-server');
    expect(position).toBeGreaterThan(-1);
    for (const key of [`primary-server-admin-${objectId}`, 'primary-server-lock', 'primary-server-parameter-work-mem'])
      expect(left.slice(0, position)).toContain(key);
    expect(Object.values(cluster.state.resources).filter(({ id }) => id.includes(`/${former?.name}`))).toEqual([]);
    for (const server of ['primary-server-2', 'secondary-server']) expect(standing(here, server)).toHaveLength(3);
    expect(troubled(here)).toEqual([]);
  });

  it('leave Azure when they are taken out of the spec', () => {
    const here = start();
    const { cluster, engine } = here;
    const inAzure = (part: string): string[] => Object.keys(cluster.state.resources).filter((id) => id.includes(part));
    expect(inAzure('/locks/')).toHaveLength(2);
    expect(inAzure('/administrators/')).toHaveLength(2);
    engine.change({ security: { ...own, entra, lock: 'None' } });
    engine.settle();
    expect(inAzure('/locks/')).toEqual([]);
    engine.change({ security: { ...own, entra: { tenantId, administrators: [] } }, parameters: {} });
    engine.settle();
    expect(inAzure('/administrators/')).toEqual([]);
    const parameter = cluster.requests.filter(({ id }) => id.endsWith('/configurations/work_mem'));
    expect(new Set(parameter.map(({ id }) => id)).size).toBe(2);
    for (const { body } of parameter) expect(body).toEqual({ value: '4096' });
    expect(engine.refusals).toEqual([]);
    expect(troubled(here)).toEqual([]);
  });
});

describe('a generated password after a failover', () => {
  it('stays, and a rotation gives another one to the server that takes writes now', () => {
    const here = world('namespaced', twoRegions);
    const { cluster, engine } = here;
    const first = accepted(here, 'eastus2');
    engine.change({ failover: { activeRegion: 'secondary' } });
    engine.settle();
    const published = () => cluster.secrets()['team-a/orders-connection']?.password;
    expect(published()).toBe(first);
    engine.change({ security: { passwordRotation: { trigger: '2026-11' } } });
    engine.settle();
    expect(engine.refusals).toEqual([]);
    const second = accepted(here, 'centralus');
    expect(second).toEqual(expect.any(String));
    expect(second).not.toBe(first);
    expect(published()).toBe(second);
    expect(Object.values(cluster.secrets()).map(({ password }) => password)).toContain(second);
    // Left out again, and back in the first region.
    engine.change({ security: {}, failover: { activeRegion: 'primary', minimumIntervalMinutes: 0 } });
    engine.settle();
    expect(engine.condition('FailoverInProgress')).toMatch(/^False Stable/);
    expect(engine.status.activeRegion).toBe('eastus2');
    expect(published()).toBe(second);
    expect(troubled(here)).toEqual([]);
  });

  it('is made nowhere where Entra logins are the only ones', () => {
    const here = world('namespaced', {
      ...twoRegions,
      security: { entra: { ...entra, passwordAuthentication: false } },
    });
    const { cluster, engine } = here;
    engine.change({ failover: { activeRegion: 'secondary' } });
    engine.settle();
    expect(engine.refusals).toEqual([]);
    expect(engine.status.activeRegion).toBe('centralus');
    expect(Object.keys(cluster.secrets()).filter((name) => name.includes('admin-password'))).toEqual([]);
    for (const server of ['primary-server', 'primary-server-2', 'secondary-server'])
      expect(JSON.stringify(engine.object(server))).not.toContain('administratorPassword');
    expect(troubled(here)).toEqual([]);
  });
});
