import type { JsonObject } from './json.ts';
import { atProvider, conditionText, createMemoryCluster, type MemoryCluster, type ReadObject } from './memory.ts';
import * as p from './platform.ts';
import type { Manifest, ObjectRef, Simulation } from './state.ts';

/** seen live, statement by statement. */
const flavour = { namespaced: true };
const serverApi = 'dbforpostgresql.azure.m.upbound.io/v1beta1';
const ref = (name: string, kind = 'FlexibleServer', apiVersion = serverApi): ObjectRef => ({
  apiVersion,
  kind,
  name,
  namespace: 'default',
});
const group = '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/orders';
const serverId = (name: string): string => `${group}/providers/Microsoft.DBforPostgreSQL/flexibleServers/${name}`;

function build(...manifests: readonly Manifest[]): Simulation {
  const cluster = createMemoryCluster();
  cluster.apply(...manifests);
  cluster.settle();
  return cluster.state;
}

const foundation = build(...p.foundation(flavour));
const withPrimary = build(...p.foundation(flavour), p.primary(flavour));
const platform = build(...p.platform(flavour));
const withEndpoint = build(...p.platform(flavour), p.virtualEndpoint(flavour));

const from = (state: Simulation): MemoryCluster => createMemoryCluster({}, state);
const server = (cluster: MemoryCluster, name = 'server-a'): ReadObject => {
  const object = cluster.object(ref(name));
  if (!object) throw new Error(`${name} is missing`);
  return object;
};
const syncedOf = (cluster: MemoryCluster, name = 'server-a'): string => conditionText(server(cluster, name), 'Synced');
const requests = (cluster: MemoryCluster): string[] =>
  cluster.requests.map(({ method, id, body }) => `${method} ${id.split('/').pop()} ${JSON.stringify(body ?? {})}`);
const forProvider = (object: ReadObject): JsonObject => (object.spec?.forProvider ?? {}) as JsonObject;

