import type { MemoryCluster } from '../azure/memory.ts';
import { createEngine } from '../support/engine.ts';
import { type Json, oneRegion, twoRegions, xr } from '../support/requests.ts';
import { failoverOf, serverId, troubled, type World, world } from '../support/world.ts';

const TIME = '2026-01-01T00:05:00Z';
const inCentralUs = { regions: { primary: { name: 'centralus', cidr: '10.20.0.0/16' } } };

const server = (cluster: MemoryCluster, id: string) => cluster.state.resources[id.toLowerCase()];
const contentOf = (cluster: MemoryCluster, id: string) => server(cluster, id)?.hidden.content;
const idOf = ({ engine }: Pick<World, 'engine'>, key: string): string =>
  String(((engine.object(key)?.status as Json).atProvider as Json).id);
const specOf = ({ engine }: Pick<World, 'engine'>, key: string): Json => engine.object(key)?.spec as Json;

/** Another database on the same simulated Azure. */
function beside({ cluster }: World, flavour: 'namespaced' | 'cluster', spec: object): World {
  const engine = createEngine(xr(flavour, spec, 'copy'), cluster);
  return { cluster, engine };
}

describe.each(['namespaced', 'cluster'] as const)('a first server that is made from a backup, %s', (flavour) => {
  it('has the data of its source, a password of its own, and is like any other afterwards', () => {
    const source = world(flavour, { ...twoRegions, security: { adminUsername: 'dba' } });
    const from = serverId(source.cluster, 'eastus2');
    const restore = { mode: 'PointInTime', sourceServerId: from, pointInTime: TIME };
    const security = { adminUsername: 'dba' };
    const spec = { ...twoRegions, security, highAvailability: { mode: 'ZoneRedundant' }, restore };
    const here = beside(source, flavour, spec);
    const { cluster, engine } = here;
    engine.settle();
    expect(engine.refusals).toEqual([]);
    expect(engine.ready).toBe(true);
    expect(troubled(here)).toEqual([]);
    const id = idOf(here, 'primary-server');
    expect(contentOf(cluster, id)).toBe(contentOf(cluster, from));
    expect(server(cluster, id)?.properties.highAvailability).toMatchObject({ mode: 'ZoneRedundant' });
    expect(server(cluster, id)?.hidden.password).not.toBe(server(cluster, from)?.hidden.password);
    // The replica has what its source has.
    expect(contentOf(cluster, idOf(here, 'secondary-server'))).toBe(contentOf(cluster, from));
    const made = cluster.requests.find(({ id: of, method }) => of === id && method === 'PUT');
    expect(made?.body).toMatchObject({
      createMode: 'PointInTimeRestore',
      sourceServerId: from,
      pointInTimeRestoreTimeInUtc: TIME,
    });
    for (const field of ['administratorLogin', 'administratorPassword', 'highAvailability'])
      expect(made?.body).not.toHaveProperty(field);

    cluster.forgetRequests();
    engine.change({ restore: undefined });
    engine.settle();
    expect(cluster.requests).toEqual([]);
    expect(troubled(here)).toEqual([]);
    expect(specOf(here, 'primary-server')).toMatchObject({
      forProvider: { createMode: 'PointInTimeRestore' },
      initProvider: { sourceServerId: from, pointInTimeRestoreTimeInUtc: TIME },
    });
    engine.change({ tags: { team: 'a' } });
    engine.settle();
    expect(cluster.requests.some(({ id: of }) => of === id)).toBe(true);
    expect(troubled(here)).toEqual([]);
  });

  it('tells nobody a password before Azure has it', () => {
    const source = world(flavour, oneRegion);
    const restore = { mode: 'PointInTime', sourceServerId: serverId(source.cluster, 'eastus2'), pointInTime: TIME };
    const here = beside(source, flavour, { ...oneRegion, restore });
    const { cluster, engine } = here;
    engine.settle(() => {
      const found = engine.object('primary-server');
      const id = ((found?.status as Json | undefined)?.atProvider as Json | undefined)?.id;
      const old = server(cluster, serverId(cluster, 'eastus2'))?.hidden.password;
      const has = id === undefined ? undefined : server(cluster, String(id))?.hidden.password;
      if (has === undefined || has === old) {
        expect(engine.ready).toBe(false);
        expect(engine.object('connection-secret')).toBeUndefined();
      }
    });
    expect(engine.ready).toBe(true);
  });

  it('comes from the copies in the paired region, without copies of its own', () => {
    const source = world(flavour, oneRegion);
    const restore = { mode: 'Geo', sourceServerId: serverId(source.cluster, 'eastus2'), pointInTime: TIME };
    const here = beside(source, flavour, { ...inCentralUs, restore });
    here.engine.settle();
    expect(here.engine.ready).toBe(true);
    expect(troubled(here)).toEqual([]);
    const id = idOf(here, 'primary-server');
    expect(contentOf(here.cluster, id)).toBe(contentOf(here.cluster, restore.sourceServerId));
    expect(server(here.cluster, id)?.properties.geoRedundantBackupEnabled).toBe(false);
    expect(here.engine.condition('BackupConfigured')).toMatch(
      /^True NoGeoCopy.*those of primary-server begin at its restore, and are not copied to another region, because it was made from a copy/,
    );
  });

  it('comes from a server that was deleted', () => {
    const source = world(flavour, oneRegion);
    const from = serverId(source.cluster, 'eastus2');
    const content = contentOf(source.cluster, from);
    source.engine.remove();
    source.cluster.settle();
    expect(server(source.cluster, from)).toBeUndefined();
    const restore = { mode: 'Dropped', sourceServerId: from, pointInTime: TIME };
    const here = beside(source, flavour, { ...oneRegion, restore });
    here.engine.settle();
    expect(here.engine.ready).toBe(true);
    expect(troubled(here)).toEqual([]);
    expect(contentOf(here.cluster, idOf(here, 'primary-server'))).toBe(content);
  });

  it('fails over and back', () => {
    const source = world(flavour, oneRegion);
    const restore = { mode: 'PointInTime', sourceServerId: serverId(source.cluster, 'eastus2'), pointInTime: TIME };
    const here = beside(source, flavour, { ...twoRegions, restore });
    const { cluster, engine } = here;
    engine.settle();
    const failover = { activeRegion: 'secondary', minimumIntervalMinutes: 0, formerPrimary: 'Delete' };
    for (const activeRegion of ['secondary', 'primary']) {
      engine.change({ failover: { ...failover, activeRegion } });
      engine.settle();
      expect(failoverOf(here)).toMatchObject({ phase: 'Stable' });
      expect(engine.ready).toBe(true);
    }
    expect(troubled(here)).toEqual([]);
    // The one that was restored is gone, and what spec.restore says is not carried out again.
    expect(engine.object('primary-server')).toBeUndefined();
    expect(engine.refusals).toEqual([]);
    const restored = cluster.requests.filter(
      ({ method, body }) => method === 'PUT' && body?.createMode === 'PointInTimeRestore',
    );
    expect(restored).toHaveLength(1);
  });

  it('changes places with its replica', () => {
    const source = world(flavour, oneRegion);
    const restore = { mode: 'PointInTime', sourceServerId: serverId(source.cluster, 'eastus2'), pointInTime: TIME };
    const network = { virtualEndpoint: { enabled: true } };
    const failover = { mode: 'Switchover', minimumIntervalMinutes: 0 };
    const here = beside(source, flavour, { ...twoRegions, network, failover, restore });
    const { cluster, engine } = here;
    engine.settle();
    engine.change({ failover: { ...failover, activeRegion: 'secondary' } });
    // While a person is waited for, the witnesses are asked anew for ever.
    for (let pass = 0; pass < 6; pass++) {
      engine.reconcile();
      cluster.settle();
    }
    expect(failoverOf(here)).toHaveProperty('call');
    const id = idOf(here, 'secondary-server');
    cluster.step({ type: 'incident', incident: { what: 'promote', id, mode: 'switchover', option: 'planned' } });
    cluster.settle();
    engine.settle();
    expect(failoverOf(here)).toMatchObject({ phase: 'Stable' });
    expect(troubled(here)).toEqual([]);
  });
});

