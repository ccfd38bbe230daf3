import { oneRegion, twoRegions } from './support/requests.ts';
import { failoverOf, properties, serverId, troubled, type World, world } from './support/world.ts';

const highAvailability = { mode: 'ZoneRedundant' };
const inZone = (activeZone: string) => ({ highAvailability: { ...highAvailability, activeZone } });

/** Servers that were told to change places with their standby, by region. */
const drills = ({ cluster }: World): string[] =>
  cluster.requests
    .filter(({ method, body }) => method === 'POST' && body?.failoverMode === 'PlannedFailover')
    .map(({ id }) => (id.includes('eastus2') ? 'eastus2' : 'centralus'));

const zones = ({ cluster }: World, region = 'eastus2') => {
  const { zone, highAvailability: ha } = properties(cluster, region);
  return [zone, (ha as { standbyAvailabilityZone?: string } | undefined)?.standbyAvailabilityZone];
};

const server = ({ engine }: World, key = 'primary-server') =>
  engine.object(key) as {
    metadata: { annotations: Record<string, string> };
    spec: Record<'forProvider' | 'initProvider', { zone?: string; highAvailability?: object }>;
  };

/** Azure moves the server to its standby by itself, and nothing happens about it. */
function failsOver(here: World, region = 'eastus2'): void {
  here.cluster.happen({ what: 'failover', id: serverId(here.cluster, region) });
  here.cluster.forgetRequests();
  here.engine.settle();
  expect(here.cluster.requests).toEqual([]);
  expect(troubled(here)).toEqual([]);
}

describe.each(['namespaced', 'cluster'] as const)('spec.highAvailability.activeZone, %s', (flavour) => {
  it('is a drill there and back, each one zone failover, with high availability at no time off', () => {
    const here = world(flavour, { ...oneRegion, highAvailability });
    const { cluster, engine } = here;
    const { forProvider } = server(here).spec;
    for (const [there, back] of [
      ['2', '1'],
      ['1', '2'],
    ] as const) {
      cluster.forgetRequests();
      engine.change(inZone(there));
      engine.settle(() => {
        const { forProvider: asked, initProvider: given } = server(here).spec;
        expect(asked.highAvailability ?? given.highAvailability).toMatchObject(highAvailability);
      });
      expect(drills(here)).toEqual(['eastus2']);
      expect(cluster.requests.filter(({ outcome }) => !outcome.ok)).toEqual([]);
      expect(zones(here)).toEqual([there, back]);
      expect(server(here).metadata.annotations['database.platform.io/zone-reached']).toBe(there);
      // As it stood before, or the next zone failover would be undone.
      expect(server(here).spec.forProvider).toEqual(forProvider);
      expect(server(here).spec.initProvider).toMatchObject({ zone: '1', highAvailability });
      expect(troubled(here)).toEqual([]);
      expect(engine.condition('PrimaryReady')).toBe('True Available: the server in eastus2 takes writes');
    }
    expect(engine.events.filter((event) => event.startsWith('ZoneFailedOver'))).toEqual([
      'ZoneFailedOver primary-server in eastus2 runs in zone 2, no longer in zone 1, as spec.highAvailability.activeZone asks',
      'ZoneFailedOver primary-server in eastus2 runs in zone 1, no longer in zone 2, as spec.highAvailability.activeZone asks',
    ]);
  });

  it('holds no server in a zone that it has reached, until it is asked for again', () => {
    const here = world(flavour, { ...oneRegion, highAvailability });
    const { cluster, engine } = here;
    engine.change(inZone('2'));
    engine.settle();
    failsOver(here);
    expect(zones(here)).toEqual(['1', '2']);
    engine.change({ highAvailability });
    engine.settle();
    expect(server(here).metadata.annotations).not.toHaveProperty('database.platform.io/zone-reached');
    expect(drills(here)).toEqual([]);
    engine.change(inZone('2'));
    engine.settle();
    expect(drills(here)).toEqual(['eastus2']);
    expect(zones(here)).toEqual(['2', '1']);
    expect(cluster.requests.filter(({ outcome }) => !outcome.ok)).toEqual([]);
  });

  it('sends nothing where the server is there already, and leaves the next zone failover alone', () => {
    const here = world(flavour, { ...oneRegion, highAvailability });
    here.engine.change(inZone('1'));
    here.engine.settle();
    expect(here.cluster.requests).toEqual([]);
    failsOver(here);
    expect(zones(here)).toEqual(['2', '1']);
  });

  it('waits for a standby in that zone and says so, with every other change going through', () => {
    const here = world(flavour, { ...oneRegion, highAvailability });
    const { cluster, engine } = here;
    engine.change({ ...inZone('3'), tags: { team: 'a' } });
    engine.settle();
    expect(engine.condition('PrimaryReady')).toBe(
      'True Available: the server in eastus2 takes writes; spec.highAvailability.activeZone "3" waits: the standby is in zone 2, and it can only change places with the server',
    );
    expect(engine.ready).toBe(true);
    expect(drills(here)).toEqual([]);
    expect(properties(cluster, 'eastus2').tags).toMatchObject({ team: 'a' });
    expect(troubled(here)).toEqual([]);
  });

  it('goes once the standby is there that is asked for with it, and stands with it where it stood', () => {
    const here = world(flavour, oneRegion);
    const { cluster, engine } = here;
    engine.change(inZone('2'));
    engine.settle();
    expect(drills(here)).toEqual(['eastus2']);
    expect(zones(here)).toEqual(['2', '1']);
    expect(cluster.requests.filter(({ outcome }) => !outcome.ok)).toEqual([]);
    expect(server(here).spec.forProvider.zone).toBeUndefined();
    expect(server(here).spec.forProvider.highAvailability).toEqual({
      ...highAvailability,
      standbyAvailabilityZone: '1',
    });
    failsOver(here);
    expect(zones(here)).toEqual(['1', '2']);
  });

  it('is asked of the writer alone: a failover to the other region comes first, and the former writer is left out', () => {
    const here = world(flavour, { ...twoRegions, highAvailability });
    const { engine } = here;
    engine.change({ ...inZone('2'), failover: { activeRegion: 'secondary' } });
    const phases: unknown[] = [];
    engine.settle(() => {
      if (drills(here).length > 0) phases.push(failoverOf(here).phase);
    });
    expect(failoverOf(here).phase).toBe('Stable');
    expect(drills(here)).toEqual(['centralus']);
    expect(new Set(phases)).toEqual(new Set(['Stable']));
    expect(zones(here, 'centralus')).toEqual(['2', '1']);
    expect(engine.refusals).toEqual([]);
    expect(troubled(here)).toEqual([]);
  });

  it('is not made once more by the server that takes writes next', () => {
    const here = world(flavour, { ...twoRegions, highAvailability });
    const { cluster, engine } = here;
    engine.change(inZone('2'));
    engine.settle();
    expect(drills(here)).toEqual(['eastus2']);
    cluster.forgetRequests();
    engine.change({ failover: { activeRegion: 'secondary' } });
    engine.settle();
    expect(failoverOf(here).phase).toBe('Stable');
    expect(zones(here, 'centralus')).toEqual(['1', '2']);
    expect(drills(here)).toEqual([]);
    expect(server(here, 'secondary-server').metadata.annotations['database.platform.io/zone-reached']).toBe('2');
  });
});
