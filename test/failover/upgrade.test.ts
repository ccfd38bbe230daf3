import { type Json, oneRegion, twoRegions } from '../support/requests.ts';
import { failoverOf, properties, serverId, troubled, type World, world } from '../support/world.ts';

const fifteen = { ...twoRegions, database: { version: '15' } };
/** Agrees to the upgrade, and asks for it. */
const to = (version: string, more: object = {}) => ({
  database: { version, ...more },
  upgrade: { approvedVersion: version },
});

const roles = ({ engine }: World): string[] =>
  (engine.status.servers as Json[]).map(
    ({ role, generation, region, version }) => `${region} ${generation} ${role} ${version}`,
  );
const annotation = ({ engine }: World, name: string): unknown =>
  ((engine.object('primary-server') as Json).metadata as { annotations: Json }).annotations[
    `database.platform.io/${name}`
  ];
/** What was asked of Azure, in its order. */
const asked = ({ cluster }: World): string[] =>
  cluster.requests.map(({ method, id, body }) =>
    [
      method,
      id
        .split('/')
        .slice(-2)
        .join('/')
        .replace(/-[0-9a-f]{8}/, ''),
      ...(body && 'version' in body ? [body.version] : []),
    ].join(' '),
  );
const refused = ({ cluster }: World): string[] =>
  cluster.requests.flatMap(({ outcome }) => (outcome.ok ? [] : [`${outcome.rule}: ${outcome.message}`]));
const backups = ({ cluster }: World): string[] =>
  Object.values(cluster.state.resources).flatMap(({ id }) => /\/backups\/(.+)$/.exec(id)?.[1] ?? []);
/** The phases that are seen on the way to rest. */
function phases(here: World, look: () => void = () => undefined): string[] {
  const seen: string[] = [];
  here.engine.settle(() => {
    const { phase } = failoverOf(here);
    if (seen.at(-1) !== phase) seen.push(String(phase));
    look();
  });
  return seen;
}
/** Passes a minute apart until something is so: Azure's operations take several. */
function slowly(here: World, so: () => boolean): void {
  for (let pass = 0; pass < 300 && !so(); pass++) {
    here.engine.reconcile();
    here.cluster.advance(60);
  }
  expect(so()).toBe(true);
}
/** Passes until something is so. */
function until(here: World, so: () => boolean): void {
  for (let pass = 0; pass < 60 && !so(); pass++) {
    here.engine.reconcile();
    if (!so()) here.cluster.settle();
  }
  expect(so()).toBe(true);
}
const isSent = ({ cluster }: World): boolean =>
  cluster.requests.some(({ body }) => body && 'version' in body && body.version !== undefined);
/** A password of the user's own, which a control plane that only observes has to have. */
const secret = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'mine', namespace: 'team-a' },
  data: { password: Buffer.from('Not-A-Real-Password-1').toString('base64') },
};
const failing = { id: 'precheck', on: { kind: 'FlexibleServer', verb: 'update' } } as const;

