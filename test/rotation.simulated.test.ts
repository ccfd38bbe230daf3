import { createMemoryCluster } from './azure/memory.ts';
import { createEngine } from './support/engine.ts';
import { oneRegion, twoRegions, xr } from './support/requests.ts';
import { serverId, troubled, type World, world } from './support/world.ts';

const rotation = (trigger: string) => ({ security: { passwordRotation: { trigger } } });

/** The generated passwords by the name of their Secret. */
const generated = ({ cluster }: World): Record<string, string> =>
  Object.fromEntries(
    Object.entries(cluster.secrets()).flatMap(([name, data]) =>
      name.startsWith('team-a/orders-admin-password') ? [[name.slice('team-a/'.length), data.password ?? '']] : [],
    ),
  );

/** The password that Azure takes. */
const accepted = ({ cluster }: World): unknown =>
  cluster.state.resources[serverId(cluster, 'eastus2').toLowerCase()]?.hidden.password;

describe.each(['namespaced', 'cluster'] as const)('rotating the password on the simulated Azure, %s', (flavour) => {
  const published = ({ cluster, engine }: World): string | undefined => {
    if (flavour === 'namespaced') return cluster.secrets()['team-a/orders-connection']?.password;
    const details = engine.reconcile().desired?.composite?.connectionDetails;
    return details && Buffer.from(details.password ?? '').toString('utf8');
  };

  it('makes another Secret, sends it to the writer alone, and then lets the old one go', () => {
    const here = world(flavour, twoRegions);
    const { engine, cluster } = here;
    const first = generated(here)['orders-admin-password'];
    expect(accepted(here)).toBe(first);
    engine.change(rotation('2026-11'));
    let confirmed = false;
    for (let pass = 0; pass < 40; pass++) {
      engine.reconcile();
      cluster.advance(10);
      const now = generated(here);
      // What Azure takes is always in a Secret, and applications never get what it does not take yet.
      expect(Object.values(now)).toContain(accepted(here));
      if (!confirmed && accepted(here) === first) expect(published(here)).toBe(first);
      confirmed ||= accepted(here) !== first;
    }
    engine.settle();
    const [name, second] = Object.entries(generated(here))[0] ?? [];
    expect(Object.keys(generated(here))).toHaveLength(1);
    expect(name).toMatch(/^orders-admin-password-[0-9a-f]{8}$/);
    expect(second).not.toBe(first);
    expect(accepted(here)).toBe(second);
    expect(published(here)).toBe(second);
    expect(engine.deleted).toEqual(['admin-password']);
    expect(cluster.requests.map(({ id }) => id)).toEqual([serverId(cluster, 'eastus2')]);
    const told = (secret: string | undefined) =>
      `PasswordRotated the administrator's password is now the one in Secret ${secret}`;
    expect(engine.events.filter((event) => event.startsWith('PasswordRotated'))).toEqual([told(name)]);
    expect(troubled(here)).toEqual([]);
    // Left out again, and turned again.
    engine.change({ security: {} });
    engine.settle();
    expect(accepted(here)).toBe(second);
    engine.change(rotation('2026-12'));
    engine.settle();
    expect(accepted(here)).not.toBe(second);
    expect(Object.values(generated(here))).toEqual([accepted(here)]);
    expect(engine.events.filter((event) => event.startsWith('PasswordRotated'))).toEqual([
      told(name),
      told(Object.keys(generated(here))[0]),
    ]);
    expect(troubled(here)).toEqual([]);
  });

  it('keeps the old password while Azure refuses the new one, and gives way to a later trigger', () => {
    const here = world(flavour, oneRegion);
    const { engine, cluster } = here;
    const first = accepted(here);
    cluster.inject({ id: 'no', on: { kind: 'FlexibleServer', verb: 'update' }, effect: { type: 'fail' } });
    engine.change(rotation('a'));
    for (let pass = 0; pass < 20; pass++) {
      engine.reconcile();
      cluster.advance(60);
    }
    expect(published(here)).toBe(first);
    expect(generated(here)['orders-admin-password']).toBe(first);
    engine.change(rotation('b'));
    for (let pass = 0; pass < 20; pass++) {
      engine.reconcile();
      cluster.advance(60);
    }
    expect(Object.values(generated(here))).toContain(first);
    cluster.clear('no');
    engine.settle();
    expect(accepted(here)).not.toBe(first);
    expect(published(here)).toBe(accepted(here));
    expect(Object.values(generated(here))).toEqual([accepted(here)]);
    expect(troubled(here)).toEqual([]);
  });

  it('begins with a Secret of the trigger where there is one from the beginning', () => {
    const here = world(flavour, { ...oneRegion, ...rotation('2026-11') });
    expect(Object.values(generated(here))).toEqual([accepted(here)]);
    expect(published(here)).toBe(accepted(here));
  });

  it('says no password in any event, condition or status, and writes none but into Secrets', () => {
    const cluster = createMemoryCluster();
    const engine = createEngine(xr(flavour, oneRegion), cluster);
    const said: string[] = [];
    const passwords = new Set<string>();
    const step = (): void => {
      const response = engine.reconcile();
      const resources = Object.entries(response.desired?.resources ?? {})
        .map(([, { resource }]) => resource)
        .filter((resource) => resource?.kind !== 'Secret');
      said.push(
        JSON.stringify([response.results, response.conditions, response.desired?.composite?.resource, resources]),
      );
      cluster.advance(30);
      for (const data of Object.values(cluster.secrets()))
        for (const value of [data.password, data['attribute.administrator_password']]) if (value) passwords.add(value);
    };
    for (const trigger of ['', 'a', 'b']) {
      if (trigger) engine.change(rotation(trigger));
      for (let pass = 0; pass < 100; pass++) step();
    }
    expect(passwords.size).toBe(3);
    for (const password of passwords)
      for (const form of [password, Buffer.from(password).toString('base64')])
        expect(said.filter((text) => text.includes(form))).toEqual([]);
  });
});

it('tells when the Secret of the password was made', () => {
  const here = world('namespaced', { ...oneRegion, ...rotation('2026-11') });
  const response = here.engine.reconcile();
  const { credentials } = (response.desired?.composite?.resource as { status: { credentials?: object } }).status;
  expect(credentials).toEqual({
    secretName: expect.stringMatching(/^orders-admin-password-[0-9a-f]{8}$/),
    rotatedAt: '2026-01-01T00:00:00Z',
  });
});
