import type { MemoryCluster } from '../azure/memory.ts';
import { twoRegions } from '../support/requests.ts';
import { failoverOf, type World, world } from '../support/world.ts';

const JOB = 'failover-call-2';
const executorIdentity = { clientId: '00000000-0000-0000-0000-000000000003' };
const byJob = { executor: 'Job', executorIdentity, option: 'Forced' };
const elsewhere = { ...byJob, activeRegion: 'secondary' };

const jobOf = ({ cluster }: World) => cluster.objects('Job')[0];

/** Reconciles until the Job of the call is there and has not run. */
function untilJob(here: World): void {
  const { engine, cluster } = here;
  for (let round = 0; round < 60 && !jobOf(here); round++) {
    engine.reconcile();
    for (const key of Object.keys(cluster.state.objects).filter((each) => each.startsWith('Object.')))
      cluster.step({ type: 'reconcile', key });
    if (!jobOf(here)) cluster.settle();
  }
  expect(jobOf(here)?.metadata.name).toBe('orders-failover-call-2');
}
const run = (cluster: MemoryCluster, more: { failure?: string; asks?: boolean } = {}): void =>
  cluster.step({ type: 'run-job', key: 'Job.batch/team-a/orders-failover-call-2', ...more });

describe.each(['namespaced', 'cluster'] as const)('a Job makes the call of a forced failover, %s', (flavour) => {
  it('with nobody doing anything, and leaves once the promotion is proven', () => {
    const here = world(flavour, { ...twoRegions, failover: byJob });
    const { engine, cluster } = here;
    cluster.forgetRequests();
    engine.change({ failover: elsewhere });
    const phases: unknown[] = [];
    engine.settle(() => {
      const { phase, call } = failoverOf(here);
      expect(call).toBeUndefined();
      if (phases.at(-1) !== phase) phases.push(phase);
    });
    expect(phases).toEqual(['Fencing', 'Promoting', 'CuttingOver', 'Unprotected', 'Reprotecting', 'Stable']);
    expect(engine.status.activeRegion).toBe('centralus');
    expect(engine.deleted).toContain(JOB);
    expect(cluster.objects('Job')).toEqual([]);
    expect(engine.refusals).toEqual([]);
    const promotions = cluster.requests.filter(({ by, method }) => by === undefined && method === 'PATCH');
    expect(promotions.map(({ body }) => body)).toEqual([
      { replicationRole: 'None', replica: { promoteMode: 'standalone', promoteOption: 'forced' } },
    ]);
  });

  it('that fails waits for a person, and runs again when it is deleted', () => {
    const here = world(flavour, { ...twoRegions, failover: byJob });
    const { engine, cluster } = here;
    engine.change({ failover: elsewhere });
    untilJob(here);
    run(cluster, { failure: 'made up' });
    engine.settle();
    expect(failoverOf(here)).toMatchObject({ phase: 'Promoting' });
    expect(failoverOf(here).message).toMatch(
      /^the Job that promotes secondary-server failed: .*; the log of Job team-a\/orders-failover-call-2 says what Azure answered; delete that Job to try again, or set spec.failover.executor to Manual to make the call yourself$/,
    );
    cluster.remove({ apiVersion: 'batch/v1', kind: 'Job', namespace: 'team-a', name: 'orders-failover-call-2' });
    engine.settle();
    expect(failoverOf(here)).toMatchObject({ phase: 'Stable' });
    expect(engine.status.activeRegion).toBe('centralus');
  });

  it('that had nothing to do is made anew while the failover is still asked for', () => {
    const here = world(flavour, { ...twoRegions, failover: byJob });
    const { engine, cluster } = here;
    engine.change({ failover: elsewhere });
    untilJob(here);
    run(cluster, { asks: false });
    engine.settle();
    expect(failoverOf(here)).toMatchObject({ phase: 'Stable' });
    expect(engine.status.activeRegion).toBe('centralus');
    expect(engine.refusals).toEqual([]);
  });
});