describe.each(['namespaced', 'cluster'] as const)('an upgrade to another major version, %s', (flavour) => {
  it('takes a backup, removes endpoint and replica, upgrades, and makes another replica', () => {
    const here = world(flavour, { ...fifteen, network: { virtualEndpoint: { enabled: true } } });
    const { engine, cluster } = here;
    engine.change(to('17'));
    expect(phases(here)).toEqual(['Upgrading', 'Reprotecting', 'Stable']);
    const order = asked(here).filter((request) =>
      /^(PUT|DELETE|PATCH) (backups|virtualEndpoints|flexibleServers)\//.test(request),
    );
    expect(order).toEqual([
      'PUT backups/major-upgrade-17-1',
      'DELETE virtualEndpoints/orders-endpoint',
      'DELETE flexibleServers/orders-centralus',
      'PATCH flexibleServers/orders-eastus2 17',
      'PUT flexibleServers/orders-centralus-g2 17',
      'PUT virtualEndpoints/orders-endpoint-g2',
    ]);
    expect(refused(here)).toEqual([]);
    expect(engine.refusals).toEqual([]);
    expect(roles(here)).toEqual(['eastus2 1 Primary 17', 'centralus 2 Replica 17']);
    expect(backups(here)).toEqual(['major-upgrade-17-1']);
    expect(engine.condition('VersionReady')).toMatch(/^True Available/);
    expect(engine.condition('FailoverReady')).toMatch(/^True/);
    expect(engine.ready).toBe(true);
    for (const name of ['upgrade', 'upgrade-removed-replica', 'upgrade-failed'])
      expect(annotation(here, name)).toBeUndefined();
    expect(troubled(here)).toEqual([]);
    cluster.forgetRequests();
    cluster.step({ type: 'restart-provider' });
    engine.settle();
    expect(asked(here)).toEqual([]);
  });

  it('says that the database is not protected, and that applications cannot write while Azure is at it', () => {
    const here = world(flavour, fifteen);
    const { engine } = here;
    engine.change(to('17'));
    slowly(here, () => isSent(here));
    slowly(here, () => String(failoverOf(here).message).includes('there is no way back now'));
    expect(failoverOf(here).message).toBe(
      'Azure upgrades primary-server to PostgreSQL 17: it does not answer until that is over, and there is no replica; there is no way back now',
    );
    expect(engine.ready).toBe(false);
    expect(engine.condition('ReplicaReady')).toMatch(/^False Unprotected/);
    expect(engine.condition('FailoverReady')).toMatch(/^False Upgrading/);
    expect(engine.condition('VersionReady')).toMatch(/^False Upgrading/);
    expect(roles(here)).toEqual(['eastus2 1 Primary 15']);
    engine.settle();
    expect(engine.ready).toBe(true);
  });

  it('that fails leaves the old version, makes the replica again, and tells why in the words of Azure', () => {
    const here = world(flavour, fifteen);
    const { engine, cluster } = here;
    engine.change(to('17'));
    cluster.inject({
      ...failing,
      effect: { type: 'fail', code: 'PrecheckFailed', message: 'an event trigger is in the way' },
    });
    expect(phases(here).at(-1)).toBe('Stable');
    expect(roles(here)).toEqual(['eastus2 1 Primary 15', 'centralus 2 Replica 15']);
    const words =
      /the upgrade to PostgreSQL 17 failed \(.*PrecheckFailed: an event trigger is in the way\); when the cause is gone, set spec.database.version to "15", and then to "17" again/;
    expect(failoverOf(here).message).toMatch(words);
    expect(engine.condition('VersionReady')).toMatch(/^False UpgradeFailed/);
    expect(engine.events.filter((event) => event.startsWith('VersionReady UpgradeFailed'))).toHaveLength(1);
    expect(engine.condition('FailoverReady')).toMatch(/^True/);
    cluster.clear('precheck');
    cluster.forgetRequests();
    engine.settle();
    expect(asked(here)).toEqual([]);
    engine.change({ database: { version: '15' } });
    engine.settle();
    expect(engine.condition('VersionReady')).toMatch(/^True/);
    expect(asked(here)).toEqual([]);
    engine.change(to('17'));
    engine.settle();
    expect(roles(here)).toEqual(['eastus2 1 Primary 17', 'centralus 3 Replica 17']);
    expect(backups(here)).toEqual(['major-upgrade-17-1', 'major-upgrade-17-2']);
    expect(engine.refusals).toEqual([]);
  });

  it('puts the standby back that Azure has not given back, before the replica', () => {
    const here = world(flavour, { ...fifteen, highAvailability: { mode: 'ZoneRedundant' } });
    const { engine, cluster } = here;
    engine.change(to('17'));
    let dropped = false;
    engine.settle(() => {
      if (dropped || properties(cluster, 'eastus2').version !== '17') return;
      dropped = true;
      cluster.happen({ what: 'change', id: serverId(cluster, 'eastus2'), unset: ['highAvailability'] });
    });
    expect(dropped).toBe(true);
    expect(properties(cluster, 'eastus2').highAvailability).toMatchObject({ mode: 'ZoneRedundant' });
    const order = cluster.requests.flatMap(({ method, body }) =>
      body && 'highAvailability' in body && method === 'PATCH'
        ? ['standby']
        : body?.createMode === 'Replica'
          ? ['replica']
          : [],
    );
    expect(order).toEqual(['standby', 'replica']);
    expect(roles(here)).toEqual(['eastus2 1 Primary 17', 'centralus 2 Replica 17']);
    expect(refused(here)).toEqual([]);
    expect(troubled(here)).toEqual([]);
  });

  it('asks nothing about a standby that Azure has given back', () => {
    const here = world(flavour, { ...fifteen, highAvailability: { mode: 'ZoneRedundant' } });
    here.engine.change(to('17'));
    here.engine.settle();
    expect(roles(here)).toEqual(['eastus2 1 Primary 17', 'centralus 2 Replica 17']);
    expect(
      here.cluster.requests.filter(({ method, body }) => method === 'PATCH' && body && 'highAvailability' in body),
    ).toEqual([]);
  });

  it('takes another server that was promoted, and leaves the former writer alone', () => {
    const here = world(flavour, { ...fifteen, failover: { activeRegion: 'secondary' } });
    const { engine, cluster } = here;
    expect(roles(here)).toEqual(['eastus2 1 Former 15', 'eastus2 2 Replica 15', 'centralus 1 Primary 15']);
    engine.change(to('17'));
    engine.settle();
    expect(roles(here)).toEqual(['eastus2 1 Former 15', 'eastus2 3 Replica 17', 'centralus 1 Primary 17']);
    expect(properties(cluster, 'eastus2').version).toBe('15');
    expect(refused(here)).toEqual([]);
    expect(troubled(here)).toEqual([]);
  });

  it('deletes the replica in Azure too where everything else is kept, and its lock before it', () => {
    const own = {
      security: { adminPasswordSecretRef: { name: 'mine' }, lock: 'CanNotDelete' },
      deletion: { policy: 'Orphan' },
    };
    const here = world(flavour, { ...fifteen, ...own }, secret);
    here.engine.change(to('17'));
    here.engine.settle();
    expect(roles(here)).toEqual(['eastus2 1 Primary 17', 'centralus 2 Replica 17']);
    expect(serverId(here.cluster, 'centralus')).toMatch(/-g2-/);
    expect(refused(here)).toEqual([]);
  });
});

