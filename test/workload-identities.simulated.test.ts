import { runFunction } from '../src/function.ts';
import { createMemoryCluster } from './azure/memory.ts';
import { createEngine, type Engine } from './support/engine.ts';
import { otherCluster, ownPassword, ownSecret } from './support/other-cluster.ts';
import { settle } from './support/passes.ts';
import { type Json, type Observed, oneRegion, request, twoRegions, xr } from './support/requests.ts';
import { failoverOf, troubled, type World, world } from './support/world.ts';

const GUID = '00000000-0000-0000-0000-000000000001';
const ISSUER = 'https://oidc.example.com/cluster/';
const management = { workloadIdentity: { issuerUrl: ISSUER } };
const dumps = { management, backup: { logical: { enabled: true } } };
const executorIdentity = {
  roleDefinitionId: `/subscriptions/${GUID}/providers/Microsoft.Authorization/roleDefinitions/${GUID}`,
};
const byJob = { executor: 'Job', executorIdentity, option: 'Forced' };

const inAzure = ({ cluster }: Pick<World, 'cluster'>, part: string) =>
  Object.values(cluster.state.resources).filter(({ id }) => id.includes(part));
const identities = (here: Pick<World, 'cluster'>) => inAzure(here, '/userAssignedIdentities/');
const roles = (here: Pick<World, 'cluster'>) => inAzure(here, '/roleAssignments/');

/** A Kubernetes object as it is, or inside the Object of provider-kubernetes. */
function manifest(engine: Engine, key: string): Json {
  const object = engine.object(key) as Json;
  if (object.kind !== 'Object') return object;
  return (object as { spec: { forProvider: { manifest: Json } } }).spec.forProvider.manifest;
}
const clientId = (engine: Engine, key: string): unknown =>
  (manifest(engine, key).metadata as { annotations?: Json }).annotations?.['azure.workload.identity/client-id'];

