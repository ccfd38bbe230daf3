import { oneRegion, twoRegions } from './support/requests.ts';
import { properties, serverId, troubled, type World, world } from './support/world.ts';

const onDemand = (...names: string[]) => ({ backup: { onDemand: names } });

/** Names of the backups that Azure has of the server in a region, in the order of their making. */
const inAzure = ({ cluster }: World, region: string): string[] =>
  Object.values(cluster.state.resources).flatMap(({ id }) =>
    id.startsWith(`${serverId(cluster, region)}/backups/`) ? [id.slice(id.lastIndexOf('/') + 1)] : [],
  );

interface Entry {
  readonly name: string;
  readonly server: string;
  readonly completedAt?: string;
  readonly message: string;
}
const told = ({ engine }: World): Entry[] =>
  (engine.status.backup as { onDemand?: Entry[] } | undefined)?.onDemand ?? [];

describe.each(['namespaced', 'cluster'] as const)('backups on demand on the simulated Azure, %s', (flavour) => {
  it('are taken once, one after the other, of the writer alone', () => {
    const here = world(flavour, twoRegions);
    const { engine, cluster } = here;
    engine.change(onDemand('before-v2', 'after-v2'));
    engine.settle();
    const made = cluster.requests.filter(({ method }) => method === 'PUT').map(({ id }) => id);
    expect(made).toEqual(['before-v2', 'after-v2'].map((name) => `${serverId(cluster, 'eastus2')}/backups/${name}`));
    for (const entry of told(here)) {
      expect(entry.completedAt).toMatch(/^2026-/);
      expect(entry.message).toBe('taken; Azure drops it when its retention is over');
    }
    expect(engine.refusals).toEqual([]);
    expect(troubled(here)).toEqual([]);
  });

  it('are not taken again when Azure has dropped one or the provider starts anew', () => {
    const here = world(flavour, { ...oneRegion, ...onDemand('before-v2') });
    const { engine, cluster } = here;
    engine.settle();
    const { completedAt } = told(here)[0] ?? {};
    cluster.happen({ what: 'delete', id: `${serverId(cluster, 'eastus2')}/backups/before-v2` });
    cluster.settle();
    expect(inAzure(here, 'eastus2')).toEqual([]);
    cluster.forgetRequests();
    cluster.restartProvider();
    for (let pass = 0; pass < 30; pass++) {
      engine.reconcile();
      cluster.advance(120);
    }
    expect(cluster.requests).toEqual([]);
    expect(told(here)[0]?.completedAt).toBe(completedAt);
    engine.change({ backup: {} });
    engine.settle();
    expect(engine.deleted).toEqual(['primary-server-backup-before-v2']);
    expect(told(here)).toEqual([]);
  });
});

it('a name that is taken out deletes its backup, and with policy Orphan leaves it in Azure', () => {
  const mine = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'mine', namespace: 'team-a' },
    data: { password: Buffer.from('Not-A-Real-Password-1').toString('base64') },
  };
  for (const policy of ['Delete', 'Orphan']) {
    const security = { adminPasswordSecretRef: { name: 'mine' } };
    const spec = { ...oneRegion, security, deletion: { policy }, ...onDemand('a', 'b') };
    const here = world('namespaced', spec, mine);
    here.engine.settle();
    expect(inAzure(here, 'eastus2')).toEqual(['a', 'b']);
    here.engine.change(onDemand('b'));
    here.engine.settle();
    expect(here.engine.refusals).toEqual([]);
    expect(here.engine.deleted).toEqual(['primary-server-backup-a']);
    expect(inAzure(here, 'eastus2')).toEqual(policy === 'Delete' ? ['b'] : ['a', 'b']);
    expect(troubled(here)).toEqual([]);
  }
});

it('a name cannot be taken out while a lock covers its server', () => {
  const here = world('namespaced', { ...oneRegion, security: { lock: 'CanNotDelete' }, ...onDemand('a') });
  here.engine.settle();
  here.engine.change({ backup: {} });
  here.engine.reconcile();
  expect(here.engine.refusals).toEqual([
    'spec.backup.onDemand: "a" cannot be removed while spec.security.lock is CanNotDelete, because the lock covers what belongs to the server; set spec.security.lock to None',
  ]);
  expect(inAzure(here, 'eastus2')).toEqual(['a']);
  here.engine.change({ security: { lock: 'None' } });
  here.engine.settle();
  expect(inAzure(here, 'eastus2')).toEqual([]);
  expect(troubled(here)).toEqual([]);
});

it('stay with their server through a failover, and keep it until they are taken out', () => {
  const here = world('namespaced', { ...twoRegions, ...onDemand('before-v2') });
  const { engine, cluster } = here;
  engine.settle();
  engine.change({ failover: { activeRegion: 'secondary', formerPrimary: 'Delete' } });
  engine.settle();
  expect(engine.condition('FailoverInProgress')).toMatch(/^False Stable/);
  const [former] = engine.status.servers as { name: string; role: string }[];
  expect(former?.role).toBe('Former');
  expect(told(here)).toEqual([
    {
      name: 'before-v2',
      server: former?.name,
      completedAt: expect.any(String),
      message: 'taken; it keeps primary-server from being deleted, until it is taken out of spec.backup.onDemand',
    },
  ]);
  // A new one is of the new writer.
  engine.change({ backup: { onDemand: ['before-v2', 'on-the-other-side'] } });
  engine.settle();
  expect(inAzure(here, 'centralus')).toEqual(['on-the-other-side']);
  expect(properties(cluster, 'centralus').sourceServerId).toBeUndefined();
  engine.change({ backup: { onDemand: ['on-the-other-side'] } });
  engine.settle();
  expect(engine.refusals).toEqual([]);
  const position = engine.deleted.indexOf('primary-server');
  expect(position).toBeGreaterThan(-1);
  expect(engine.deleted.slice(0, position)).toContain('primary-server-backup-before-v2');
  // And back: what was taken on the other side stays there, and keeps the server from being replaced another time.
  engine.change({ failover: { activeRegion: 'primary', minimumIntervalMinutes: 0 } });
  engine.settle();
  expect(engine.status.activeRegion).toBe('eastus2');
  expect(told(here).map(({ server }) => server)).toEqual([expect.stringMatching(/^orders-centralus-/)]);
  engine.change({ failover: { activeRegion: 'secondary', minimumIntervalMinutes: 0 } });
  engine.settle();
  expect(engine.condition('FailoverReady')).toBe(
    'False FormerPrimaryRetained: secondary-server is still kept in the region that would keep another one, with the backups on-the-other-side on it; take them out of spec.backup.onDemand, which deletes them, and retire the server',
  );
  expect(troubled(here)).toEqual([]);
});
