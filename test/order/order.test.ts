import { read } from '../../src/api/door.ts';
import type { Composed } from '../../src/azure/managed.ts';
import { runFunction } from '../../src/function.ts';
import { admit } from '../../src/order/admit.ts';
import { holds } from '../../src/order/kinds.ts';
import { refusedLeavers } from '../../src/order/leave.ts';
import { plan } from '../../src/plan/plan.ts';
import { resources } from '../../src/resources/all.ts';
import { fact, facts } from '../support/observed.ts';
import { settle } from '../support/passes.ts';
import { type Json, oneRegion, request, resource, twoRegions, xr } from '../support/requests.ts';

const composed = (key: string, after: string[] = []): Composed => ({
  key,
  why: 'test',
  after,
  holds: 'nothing',
  via: 'Native',
  manifest: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: key } },
});

describe('admission', () => {
  const wanted = [composed('a'), composed('b', ['a'])];
  it.each([
    ['creates what waits for nothing', {}, ['a'], { b: ['a'] }],
    ['creates the next once the first is ready', { a: fact() }, ['a', 'b'], {}],
    ['waits while the first is not ready', { a: fact({ ready: false }) }, ['a'], { b: ['a'] }],
    ['waits while something is refused on the first', { a: fact({ synced: false }) }, ['a'], { b: ['a'] }],
    ['keeps what exists although the first has gone', { b: fact() }, ['a', 'b'], {}],
    [
      'keeps what exists although the first is broken',
      { a: fact({ ready: false, synced: false }), b: fact({ ready: false }) },
      ['a', 'b'],
      {},
    ],
  ])('%s', (_, observed, desired, waiting) => {
    const admission = admit(wanted, facts(observed));
    expect(admission.desired.map(({ key }) => key)).toEqual(desired);
    expect(Object.fromEntries(admission.waiting.map((entry) => [entry.resource.key, entry.for]))).toEqual(waiting);
  });
});

describe('the order of creation', () => {
  it.each(['namespaced', 'cluster'] as const)(
    'waits only for resources that are wanted too, without a circle (%s)',
    (flavour) => {
      for (const spec of [oneRegion, twoRegions]) {
        const reading = read(xr(flavour, spec), undefined);
        if (!('database' in reading)) throw new Error('the spec is valid');
        const all = resources(plan(reading.database, facts({}), 0), { password: 'eA==' });
        const done = new Set<string>();
        for (let round = 0; round < all.length; round++)
          for (const one of all) if (one.after.every((key) => done.has(key))) done.add(one.key);
        expect([...done].sort()).toEqual(all.map(({ key }) => key).sort());
      }
    },
  );
});

describe('what may leave', () => {
  it.each([
    ['a ConfigMap of ours', { x: fact({ apiVersion: 'v1', kind: 'ConfigMap' }) }, []],
    ['a server of another function', { x: fact({ labels: {} }) }, []],
    [
      'a server of ours',
      { 'primary-server-2': fact() },
      [
        {
          field: 'spec',
          message:
            'FlexibleServer "primary-server-2" is no longer asked for, but it holds data or carries what does; undo the change',
        },
      ],
    ],
    [
      'a kind of a newer version',
      { vault: fact({ apiVersion: 'keyvault.azure.m.upbound.io/v1beta1', kind: 'Vault' }) },
      [
        {
          field: 'spec',
          message:
            'Vault "vault" was composed by a newer version of this function, which knows what it holds; install that version again',
        },
      ],
    ],
    [
      'the network of the secondary region',
      {
        'secondary-vnet': fact({ apiVersion: 'network.azure.m.upbound.io/v1beta1', kind: 'VirtualNetwork' }),
        'secondary-server': fact(),
      },
      [
        {
          field: 'spec.regions.secondary',
          message:
            'cannot be removed, because the server there holds data; delete the XPostgreSQLDatabase instead, or keep the region',
        },
      ],
    ],
  ])('%s', (_, observed, problems) => expect(refusedLeavers([], new Set(), facts(observed))).toEqual(problems));

  it('is not asked of what an earlier step of the pipeline desires', () => {
    expect(refusedLeavers([], new Set(['x']), facts({ x: fact() }))).toEqual([]);
  });

  it('knows every kind that is composed, in both flavours', () => {
    for (const flavour of ['namespaced', 'cluster'] as const)
      for (const { resource } of Object.values(settle(xr(flavour, twoRegions)).observed))
        expect(holds(resource as { apiVersion: string; kind: string })).toBeDefined();
  });
});

