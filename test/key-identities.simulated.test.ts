import { runFunction } from '../src/function.ts';
import { createMemoryCluster } from './azure/memory.ts';
import { createEngine } from './support/engine.ts';
import { settle } from './support/passes.ts';
import { type Json, type Observed, oneRegion, request, twoRegions, xr } from './support/requests.ts';
import { properties, serverId, troubled, type World, world } from './support/world.ts';

const SUBSCRIPTION = '/subscriptions/00000000-0000-0000-0000-000000000001';
const key = (vault: string) => ({
  keyVaultKeyId: `https://${vault}.vault.azure.net/keys/postgresql`,
  keyVaultId: `${SUBSCRIPTION}/resourceGroups/rg-keys/providers/Microsoft.KeyVault/vaults/${vault}`,
});
const both = { security: { encryption: { primary: key('one'), secondary: key('two'), geoBackup: key('three') } } };

const inAzure = ({ cluster }: World, part: string): string[] =>
  Object.values(cluster.state.resources)
    .map(({ id }) => id)
    .filter((id) => id.includes(part))
    .sort();

/** What a server reads its keys with. */
const identities = ({ cluster }: World, region: string): readonly string[] =>
  (properties(cluster, region).identity as { identityIds: string[] }).identityIds;

describe.each(['namespaced', 'cluster'] as const)('identities made for the keys of the user, %s', (flavour) => {
  it('come before the servers, with their right to the vault, and another one for the copy of the backups', () => {
    const cluster = createMemoryCluster();
    const engine = createEngine(xr(flavour, { ...twoRegions, ...both }), cluster);
    engine.settle();
    const here = { cluster, engine };
    const [second, copy, first] = inAzure(here, '/userAssignedIdentities/');
    expect(copy).toMatch(/key-copy-centralus-[0-9a-f]{8}$/);
    expect(identities(here, 'eastus2')).toEqual([first, copy]);
    expect(identities(here, 'centralus')).toEqual([second]);
    expect(inAzure(here, '/roleAssignments/').map((id) => id.split('/providers/')[1])).toEqual([
      'Microsoft.KeyVault/vaults/one',
      'Microsoft.KeyVault/vaults/three',
      'Microsoft.KeyVault/vaults/two',
    ]);
    const made = cluster.requests.filter(
      ({ method, id }) => method === 'PUT' && /roleAssignments|flexibleServers\/[^/]+$/.test(id),
    );
    expect(made.every(({ outcome }) => outcome.ok)).toBe(true);
    expect(engine.ready).toBe(true);
    expect(troubled(here)).toEqual([]);
  });

  it('outlive the servers when all is deleted, and leave nothing', () => {
    const here = world(flavour, { ...twoRegions, ...both });
    here.engine.remove();
    here.cluster.settle();
    expect(inAzure(here, '/')).toEqual([]);
    const told = here.cluster.requests
      .filter(({ method, outcome }) => method === 'DELETE' && outcome.ok)
      .map(({ id }) => id);
    const deleted = (part: string): number => told.findIndex((id) => id.includes(part));
    const [replica, primary] = ['/flexibleServers/orders-centralus', '/flexibleServers/orders-eastus2'].map(deleted);
    expect(replica).toBeGreaterThan(-1);
    for (const part of ['key-centralus', '/vaults/two/']) expect(deleted(part)).toBeGreaterThan(replica ?? 0);
    for (const part of ['key-eastus2', 'key-copy-centralus', '/vaults/one/', '/vaults/three/'])
      expect(deleted(part)).toBeGreaterThan(primary ?? 0);
  });

  it('stay in Azure with deletion.policy Orphan', () => {
    const mine = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'mine', namespace: 'team-a' },
      data: { password: Buffer.from('Not-A-Real-Password-1').toString('base64') },
    };
    const security = { ...both.security, adminPasswordSecretRef: { name: 'mine' } };
    const here = world(flavour, { ...twoRegions, security, deletion: { policy: 'Orphan' } }, mine);
    here.engine.remove();
    here.cluster.settle();
    expect(inAzure(here, '/userAssignedIdentities/')).toHaveLength(3);
    expect(inAzure(here, '/roleAssignments/')).toHaveLength(3);
  });

  it('are taken for what the servers have while their own objects are missing, and are made again', () => {
    const here = world(flavour, { ...twoRegions, ...both });
    const before = identities(here, 'eastus2');
    const { engine, cluster } = here;
    const identity = engine.object('primary-key-identity') as Json & { kind: string; metadata: { name: string } };
    cluster.step({
      type: 'forget',
      key: `${identity.kind}.managedidentity.azure${flavour === 'namespaced' ? '.m' : ''}.upbound.io/${flavour === 'namespaced' ? 'team-a' : ''}/${identity.metadata.name}`,
    });
    expect(engine.object('primary-key-identity')).toBeUndefined();
    engine.reconcile();
    expect(engine.refusals).toEqual([]);
    expect(engine.object('primary-key-identity')).toBeDefined();
    expect(identities(here, 'eastus2')).toEqual(before);
  });

  it('are read by the servers that a failover makes', () => {
    const here = world(flavour, { ...twoRegions, ...both });
    const [own] = identities(here, 'eastus2');
    const former = serverId(here.cluster, 'eastus2');
    here.engine.change({ failover: { activeRegion: 'secondary' } });
    here.engine.settle();
    expect(here.engine.condition('FailoverInProgress')).toMatch(/^False Stable/);
    const next = inAzure(here, '/flexibleServers/orders-eastus2').filter(
      (id) => /flexibleServers\/[^/]+$/.test(id) && id !== former,
    );
    expect(next).toHaveLength(1);
    const made = here.cluster.state.resources[(next[0] ?? '').toLowerCase()]?.properties as Json;
    expect(made.identity).toMatchObject({ identityIds: [own] });
    expect(troubled(here)).toEqual([]);
  });

  it('are what the server waits for while Azure refuses them a role, and the condition says so', () => {
    const cluster = createMemoryCluster();
    cluster.inject({ id: 'no', on: { kind: 'RoleAssignment', verb: 'create' }, effect: { type: 'fail' } });
    const engine = createEngine(xr(flavour, { ...oneRegion, ...both }), cluster);
    for (let pass = 0; pass < 30; pass++) {
      engine.reconcile();
      cluster.advance(60);
    }
    expect(engine.object('primary-server')).toBeUndefined();
    expect(engine.condition('PrimaryReady')).toMatch(/^False .*primary-key-role/);
    cluster.clear('no');
    engine.settle();
    expect(engine.ready).toBe(true);
    expect(troubled({ cluster })).toEqual([]);
  });

  it('cannot take the place of an identity of the user', () => {
    const mine = `${SUBSCRIPTION}/resourceGroups/rg-keys/providers/Microsoft.ManagedIdentity/userAssignedIdentities/mine`;
    const { keyVaultKeyId } = key('one');
    const geo = { database: { geoRedundantBackup: false } };
    const given = { encryption: { primary: { keyVaultKeyId, userAssignedIdentityId: mine } } };
    const { engine } = world(flavour, { ...oneRegion, ...geo, security: given });
    engine.change({ security: { encryption: { primary: key('one') } } });
    engine.reconcile();
    expect(engine.refusals).toEqual([
      'spec.security.encryption: cannot change, because Azure decides the keys when it creates a server; make a new version of the key in its vault instead',
    ]);
  });
});