describe('zones and high availability', () => {
  const shapes: readonly (readonly [
    string,
    JsonObject,
    JsonObject,
    readonly string[],
    'kept' | 'refused' | 'failed back',
  ])[] = [
    [
      'initProvider alone',
      {},
      { zone: '1', highAvailability: { mode: 'ZoneRedundant', standbyAvailabilityZone: '2' } },
      p.serverPolicies,
      'kept',
    ],
    [
      'initProvider alone, with LateInitialize',
      {},
      { zone: '1', highAvailability: { mode: 'ZoneRedundant', standbyAvailabilityZone: '2' } },
      ['*'],
      'refused',
    ],
    [
      'a nested standby in initProvider beside the mode',
      { highAvailability: { mode: 'ZoneRedundant' } },
      { zone: '1', highAvailability: { standbyAvailabilityZone: '2' } },
      p.serverPolicies,
      'refused',
    ],
    [
      'both zones in forProvider',
      { zone: '1', highAvailability: { mode: 'ZoneRedundant', standbyAvailabilityZone: '2' } },
      {},
      p.serverPolicies,
      'failed back',
    ],
    [
      'the standby in forProvider',
      { highAvailability: { mode: 'ZoneRedundant', standbyAvailabilityZone: '2' } },
      { zone: '1' },
      p.serverPolicies,
      'refused',
    ],
  ];

  it.each(shapes)('after a zone failover, %s', (_, inForProvider, initProvider, policies, result) => {
    const cluster = from(foundation);
    cluster.apply(p.primary(flavour, inForProvider, { initProvider, policies }));
    cluster.settle();
    expect(syncedOf(cluster)).toBe('True');
    cluster.forgetRequests();
    cluster.happen({ what: 'failover', id: serverId('orders-a') });
    cluster.advance(300);
    const zone = cluster.resource('orders-a')?.properties.zone;
    if (result === 'kept') {
      expect([syncedOf(cluster), zone, requests(cluster)]).toEqual(['True', '2', []]);
    } else if (result === 'refused') {
      expect(conditionText(server(cluster), 'LastAsyncOperation')).toContain('can only be changed when exchanged');
      expect([zone, requests(cluster)]).toEqual(['2', []]);
    } else {
      expect(requests(cluster)).toContain('POST restart {"restartWithFailover":true,"failoverMode":"PlannedFailover"}');
      expect([syncedOf(cluster), zone]).toEqual(['True', '1']);
    }
  });

  it('still updates tags after a failover', () => {
    const cluster = from(withPrimary);
    cluster.happen({ what: 'failover', id: serverId('orders-a') });
    cluster.apply(p.primary(flavour, { tags: { team: 'orders' } }));
    cluster.settle();
    expect(cluster.resource('orders-a')?.properties.tags).toEqual({ team: 'orders' });
    expect(syncedOf(cluster)).toBe('True');
  });

  it('heals a refused standby when forProvider names the observed one', () => {
    const cluster = from(foundation);
    const shape = (standby: string): Manifest =>
      p.primary(
        flavour,
        { highAvailability: { mode: 'ZoneRedundant', standbyAvailabilityZone: standby } },
        { initProvider: { zone: '1' } },
      );
    cluster.apply(shape('2'));
    cluster.settle();
    cluster.happen({ what: 'failover', id: serverId('orders-a') });
    cluster.advance(120);
    cluster.apply(shape('1'));
    cluster.advance(120);
    expect(syncedOf(cluster)).toBe('True');
  });

  it('is never in sync without any zone in the spec', () => {
    const cluster = from(foundation);
    cluster.apply(p.primary(flavour, {}, { initProvider: {} }));
    cluster.settle();
    expect(conditionText(server(cluster), 'LastAsyncOperation')).toContain('`zone` can only be changed when exchanged');
    expect(conditionText(server(cluster), 'Ready')).toBe('True');
  });

  it('patches a SameZone block without standby again and again, in sync', () => {
    const cluster = from(foundation);
    cluster.apply(p.primary(flavour, { highAvailability: { mode: 'SameZone' } }, { initProvider: { zone: '1' } }));
    cluster.settle();
    cluster.forgetRequests();
    cluster.advance(600);
    expect(cluster.requests.length).toBeGreaterThan(5);
    expect(new Set(cluster.requests.map((each) => each.method))).toEqual(new Set(['PATCH']));
    expect(conditionText(server(cluster), 'LastAsyncOperation')).toBe('True');
  });

  it('sends Disabled when the block leaves both places, and keeps the old block in atProvider', () => {
    const cluster = from(withPrimary);
    cluster.forgetRequests();
    cluster.apply(p.primary(flavour, {}, { initProvider: { zone: '1' } }));
    cluster.settle();
    expect(requests(cluster)).toEqual(['PATCH orders-a {"highAvailability":{"mode":"Disabled"}}']);
    expect(cluster.resource('orders-a')?.properties.highAvailability).toBeUndefined();
    expect(atProvider(server(cluster)).highAvailability).toEqual({
      mode: 'ZoneRedundant',
      standbyAvailabilityZone: '2',
    });
  });

  it('sends only the mode when switched on later; Azure chooses the standby', () => {
    const cluster = from(foundation);
    cluster.apply(p.primary(flavour, {}, { initProvider: { zone: '1' } }));
    cluster.settle();
    cluster.forgetRequests();
    const on = { mode: 'ZoneRedundant', standbyAvailabilityZone: '3' };
    cluster.apply(p.primary(flavour, { highAvailability: on }, { initProvider: { zone: '1' } }));
    cluster.advance(700);
    expect(requests(cluster)).toEqual(['PATCH orders-a {"highAvailability":{"mode":"ZoneRedundant"}}']);
    const chosen = { mode: 'ZoneRedundant', standbyAvailabilityZone: '2' };
    expect(cluster.resource('orders-a')?.properties.highAvailability).toEqual(chosen);
    cluster.apply(p.primary(flavour, { highAvailability: chosen }, { initProvider: { zone: '1' } }));
    cluster.advance(120);
    cluster.forgetRequests();
    cluster.apply(p.primary(flavour, {}, { initProvider: { zone: '1', highAvailability: chosen } }));
    cluster.advance(120);
    expect([syncedOf(cluster), requests(cluster)]).toEqual(['True', []]);
  });
});

