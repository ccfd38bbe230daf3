import type { MemoryCluster } from '../azure/memory.ts';
import { type Json, oneRegion, twoRegions } from '../support/requests.ts';
import { failoverOf, serverId, troubled, type World, world } from '../support/world.ts';

const TIME = '2026-01-01T00:05:00Z';
const restore = { mode: 'PointInTime', pointInTime: TIME };

const server = (cluster: MemoryCluster, id: string) => cluster.state.resources[id.toLowerCase()];
const idOf = ({ engine }: World, key: string): string =>
  String(((engine.object(key)?.status as Json).atProvider as Json).id);
const roles = ({ engine }: World): string[] =>
  (engine.status.servers as Json[]).map(({ role, generation, region }) => `${region} ${generation} ${role}`);
const target = ({ engine }: World): string => String((engine.status.endpoints as { write: Json }).write.target);
const fqdn = (here: World, key: string): string => `${idOf(here, key).split('/').at(-1)}.postgres.database.azure.com`;
const restores = ({ cluster }: World) =>
  cluster.requests.filter(({ method, body }) => method === 'PUT' && body?.createMode === 'PointInTimeRestore');

/** The phases up to the end. */
function phases(here: World, look: () => void = () => undefined): unknown[] {
  const seen: unknown[] = [];
  here.engine.settle(() => {
    const phase = failoverOf(here)?.phase ?? 'Stable';
    if (seen.at(-1) !== phase) seen.push(phase);
    look();
  });
  return seen;
}

describe.each(['namespaced', 'cluster'] as const)('a restore beside living servers, %s', (flavour) => {
  it('makes a server from a backup, moves writes to it in the phases of a failover, and keeps the old ones', () => {
    const here = world(flavour, { ...twoRegions, highAvailability: { mode: 'ZoneRedundant' } });
    const { cluster, engine } = here;
    const old = serverId(cluster, 'eastus2');
    engine.change({ restore });
    const open: boolean[] = [];
    const seen = phases(here, () => {
      if (failoverOf(here).phase === 'Restoring') open.push(engine.ready);
    });
    expect(seen).toEqual(['Restoring', 'Fencing', 'CuttingOver', 'Unprotected', 'Reprotecting', 'Stable']);
    expect(engine.refusals).toEqual([]);
    // Applications write until the fence.
    expect(new Set(open)).toEqual(new Set([true]));
    expect(engine.ready).toBe(true);
    expect(roles(here)).toEqual(['eastus2 1 Former', 'eastus2 2 Primary', 'centralus 1 Former', 'centralus 2 Replica']);
    expect(target(here)).toBe(fqdn(here, 'primary-server-2'));
    expect(troubled(here)).toEqual([]);
    const made = server(cluster, idOf(here, 'primary-server-2'));
    expect(made?.hidden.content).toBe(server(cluster, old)?.hidden.content);
    expect(made?.hidden.password).toBe(server(cluster, old)?.hidden.password);
    expect(made?.properties.highAvailability).toMatchObject({ mode: 'ZoneRedundant' });
    expect(restores(here)).toHaveLength(1);
    expect(restores(here)[0]?.body).toMatchObject({ sourceServerId: old, pointInTimeRestoreTimeInUtc: TIME });
    expect(cluster.requests.filter(({ outcome }) => !outcome.ok)).toEqual([]);
    expect(engine.condition('SplitBrainPossible')).toMatch(/^False/);
  });

  it('does so with one region too, and tells of its phases there', () => {
    const here = world(flavour, oneRegion);
    here.engine.change({ restore });
    expect(phases(here)).toEqual(['Restoring', 'Fencing', 'CuttingOver', 'Stable']);
    expect(roles(here)).toEqual(['eastus2 1 Former', 'eastus2 2 Primary']);
    expect(here.engine.ready).toBe(true);
    expect(troubled(here)).toEqual([]);
  });

  it.each(['PrivateEndpoint', 'Public'] as const)('does so with network mode %s', (mode) => {
    const network = {
      mode,
      ...(mode === 'Public'
        ? { firewallRules: [{ name: 'office', startAddress: '203.0.113.8', endAddress: '203.0.113.15' }] }
        : {}),
    };
    const here = world(flavour, { ...twoRegions, network });
    here.engine.change({ restore });
    expect(phases(here).at(-1)).toBe('Stable');
    expect(target(here)).toBe(fqdn(here, 'primary-server-2'));
    expect(here.engine.ready).toBe(true);
    expect(troubled(here)).toEqual([]);
  });
});