describe.each(['namespaced', 'cluster'] as const)('a Job makes the call of a switchover, %s', (flavour) => {
  it('there and back, with nobody doing anything', () => {
    const asked = { ...byJob, option: 'Planned', mode: 'Switchover', minimumIntervalMinutes: 0 };
    const here = world(flavour, { ...twoRegions, failover: asked, network: { virtualEndpoint: { enabled: true } } });
    const { engine, cluster } = here;
    for (const [activeRegion, region] of [
      ['secondary', 'centralus'],
      ['primary', 'eastus2'],
    ]) {
      cluster.forgetRequests();
      engine.change({ failover: { ...asked, activeRegion } });
      engine.settle(() => expect(failoverOf(here).call).toBeUndefined());
      expect(failoverOf(here)).toMatchObject({ phase: 'Stable' });
      expect(engine.status.activeRegion).toBe(region);
      expect(engine.refusals).toEqual([]);
      expect(cluster.objects('Job')).toEqual([]);
      const calls = cluster.requests.filter(({ by, method }) => by === undefined && method === 'PATCH');
      expect(calls.map(({ body }) => body)).toEqual([
        expect.objectContaining({ replica: { promoteMode: 'switchover', promoteOption: 'planned' } }),
      ]);
    }
  });
});

describe('the executor', () => {
  it('has an identity in Azure, and may read the one object that asks', () => {
    const { engine } = world('namespaced', { ...twoRegions, failover: byJob });
    expect(engine.object('failover-serviceaccount')).toMatchObject({
      metadata: {
        name: 'orders-failover',
        namespace: 'team-a',
        annotations: { 'azure.workload.identity/client-id': executorIdentity.clientId },
      },
      automountServiceAccountToken: false,
    });
    expect(engine.object('failover-role')).toMatchObject({
      kind: 'Role',
      rules: [
        {
          apiGroups: ['database.platform.io'],
          resources: ['xpostgresqldatabases'],
          resourceNames: ['orders'],
          verbs: ['get'],
        },
      ],
    });
  });

  it('is told both servers, what is asked, and where to look whether it still is', () => {
    const here = world('cluster', { ...twoRegions, failover: byJob });
    here.engine.change({ failover: elsewhere });
    untilJob(here);
    const { template } = jobOf(here)?.spec as { template: { spec: { containers: { command: string[] }[] } } };
    const server = (name: string) =>
      expect.stringMatching(new RegExp(`^/subscriptions/.*/flexibleServers/orders-${name}-`));
    expect(template.spec.containers[0]?.command).toEqual([
      ...['/usr/bin/node', '/failover.cjs', 'failover', '--mode', 'Promote', '--option', 'Forced'],
      ...['--active-region', 'secondary', '--source', server('eastus2'), '--target', server('centralus'), '--object'],
      '/apis/claims.database.platform.io/v1alpha1/namespaces/team-a/postgresqldatabases/orders',
    ]);
  });

  it('moves no name on the word of a Job alone: the witness has to see it', () => {
    const here = world('namespaced', { ...twoRegions, failover: byJob });
    const { engine, cluster } = here;
    engine.change({ failover: elsewhere });
    untilJob(here);
    run(cluster, { asks: false });
    engine.reconcile();
    engine.reconcile();
    expect(failoverOf(here)).toMatchObject({ phase: 'Promoting' });
    expect(engine.status.activeRegion).toBe('eastus2');
  });

  it('leaves a planned promotion to the provider', () => {
    const here = world('namespaced', { ...twoRegions, failover: { executor: 'Job', executorIdentity } });
    here.engine.change({ failover: { executor: 'Job', executorIdentity, activeRegion: 'secondary' } });
    here.engine.settle();
    expect(here.engine.created).not.toContain(JOB);
    expect(here.engine.status.activeRegion).toBe('centralus');
  });

  it('goes back with the wish: the Job leaves, and so does its identity when a person is to make calls', () => {
    const here = world('namespaced', { ...twoRegions, failover: byJob });
    const { engine, cluster } = here;
    engine.change({ failover: elsewhere });
    untilJob(here);
    engine.change({ failover: { ...byJob, activeRegion: 'primary' } });
    engine.settle();
    expect(failoverOf(here)).toMatchObject({ phase: 'Stable' });
    expect(engine.status.activeRegion).toBe('eastus2');
    expect(cluster.objects('Job')).toEqual([]);
    engine.change({ failover: {} });
    engine.settle();
    expect(engine.deleted).toEqual(
      expect.arrayContaining(['failover-serviceaccount', 'failover-role', 'failover-rolebinding']),
    );
    expect(engine.refusals).toEqual([]);
  });

  it('promotes while the region of the writer is out', () => {
    const here = world('namespaced', { ...twoRegions, failover: byJob });
    const { engine, cluster } = here;
    cluster.happen({ what: 'region-outage', region: 'eastus2' });
    engine.change({ failover: elsewhere });
    engine.settle();
    expect(engine.status.activeRegion).toBe('centralus');
    expect(failoverOf(here)).toMatchObject({ phase: 'Unprotected' });
    expect(engine.ready).toBe(true);
  });
});