describe('replicas, promotion, switchover', () => {
  it('promotes with replicationRole None: a PATCH of its own and an empty one, then steady', () => {
    const cluster = from(platform);
    cluster.forgetRequests();
    cluster.apply(p.replica(flavour, { replicationRole: 'None' }));
    cluster.settle();
    expect(requests(cluster)).toEqual(['PATCH orders-b {"replicationRole":"None"}', 'PATCH orders-b {}']);
    expect(cluster.resource('orders-b')?.properties.sourceServerId).toBeUndefined();
    expect(syncedOf(cluster, 'server-b')).toBe('True');
    cluster.forgetRequests();
    cluster.restartProvider();
    cluster.settle();
    expect([syncedOf(cluster, 'server-b'), requests(cluster)]).toEqual(['True', []]);
    // Role and source in atProvider only echo: the source stays for ever.
    expect(atProvider(server(cluster, 'server-b'))).toMatchObject({
      sourceServerId: serverId('orders-a'),
      replicationRole: 'None',
      createMode: 'Replica',
    });
  });

  it('refuses for good once replicationRole is removed, until it is back', () => {
    const cluster = from(platform);
    cluster.apply(p.replica(flavour, { replicationRole: 'None' }));
    cluster.settle();
    cluster.apply(p.replica(flavour));
    cluster.advance(300);
    expect(conditionText(server(cluster, 'server-b'), 'LastAsyncOperation')).toContain(
      '`replication_role` only can be updated to `None`',
    );
    cluster.apply(p.replica(flavour, { replicationRole: 'None' }));
    cluster.advance(300);
    expect(syncedOf(cluster, 'server-b')).toBe('True');
  });

  it('does not promote a replica that is adopted with replicationRole already in its spec', () => {
    const cluster = from(platform);
    cluster.apply({
      ...p.replica(flavour, { replicationRole: 'None' }),
      metadata: { ...p.replica(flavour).metadata, name: 'adopter', labels: {} },
    });
    cluster.advance(600);
    expect(cluster.resource('orders-b')?.properties.sourceServerId).toBe(serverId('orders-a'));
    expect(syncedOf(cluster, 'adopter')).toBe('True');
  });

  it('refuses replicationRole at creation', () => {
    const cluster = from(withPrimary);
    cluster.apply(
      ...p.network(flavour, p.secondarySite),
      ...p.peerings(flavour),
      p.replica(flavour, { replicationRole: 'None' }),
    );
    cluster.settle();
    expect(conditionText(server(cluster, 'server-b'), 'LastAsyncOperation')).toContain(
      '`replication_role` cannot be set while creating',
    );
  });

  it('blocks every update when sourceServerId is removed from a former replica', () => {
    const cluster = from(platform);
    cluster.apply(p.replica(flavour, { replicationRole: 'None', sourceServerId: serverId('orders-a') }));
    cluster.settle();
    const { sourceServerIdSelector: _, ...without } = forProvider({ ...server(cluster, 'server-b') });
    const { sourceServerId: _id, sourceServerIdRef: _ref, ...rest } = without;
    const { status: _s, ...object } = server(cluster, 'server-b');
    cluster.step({
      type: 'put',
      object: { ...object, spec: { ...object.spec, forProvider: { ...rest, tags: { team: 'x' } } } },
    });
    cluster.advance(200);
    expect(conditionText(server(cluster, 'server-b'), 'LastAsyncOperation')).toContain(
      'refuse to update the external resource because the following update requires replacing it: cannot change the value of the argument "source_server_id"',
    );
    expect(cluster.resource('orders-b')?.properties.tags).toBeUndefined();
  });

  it('demands a password when createMode leaves a former replica', () => {
    const cluster = from(platform);
    cluster.apply(p.replica(flavour, { replicationRole: 'None' }));
    cluster.settle();
    cluster.apply(p.replica(flavour, { replicationRole: 'None', createMode: 'Default' }));
    cluster.advance(200);
    expect(conditionText(server(cluster, 'server-b'), 'LastAsyncOperation')).toContain(
      '`administrator_login` is required',
    );
  });

  it('creates replicas of one source one after another', () => {
    const cluster = from(withPrimary);
    const third = {
      ...p.replica(flavour, {}, { externalName: 'orders-c' }),
      metadata: { ...p.replica(flavour, {}, { externalName: 'orders-c' }).metadata, name: 'server-c' },
    };
    cluster.apply(...p.network(flavour, p.secondarySite), ...p.peerings(flavour));
    cluster.settle();
    cluster.apply(p.replica(flavour), third);
    cluster.advance(60);
    expect([cluster.resource('orders-b')?.phase, cluster.resource('orders-c')]).toEqual(['Creating', undefined]);
    cluster.settle();
    expect([cluster.resource('orders-b')?.phase, cluster.resource('orders-c')?.phase]).toEqual(['Ready', 'Ready']);
  });

  const switched = (cluster: MemoryCluster): void => {
    cluster.happen({ what: 'promote', id: serverId('orders-b'), mode: 'switchover', option: 'planned' });
    cluster.advance(600);
  };

  it('after a switchover leaves the new primary alone and blocks the old one', () => {
    const cluster = from(withEndpoint);
    switched(cluster);
    expect(cluster.resource('orders-a')?.properties).toMatchObject({ sourceServerId: serverId('orders-b') });
    // Azure switches high availability off on the old primary.
    expect(cluster.resource('orders-a')?.properties.highAvailability).toBeUndefined();
    expect(cluster.resource('orders-b')?.properties.sourceServerId).toBeUndefined();
    expect(syncedOf(cluster, 'server-b')).toBe('True');
    expect(conditionText(server(cluster), 'LastAsyncOperation')).toContain(
      'cannot change the value of the argument "source_server_id"',
    );
    expect(conditionText(server(cluster), 'Ready')).toBe('True');
  });

  it('is switchover-proof with a sourceServerId in initProvider, in both directions', () => {
    const cluster = from(withEndpoint);
    const ignore = (): Manifest =>
      p.primary(
        flavour,
        {},
        {
          initProvider: {
            zone: '1',
            highAvailability: { mode: 'ZoneRedundant', standbyAvailabilityZone: '2' },
            sourceServerId: 'any',
          },
        },
      );
    const proof = p.replica(
      flavour,
      { sourceServerIdSelector: undefined },
      { initProvider: { zone: '1', sourceServerId: 'any' } },
    );
    const {
      sourceServerId: _1,
      sourceServerIdRef: _2,
      sourceServerIdSelector: _3,
      ...kept
    } = forProvider(server(cluster, 'server-b'));
    cluster.apply(ignore());
    const { status: _s, ...object } = server(cluster, 'server-b');
    cluster.step({
      type: 'put',
      object: { ...object, spec: { ...object.spec, initProvider: proof.spec?.initProvider, forProvider: kept } },
    });
    cluster.settle();
    cluster.forgetRequests();
    switched(cluster);
    expect([syncedOf(cluster), syncedOf(cluster, 'server-b')]).toEqual(['True', 'True']);
    cluster.happen({ what: 'promote', id: serverId('orders-a'), mode: 'switchover', option: 'planned' });
    cluster.advance(600);
    expect([syncedOf(cluster), syncedOf(cluster, 'server-b')]).toEqual(['True', 'True']);
    expect(cluster.requests.filter((each) => each.by !== undefined)).toEqual([]);
  });

  it('leaves the virtual endpoint in sync after a switchover, and sticks when a member changes then', () => {
    const cluster = from(withEndpoint);
    switched(cluster);
    const endpoint = (): string =>
      conditionText(cluster.object(ref('endpoint', 'FlexibleServerVirtualEndpoint')), 'Synced');
    expect([endpoint(), cluster.resource('orders', 'virtualEndpoints')?.id]).toEqual([
      'True',
      `${serverId('orders-b')}/virtualEndpoints/orders`,
    ]);
    const { status: _, ...object } =
      cluster.object(ref('endpoint', 'FlexibleServerVirtualEndpoint')) ?? server(cluster);
    cluster.step({
      type: 'put',
      object: {
        ...object,
        spec: {
          ...object.spec,
          forProvider: {
            ...forProvider(cluster.object(ref('endpoint', 'FlexibleServerVirtualEndpoint')) ?? server(cluster)),
            replicaServerId: serverId('orders-a'),
          },
        },
      },
    });
    cluster.advance(200);
    expect(
      conditionText(cluster.object(ref('endpoint', 'FlexibleServerVirtualEndpoint')), 'LastAsyncOperation'),
    ).toContain('after a switchover');
  });
});