describe('a restore beside living servers', () => {
  it('waits with cutover Manual, open for whoever wants to look, and goes on when it is Automatic', () => {
    const here = world('namespaced', twoRegions);
    const { engine } = here;
    engine.change({ restore: { ...restore, cutover: 'Manual' } });
    engine.settle();
    const host = fqdn(here, 'primary-server-2');
    expect(failoverOf(here)).toMatchObject({
      phase: 'Restoring',
      message: `primary-server-2 is restored and can be looked at at ${host}; it takes over once spec.restore.cutover and spec.failover.cutover are Automatic, without what was written after ${TIME}`,
    });
    expect(roles(here)).toEqual(['eastus2 1 Primary', 'eastus2 2 Restored', 'centralus 1 Replica']);
    expect(engine.ready).toBe(true);
    expect(target(here)).not.toBe(host);
    engine.change({ restore });
    expect(phases(here).at(-1)).toBe('Stable');
    expect(target(here)).toBe(host);
  });

  it('goes back before the restored server takes writes, and keeps that until it is retired', () => {
    const here = world('namespaced', twoRegions);
    const { cluster, engine } = here;
    engine.change({ restore });
    for (let pass = 0; pass < 60 && failoverOf(here).phase !== 'Fencing'; pass++) {
      cluster.settle();
      engine.reconcile();
    }
    expect(failoverOf(here)).toMatchObject({ phase: 'Fencing' });
    engine.change({ restore: undefined });
    engine.settle();
    expect(failoverOf(here)).toMatchObject({ phase: 'Stable' });
    expect(engine.ready).toBe(true);
    expect(target(here)).toBe(fqdn(here, 'primary-server'));
    expect(roles(here)).toEqual(['eastus2 1 Primary', 'eastus2 2 Former', 'centralus 1 Replica']);
    const name = idOf(here, 'primary-server-2').split('/').at(-1);
    expect(engine.condition('FailoverReady')).toContain(`add "${name}" to spec.failover.retire`);
    engine.change({ failover: { retire: [name] } });
    engine.settle();
    expect(roles(here)).toEqual(['eastus2 1 Primary', 'centralus 1 Replica']);
    expect(engine.refusals).toEqual([]);
  });

  it('is carried out once, although its server has gone and spec.restore still stands there', () => {
    const here = world('namespaced', twoRegions);
    const { engine } = here;
    engine.change({ restore });
    engine.settle();
    const retire = ['primary-server', 'secondary-server'].map((key) => idOf(here, key).split('/').at(-1));
    const failover = { minimumIntervalMinutes: 0, formerPrimary: 'Delete', retire };
    engine.change({ failover });
    engine.settle();
    engine.change({ failover: { ...failover, activeRegion: 'secondary' } });
    engine.settle();
    expect(roles(here)).toEqual(['eastus2 3 Replica', 'centralus 2 Primary']);
    expect(failoverOf(here)).toMatchObject({ phase: 'Stable' });
    expect(restores(here)).toHaveLength(1);
    expect(troubled(here)).toEqual([]);
  });

  it('does not begin while a former primary is in its place, and says which to retire', () => {
    const here = world('namespaced', twoRegions);
    const { engine } = here;
    engine.change({ restore });
    engine.settle();
    engine.change({ restore: { ...restore, pointInTime: '2026-01-01T00:06:00Z' } });
    engine.settle();
    const [former, replica] = ['primary-server', 'secondary-server'].map((key) => idOf(here, key).split('/').at(-1));
    expect(failoverOf(here)).toMatchObject({
      phase: 'Stable',
      message: `a restore is asked for and has not begun: primary-server is kept in the region in which the server would be made; add "${former}" and "${replica}" to spec.failover.retire, which deletes them with their data, or remove spec.restore`,
    });
    engine.change({ failover: { retire: [former, replica] } });
    engine.settle();
    expect(roles(here)).toEqual(['eastus2 2 Former', 'eastus2 3 Primary', 'centralus 2 Former', 'centralus 3 Replica']);
    expect(restores(here)).toHaveLength(2);
  });

  it('that Azure refuses says why and how to correct it, and is not lost on the way', () => {
    const here = world('namespaced', twoRegions);
    const { cluster, engine } = here;
    const name = 'orders-eastus2-g2-657be446';
    const message = 'RestorePointInvalid: restore point is too early';
    cluster.inject({ id: 'refused', on: { name }, effect: { type: 'fail', message: `error: ${message}` } });
    const passes = (): void => {
      for (let pass = 0; pass < 6; pass++) {
        engine.reconcile();
        cluster.settle();
      }
    };
    engine.change({ restore: { ...restore, pointInTime: '2001-01-01T00:00:00Z' } });
    passes();
    expect(engine.condition('FailoverInProgress')).toBe(
      `False Restoring: primary-server-2: Azure answers RestorePointInvalid; see the events of the resource; correct spec.restore, and add "${name}" to spec.failover.retire`,
    );
    expect(engine.ready).toBe(true);
    cluster.clear('refused');
    engine.change({ restore, failover: { retire: [name] } });
    engine.settle();
    // Not the second generation: its name is to be retired.
    expect(roles(here)).toEqual(['eastus2 1 Former', 'eastus2 4 Primary', 'centralus 1 Former', 'centralus 2 Replica']);
    expect(restores(here).at(-1)?.body).toMatchObject({ pointInTimeRestoreTimeInUtc: TIME });
    expect(troubled(here)).toEqual([]);
  });

  it('takes over from a server that was fenced, and opens what it made of it', () => {
    const here = world('namespaced', twoRegions);
    const { cluster, engine } = here;
    const former = idOf(here, 'primary-server');
    const failover = { activeRegion: 'secondary', minimumIntervalMinutes: 0 };
    engine.change({ failover });
    engine.settle();
    engine.change({ failover: { ...failover, activeRegion: 'primary' } });
    engine.settle();
    // The first one is in the way of a server that is made here, and Azure keeps its backups for five days.
    engine.change({ failover: { ...failover, activeRegion: 'primary', retire: [former.split('/').at(-1)] } });
    engine.settle();
    expect(server(cluster, former)).toBeUndefined();
    engine.change({ restore: { mode: 'Dropped', sourceServerId: former, pointInTime: TIME } });
    expect(phases(here).at(-1)).toBe('Stable');
    expect(engine.ready).toBe(true);
    expect(roles(here)).toContain('eastus2 3 Primary');
    expect(server(cluster, idOf(here, 'primary-server-3'))?.hidden.content).toBe(`${former.split('/').at(-1)}#1`);
  });

  it('is refused while there is no server whose backup it could be', () => {
    const here = world('namespaced', twoRegions);
    here.engine.change({ restore: { ...restore, mode: 'Geo' } });
    here.engine.reconcile();
    expect(here.engine.refusals.at(-1)).toMatch(/^spec\.restore\.sourceServerId: is missing, and only mode/);
  });
});
