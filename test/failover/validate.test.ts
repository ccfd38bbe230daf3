import { type Json, twoRegions } from '../support/requests.ts';
import { failoverOf, type World, world } from '../support/world.ts';

const IMAGE = 'registry.example.org/postgres:18';
const validation = { image: IMAGE };
const JOB = 'failover-validation-2';

const annotation = ({ engine }: World): unknown =>
  (engine.object('secondary-server') as { metadata: { annotations: Json } }).metadata.annotations[
    'database.platform.io/unvalidated-term'
  ];

/** Every phase that is seen, and what `look` does in it. */
function phases(here: World, look: (phase: unknown) => void = () => {}): unknown[] {
  const seen: unknown[] = [];
  here.engine.settle(() => {
    const { phase } = failoverOf(here);
    look(phase);
    if (seen.at(-1) !== phase) seen.push(phase);
  });
  return seen;
}

describe.each(['namespaced', 'cluster'] as const)('after the names have moved, %s', (flavour) => {
  it('a Job writes by the write name, and the failover goes on once it is done', () => {
    const here = world(flavour, { ...twoRegions, failover: { validation } });
    const { engine } = here;
    engine.change({ failover: { activeRegion: 'secondary', validation } });
    const ready: unknown[] = [];
    const seen = phases(here, (phase) => {
      if (phase === 'Validating') ready.push([engine.ready, engine.condition('FailoverInProgress').slice(0, 15)]);
    });
    expect(seen).toEqual([
      'Fencing',
      'Promoting',
      'CuttingOver',
      'Validating',
      'Unprotected',
      'Reprotecting',
      'Stable',
    ]);
    // Applications can write: the names are there.
    expect(ready.at(-1)).toEqual([true, 'True Validating']);
    expect(engine.deleted).toContain(JOB);
    expect(annotation(here)).toBeUndefined();
    expect(engine.refusals).toEqual([]);
  });

  it('a Job that fails holds the failover, not the names, until it is deleted or nobody wants it', () => {
    const here = world(flavour, { ...twoRegions, failover: { validation } });
    const { engine, cluster } = here;
    const job = () => cluster.objects('Job')[0];
    engine.change({ failover: { activeRegion: 'secondary', validation } });
    for (let round = 0; round < 60 && !job(); round++) {
      engine.reconcile();
      // The provider of Objects makes the Job, and it is told to fail before it runs.
      for (const key of Object.keys(cluster.state.objects).filter((each) => each.startsWith('Object.')))
        cluster.step({ type: 'reconcile', key });
      if (!job()) cluster.settle();
    }
    const key = `Job.batch/team-a/${job()?.metadata.name}`;
    cluster.step({ type: 'run-job', key, failure: 'made up' });
    engine.settle();
    expect(failoverOf(here)).toMatchObject({ phase: 'Validating' });
    expect(failoverOf(here).message).toBe(
      'the probe failed: Job has reached the specified backoff limit; the log of Job team-a/orders-failover-validation-2 says what it saw; delete that Job to probe again, or set spec.failover.validation.enabled to false to go on without',
    );
    expect(engine.condition('FailoverInProgress')).toMatch(/^True Validating/);
    expect(engine.condition('FailoverReady')).toMatch(/^False InProgress/);
    expect(engine.ready).toBe(true);
    expect(engine.status.activeRegion).toBe('centralus');

    cluster.remove({ apiVersion: 'batch/v1', kind: 'Job', namespace: 'team-a', name: 'orders-failover-validation-2' });
    engine.settle();
    expect(failoverOf(here)).toMatchObject({ phase: 'Stable' });
    expect(engine.deleted).toContain(JOB);
    expect(engine.refusals).toEqual([]);
  });
});