describe.each(['namespaced', 'cluster'] as const)('identities for what runs in the cluster, %s', (flavour) => {
  it('are made for the dumps, with the right to write into the container alone, before the CronJob is', () => {
    const cluster = createMemoryCluster();
    const engine = createEngine(xr(flavour, { ...oneRegion, ...dumps }), cluster);
    engine.settle();
    const here = { cluster, engine };
    expect(engine.refusals).toEqual([]);
    expect(cluster.requests.filter(({ outcome }) => !outcome.ok)).toEqual([]);
    expect(troubled(here)).toEqual([]);
    const [identity, credential] = identities(here);
    expect(identity?.id).toMatch(/\/userAssignedIdentities\/orders-dump-[0-9a-f]{8}$/);
    expect(credential?.id).toBe(`${identity?.id}/federatedIdentityCredentials/kubernetes`);
    expect(credential?.properties).toMatchObject({
      issuer: ISSUER,
      subject: 'system:serviceaccount:team-a:orders-dump',
      audience: ['api://AzureADTokenExchange'],
    });
    expect(roles(here)).toHaveLength(1);
    expect(roles(here)[0]?.id).toMatch(
      /\/storageAccounts\/[a-z0-9]+\/blobServices\/default\/containers\/postgresql-backups\/providers\/Microsoft.Authorization\/roleAssignments\//,
    );
    expect(roles(here)[0]?.properties).toMatchObject({ roleDefinitionName: 'Storage Blob Data Contributor' });
    expect(clientId(engine, 'dump-serviceaccount')).toMatch(/^cccccccc-/);
    const order = ['dump-identity', 'dump-azure-role', 'dump-cronjob'].map((key) => engine.created.indexOf(key));
    expect(order).toEqual([...order].sort((a, b) => a - b));
    expect(engine.condition('BackupConfigured')).toMatch(/^True/);
  });

  it('go when dumps are switched off, with their role', () => {
    const here = world(flavour, { ...oneRegion, ...dumps });
    here.engine.change({ backup: {} });
    here.engine.settle();
    expect(here.engine.refusals).toEqual([]);
    expect(identities(here)).toEqual([]);
    expect(roles(here)).toEqual([]);
    expect(here.engine.ready).toBe(true);
  });

  it('go then under deletion.policy Orphan too, and stay when all is deleted', () => {
    const orphan = { ...ownPassword, deletion: { policy: 'Orphan' } };
    const here = world(flavour, { ...oneRegion, ...dumps, ...orphan }, ownSecret);
    here.engine.change({ backup: {}, management: {} });
    here.engine.settle();
    expect(here.engine.refusals).toEqual([]);
    expect([...identities(here), ...roles(here)]).toEqual([]);
    here.engine.change(dumps);
    here.engine.settle();
    here.engine.remove();
    here.cluster.settle();
    expect(identities(here)).toHaveLength(2);
    expect(roles(here)).toHaveLength(1);
  });

  it('leave nothing in Azure when all is deleted', () => {
    const here = world(flavour, { ...twoRegions, ...dumps, failover: byJob });
    expect(identities(here)).toHaveLength(4);
    here.engine.remove();
    here.cluster.settle();
    expect(inAzure(here, '/')).toEqual([]);
  });

  it('take the place of one of the user, and give way to it, and no dump begins without its right', () => {
    const logical = { enabled: true, clientId: GUID };
    const here = world(flavour, { ...oneRegion, management, backup: { logical } });
    const { engine, cluster } = here;
    expect(identities(here)).toEqual([]);
    const suspended = (): unknown => (manifest(engine, 'dump-cronjob').spec as Json).suspend;
    engine.change(dumps);
    engine.reconcile();
    expect(suspended()).toBe(true);
    engine.settle();
    expect(suspended()).toBeUndefined();
    expect(clientId(engine, 'dump-serviceaccount')).toMatch(/^cccccccc-/);
    engine.change({ backup: { logical } });
    engine.settle();
    expect(clientId(engine, 'dump-serviceaccount')).toBe(GUID);
    expect([...identities(here), ...roles(here)]).toEqual([]);
    expect(engine.refusals).toEqual([]);
    expect(engine.deleted).not.toContain('dump-cronjob');
    expect(cluster.requests.filter(({ outcome }) => !outcome.ok)).toEqual([]);
  });

  it('follow another issuer', () => {
    const here = world(flavour, { ...oneRegion, ...dumps });
    here.engine.change({ management: { workloadIdentity: { issuerUrl: 'https://oidc.example.com/other/' } } });
    here.engine.settle();
    expect(identities(here)[1]?.properties.issuer).toBe('https://oidc.example.com/other/');
    expect(troubled(here)).toEqual([]);
  });

  it('make the call of a failover, which does not begin before they may', () => {
    const here = world(flavour, { ...twoRegions, management, failover: byJob });
    const { engine, cluster } = here;
    expect(identities(here)[0]?.id).toMatch(/\/orders-failover-[0-9a-f]{8}$/);
    expect(identities(here)[1]?.properties.subject).toBe('system:serviceaccount:team-a:orders-failover');
    expect(roles(here)[0]?.id).toMatch(/\/resourceGroups\/[^/]+\/providers\/Microsoft.Authorization\//);
    expect(roles(here)[0]?.properties).toMatchObject(executorIdentity);
    expect(clientId(engine, 'failover-serviceaccount')).toMatch(/^cccccccc-/);
    expect(engine.condition('FailoverReady')).toMatch(/^True/);
    engine.change({ failover: { ...byJob, activeRegion: 'secondary' } });
    engine.settle();
    expect(failoverOf(here)).toMatchObject({ phase: 'Stable' });
    expect(engine.status.activeRegion).toBe('centralus');
    expect(engine.refusals).toEqual([]);
    engine.change({ failover: { activeRegion: 'secondary' } });
    engine.settle();
    expect([...identities(here), ...roles(here)]).toEqual([]);
    expect(cluster.requests.filter(({ outcome }) => !outcome.ok)).toEqual([]);
  });

  it('hold back a failover that needs them until Azure has given the role', () => {
    const cluster = createMemoryCluster();
    cluster.inject({ id: 'no', on: { kind: 'RoleAssignment', verb: 'create' }, effect: { type: 'fail' } });
    const failover = { ...byJob, activeRegion: 'primary' };
    const engine = createEngine(xr(flavour, { ...twoRegions, management, failover }), cluster);
    const here = { cluster, engine };
    const wait = (): void => {
      for (let pass = 0; pass < 60; pass++) {
        engine.reconcile();
        cluster.advance(60);
      }
    };
    wait();
    expect(engine.condition('FailoverReady')).toBe(
      'False ExecutorNotReady: the identity of the Job that makes the call is not ready (failover-azure-role); wait, or set spec.failover.executor to Manual',
    );
    engine.change({ failover: { ...failover, activeRegion: 'secondary' } });
    wait();
    expect(failoverOf(here)).toMatchObject({ phase: 'Stable' });
    expect(engine.status.activeRegion).toBe('eastus2');
    cluster.clear('no');
    engine.settle();
    expect(failoverOf(here)).toMatchObject({ phase: 'Stable' });
    expect(engine.status.activeRegion).toBe('centralus');
  });

  it('are looked at by another control plane, which takes them up and makes none', () => {
    const spec = { ...twoRegions, ...ownPassword, ...dumps, failover: byJob };
    const { cluster } = world(flavour, spec, ownSecret);
    const other = otherCluster(cluster, ownSecret);
    const engine = createEngine(xr(flavour, { ...spec, management: { ...management, role: 'Standby' } }), other);
    engine.settle();
    expect(engine.refusals).toEqual([]);
    for (const use of ['dump', 'failover'])
      for (const part of ['identity', 'federated-credential', 'azure-role'])
        expect(engine.object(`${use}-${part}`)).toMatchObject({ spec: { managementPolicies: ['Observe'] } });
    expect(clientId(engine, 'dump-serviceaccount')).toMatch(/^cccccccc-/);
    expect(troubled({ cluster: other })).toEqual([]);
    engine.change({ management });
    engine.settle();
    expect(engine.refusals).toEqual([]);
    expect(engine.object('dump-cronjob')).toBeDefined();
    expect(other.requests.filter(({ id }) => /Identit|roleAssign/.test(id))).toEqual([]);
    expect(troubled({ cluster: other })).toEqual([]);
  });
});

describe('a role that was given just now', () => {
  const NOW = Date.parse('2026-01-01T00:30:00Z');
  const composite = xr('namespaced', { ...oneRegion, ...dumps });
  const { observed } = settle(composite);

  /** Everything, or all but the CronJob, with a role that has been there since a time. */
  function answer(since: string, cronJob: 'there' | 'not yet') {
    const { 'dump-azure-role': role, 'dump-cronjob': job, ...rest } = observed;
    const object = structuredClone(role?.resource) as Json & { status: { conditions: Json[] } };
    object.status.conditions = [
      { type: 'Ready', status: 'True', lastTransitionTime: since },
      { type: 'Synced', status: 'True' },
    ];
    const now: Observed = {
      ...rest,
      ...(role && { 'dump-azure-role': { ...role, resource: object } }),
      ...(job && cronJob === 'there' ? { 'dump-cronjob': job } : {}),
    };
    const response = runFunction(request(composite, { observed: now }), NOW);
    return {
      cronJob: response.desired?.resources['dump-cronjob']?.resource?.spec,
      ttl: response.meta?.ttl?.seconds,
      says: response.conditions.map(({ message }) => message ?? ''),
    };
  }

  it('is waited for, ten minutes, with a look every minute', () => {
    expect(answer('2026-01-01T00:20:01Z', 'not yet')).toMatchObject({
      cronJob: undefined,
      ttl: 60,
      says: expect.arrayContaining([expect.stringContaining('dump-cronjob: waiting for dump-azure-role')]),
    });
    expect(answer('2026-01-01T00:20:00Z', 'not yet')).toMatchObject({ cronJob: expect.anything(), ttl: 600 });
  });

  it('suspends dumps that were made with another identity', () => {
    expect(answer('2026-01-01T00:20:01Z', 'there').cronJob).toMatchObject({ suspend: true });
    expect(answer('2026-01-01T00:20:00Z', 'there').cronJob?.suspend).toBeUndefined();
  });
});
