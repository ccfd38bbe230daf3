import { conditionText, createMemoryCluster, type MemoryCluster } from './memory.ts';
import type { Manifest, ObjectRef } from './state.ts';

/** Crossplane's Usages as core v2.3.4 has them. */
const namespace = 'default';
const owner = { apiVersion: 'x/v1', kind: 'XR', name: 'xr', uid: 'uid-xr', controller: true };

const configMap = (name: string): Manifest => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace, ownerReferences: [owner] },
});
const side = (name: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', resourceRef: { name } });
const usage = (
  spec: object,
  labels: Manifest['metadata']['labels'] = { 'crossplane.io/composite': 'xr' },
): Manifest => ({
  apiVersion: 'protection.crossplane.io/v1beta1',
  kind: 'Usage',
  metadata: { name: 'usage', namespace, labels, ownerReferences: [owner] },
  spec: { of: side('used'), reason: 'test', ...spec },
});
const ref = (name: string): ObjectRef => ({ apiVersion: 'v1', kind: 'ConfigMap', name, namespace });
const usageRef: ObjectRef = { apiVersion: 'protection.crossplane.io/v1beta1', kind: 'Usage', name: 'usage', namespace };

function cluster(spec: object, labels?: Manifest['metadata']['labels']): MemoryCluster {
  const made = createMemoryCluster();
  made.apply(configMap('used'), configMap('user'), usage(spec, labels));
  made.settle();
  return made;
}

const names = (made: MemoryCluster): string[] => made.objects().map(({ metadata }) => metadata.name);

it('waits for both sides, then is Ready and marks what is used', () => {
  const made = createMemoryCluster();
  made.apply(usage({ by: side('user') }), configMap('used'));
  made.settle();
  expect(conditionText(made.object(usageRef), 'Ready')).toBe('');
  made.apply(configMap('user'));
  made.settle();
  expect(conditionText(made.object(usageRef), 'Ready')).toBe('True');
  expect(made.object(ref('used'))?.metadata.labels).toEqual({ 'crossplane.io/in-use': 'true' });
});

it('refuses to delete what is used, and notes the attempt', () => {
  const made = cluster({ by: side('user') });
  made.remove(ref('used'));
  made.settle();
  expect(made.object(ref('used'))?.metadata.annotations).toEqual({
    'usage.crossplane.io/deletion-attempt-with-policy': 'Background',
  });
});

it('when everything is deleted at once lets the user go first, and replays what was refused', () => {
  const made = cluster({ by: side('user'), replayDeletion: true });
  made.step({ type: 'owner-gone', uid: owner.uid });
  made.settle();
  expect(names(made)).toEqual([]);
});

it('without a replay leaves to others what was refused', () => {
  const made = cluster({ by: side('user') });
  made.step({ type: 'owner-gone', uid: owner.uid });
  made.settle();
  expect(names(made)).toEqual(['used']);
  expect(made.object(ref('used'))?.metadata.labels).toEqual({});
});

it.each([
  ['composed and deleted alone, waits for its user and protects meanwhile', { by: side('user') }, undefined, true],
  ['deleted alone goes when nobody composed it', { by: side('user') }, {}, false],
  ['goes at once without a user', {}, undefined, false],
])('%s', (_, spec, labels, stays) => {
  const made = cluster(spec, labels);
  made.remove(usageRef);
  made.settle();
  expect(made.object(usageRef) !== undefined).toBe(stays);
  made.remove(ref('used'));
  made.settle();
  expect(made.object(ref('used')) !== undefined).toBe(stays);
});

it('stays while its XR lives, also when its user has gone', () => {
  const made = cluster({ by: side('user') });
  made.remove(ref('user'));
  made.settle();
  expect(names(made)).toEqual(['used', 'usage']);
});

it('goes once it has lost its user, as the function has it when nobody asks for it any more', () => {
  const made = cluster({ by: side('user'), replayDeletion: true });
  made.remove(ref('used'));
  made.apply(usage({}));
  made.settle();
  made.remove(usageRef);
  made.settle();
  // The old attempt is not carried out: replayDeletion went with the user.
  expect(names(made)).toEqual(['used', 'user']);
});