describe('validation', () => {
  const moved = (here: World, asked: object): unknown[] => {
    here.engine.change({ failover: { activeRegion: 'secondary', ...asked } });
    return phases(here);
  };
  const told = (here: World): unknown[] => {
    const messages: unknown[] = [];
    here.engine.settle(() => messages.push(failoverOf(here).message));
    return messages;
  };

  it('does not run at the creation of the first server', () => {
    const here = world('namespaced', { ...twoRegions, failover: { validation } });
    expect(here.engine.created).not.toContain('failover-validation-1');
    expect(here.engine.created.filter((key) => key.startsWith('failover-'))).toEqual([]);
  });

  it('is left out without an image, and the status says so', () => {
    const here = world('namespaced', { ...twoRegions, failover: {} });
    here.engine.change({ failover: { activeRegion: 'secondary' } });
    expect(told(here).join('\n')).toContain(
      'no probe wrote by the write name, because spec.failover.validation.image is not set',
    );
    expect(here.engine.created).not.toContain(JOB);
    expect(annotation(here)).toBeUndefined();
  });

  it('is left out where nobody can log in by password, and the status says so', () => {
    const entra = {
      enabled: true,
      tenantId: '00000000-0000-0000-0000-00000000000a',
      administrators: [
        { objectId: '00000000-0000-0000-0000-0000000000b1', principalName: 'dba', principalType: 'Group' },
      ],
      passwordAuthentication: false,
    };
    const here = world('namespaced', { ...twoRegions, failover: { validation }, security: { entra } });
    here.engine.change({ failover: { activeRegion: 'secondary', validation } });
    expect(told(here).join('\n')).toContain('because it could not log in by password');
    expect(here.engine.created).not.toContain(JOB);
  });

  it('is left out without a word when it is switched off', () => {
    const here = world('namespaced', { ...twoRegions, failover: {} });
    const off = { validation: { enabled: false, image: IMAGE } };
    expect(moved(here, off)).not.toContain('Validating');
    expect(here.engine.created).not.toContain(JOB);
    expect(JSON.stringify(here.engine.events)).not.toContain('no probe');
  });

  it('connects by the write name, and tells its Job where it has to arrive', () => {
    const here = world('namespaced', { ...twoRegions, failover: { validation } });
    const { engine, cluster } = here;
    engine.change({ failover: { activeRegion: 'secondary', validation } });
    for (let round = 0; round < 60 && !engine.object(JOB); round++) {
      engine.reconcile();
      if (!engine.object(JOB)) cluster.settle();
    }
    const { template } = (engine.object(JOB) as { spec: { template: { spec: { containers: { env: object[] }[] } } } })
      .spec;
    expect(template.spec.containers[0]?.env).toEqual(
      expect.arrayContaining([
        { name: 'PGHOST', value: 'write.orders.team-a.private.postgres.database.azure.com' },
        { name: 'TARGET', value: expect.stringMatching(/^orders-centralus-/) },
        {
          name: 'PGPASSWORD',
          valueFrom: { secretKeyRef: { name: 'orders-admin-password', key: 'password' } },
        },
      ]),
    );
  });

  it('keeps the template of a Job that runs, whatever is asked for meanwhile', () => {
    const here = world('namespaced', { ...twoRegions, failover: { validation } });
    const { engine, cluster } = here;
    engine.change({ failover: { activeRegion: 'secondary', validation } });
    for (let round = 0; round < 60 && !engine.object(JOB); round++) {
      engine.reconcile();
      if (!engine.object(JOB)) cluster.settle();
    }
    const template = () => (engine.object(JOB) as { spec: { template: object } }).spec.template;
    const before = structuredClone(template());
    expect(JSON.stringify(before)).toContain(IMAGE);
    engine.change({ failover: { activeRegion: 'secondary', validation: { image: 'another:1' } } });
    engine.reconcile();
    expect(template()).toEqual(before);
  });

  it('begins nowhere but in a failover: a platform that failed over before has nothing to validate', () => {
    const here = world('namespaced', { ...twoRegions, failover: {} });
    moved(here, {});
    here.engine.change({ failover: { activeRegion: 'secondary', validation } });
    here.engine.settle();
    expect(failoverOf(here)).toMatchObject({ phase: 'Stable' });
    expect(here.engine.created).not.toContain(JOB);
  });
});
