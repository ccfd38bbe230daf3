import { type Json, twoRegions } from '../support/requests.ts';
import { failoverOf, type World, world } from '../support/world.ts';

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
});
