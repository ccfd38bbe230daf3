import { crdProblems } from './schemas.ts';

const server = (forProvider: object, rest: object = {}): object => ({
  apiVersion: 'dbforpostgresql.azure.m.upbound.io/v1beta1',
  kind: 'FlexibleServer',
  metadata: { name: 'primary', namespace: 'orders', labels: { 'database.platform.io/site': 'primary' } },
  spec: { forProvider, ...rest },
});
const good = { location: 'eastus2', version: '17', storageMb: 131072, highAvailability: { mode: 'SameZone' } };

describe('crdProblems', () => {
  it.each<[string, unknown, string[]]>([
    ['accepts a server', server(good), []],
    [
      'accepts the same server in the cluster flavour',
      { ...server(good), apiVersion: 'dbforpostgresql.azure.upbound.io/v1beta2' },
      [],
    ],
    [
      'refuses an unknown nested field',
      server({ ...good, highAvailability: { mode: 'SameZone', standbyZone: '2' } }),
      ['spec.forProvider.highAvailability: unknown field standbyZone'],
    ],
    [
      'refuses an unknown field in the envelope',
      server(good, { deletionPolicy: 'Orphan' }),
      ['spec: unknown field deletionPolicy'],
    ],
    [
      'refuses a missing required parameter',
      server({ version: '17' }),
      ['spec: spec.forProvider.location is a required parameter'],
    ],
    [
      'accepts a missing required parameter where nothing is created',
      server({ version: '17' }, { managementPolicies: ['Observe'] }),
      [],
    ],
    [
      'accepts a required parameter in initProvider',
      server({ version: '17' }, { initProvider: { location: 'eastus2' } }),
      [],
    ],
    ['refuses a wrong type', server({ ...good, version: 17 }), ['spec.forProvider.version: must be string']],
    [
      'refuses a list where the version to use has an object',
      server({ ...good, highAvailability: [{ mode: 'SameZone' }] }),
      ['spec.forProvider.highAvailability: must be object'],
    ],
    [
      'refuses the namespace of a secret reference in the namespaced flavour',
      server({ ...good, administratorPasswordSecretRef: { name: 'a', namespace: 'b', key: 'c' } }),
      ['spec.forProvider.administratorPasswordSecretRef: unknown field namespace'],
    ],
    [
      'refuses an illegal label',
      { ...server(good), metadata: { name: 'a', labels: { site: 'West Europe' } } },
      [expect.stringContaining('metadata.labels.site: must match pattern')],
    ],
    [
      'refuses a deprecated version',
      { ...server(good), apiVersion: 'dbforpostgresql.azure.upbound.io/v1beta1' },
      ['no schema for dbforpostgresql.azure.upbound.io/v1beta1/FlexibleServer'],
    ],
    [
      'refuses a kind without a schema',
      { apiVersion: 'example.org/v1', kind: 'Thing' },
      ['no schema for example.org/v1/Thing'],
    ],
    [
      'accepts a Secret',
      { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'a' }, data: { password: 'c2VjcmV0' } },
      [],
    ],
    [
      'refuses a Secret whose data is not base64',
      { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'a' }, data: { password: 'a?' } },
      [expect.stringContaining('data.password: must match pattern')],
    ],
    [
      'refuses a number in a ConfigMap',
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data: { port: 5432 } },
      ['data.port: must be string'],
    ],
    [
      'refuses a misspelt field of a Role inside an Object',
      {
        apiVersion: 'kubernetes.m.crossplane.io/v1alpha1',
        kind: 'Object',
        metadata: { name: 'a' },
        spec: {
          forProvider: {
            manifest: {
              apiVersion: 'rbac.authorization.k8s.io/v1',
              kind: 'ClusterRole',
              metadata: { name: 'a' },
              rules: [{ apiGroups: [''], resources: ['secrets'], resourceName: ['a'], verbs: ['get'] }],
            },
          },
        },
      },
      ['spec.forProvider.manifest: rules.0: unknown field resourceName'],
    ],
  ])('%s', (_, manifest, expected) => {
    expect(crdProblems(manifest)).toEqual(expected);
  });
});