describe('storage', () => {
  const patch = (fields: JsonObject): MemoryCluster => {
    const cluster = from(withPrimary);
    cluster.forgetRequests();
    cluster.apply(p.primary(flavour, fields));
    cluster.advance(300);
    return cluster;
  };

  it('refuses less than observed, and everything with it', () => {
    const cluster = patch({ storageMb: 65536, storageTier: 'P10', tags: { team: 'x' } });
    expect(conditionText(server(cluster), 'LastAsyncOperation')).toContain('"storage_mb" from "131072" to "65536"');
    expect(requests(cluster)).toEqual([]);
  });

  it('refuses a larger size with the old tier', () => {
    expect(syncedOf(patch({ storageMb: 262144 }))).toContain('invalid \'storage_tier\' "P10"');
  });

  it('raises size and tier together', () => {
    expect(patch({ storageMb: 262144, storageTier: 'P15' }).resource('orders-a')?.properties).toMatchObject({
      storageMb: 262144,
      storageTier: 'P15',
    });
  });

  it('lets the tier follow when it is left out', () => {
    const cluster = patch({ storageMb: 262144, storageTier: undefined });
    expect(cluster.resource('orders-a')?.properties).toMatchObject({ storageMb: 262144, storageTier: 'P15' });
  });

  it('gives no condition at all for a size outside the table', () => {
    const cluster = from(foundation);
    cluster.apply(p.primary(flavour, { storageMb: 100000 }));
    cluster.advance(3600);
    expect(server(cluster).status).toBeUndefined();
    expect(cluster.resource('orders-a')).toBeUndefined();
  });
});

