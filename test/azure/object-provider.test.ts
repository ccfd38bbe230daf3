import type { JsonObject } from './json.ts';
import { atProvider, conditionText, createMemoryCluster, type MemoryCluster } from './memory.ts';
import { valueAt } from './object-provider.ts';
import type { Manifest, ObjectRef } from './state.ts';

const apiVersion = 'kubernetes.m.crossplane.io/v1alpha1';
const object = (spec: JsonObject): Manifest => ({
  apiVersion,
  kind: 'Object',
  metadata: { name: 'settings', namespace: 'default' },
  spec,
});
const configMap = (data: JsonObject): JsonObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'target', namespace: 'apps' },
  data,
});
const self: ObjectRef = { apiVersion, kind: 'Object', name: 'settings', namespace: 'default' };
const target: ObjectRef = { apiVersion: 'v1', kind: 'ConfigMap', name: 'target', namespace: 'apps' };

function settled(...manifests: readonly Manifest[]): MemoryCluster {
  const cluster = createMemoryCluster();
  cluster.apply(...manifests);
  cluster.settle();
  return cluster;
}

describe('Object of provider-kubernetes', () => {
  it('creates, corrects and deletes its target', () => {
    const cluster = settled(object({ forProvider: { manifest: configMap({ a: '1' }) } }));
    expect([cluster.object(target)?.data, conditionText(cluster.object(self), 'Ready')]).toEqual([{ a: '1' }, 'True']);
    expect(atProvider(cluster.object(self)).manifest).toMatchObject({ kind: 'ConfigMap', data: { a: '1' } });
    cluster.apply(object({ forProvider: { manifest: configMap({ a: '2' }) } }));
    cluster.settle();
    expect(cluster.object(target)?.data).toEqual({ a: '2' });
    cluster.remove(self);
    cluster.settle();
    expect(cluster.objects()).toEqual([]);
  });

  it('observes only, and says when there is nothing', () => {
    const spec = { managementPolicies: ['Observe'], forProvider: { manifest: configMap({}) } };
    expect(conditionText(settled(object(spec)).object(self), 'Synced')).toContain('external resource does not exist');
  });

  it('patches fields of another object into the manifest, and waits for them', () => {
    const references = [
      {
        patchesFrom: { apiVersion: 'v1', kind: 'ConfigMap', name: 'source', namespace: 'apps', fieldPath: 'data.host' },
        toFieldPath: 'data.host',
      },
    ];
    const cluster = settled(object({ references, forProvider: { manifest: configMap({}) } }));
    expect(conditionText(cluster.object(self), 'Synced')).toContain('ConfigMap "source" not found');
    cluster.apply({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'source', namespace: 'apps' },
      data: { host: 'db' },
    });
    cluster.settle();
    expect(cluster.object(target)?.data).toEqual({ host: 'db' });
  });

  it('derives its readiness as its policy says', () => {
    const manifest = { ...configMap({}), status: undefined };
    const ready = (policy: JsonObject): string =>
      conditionText(settled(object({ readiness: policy, forProvider: { manifest } })).object(self), 'Ready');
    expect(ready({ policy: 'SuccessfulCreate' })).toBe('True');
    expect(ready({ policy: 'DeriveFromObject' })).toContain('the object is not Ready');
    expect(ready({ policy: 'DeriveFromCelQuery', celQuery: "object.kind == 'ConfigMap'" })).toBe('True');
  });

  it('writes connection details into a Secret of its own', () => {
    const cluster = settled(
      object({
        forProvider: { manifest: configMap({ host: 'db' }) },
        connectionDetails: [
          {
            apiVersion: 'v1',
            kind: 'ConfigMap',
            name: 'target',
            namespace: 'apps',
            fieldPath: 'data.host',
            toConnectionSecretKey: 'host',
          },
        ],
        writeConnectionSecretToRef: { name: 'details' },
      }),
    );
    expect(cluster.secrets()).toEqual({ 'default/details': { host: 'db' } });
  });

  it('reads field paths with quoted keys', () => {
    expect(valueAt({ metadata: { labels: { 'a.b/c': 'x' } }, list: [{ n: 1 }] }, "metadata.labels['a.b/c']")).toBe('x');
    expect(valueAt({ list: [{ n: 1 }] }, 'list[0].n')).toBe(1);
  });
});
