import { type Json, twoRegions } from '../support/requests.ts';
import { failoverOf, serverId, type World, world } from '../support/world.ts';

const record = ({ engine }: World): unknown =>
  (engine.object('cname-write') as { status: { atProvider: { record: string } } }).status.atProvider.record;

describe.each(['namespaced', 'cluster'] as const)('a planned failover, %s', (flavour) => {
  it('moves writes to the other region, fences the former writer and makes a new replica', () => {
    const here = world(flavour, twoRegions);
    const { cluster, engine } = here;
    expect(failoverOf(here)).toMatchObject({ phase: 'Stable' });
    expect(engine.condition('FailoverReady')).toMatch(/^True Ready/);
    engine.change({ failover: { activeRegion: 'secondary' } });
    const phases: unknown[] = [];
    engine.settle(() => {
      const { phase } = failoverOf(here);
      if (phases.at(-1) !== phase) phases.push(phase);
    });
    expect(engine.refusals).toEqual([]);
    expect(phases).toEqual(['Fencing', 'Promoting', 'CuttingOver', 'Unprotected', 'Reprotecting', 'Stable']);
    expect(record(here)).toContain('centralus');
    expect(engine.ready).toBe(true);
    expect(engine.status.activeRegion).toBe('centralus');
    expect(engine.condition('SplitBrainPossible')).toMatch(/^False/);
    expect(
      (engine.status.servers as Json[]).map(({ role, generation, region }) => `${region} ${generation} ${role}`),
    ).toEqual(['eastus2 1 Former', 'eastus2 2 Replica', 'centralus 1 Primary']);
    expect(engine.deleted.filter((key) => !/witness|^usage-of-primary-server-by-secondary-server$/.test(key))).toEqual(
      [],
    );
    expect(cluster.requests.filter(({ outcome }) => !outcome.ok)).toEqual([]);
  });

  it('goes no further, and lets the writer write, when somebody has promoted the replica by hand', () => {
    const here = world(flavour, twoRegions);
    const { cluster, engine } = here;
    const id = serverId(cluster, 'centralus');
    cluster.happen({ what: 'promote', id, mode: 'standalone', option: 'planned' });
    cluster.settle();
    engine.change({ failover: { activeRegion: 'secondary' } });
    for (let round = 0; round < 8; round++) {
      engine.reconcile();
      cluster.settle();
    }
    const name = id.split('/').at(-1);
    expect(failoverOf(here)).toMatchObject({
      phase: 'Fencing',
      message: `the server ${name} no longer replicates from primary-server, so its data is older; add "${name}" to spec.failover.retire to have a new replica made, or set spec.failover.activeRegion back`,
    });
    expect([engine.object('primary-server-read-only'), engine.object('primary-server-fence')]).toEqual([
      undefined,
      undefined,
    ]);
    expect(engine.ready).toBe(true);
    expect(record(here)).toContain('eastus2');
  });
});