describe('names assigned by Azure', () => {
  const parameter = (policies: readonly string[]): MemoryCluster => {
    const cluster = from(withPrimary);
    cluster.apply(p.configuration(flavour, 'server-a', 'max_connections', '1000', policies));
    cluster.settle();
    cluster.forgetRequests();
    return cluster;
  };
  const name = 'server-a-max-connections';
  const externalName = (cluster: MemoryCluster): string | undefined =>
    cluster.object(ref(name, 'FlexibleServerConfiguration'))?.metadata.annotations?.['crossplane.io/external-name'];

  it('are written with LateInitialize and survive a provider restart', () => {
    const cluster = parameter(['*']);
    expect(externalName(cluster)).toBe(`${serverId('orders-a')}/configurations/max_connections`);
    cluster.restartProvider();
    cluster.settle();
    expect(requests(cluster)).toEqual([]);
  });

  it('are never written without it: the restart sets a static parameter again and restarts the server', () => {
    const cluster = parameter(p.serverPolicies);
    expect(externalName(cluster)).toBeUndefined();
    cluster.advance(3600);
    expect(requests(cluster)).toEqual([]);
    cluster.restartProvider();
    cluster.settle();
    expect(requests(cluster)).toEqual(['PATCH max_connections {"value":"1000"}', 'POST restart {}']);
  });

  it('leak the object when it is deleted while the provider is down', () => {
    const cluster = from(withEndpoint);
    cluster.remove(ref('endpoint', 'FlexibleServerVirtualEndpoint'));
    cluster.settle();
    cluster.apply(p.virtualEndpoint(flavour, p.serverPolicies));
    cluster.settle();
    cluster.restartProvider();
    cluster.remove(ref('endpoint', 'FlexibleServerVirtualEndpoint'));
    cluster.settle();
    expect(cluster.object(ref('endpoint', 'FlexibleServerVirtualEndpoint'))).toBeUndefined();
    expect(cluster.resource('orders', 'virtualEndpoints')).toBeDefined();
  });
});

describe('configurations', () => {
  it('loop while the value differs from what Azure reports', () => {
    const cluster = from(withPrimary);
    cluster.apply(p.configuration(flavour, 'server-a', 'shared_preload_libraries', 'pg_stat_statements,pg_cron'));
    cluster.advance(600);
    const object = cluster.object(ref('server-a-shared-preload-libraries', 'FlexibleServerConfiguration'));
    expect(cluster.requests.filter((each) => each.method === 'POST').length).toBeGreaterThan(2);
    expect([conditionText(object, 'Ready'), conditionText(object, 'Synced')]).toEqual(['True', 'True']);
  });

  it('of one server run one after another, and go back to the default when deleted', () => {
    const cluster = from(withPrimary);
    cluster.apply(
      p.configuration(flavour, 'server-a', 'work_mem', '8192'),
      p.configuration(flavour, 'server-a', 'max_connections', '1000'),
    );
    cluster.advance(1);
    expect(
      Object.values(cluster.state.operations)
        .map((each) => each.queued === true)
        .sort(),
    ).toEqual([false, true]);
    cluster.settle();
    cluster.remove(ref('server-a-work-mem', 'FlexibleServerConfiguration'));
    cluster.settle();
    expect(cluster.requests.at(-1)?.body).toEqual({ value: '4096' });
  });
});