describe('an upgrade', () => {
  it('of one server of a Burstable size takes no backup, because Azure takes none of it', () => {
    const here = world('namespaced', { ...oneRegion, database: { version: '15', size: 'B_Standard_B2ms' } });
    here.engine.change(to('18', { size: 'B_Standard_B2ms' }));
    here.engine.settle();
    expect(asked(here).filter((request) => !request.startsWith('PATCH flexibleServers/orders-eastus2 18'))).toEqual([]);
    expect(roles(here)).toEqual(['eastus2 1 Primary 18']);
    expect(here.engine.condition('VersionReady')).toMatch(/^True/);
  });

  it('asks for a standby that is wanted in the middle of it after it', () => {
    const here = world('namespaced', fifteen);
    const { engine, cluster } = here;
    engine.change(to('17'));
    slowly(here, () => isSent(here));
    engine.change({ highAvailability: { mode: 'ZoneRedundant' } });
    engine.settle();
    expect(properties(cluster, 'eastus2').highAvailability).toMatchObject({ mode: 'ZoneRedundant' });
    expect(roles(here)).toEqual(['eastus2 1 Primary 17', 'centralus 2 Replica 17']);
    expect(refused(here)).toEqual([]);
  });

  it('is not over when Azure is only busy', () => {
    const here = world('namespaced', fifteen);
    here.engine.change(to('17'));
    here.cluster.inject({ ...failing, effect: { type: 'fail', code: 'ServerIsBusy', message: 'busy' }, times: 1 });
    here.engine.settle();
    expect(roles(here)).toEqual(['eastus2 1 Primary 17', 'centralus 2 Replica 17']);
    expect(refused(here)).toHaveLength(1);
    expect(here.engine.events.filter((event) => event.includes('UpgradeFailed'))).toEqual([]);
  });

  it.each([
    { mode: 'PrivateEndpoint' },
    { mode: 'Public', firewallRules: [{ name: 'office', startAddress: '203.0.113.0', endAddress: '203.0.113.255' }] },
  ])('takes along what clients reach the replica by, %j', (network) => {
    const here = world('namespaced', { ...fifteen, network });
    here.engine.change(to('17'));
    here.engine.settle();
    expect(roles(here)).toEqual(['eastus2 1 Primary 17', 'centralus 2 Replica 17']);
    expect(refused(here)).toEqual([]);
    expect(troubled(here)).toEqual([]);
    expect(here.engine.refusals).toEqual([]);
  });

  it('begins only when it is agreed to, and with no extension that Azure refuses', () => {
    const here = world('namespaced', fifteen);
    const { engine } = here;
    engine.change({ database: { version: '17' }, upgrade: { approvedVersion: '16' } });
    engine.reconcile();
    expect(engine.refusals.at(-1)).toMatch(
      /^spec.database.version: is another major version.*set spec.upgrade.approvedVersion to the same version$/,
    );
    engine.change({ ...to('17'), extensions: ['pg_trgm', 'hll', 'timescaledb'] });
    engine.reconcile();
    expect(engine.refusals.at(-1)).toBe(
      'spec.extensions: Azure does not upgrade a server with hll, timescaledb to version 17; drop them in every database, and take them out of the list until the upgrade is over',
    );
    engine.change({ ...to('16'), extensions: ['pg_trgm', 'hll'] });
    engine.settle();
    expect(engine.refusals).toHaveLength(2);
    expect(roles(here)).toEqual(['eastus2 1 Primary 16', 'centralus 2 Replica 16']);
  });

  it('never goes back', () => {
    const here = world('namespaced', { ...twoRegions, database: { version: '17' } });
    here.engine.change({ database: { version: '15' } });
    here.engine.settle();
    expect(here.engine.condition('VersionReady')).toMatch(
      /^False Waiting: "15" in spec.database.version is lower than the version 17/,
    );
    expect(asked(here)).toEqual([]);
    expect(here.engine.ready).toBe(true);
  });

  it('can be taken back until the version is sent; then the replica comes back at the old version', () => {
    const here = world('namespaced', fifteen);
    const { engine } = here;
    engine.change(to('17'));
    until(
      here,
      () => annotation(here, 'upgrade-removed-replica') !== undefined && engine.deleted.includes('secondary-server'),
    );
    engine.change({ database: { version: '15' } });
    engine.settle();
    expect(isSent(here)).toBe(true); // the new replica's
    expect(here.cluster.requests.filter(({ method, body }) => method === 'PATCH' && body && 'version' in body)).toEqual(
      [],
    );
    expect(roles(here)).toEqual(['eastus2 1 Primary 15', 'centralus 2 Replica 15']);
    expect(failoverOf(here).phase).toBe('Stable');
    expect(engine.refusals).toEqual([]);
  });

  it('and a failover wait for each other', () => {
    const here = world('namespaced', { ...fifteen, failover: { minimumIntervalMinutes: 0 } });
    const { engine, cluster } = here;
    engine.change(to('17'));
    slowly(here, () => isSent(here));
    engine.change({ failover: { minimumIntervalMinutes: 0, activeRegion: 'secondary' } });
    engine.reconcile();
    expect(engine.condition('FailoverReady')).toMatch(/^False Upgrading/);
    engine.settle();
    expect(engine.status.activeRegion).toBe('centralus');
    expect(roles(here)).toEqual(['eastus2 1 Former 17', 'eastus2 2 Replica 17', 'centralus 2 Primary 17']);
    engine.change({ ...to('18'), failover: { minimumIntervalMinutes: 0, activeRegion: 'primary' } });
    engine.reconcile();
    expect(engine.condition('VersionReady')).toMatch(/^False Waiting: the upgrade to PostgreSQL 18 waits: a failover/);
    expect(cluster.requests.filter(({ outcome }) => !outcome.ok)).toEqual([]);
  });

  it('waits for a region that is lost in the middle of it', () => {
    const here = world('namespaced', fifteen);
    const { engine, cluster } = here;
    engine.change(to('17'));
    slowly(here, () => isSent(here));
    cluster.happen({ what: 'region-outage', region: 'eastus2' });
    for (let pass = 0; pass < 5; pass++) {
      engine.reconcile();
      cluster.settle();
    }
    expect(failoverOf(here).phase).toBe('Upgrading');
    expect(engine.condition('FailoverReady')).toMatch(/the way is to wait$/);
    cluster.happen({ what: 'region-recovery', region: 'eastus2' });
    engine.settle();
    expect(roles(here)).toEqual(['eastus2 1 Primary 17', 'centralus 2 Replica 17']);
  });

  it('is not begun by a control plane that only observes', () => {
    const here = world('namespaced', { ...fifteen, security: { adminPasswordSecretRef: { name: 'mine' } } }, secret);
    here.engine.change({ management: { role: 'Standby' } });
    here.engine.settle();
    here.cluster.forgetRequests();
    here.engine.change({ ...to('17'), management: { role: 'Standby' } });
    here.engine.settle();
    expect(asked(here)).toEqual([]);
    expect(here.engine.refusals).toEqual([]);
  });

  it('goes on where a control plane that only observed meanwhile left it', () => {
    const own = { security: { adminPasswordSecretRef: { name: 'mine' } } };
    const here = world('namespaced', { ...fifteen, ...own }, secret);
    const { engine, cluster } = here;
    engine.change(to('17'));
    slowly(here, () => String(annotation(here, 'upgrade-removed-replica')).startsWith('secondary-server/'));
    slowly(here, () => engine.deleted.includes('secondary-server'));
    engine.change({ management: { role: 'Standby' } });
    for (let pass = 0; pass < 5; pass++) {
      engine.reconcile();
      cluster.settle();
    }
    expect(annotation(here, 'upgrade')).toBe('17');
    expect(isSent(here)).toBe(false);
    engine.change({ management: { role: 'Active' } });
    engine.settle();
    expect(roles(here)).toEqual(['eastus2 1 Primary 17', 'centralus 2 Replica 17']);
    expect(engine.refusals).toEqual([]);
  });
});
