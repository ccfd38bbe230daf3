import { type Json, twoRegions } from '../support/requests.ts';
import { failoverOf, properties, serverId, troubled, type World, world } from '../support/world.ts';

const base = { ...twoRegions, network: { virtualEndpoint: { enabled: true } } };
const standing = { mode: 'Switchover', minimumIntervalMinutes: 0 };

const target = ({ engine }: World): string => String((engine.status.endpoints as { write: Json }).write.target);
const roles = ({ engine }: World): string[] =>
  (engine.status.servers as Json[]).map(({ role, generation, region }) => `${region} ${generation} ${role}`);
const incident = ({ cluster }: World, what: 'region-outage' | 'region-recovery', region: string): unknown =>
  cluster.step({ type: 'incident', incident: { what, region } });

/** While a person is waited for, the witnesses are asked anew for ever. */
function passes({ engine, cluster }: World, most: number, look: () => void = () => undefined): void {
  for (let pass = 0; pass < most; pass++) {
    engine.reconcile();
    look();
    cluster.settle();
  }
}

/** A person makes the call that the status shows. */
function call(here: World, region: string): void {
  const { call } = failoverOf(here);
  const id = /azure\.com(\/[^?]+)\?api-version=[\d-]+" --body/.exec(String(call))?.[1];
  expect(id).toBe(serverId(here.cluster, region));
  const option = String(call).includes('"promoteOption":"Forced"') ? 'forced' : 'planned';
  expect(call).toContain('"role":"Primary","promoteMode":"Switchover"');
  here.cluster.step({ type: 'incident', incident: { what: 'promote', id: String(id), mode: 'switchover', option } });
  here.cluster.settle();
}

const made = ({ cluster }: World): string[] =>
  cluster.requests
    .filter(({ by }) => by !== undefined)
    .map(({ method, id }) => `${method} ${id.split('/').slice(-2).join('/')}`);