describe('secrets', () => {
  it('writes the connection secret with the keys of the provider, wrong username included, owned by the server', () => {
    const cluster = from(withPrimary);
    const { password, ...rest } = cluster.secrets()['default/server-a-connection'] ?? {};
    expect(rest).toEqual({
      endpoint: 'orders-a.postgres.database.azure.com',
      port: '5432',
      username: 'pgadmin@orders-a',
      'attribute.administrator_password': password,
    });
    expect(password).toMatch(/^[A-Za-z0-9]{27}$/);
    const secret = cluster.object(ref('server-a-connection', 'Secret', 'v1'));
    expect(secret?.metadata.ownerReferences).toMatchObject([
      { kind: 'FlexibleServer', name: 'server-a', controller: true },
    ]);
  });

  it('generates the password into a Secret that it owns, or fills one that exists without owning it', () => {
    expect(from(withPrimary).object(ref('admin', 'Secret', 'v1'))?.metadata.ownerReferences).toMatchObject([
      { name: 'server-a' },
    ]);
    const cluster = from(foundation);
    cluster.apply(
      { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'admin', namespace: 'default' }, data: { note: 'eA==' } },
      p.primary(flavour),
    );
    cluster.settle();
    expect(cluster.secrets()['default/admin']).toEqual({
      note: 'x',
      password: expect.stringMatching(/^[A-Za-z0-9]{27}$/),
    });
    expect(cluster.object(ref('admin', 'Secret', 'v1'))?.metadata.ownerReferences).toBeUndefined();
    cluster.remove(ref('server-a'));
    cluster.settle();
    expect(Object.keys(cluster.secrets())).toEqual(['default/admin']);
  });

  it('patches a changed password to the server', () => {
    const cluster = from(withPrimary);
    cluster.apply({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'admin', namespace: 'default' },
      data: { password: Buffer.from('Another-Passw0rd').toString('base64') },
    });
    cluster.settle();
    expect(cluster.resource('orders-a')?.hidden.password).toBe('Another-Passw0rd');
    expect(cluster.secrets()['default/server-a-connection']?.password).toBe('Another-Passw0rd');
  });

  it('reports a missing password Secret', () => {
    const cluster = from(foundation);
    cluster.apply(p.primary(flavour, { autoGeneratePassword: false }));
    cluster.settle();
    expect(syncedOf(cluster)).toContain('secrets "admin" not found');
  });
});

