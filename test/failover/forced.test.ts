import { type Json, twoRegions } from '../support/requests.ts';
import { failoverOf, serverId, troubled, type World, world } from '../support/world.ts';

const forced = { option: 'Forced', minimumIntervalMinutes: 0 };
const elsewhere = { ...forced, activeRegion: 'secondary' };

/** While a person is waited for, the witness is asked anew for ever. */
function passes({ engine, cluster }: World, most: number): void {
  for (let pass = 0; pass < most; pass++) {
    engine.reconcile();
    cluster.settle();
  }
}

function waiting(flavour: 'namespaced' | 'cluster' = 'namespaced'): World {
  const here = world(flavour, twoRegions);
  here.engine.change({ failover: elsewhere });
  passes(here, 6);
  expect(failoverOf(here).call).toContain(serverId(here.cluster, 'centralus'));
  return here;
}

const call = ({ cluster }: World): unknown =>
  cluster.step({
    type: 'incident',
    incident: { what: 'promote', id: serverId(cluster, 'centralus'), mode: 'standalone', option: 'forced' },
  });
const roles = ({ engine }: World): string[] =>
  (engine.status.servers as Json[]).map(({ role, generation, region }) => `${region} ${generation} ${role}`);
const refused = ({ cluster }: World) => cluster.requests.filter(({ outcome }) => !outcome.ok);

describe.each(['namespaced', 'cluster'] as const)('a call that a person makes, %s', (flavour) => {
  it('is the point of no return: taken back after it, the failover goes on, and nobody calls a promoted server a replica', () => {
    const here = waiting(flavour);
    const { engine } = here;
    call(here);
    engine.change({ failover: { ...forced, activeRegion: 'primary', cutover: 'Manual' } });
    here.cluster.settle();
    passes(here, 4);
    expect(failoverOf(here)).toMatchObject({ phase: 'CuttingOver' });
    expect(roles(here)).toEqual(['eastus2 1 Former', 'centralus 1 Primary']);
    engine.change({ failover: { option: 'Planned', activeRegion: 'primary', minimumIntervalMinutes: 0 } });
    engine.settle();
    expect(roles(here)).toContain('eastus2 2 Primary');
    expect(failoverOf(here)).toMatchObject({ phase: 'Stable' });
    expect(refused(here)).toEqual([]);
    expect(engine.refusals).toEqual([]);
  });
});

describe('a call that a person may have made', () => {
  it('is not taken back by another wish alone, because nobody tells of it', () => {
    const here = waiting();
    here.engine.change({ failover: { ...forced, activeRegion: 'primary' } });
    passes(here, 6);
    expect(failoverOf(here)).toMatchObject({
      phase: 'Promoting',
      message:
        'the call that promotes secondary-server may have been made; when it was not and will not be, set spec.failover.option to Planned, and when it was, this goes on by itself',
    });
    expect(failoverOf(here).call).toBeUndefined();
    expect(here.engine.ready).toBe(false);
    here.engine.change({ failover: { activeRegion: 'primary' } });
    here.engine.settle();
    expect(failoverOf(here)).toMatchObject({ phase: 'Stable', message: 'secondary-server follows primary-server' });
    expect(here.engine.ready).toBe(true);
    expect(roles(here)).toEqual(['eastus2 1 Primary', 'centralus 1 Replica']);
    expect(JSON.stringify(here.engine.object('secondary-server'))).not.toContain('promotion-called');
    expect(troubled(here)).toEqual([]);
  });

  it('is looked at anew where Planned is asked for instead, and the provider promotes', () => {
    const here = waiting();
    here.engine.change({ failover: { activeRegion: 'secondary' } });
    here.engine.settle();
    expect(roles(here)).toEqual(['eastus2 1 Former', 'eastus2 2 Replica', 'centralus 1 Primary']);
    expect(here.engine.object('secondary-server')).toMatchObject({
      spec: { forProvider: { replicationRole: 'None' } },
    });
    expect(refused(here)).toEqual([]);
  });

  it('is found where Planned is asked for after it, and no second promotion is sent', () => {
    const here = waiting();
    call(here);
    here.engine.change({ failover: { activeRegion: 'secondary' } });
    here.cluster.settle();
    here.engine.settle();
    expect(roles(here)).toEqual(['eastus2 1 Former', 'eastus2 2 Replica', 'centralus 1 Primary']);
    expect(JSON.stringify(here.engine.object('secondary-server'))).not.toContain('replicationRole":"None');
    expect(refused(here)).toEqual([]);
  });

  it('is remembered before it is shown, so that nothing which is lost loses it', () => {
    const here = world('namespaced', twoRegions);
    here.engine.change({ failover: elsewhere });
    for (let pass = 0; pass < 8; pass++) {
      const known = JSON.stringify(here.engine.object('secondary-server')).includes('promotion-called');
      here.engine.reconcile();
      if (failoverOf(here).call !== undefined) expect(known).toBe(true);
      here.cluster.settle();
    }
    expect(failoverOf(here).call).toBeDefined();
  });
});
