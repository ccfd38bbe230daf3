import { createMemoryCluster, type MemoryCluster } from '../azure/memory.ts';
import { createEngine, type Engine } from '../support/engine.ts';
import { type Json, twoRegions, xr } from '../support/requests.ts';

interface World {
  readonly cluster: MemoryCluster;
  readonly engine: Engine;
}

function world(flavour: 'namespaced' | 'cluster', spec: object = twoRegions): World {
  const cluster = createMemoryCluster();
  const engine = createEngine(xr(flavour, spec), cluster);
  engine.settle();
  expect(engine.refusals).toEqual([]);
  expect(engine.ready).toBe(true);
  cluster.forgetRequests();
  return { cluster, engine };
}

const failover = ({ engine }: World): Json => (engine.status as { failover: Json }).failover;
const record = ({ engine }: World): unknown =>
  (engine.object('cname-write') as { status: { atProvider: { record: string } } }).status.atProvider.record;

describe.each(['namespaced', 'cluster'] as const)('a planned failover, %s', (flavour) => {
  it('moves writes to the other region, fences the former writer and makes a new replica', () => {
    const here = world(flavour);
    const { cluster, engine } = here;
    expect(failover(here)).toMatchObject({ phase: 'Stable' });
    expect(engine.condition('FailoverReady')).toMatch(/^True Ready/);
    engine.change({ failover: { activeRegion: 'secondary' } });
    const phases: unknown[] = [];
    engine.settle(() => {
      const { phase } = failover(here);
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