describe.each(['namespaced', 'cluster'] as const)('a switchover, %s', (flavour) => {
  it('lets the servers change places and back, makes none, and asks nothing that Azure refuses', () => {
    const here = world(flavour, {
      ...base,
      highAvailability: { mode: 'ZoneRedundant' },
      maintenanceWindow: { dayOfWeek: 'Sunday', startHour: 3 },
    });
    const { cluster, engine } = here;
    const before = Object.keys(cluster.state.resources).filter((id) => !id.includes('/virtualendpoints/'));
    engine.change({ failover: { ...standing, activeRegion: 'secondary' } });
    const phases: unknown[] = [];
    const look = (): void => {
      const { phase } = failoverOf(here);
      if (phases.at(-1) !== phase) phases.push(phase);
    };
    passes(here, 6, look);
    expect(engine.condition('FailoverInProgress')).toMatch(/^True Promoting/);
    expect(engine.ready).toBe(true);
    expect(made(here).filter((request) => /flexibleServers\/[^/]+$/.test(request))).toEqual([]);
    call(here, 'centralus');
    engine.settle(look);
    expect(phases).toEqual(['Promoting', 'CuttingOver', 'Stable']);
    expect(roles(here)).toEqual(['eastus2 1 Replica', 'centralus 1 Primary']);
    expect(target(here)).toContain('centralus');
    expect(engine.events.filter((event) => event.startsWith('SplitBrainPossible'))).toEqual([]);
    expect(properties(cluster, 'centralus').highAvailability).toMatchObject({ mode: 'ZoneRedundant' });
    expect(properties(cluster, 'eastus2').highAvailability).toBeUndefined();
    expect(troubled(here)).toEqual([]);

    engine.change({ failover: { ...standing, activeRegion: 'primary' } });
    passes(here, 6);
    call(here, 'eastus2');
    engine.settle();
    expect(roles(here)).toEqual(['eastus2 1 Primary', 'centralus 1 Replica']);
    expect(target(here)).toContain('eastus2');
    expect(properties(cluster, 'eastus2').highAvailability).toMatchObject({ mode: 'ZoneRedundant' });
    expect(properties(cluster, 'centralus').highAvailability).toBeUndefined();
    expect(engine.condition('ReplicaReady')).toMatch(/^True/);
    expect(engine.condition('VirtualEndpointReady')).toMatch(/^True/);
    expect(engine.refusals).toEqual([]);
    expect(troubled(here)).toEqual([]);
    expect(cluster.requests.filter(({ outcome }) => !outcome.ok)).toEqual([]);
    expect(engine.deleted.filter((key) => !/witness|^usage-of-\w+-server-by-\w+-server$/.test(key))).toEqual([]);
    expect(
      Object.keys(cluster.state.resources)
        .filter((id) => !id.includes('/virtualendpoints/'))
        .sort(),
    ).toEqual(before.sort());
    cluster.step({ type: 'restart-provider' });
    const quiet = cluster.requests.length;
    engine.settle();
    expect(cluster.requests.slice(quiet)).toEqual([]);
  });

  it('moves the names of a lost region, and takes the former writer back as the replica', () => {
    const here = world(flavour, base);
    const { cluster, engine } = here;
    incident(here, 'region-outage', 'eastus2');
    engine.change({ failover: { ...standing, activeRegion: 'secondary', option: 'Forced' } });
    passes(here, 6);
    expect(failoverOf(here).message).toContain('transactions that have not reached the replica are lost');
    call(here, 'centralus');
    engine.settle();
    expect(engine.ready).toBe(true);
    expect(target(here)).toContain('centralus');
    expect(roles(here)).toEqual(['eastus2 1 Former', 'centralus 1 Primary']);
    expect(engine.condition('SplitBrainPossible')).toMatch(/^True FormerWriterOpen/);
    expect(failoverOf(here)).toMatchObject({ phase: 'Unprotected' });
    expect(engine.object('virtual-endpoint')).toBeDefined();
    incident(here, 'region-recovery', 'eastus2');
    engine.settle();
    expect(roles(here)).toEqual(['eastus2 1 Replica', 'centralus 1 Primary']);
    expect(engine.condition('SplitBrainPossible')).toMatch(/^False/);
    expect(failoverOf(here)).toMatchObject({ phase: 'Stable' });
    expect(engine.deleted.filter((key) => !/witness|^usage-of-\w+-server-by-\w+-server$/.test(key))).toEqual([]);
    expect(engine.refusals).toEqual([]);
    expect(troubled(here)).toEqual([]);
    expect(cluster.requests.filter(({ outcome }) => !outcome.ok && outcome.rule !== 'region-outage')).toEqual([]);
  });
});