it('an identity keeps its name while its own object is missing, whatever the platform says later', () => {
  const composite = xr('namespaced', { ...twoRegions, ...both });
  const { observed } = settle(composite);
  const { 'primary-key-identity': _, 'geo-backup-key-identity': __, ...rest } = observed;
  const input = { apiVersion: 'postgresql.fn.platform.io/v1beta1', kind: 'Input', spec: { namingPrefix: 'acme' } };
  const { results, desired } = runFunction(request(composite, { observed: rest, input }));
  expect(results).toEqual([]);
  for (const key of ['primary-key-identity', 'geo-backup-key-identity', 'secondary-key-identity'] as const)
    expect(desired?.resources[key]?.resource?.spec.forProvider.name).toBe(
      (observed[key]?.resource?.spec as { forProvider: { name: string } }).forProvider.name,
    );
});

describe('the right to a key that was given just now', () => {
  const NOW = Date.parse('2026-01-01T00:30:00Z');
  const composite = xr('namespaced', {
    ...oneRegion,
    database: { geoRedundantBackup: false },
    security: { encryption: { primary: key('one') } },
  });
  const { observed } = settle(composite);

  /** Everything but the server, with a role that has been there since a time. */
  function servers(since: string | undefined) {
    const { 'primary-server': _, 'primary-key-role': role, ...rest } = observed;
    const object = structuredClone(role?.resource) as Json & { status: { conditions: Json[] } };
    object.status.conditions = [
      { type: 'Ready', status: 'True', lastTransitionTime: since },
      { type: 'Synced', status: 'True' },
    ];
    const now: Observed = { ...rest, ...(role && { 'primary-key-role': { ...role, resource: object } }) };
    const response = runFunction(request(composite, { observed: now }), NOW);
    return {
      asked: response.desired?.resources['primary-server'] !== undefined,
      ttl: response.meta?.ttl?.seconds,
      says: response.conditions.map(({ message }) => message ?? ''),
    };
  }

  it('is waited for, ten minutes, with a look every minute', () => {
    expect(servers('2026-01-01T00:20:01Z')).toMatchObject({
      asked: false,
      ttl: 60,
      says: expect.arrayContaining([expect.stringContaining('primary-server: waiting for primary-key-role')]),
    });
    expect(servers('2026-01-01T00:20:00Z')).toMatchObject({ asked: true, ttl: 600 });
  });

  it('is not waited for where nobody knows since when it is there', () => {
    expect(servers(undefined).asked).toBe(true);
  });
});
