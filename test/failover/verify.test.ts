import { twoRegions } from '../support/requests.ts';
import { failoverOf, type World, world } from '../support/world.ts';

const bySql = { verify: 'Sql', validation: { enabled: false, image: 'postgres:18' } };
const NAME = 'orders-failover-verification-2';

const jobOf = ({ cluster }: World) => cluster.objects('Job').find(({ metadata }) => metadata.name === NAME);

/** Reconciles until the probe is there and has not run. */
function untilProbe(here: World): void {
  const { engine, cluster } = here;
  for (let round = 0; round < 60 && !jobOf(here); round++) {
    engine.reconcile();
    for (const key of Object.keys(cluster.state.objects).filter((each) => each.startsWith('Object.')))
      cluster.step({ type: 'reconcile', key });
    if (!jobOf(here)) cluster.settle();
  }
  expect(jobOf(here)).toBeDefined();
}

describe.each(['namespaced', 'cluster'] as const)('a promotion that is verified by SQL, %s', (flavour) => {
  it('moves the names once the server itself has said that it is not in recovery', () => {
    const here = world(flavour, { ...twoRegions, failover: bySql });
    const { engine } = here;
    engine.change({ failover: { ...bySql, activeRegion: 'secondary' } });
    untilProbe(here);
    expect(failoverOf(here)).toMatchObject({
      phase: 'Promoting',
      message:
        'secondary-server is promoted, and a probe asks it whether it takes writes; to go on without it, set spec.failover.verify to Witness',
    });
    expect(engine.status.activeRegion).toBe('eastus2');
    const { template } = jobOf(here)?.spec as { template: { spec: { containers: { env: object[] }[] } } };
    expect(template.spec.containers[0]?.env).toContainEqual({
      name: 'PGHOST',
      value: expect.stringMatching(/^orders-centralus-.*\.postgres\.database\.azure\.com$/),
    });
    engine.settle();
    expect(failoverOf(here)).toMatchObject({ phase: 'Stable' });
    expect(engine.status.activeRegion).toBe('centralus');
    expect(engine.deleted).toContain('failover-verification-2');
    expect(engine.refusals).toEqual([]);
  });

  it('moves no name while the probe has failed, until the witness is enough', () => {
    const here = world(flavour, { ...twoRegions, failover: bySql });
    const { engine, cluster } = here;
    engine.change({ failover: { ...bySql, activeRegion: 'secondary' } });
    untilProbe(here);
    cluster.step({ type: 'run-job', key: `Job.batch/team-a/${NAME}`, failure: 'made up' });
    engine.settle();
    expect(failoverOf(here)).toMatchObject({ phase: 'Promoting' });
    expect(failoverOf(here).message).toMatch(
      /the probe that asks it failed: .*; the log of Job team-a\/orders-failover-verification-2 says what it saw; delete that Job to probe again, or set spec.failover.verify to Witness$/,
    );
    expect(engine.status.activeRegion).toBe('eastus2');
    engine.change({ failover: { activeRegion: 'secondary' } });
    engine.settle();
    expect(failoverOf(here)).toMatchObject({ phase: 'Stable' });
    expect(engine.status.activeRegion).toBe('centralus');
    expect(cluster.objects('Job')).toEqual([]);
  });
});

it('a forced promotion by a Job is verified too', () => {
  const asked = {
    ...bySql,
    executor: 'Job',
    executorIdentity: { clientId: '00000000-0000-0000-0000-000000000003' },
    option: 'Forced',
  };
  const here = world('namespaced', { ...twoRegions, failover: asked });
  here.engine.change({ failover: { ...asked, activeRegion: 'secondary' } });
  untilProbe(here);
  expect(here.engine.object('failover-call-2')).toBeDefined();
  here.engine.settle();
  expect(failoverOf(here)).toMatchObject({ phase: 'Stable' });
  expect(here.engine.status.activeRegion).toBe('centralus');
});