describe('a restore that is refused', () => {
  const source = '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-old/providers';
  const restore = {
    mode: 'PointInTime',
    sourceServerId: `${source}/Microsoft.DBforPostgreSQL/flexibleServers/orders-old`,
    pointInTime: TIME,
  };

  it('when the server would get the name of its source', () => {
    const { cluster } = world('namespaced', oneRegion);
    const from = serverId(cluster, 'eastus2');
    const engine = createEngine(
      xr('namespaced', { ...oneRegion, restore: { ...restore, sourceServerId: from } }),
      cluster,
    );
    engine.reconcile();
    expect(engine.refusals).toEqual([
      `spec.restore.sourceServerId: "${from.split('/').at(-1)}" is the name that the restored server would get; give this object another name, or another spec.resourceGroup.name`,
    ]);
  });

  it('when the backup turns out to have another version', () => {
    const source = world('namespaced', oneRegion);
    const sourceServerId = serverId(source.cluster, 'eastus2');
    const here = beside(source, 'namespaced', { ...oneRegion, restore: { ...restore, sourceServerId } });
    const { cluster, engine } = here;
    const isMade = (): boolean => engine.object('primary-server') !== undefined && troubled(here).length === 0;
    for (let pass = 0; pass < 20 && !isMade(); pass++) {
      engine.reconcile();
      cluster.settle();
    }
    const id = idOf(here, 'primary-server');
    cluster.happen({ what: 'change', id, set: { version: '15' } });
    cluster.settle();
    engine.reconcile();
    expect(engine.refusals.at(-1)).toBe(
      'spec.database.version: is another major version, to which Azure upgrades the server in place, with no way back and no replica meanwhile; to agree to that, set spec.upgrade.approvedVersion to the same version',
    );
    // Nothing asks Azure for an upgrade meanwhile.
    expect(server(cluster, id)?.properties.version).toBe('15');
  });
});