describe('existence', () => {
  it('creates a server that was deleted outside again: empty, same name, Ready', () => {
    const cluster = from(withPrimary);
    const content = cluster.resource('orders-a')?.hidden.content;
    cluster.happen({ what: 'delete', id: serverId('orders-a') });
    cluster.settle();
    expect(conditionText(server(cluster), 'Ready')).toBe('True');
    expect(cluster.resource('orders-a')?.hidden.content).not.toBe(content);
  });

  it('does not with [Observe, Update]: Ready stays, Synced misleads, deletion sends nothing', () => {
    const cluster = from(withPrimary);
    cluster.apply(p.primary(flavour, {}, { policies: ['Observe', 'Update'] }));
    cluster.settle();
    cluster.happen({ what: 'delete', id: serverId('orders-a') });
    cluster.settle();
    expect(conditionText(server(cluster), 'Ready')).toBe('True');
    expect(syncedOf(cluster)).toContain('requires replacing it');
    expect(cluster.resource('orders-a')).toBeUndefined();
    cluster.forgetRequests();
    cluster.remove(ref('server-a'));
    cluster.settle();
    expect([cluster.object(ref('server-a')), requests(cluster)]).toEqual([undefined, []]);
  });

  const witness = (externalName: string): Manifest =>
    p.managed(
      flavour,
      'FlexibleServer',
      'witness',
      { resourceGroupName: 'orders' },
      { externalName, policies: ['Observe'] },
    );

  it.each([
    ['orders-a', ''],
    ['orders-b', serverId('orders-a')],
  ])('a fresh witness of %s tells its source', (name, source) => {
    const cluster = from(platform);
    cluster.apply(witness(name));
    cluster.advance(5);
    expect(atProvider(server(cluster, 'witness')).sourceServerId).toBe(source);
    expect(atProvider(server(cluster, 'witness')).highAvailability).toEqual(
      name === 'orders-b' ? {} : { mode: 'ZoneRedundant', standbyAvailabilityZone: '2' },
    );
  });

  it('a witness tells the truth after a switchover, while the long-lived resource goes on naming its old source', () => {
    const cluster = from(withEndpoint);
    cluster.happen({ what: 'promote', id: serverId('orders-b'), mode: 'switchover', option: 'planned' });
    cluster.advance(600);
    cluster.apply(witness('orders-b'));
    cluster.advance(5);
    expect([
      atProvider(server(cluster, 'witness')).sourceServerId,
      atProvider(server(cluster, 'server-b')).sourceServerId,
    ]).toEqual(['', serverId('orders-a')]);
    cluster.forgetRequests();
    cluster.remove(ref('witness'));
    cluster.settle();
    expect([cluster.object(ref('witness')), requests(cluster)]).toEqual([undefined, []]);
  });

  it('a witness of nothing says so', () => {
    const cluster = from(foundation);
    cluster.apply(witness('nobody'));
    cluster.advance(5);
    expect(syncedOf(cluster, 'witness')).toBe(
      'False: ReconcileError: observe failed: external resource does not exist',
    );
  });

  it('shows a create error late: Ready False Creating and Synced True until then', () => {
    const cluster = from(foundation);
    cluster.apply(p.primary(flavour, { administratorLogin: 'root' }));
    cluster.advance(20);
    expect([conditionText(server(cluster), 'Ready'), syncedOf(cluster)]).toEqual(['False: Creating', 'True']);
    expect(server(cluster).metadata.annotations?.['crossplane.io/external-create-succeeded']).toBeDefined();
    cluster.advance(15);
    expect(conditionText(server(cluster), 'LastAsyncOperation')).toContain(
      'AsyncCreateFailure: async create failed: failed to create the resource: InvalidAdministratorLogin',
    );
  });

  it('adopts by external name: no create, the difference applied', () => {
    const cluster = from(withPrimary);
    cluster.forgetRequests();
    const adopter = p.primary(flavour, { tags: { by: 'adopter' } });
    cluster.apply({ ...adopter, metadata: { ...adopter.metadata, name: 'adopter' } });
    cluster.advance(120);
    expect(requests(cluster)).toContain('PATCH orders-a {"tags":{"by":"adopter"}}');
    expect(cluster.requests.some((each) => each.method === 'PUT')).toBe(false);
  });
});

describe('management policies', () => {
  it.each([
    [['Observe'], true],
    [['Observe', 'Create'], true],
    [['Observe', 'Create', 'Update'], true],
    [['Observe', 'Create', 'Delete'], true],
    [['Observe', 'Create', 'Update', 'Delete'], true],
    [['Observe', 'Create', 'Update', 'LateInitialize'], true],
    [['Observe', 'Delete'], true],
    [['Observe', 'Update'], true],
    [['*'], true],
    [['Observe', 'Update', 'Delete'], false],
  ])('%j: supported %s', (policies, supported) => {
    const cluster = from(withPrimary);
    cluster.apply(p.primary(flavour, {}, { policies }));
    cluster.advance(5);
    expect(syncedOf(cluster).includes('which is not supported')).toBe(!supported);
  });

  it('[] pauses', () => {
    const cluster = from(withPrimary);
    cluster.apply(p.primary(flavour, { tags: { team: 'x' } }, { policies: [] }));
    cluster.advance(120);
    expect(conditionText(server(cluster), 'Synced')).toContain('ReconcilePaused');
    expect(cluster.resource('orders-a')?.properties.tags).toBeUndefined();
  });

  it('without Update drift is in sync; without Delete nothing is deleted', () => {
    const cluster = from(withPrimary);
    cluster.apply(p.primary(flavour, { tags: { team: 'x' } }, { policies: ['Observe', 'Create'] }));
    cluster.advance(120);
    expect([syncedOf(cluster), cluster.resource('orders-a')?.properties.tags]).toEqual(['True', undefined]);
    cluster.remove(ref('server-a'));
    cluster.settle();
    expect([cluster.object(ref('server-a')), cluster.resource('orders-a')?.phase]).toEqual([undefined, 'Ready']);
  });
});