describe('changes of a live platform', () => {
  const base = {
    ...twoRegions,
    resourceGroup: { name: 'rg' },
    network: { privateDnsZoneName: 'a.private.postgres.database.azure.com' },
    database: { size: 'GP_Standard_D4ds_v5', version: '16', geoRedundantBackup: true },
    backup: { storage: { replication: 'GRS' } },
  };
  const { observed } = settle(xr('namespaced', base));
  const change = (spec: object) => runFunction(request(xr('namespaced', spec), { observed }));

  it.each<[string, object, string]>([
    [
      'another primary region',
      { regions: { ...base.regions, primary: { name: 'uksouth', cidr: '10.10.0.0/16' } } },
      'spec.regions.primary.name: cannot change, because Azure cannot move a server to another region; create another XPostgreSQLDatabase there',
    ],
    [
      'another secondary region',
      { regions: { ...base.regions, secondary: { name: 'westus3', cidr: '10.20.0.0/16' } } },
      'spec.regions.secondary.name: cannot change, because Azure cannot move a server to another region; create another XPostgreSQLDatabase there',
    ],
    [
      'another network',
      { regions: { ...base.regions, primary: { name: 'eastus2', cidr: '10.11.0.0/16' } } },
      'spec.regions.primary.cidr: cannot change, because Azure cannot move a server to another network',
    ],
    [
      'another subnet',
      { regions: { ...base.regions, primary: { name: 'eastus2', cidr: '10.10.0.0/16', subnetCidr: '10.10.4.0/24' } } },
      'spec.regions.primary.subnetCidr: cannot change, because Azure cannot resize a subnet that a server uses',
    ],
    [
      'no secondary region',
      { regions: { primary: base.regions.primary } },
      'spec.regions.secondary: cannot be removed, because the server there holds data; delete the XPostgreSQLDatabase instead, or keep the region',
    ],
    [
      'another resource group',
      { resourceGroup: { name: 'other' } },
      'spec.resourceGroup.name: cannot change, because Azure cannot move a server to another resource group',
    ],
    [
      'another zone',
      { network: { privateDnsZoneName: 'b.private.postgres.database.azure.com' } },
      'spec.network.privateDnsZoneName: cannot change, because applications and servers use the zone',
    ],
    [
      'another write name',
      { network: { ...base.network, writeEndpointName: 'rw' } },
      'spec.network.writeEndpointName: cannot change, because applications use the name',
    ],
    [
      'another read name',
      { network: { ...base.network, readEndpointName: 'ro' } },
      'spec.network.readEndpointName: cannot change, because applications use the name',
    ],
    [
      'another version',
      { database: { ...base.database, version: '17' } },
      'spec.database.version: is another major version, to which Azure upgrades the server in place, with no way back and no replica meanwhile; to agree to that, set spec.upgrade.approvedVersion to the same version',
    ],
    [
      'no geo-redundant backup',
      { database: { ...base.database, geoRedundantBackup: false } },
      'spec.database.geoRedundantBackup: cannot change, because Azure decides it when it creates the server',
    ],
    [
      'a confidential size',
      { database: { ...base.database, size: 'GP_Standard_DC4ads_v5' } },
      'spec.database.size: cannot change between a confidential size (DC, EC) and another, because Azure refuses it',
    ],
    [
      'another login',
      { security: { adminUsername: 'dba' } },
      'spec.security.adminUsername: cannot change, because Azure sets it when it creates the server',
    ],
    [
      'policy Orphan with a generated password',
      { deletion: { policy: 'Orphan' } },
      'spec.security.adminPasswordSecretRef: is missing, but with spec.deletion.policy Orphan the password has to outlive this object, and a generated one is deleted with it; copy it with kubectl get secret <name>-admin-password -o jsonpath={.data.password} | base64 -d | kubectl create secret generic <copy> --from-file=password=/dev/stdin, and name the copy here',
    ],
    [
      'the Secret of the generated password as one of your own',
      { security: { adminPasswordSecretRef: { name: 'orders-admin-password' } } },
      'spec.security.adminPasswordSecretRef.name: "orders-admin-password" is the Secret with the generated password, which is deleted with this object; name a copy of it',
    ],
    [
      'other redundancy',
      { backup: { storage: { replication: 'LRS' } } },
      'spec.backup.storage.replication: cannot change, because Azure would have to create another account',
    ],
    [
      'another container',
      { backup: { storage: { ...base.backup.storage, containerName: 'other' } } },
      'spec.backup.storage.containerName: cannot change, because the container holds backups',
    ],
    [
      'no backup storage',
      { backup: { storage: { enabled: false } } },
      'spec.backup.storage.enabled: cannot be switched off, because the account holds backups; delete the XPostgreSQLDatabase instead, or keep it on',
    ],
  ])('%s is refused', (_, part, message) => {
    const { results, desired } = change({ ...base, ...part });
    expect(results.map(({ severity, message }) => [severity, message])).toEqual([[1, message]]);
    expect(desired).toBeUndefined();
  });

  it('refuses a zone that has the name of a server', () => {
    const first = runFunction(request(xr('namespaced', oneRegion)));
    const servers = (first.desired?.composite?.resource as { status: { servers: { name: string }[] } }).status.servers;
    const zone = `${servers[0]?.name}.postgres.database.azure.com`;
    const spec = { ...oneRegion, network: { privateDnsZoneName: zone } };
    expect(runFunction(request(xr('namespaced', spec))).results[0]?.message).toBe(
      `spec.network.privateDnsZoneName: "${zone}" is the host name of a server; put another label before .postgres.database.azure.com`,
    );
  });

  it('moves nothing when what it stands on is missing for a moment and the platform prefix has changed', () => {
    const { 'resource-group': _, 'primary-vnet': __, 'private-dns-zone': ___, ...rest } = observed;
    const input = { apiVersion: 'postgresql.fn.platform.io/v1beta1', kind: 'Input', spec: { namingPrefix: 'other' } };
    const spec = (of: typeof observed, key: string) =>
      (of[key]?.resource as { spec: { forProvider: Json } }).spec.forProvider;
    const { desired } = runFunction(
      request(xr('namespaced', { ...base, resourceGroup: {}, network: {} }), { observed: rest, input }),
    );
    for (const key of ['primary-server', 'primary-subnet', 'primary-dns-link', 'cname-write'])
      for (const field of ['resourceGroupName', 'virtualNetworkName', 'privateDnsZoneName', 'zoneName'])
        expect(spec(desired?.resources ?? {}, key)[field]).toBe(spec(observed, key)[field]);
  });

  it('keeps a connection Secret that somebody has emptied', () => {
    const own = settle(xr('namespaced', { ...oneRegion, security: { adminPasswordSecretRef: { name: 'mine' } } }));
    const emptied = structuredClone(own.observed);
    (emptied['connection-secret']?.resource as Json).data = {};
    for (const value of Object.values(emptied)) value.connectionDetails = {};
    const spec = { ...oneRegion, security: { adminPasswordSecretRef: { name: 'mine' } } };
    const { results, desired } = runFunction(request(xr('namespaced', spec), { observed: emptied }));
    expect(results.filter(({ severity }) => severity === 1)).toEqual([]);
    expect(desired?.resources['connection-secret']).toBeDefined();
  });

  it('refuses to go back to a generated password', () => {
    const own = { ...oneRegion, security: { adminPasswordSecretRef: { name: 'mine' } } };
    const { observed } = settle(xr('namespaced', own));
    expect(runFunction(request(xr('namespaced', oneRegion), { observed })).results[0]?.message).toBe(
      'spec.security.adminPasswordSecretRef: cannot be removed later, because the server has the password of that Secret; change the password inside it instead',
    );
  });

  it('takes the password from a Secret that is given later, and keeps the generated one', () => {
    const { results, desired } = change({ ...base, security: { adminPasswordSecretRef: { name: 'mine' } } });
    expect(results.filter(({ severity }) => severity === 1)).toEqual([]);
    const { forProvider } = (desired?.resources['primary-server']?.resource as { spec: { forProvider: Json } }).spec;
    expect(forProvider.administratorPasswordSecretRef).toEqual({ name: 'mine', key: 'password' });
    expect(forProvider.autoGeneratePassword).toBeUndefined();
    expect(desired?.resources['admin-password']).toEqual(change(base).desired?.resources['admin-password']);
  });

  it('lets management objects and a changed TTL go through', () => {
    const { results, desired } = change({
      ...base,
      management: { enabled: false },
      network: { ...base.network, ttlSeconds: 60 },
    });
    expect(results.filter(({ severity }) => severity === 1)).toEqual([]);
    expect(Object.keys(desired?.resources ?? {}).filter((key) => key.startsWith('management-'))).toEqual([]);
    expect((desired?.resources['cname-write']?.resource as { spec: { forProvider: Json } }).spec.forProvider.ttl).toBe(
      60,
    );
  });

  it('refuses to share a key with an earlier step', () => {
    const desired = { 'primary-server': resource({ apiVersion: 'v1', kind: 'ConfigMap' }) };
    expect(runFunction(request(xr('namespaced', oneRegion), { desired })).results[0]?.message).toBe(
      'pipeline: an earlier step already desires "primary-server"; rename that step\'s resource',
    );
  });
});
