import { conditionText, createMemoryCluster, type MemoryCluster } from './azure/memory.ts';
import { createEngine, type Engine } from './support/engine.ts';
import { type Json, oneRegion, twoRegions, xr } from './support/requests.ts';

const OWN = { security: { adminPasswordSecretRef: { name: 'mine' } } };
const ORPHAN = { ...OWN, deletion: { policy: 'Orphan' } };

interface World {
  readonly cluster: MemoryCluster;
  readonly engine: Engine;
}

function world(flavour: 'namespaced' | 'cluster', spec: object): World {
  const cluster = createMemoryCluster();
  cluster.apply({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'mine', namespace: 'team-a' },
    data: { password: Buffer.from('Not-A-Real-Password-1').toString('base64') },
  });
  const engine = createEngine(xr(flavour, spec), cluster);
  engine.settle();
  expect(engine.refusals).toEqual([]);
  expect(engine.ready).toBe(true);
  cluster.forgetRequests();
  return { cluster, engine };
}

const ids = (cluster: MemoryCluster): string[] => Object.keys(cluster.state.resources).sort();
const serverId = (cluster: MemoryCluster, part: string): string =>
  Object.values(cluster.state.resources).find(({ id }) => id.includes(`/flexibleServers/orders-${part}`))?.id ?? '';
const deletes = ({ requests }: MemoryCluster) => requests.filter(({ method }) => method === 'DELETE');
const typeOf = (id: string): string => id.split('/').at(-2) ?? '';
const policiesOf = (object: Json | undefined): unknown => (object?.spec as Json | undefined)?.managementPolicies;