describe('the deletion policy of the cluster flavour', () => {
  it.each([
    [['*'], 'Orphan', true],
    [['*'], 'Delete', false],
    // A policy that names Delete wins.
    [['Observe', 'Create', 'Delete'], 'Orphan', false],
    [['Observe', 'Create'], 'Delete', true],
  ])('%j with %s keeps the resource: %s', (policies, deletionPolicy, kept) => {
    const group = p.managed({ namespaced: false }, 'ResourceGroup', 'rg', { location: 'eastus2' }, { policies });
    const cluster = createMemoryCluster();
    cluster.apply({ ...group, spec: { ...group.spec, deletionPolicy } });
    cluster.settle();
    cluster.remove({ apiVersion: group.apiVersion, kind: group.kind, name: 'rg' });
    cluster.settle();
    expect([cluster.objects().length, Object.keys(cluster.state.resources).length]).toEqual([0, kept ? 1 : 0]);
  });
});

describe('late initialisation', () => {
  it('copies what is observed into forProvider, the top-level zone excepted', () => {
    const cluster = from(foundation);
    cluster.apply(p.primary(flavour, { storageTier: undefined, skuName: 'GP_Standard_D2ds_v5' }, { policies: ['*'] }));
    cluster.settle();
    expect(forProvider(server(cluster))).toMatchObject({
      storageTier: 'P10',
      highAvailability: { mode: 'ZoneRedundant', standbyAvailabilityZone: '2' },
    });
    expect(forProvider(server(cluster)).zone).toBeUndefined();
  });

  it('leaves forProvider alone without the policy', () => {
    const cluster = from(foundation);
    cluster.apply(p.primary(flavour, { storageTier: undefined }));
    cluster.settle();
    expect(forProvider(server(cluster)).storageTier).toBeUndefined();
  });
});

describe('references', () => {
  it('of the id kind wait for atProvider.id, of the name kind for the external name', () => {
    const cluster = createMemoryCluster();
    cluster.apply(p.zone(flavour), ...p.network(flavour, p.primarySite));
    cluster.advance(2);
    const link = cluster.object(
      ref('link-a', 'PrivateDNSZoneVirtualNetworkLink', 'network.azure.m.upbound.io/v1beta1'),
    );
    expect(conditionText(link, 'Synced')).toContain('ResourceGroupName: no resources matched selector');
    cluster.apply(p.resourceGroup(flavour));
    cluster.advance(2);
    const again = cluster.object(
      ref('link-a', 'PrivateDNSZoneVirtualNetworkLink', 'network.azure.m.upbound.io/v1beta1'),
    );
    expect(conditionText(again, 'Synced')).toContain(
      'VirtualNetworkId: referenced field was empty (referenced resource may not yet be ready)',
    );
    cluster.settle();
    const ready = cluster.object(
      ref('link-a', 'PrivateDNSZoneVirtualNetworkLink', 'network.azure.m.upbound.io/v1beta1'),
    );
    expect(ready && forProvider(ready)).toMatchObject({
      resourceGroupName: 'orders',
      resourceGroupNameRef: { name: 'rg' },
      privateDnsZoneName: 'orders.private.postgres.database.azure.com',
    });
  });

  it('with matchControllerRef stay within one owner', () => {
    const owner = (uid: string) => ({
      namespaced: true,
      owner: { apiVersion: 'x/v1', kind: 'X', name: uid, uid, controller: true },
    });
    const cluster = createMemoryCluster();
    const foreign = p.resourceGroup(owner('one'));
    const zone = p.zone(owner('two'));
    cluster.apply(foreign, zone);
    cluster.settle();
    expect(
      conditionText(cluster.object(ref('zone', 'PrivateDNSZone', 'network.azure.m.upbound.io/v1beta1')), 'Synced'),
    ).toContain('no resources matched selector');
  });
});
