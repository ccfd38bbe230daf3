import type { MemoryCluster } from '../azure/memory.ts';
import { createEngine, type Engine } from '../support/engine.ts';
import { otherCluster, ownPassword, ownSecret } from '../support/other-cluster.ts';
import { type Json, twoRegions, xr } from '../support/requests.ts';
import { world } from '../support/world.ts';

const STANDBY = { management: { role: 'Standby' } };
const spec = {
  ...twoRegions,
  security: { ...ownPassword.security, lock: 'CanNotDelete' },
  parameters: { work_mem: '8192' },
  monitoring: { logs: { enabled: true }, alerts: { enabled: true } },
  backup: { logical: { enabled: true, clientId: '00000000-0000-0000-0000-000000000001' } },
};

/** Policies of everything that the provider has of this XR. */
const policies = (cluster: MemoryCluster): string[] => [
  ...new Set(
    cluster
      .objects()
      .filter(({ apiVersion }) => apiVersion.includes('upbound.io/'))
      .map(({ spec: body }) => JSON.stringify((body as Json).managementPolicies)),
  ),
];
const phase = ({ status }: Engine): unknown => (status.failover as Json).phase;
const suspended = (engine: Engine): unknown =>
  JSON.stringify(engine.object('dump-cronjob')?.spec).includes('"suspend":true');

describe.each(['namespaced', 'cluster'] as const)('a control plane that only observes, %s', (flavour) => {
  it('changes nothing in Azure when it stands back and when it acts again, and keeps every object', () => {
    const { cluster, engine } = world(flavour, spec, ownSecret);
    const [before, kept] = [policies(cluster), engine.created.length];
    engine.change(STANDBY);
    engine.settle();
    expect(engine.refusals).toEqual([]);
    expect(policies(cluster)).toEqual(['["Observe"]']);
    expect(phase(engine)).toBe('Standby');
    expect(suspended(engine)).toBe(true);
    expect(engine.ready).toBe(true);
    expect(engine.condition('FailoverReady')).toMatch(/^False Standby: this control plane only observes/);
    expect(engine.condition('SplitBrainPossible')).toMatch(/^Unknown Standby/);
    expect(engine.condition('PrimaryReady')).toMatch(/^True Available: the server in eastus2 takes writes/);

    engine.change({ failover: { activeRegion: 'secondary' }, database: { size: 'GP_Standard_D8ds_v5' } });
    engine.settle();
    expect(cluster.requests).toEqual([]);
    engine.change({ failover: {}, database: {}, management: {} });
    engine.reconcile();
    expect(phase(engine)).toBe('Adopting');
    expect(engine.ready).toBe(false);
    engine.settle();
    expect(engine.refusals).toEqual([]);
    expect(policies(cluster)).toEqual(before);
    expect(phase(engine)).toBe('Stable');
    expect(suspended(engine)).toBe(false);
    expect(engine.ready).toBe(true);
    const looks = (key: string) => key.includes('-witness-');
    expect(engine.created.filter((key) => !looks(key))).toHaveLength(kept);
    expect(engine.deleted.filter((key) => !looks(key))).toEqual([]);
    expect(cluster.requests).toEqual([]);
  });

  it('is not Ready where it has fenced the server that takes writes, and opens it once it acts again', () => {
    const { cluster, engine } = world(flavour, spec, ownSecret);
    engine.change({ failover: { activeRegion: 'secondary' } });
    const isFenced = (): boolean =>
      JSON.stringify(engine.object('primary-server-read-only') ?? {}).includes('"value":"on"');
    for (let round = 0; round < 5 && !isFenced(); round++) {
      engine.reconcile();
      cluster.settle();
    }
    expect(isFenced()).toBe(true);
    engine.change(STANDBY);
    cluster.forgetRequests();
    engine.settle();
    expect(cluster.requests).toEqual([]);
    expect(engine.ready).toBe(false);
    expect(engine.condition('PrimaryReady')).toBe(
      'False Standby: another control plane acts; this one only observes until spec.management.role is Active; primary-server, at which the write name points, is fenced',
    );
    engine.change({ failover: {}, management: {} });
    engine.settle();
    expect(engine.refusals).toEqual([]);
    expect(engine.ready).toBe(true);
    expect(engine.condition('PrimaryReady')).toMatch(/^True/);
  });

  it('looks at what another control plane made, and tells where writes go', () => {
    const { cluster } = world(flavour, spec, ownSecret);
    const other = otherCluster(cluster, ownSecret);
    const engine = createEngine(xr(flavour, { ...spec, ...STANDBY }), other);
    engine.settle();
    expect(engine.refusals).toEqual([]);
    expect(policies(other)).toEqual(['["Observe"]']);
    expect(engine.ready).toBe(true);
    expect(engine.status.activeRegion).toBe('eastus2');
    expect(engine.condition('ReplicaReady')).toMatch(/^True/);
    expect(engine.condition('BackupConfigured')).toMatch(/^True/);
    expect(engine.object('dump-cronjob')).toBeUndefined();
    expect(other.requests).toEqual([]);
    expect(other.secrets()['team-a/orders-admin-password']).toBeUndefined();
    engine.remove();
    other.settle();
    expect(other.objects('FlexibleServer')).toEqual([]);
    expect(other.requests).toEqual([]);
  });

  it('says what is not there, and makes nothing in its place', () => {
    const { cluster } = world(flavour, { ...spec, regions: { primary: spec.regions.primary } }, ownSecret);
    const other = otherCluster(cluster, ownSecret);
    const engine = createEngine(xr(flavour, { ...spec, ...STANDBY }), other);
    engine.settle();
    expect(engine.condition('ReplicaReady')).toMatch(
      /^False NotFound: secondary-server: Azure has no "orders-centralus-/,
    );
    expect(other.requests).toEqual([]);
  });

  it('refuses to leave out in one step what it would delete', () => {
    const { cluster, engine } = world(flavour, spec, ownSecret);
    engine.change({ ...STANDBY, monitoring: {} });
    engine.reconcile();
    expect(engine.refusals.join()).toContain(
      'spec.management.role: Standby, but the rest of the spec no longer asks for "primary-server-alert-cpu", which would be deleted in Azure; undo that change until the role has taken effect',
    );
    cluster.settle();
    expect(cluster.requests).toEqual([]);
  });
});