describe('a switchover', () => {
  const start = (): World => {
    const here = world('namespaced', base);
    here.engine.change({ failover: { ...standing, activeRegion: 'secondary' } });
    passes(here, 6);
    return here;
  };

  it('fences the former writer when it is no replica, and makes a new one, as after a promotion', () => {
    const here = start();
    const { cluster, engine } = here;
    const id = serverId(cluster, 'centralus');
    cluster.step({ type: 'incident', incident: { what: 'promote', id, mode: 'standalone', option: 'planned' } });
    engine.settle();
    expect(engine.ready).toBe(true);
    expect(roles(here)).toEqual(['eastus2 1 Former', 'eastus2 2 Replica', 'centralus 1 Primary']);
    expect(engine.events.filter((event) => event.startsWith('SplitBrainPossible FormerWriterOpen'))).toHaveLength(1);
    expect(engine.condition('SplitBrainPossible')).toMatch(/^False/);
    expect(failoverOf(here)).toMatchObject({ phase: 'Stable' });
    expect(engine.deleted).toContain('virtual-endpoint');
    expect(engine.condition('FailoverReady')).toMatch(/^False NotSwitchoverProof/);
  });

  it('asks nothing for the writer of a server that is to become a replica: it would never be Synced, and get nothing else', () => {
    const here = world('namespaced', base);
    const { cluster, engine } = here;
    engine.change({ failover: { ...standing, activeRegion: 'secondary' } });
    passes(here, 6);
    const maintenanceWindow = { dayOfWeek: 'Sunday', startHour: 3, startMinute: 0 };
    engine.change({
      database: { backupRetentionDays: 21 },
      maintenanceWindow,
      parameters: { max_connections: '1000' },
    });
    passes(here, 2);
    call(here, 'centralus');
    engine.settle();
    expect(cluster.requests.filter(({ by, outcome }) => by !== undefined && !outcome.ok)).toEqual([]);
    expect(properties(cluster, 'centralus')).toMatchObject({
      backupRetentionDays: 21,
      maintenanceWindow: { startHour: 3 },
    });
    expect(properties(cluster, 'eastus2').backupRetentionDays).toBe(14);
    expect(properties(cluster, 'eastus2').maintenanceWindow).toBeUndefined();
    expect(engine.condition('ParametersReady')).toMatch(/^True/);
    expect(troubled(here)).toEqual([]);
  });

  it('is not begun by a change of mode where Azure would refuse it', () => {
    const here = world('namespaced', base);
    const { engine } = here;
    const planned = { ...standing, activeRegion: 'secondary' };
    engine.change({ failover: { ...planned, mode: 'Promote' } });
    passes(here, 2);
    expect(failoverOf(here)).toMatchObject({ phase: 'Fencing' });
    engine.change({ failover: planned });
    here.cluster.step({
      type: 'incident',
      incident: {
        what: 'change',
        id: serverId(here.cluster, 'eastus2'),
        set: { storageMb: 262144, storageTier: 'P15' },
      },
    });
    here.cluster.step({ type: 'restart-provider' });
    passes(here, 3);
    expect(failoverOf(here).call).toBeUndefined();
    expect(failoverOf(here).message).toContain('Azure switches over equal servers only');
  });

  it('leaves nothing behind when everything is deleted at any moment of it', () => {
    for (const [before, after] of [
      [1, 0],
      [3, 0],
      [6, 0],
      [6, 1],
      [6, 2],
      [6, 5],
    ] as const) {
      const here = world('namespaced', base);
      here.engine.change({ failover: { ...standing, activeRegion: 'secondary' } });
      passes(here, before);
      if (before === 6) call(here, 'centralus');
      passes(here, after);
      here.engine.remove();
      here.cluster.settle();
      here.engine.remove();
      here.cluster.settle();
      expect(Object.keys(here.cluster.state.resources)).toEqual([]);
    }
  });

  it('is taken back by a person who says that the call will not be made', () => {
    const here = start();
    const { cluster, engine } = here;
    engine.change({ failover: { ...standing, activeRegion: 'primary' } });
    passes(here, 3);
    expect(failoverOf(here)).toMatchObject({
      phase: 'Promoting',
      message: expect.stringContaining('set spec.failover.mode to Promote'),
    });
    expect(failoverOf(here).call).toBeUndefined();
    engine.change({ failover: { ...standing, mode: 'Promote', activeRegion: 'primary' } });
    engine.settle();
    expect(failoverOf(here)).toMatchObject({ phase: 'Stable' });
    expect(roles(here)).toEqual(['eastus2 1 Primary', 'centralus 1 Replica']);
    expect(made(here)).toEqual([]);
    expect(engine.object('primary-server')).toMatchObject({
      spec: { managementPolicies: ['Observe', 'Create', 'Update', 'Delete'] },
    });
    expect(troubled(here)).toEqual([]);
    expect(cluster.requests.filter(({ outcome }) => !outcome.ok)).toEqual([]);
  });

  it('goes on when it is taken back too late', () => {
    const here = start();
    call(here, 'centralus');
    here.engine.change({ failover: { ...standing, mode: 'Promote', activeRegion: 'secondary' } });
    here.engine.settle();
    expect(roles(here)).toEqual(['eastus2 1 Replica', 'centralus 1 Primary']);
    expect(failoverOf(here)).toMatchObject({ phase: 'Stable' });
  });
});