describe.each(['namespaced', 'cluster'] as const)('deletion on the simulated Azure, %s', (flavour) => {
  it('leaves nothing, in an order in which Azure refuses only what is not empty yet', () => {
    const { cluster, engine } = world(flavour, twoRegions);
    engine.remove();
    cluster.settle();
    expect(ids(cluster)).toEqual([]);
    expect(cluster.objects().map(({ metadata }) => metadata.name)).toEqual(['mine']);
    const told = deletes(cluster);
    const refused = told.filter(({ outcome }) => !outcome.ok).map(({ id }) => typeOf(id));
    const containers = ['resourceGroups', 'virtualNetworks', 'networkSecurityGroups', 'privateDnsZones'];
    expect(refused.filter((type) => !containers.includes(type))).toEqual([]);
    const servers = told.filter(({ id }) => id.includes('/flexibleServers/')).map(({ id }) => id);
    expect(servers.map((id) => (id.includes('centralus') ? 'replica' : 'primary'))).toEqual(['replica', 'primary']);
  });

  it('without Usages asks Azure for what it refuses', () => {
    const { cluster, engine } = world(flavour, twoRegions);
    for (const { kind, metadata } of cluster.objects())
      if (kind.endsWith('Usage'))
        cluster.step({
          type: 'forget',
          key: `${kind}.protection.crossplane.io/${metadata.namespace ?? ''}/${metadata.name}`,
        });
    engine.remove();
    cluster.settle();
    const refused = deletes(cluster).filter(({ outcome }) => !outcome.ok);
    expect(refused.map(({ id }) => typeOf(id))).toEqual(expect.arrayContaining(['flexibleServers', 'subnets']));
  });

  it('keeps everything in Azure under Orphan, and sends nothing', () => {
    const { cluster, engine } = world(flavour, { ...twoRegions, ...ORPHAN });
    const before = ids(cluster);
    engine.remove();
    cluster.settle();
    expect(cluster.objects().map(({ metadata }) => metadata.name)).toEqual(['mine']);
    expect(ids(cluster)).toEqual(before);
    expect(cluster.requests).toEqual([]);
  });

  it('takes up again what an object of the same name left under Orphan: only the read name moves, and back', () => {
    const { cluster, engine } = world(flavour, { ...twoRegions, ...ORPHAN });
    engine.remove();
    cluster.settle();
    const again = createEngine(xr(flavour, { ...twoRegions, ...ORPHAN }), cluster);
    again.settle();
    expect(again.ready).toBe(true);
    expect(again.condition('ReplicaReady')).toMatch(/^True Available/);
    expect(cluster.requests.map(({ id }) => id.split('/').slice(-2).join('/'))).toEqual(['CNAME/read', 'CNAME/read']);
  });

  it('goes over to Orphan with a copied password and back, and sends nothing', () => {
    const { cluster, engine } = world(flavour, oneRegion);
    const generated = cluster.secrets()['team-a/orders-admin-password']?.password ?? '';
    cluster.apply({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'mine', namespace: 'team-a' },
      data: { password: Buffer.from(generated).toString('base64') },
    });
    engine.change(ORPHAN);
    engine.settle();
    expect(policiesOf(engine.object('primary-server'))).toEqual(['Observe', 'Update']);
    expect(engine.object('admin-password')).toBeDefined();
    engine.change({ deletion: { policy: 'Delete' } });
    engine.settle();
    expect(policiesOf(engine.object('primary-server'))).toEqual(['Observe', 'Create', 'Update', 'Delete']);
    expect(engine.refusals).toEqual([]);
    expect(engine.deleted).toEqual([]);
    expect(engine.ready).toBe(true);
    expect(cluster.requests).toEqual([]);
  });

  it('says under Orphan that a server is lost, makes no empty one, and goes on with what is left', () => {
    const { cluster, engine } = world(flavour, { ...twoRegions, ...ORPHAN });
    const replica = serverId(cluster, 'centralus');
    cluster.happen({ what: 'delete', id: replica });
    engine.settle();
    expect(engine.condition('ReplicaReady')).toMatch(/^False Lost: secondary-server: the provider would have to make/);
    expect(conditionText(cluster.objects('FlexibleServer').at(-1), 'Ready')).toBe('True');
    expect(engine.ready).toBe(true);
    expect(engine.events.filter((event) => event.startsWith('ReplicaReady Lost'))).toHaveLength(1);
    cluster.happen({ what: 'delete', id: serverId(cluster, 'eastus2') });
    engine.settle();
    expect(engine.condition('PrimaryReady')).toMatch(/^False Lost: primary-server/);
    expect(engine.ready).toBe(false);
    engine.settle();
    expect(cluster.requests.filter(({ method }) => method === 'PUT')).toEqual([]);
  });

  it('says under Orphan what a person can do about a replica that is lost, and makes it again then', () => {
    const { cluster, engine } = world(flavour, { ...twoRegions, ...ORPHAN });
    const replica = serverId(cluster, 'centralus');
    cluster.happen({ what: 'delete', id: replica });
    engine.settle();
    expect(engine.status.failover).toMatchObject({
      phase: 'Unprotected',
      message: `the replica secondary-server is not in Azure any more, as it looks to the provider; look for "${replica.split('/').at(-1)}" there, and to have it made again set spec.deletion.policy to Delete until it is ready`,
    });
    engine.change({ deletion: { policy: 'Delete' } });
    engine.settle();
    engine.change(ORPHAN);
    engine.settle();
    expect(engine.status.failover).toMatchObject({ phase: 'Stable' });
    expect(engine.condition('ReplicaReady')).toMatch(/^True/);
    expect(cluster.requests.filter(({ method }) => method === 'PUT').map(({ id }) => id)).toEqual([replica]);
  });

  it('makes an empty server under Delete, as the documentation warns', () => {
    const { cluster, engine } = world(flavour, oneRegion);
    const id = serverId(cluster, 'eastus2');
    cluster.happen({ what: 'delete', id });
    engine.settle();
    expect(cluster.requests.filter(({ method }) => method === 'PUT').map((request) => request.id)).toEqual([id]);
  });
});
