import { createEngine } from '../support/engine.ts';
import { otherCluster, ownPassword, ownSecret } from '../support/other-cluster.ts';
import { type Json, twoRegions, xr } from '../support/requests.ts';
import { failoverOf, serverId, troubled, world } from '../support/world.ts';

const base = { ...twoRegions, ...ownPassword, network: { virtualEndpoint: { enabled: true } } };

describe.each(['namespaced', 'cluster'] as const)('adoption after a switchover, %s', (flavour) => {
  it('moves the names where the other control plane was lost before it could, and fails back', () => {
    const { cluster, engine: before } = world(flavour, base, ownSecret);
    const [primary, replica] = (before.status.adopt as { servers: Json[] }).servers;
    const servers = [
      { ...primary, role: 'Replica' },
      { ...replica, role: 'Primary' },
    ];
    const other = otherCluster(cluster, ownSecret);
    other.happen({ what: 'promote', id: serverId(other, 'centralus'), mode: 'switchover', option: 'planned' });
    other.settle();
    const engine = createEngine(
      xr(flavour, { ...base, adopt: { servers }, failover: { activeRegion: 'secondary' } }),
      other,
    );
    engine.settle();
    expect(engine.refusals).toEqual([]);
    const roles = (engine.status.servers as Json[]).map(({ region, role }) => `${region} ${role}`);
    expect(roles).toEqual(['eastus2 Replica', 'centralus Primary']);
    expect(failoverOf({ engine })).toMatchObject({ phase: 'Stable' });
    expect(engine.ready).toBe(true);
    const record = Object.values(other.state.resources).find(({ id }) => id.endsWith('/CNAME/write'))?.properties
      .record;
    expect(record).toBe('orders-centralus-84499b05.postgres.database.azure.com');
    // The replica was created with copies of its backups, which Azure cannot change.
    expect(troubled({ cluster: other })).toEqual([]);
    engine.change({ failover: { activeRegion: 'primary' } });
    engine.settle();
    expect(engine.refusals).toEqual([]);
    expect(engine.status.activeRegion).toBe('eastus2');
    expect(failoverOf({ engine })).toMatchObject({ phase: 'Stable' });
    expect(engine.ready).toBe(true);
    expect(engine.condition('BackupConfigured')).not.toContain('not copied');
  });
});
