import { Environment } from '@marcbachmann/cel-js';
import {
  available,
  type Condition,
  creating,
  deleting,
  paused,
  synced,
  unavailable,
  withConditions,
} from './conditions.ts';
import { templateChange } from './jobs.ts';
import {
  equal,
  includes,
  isEmpty,
  isObject,
  type Json,
  type JsonObject,
  listOf,
  merge,
  objectOf,
  textOf,
} from './json.ts';
import { drop, encode, find, hasFinalizer, objectAt, put, remove, withoutFinalizer, write } from './objects.ts';
import { policiesOf } from './policies.ts';
import { type KubernetesObject, keyOf, type Manifest, type ObjectKey, type Simulation } from './state.ts';

/** provider-kubernetes' Object: keeps another Kubernetes object as its manifest says. Synchronous, so without LastAsyncOperation. */
export const OBJECT_FINALIZER = 'finalizer.managedresource.crossplane.io';

/** Crossplane field paths: `a.b[0].c`, `metadata.labels['x.y/z']`. */
function segments(path: string): string[] {
  return [...path.matchAll(/\['([^']+)'\]|\["([^"]+)"\]|\[([^\]]+)\]|([^.[\]]+)/g)].map(
    (found) => found[1] ?? found[2] ?? found[3] ?? found[4] ?? '',
  );
}

export function valueAt(object: Json | undefined, path: string): Json | undefined {
  let at = object;
  for (const segment of segments(path))
    at = Array.isArray(at) ? at[Number(segment)] : isObject(at) ? at[segment] : undefined;
  return at;
}

const nested = (path: readonly string[], value: Json): JsonObject => {
  const [head = '', ...tail] = path;
  return { [head]: tail.length === 0 ? value : nested(tail, value) };
};

interface Wished {
  readonly manifest?: Manifest;
  readonly error?: string;
}

/** The manifest with its references patched in. */
function wishedManifest(state: Simulation, object: KubernetesObject): Wished {
  const spec = objectOf(object.spec);
  let manifest = objectOf(objectOf(spec.forProvider).manifest);
  for (const reference of listOf(spec.references).map(objectOf)) {
    const source = objectOf(reference.patchesFrom ?? reference.dependsOn);
    const namespace =
      textOf(source.namespace) || (textOf(source.kind) === 'Object' ? (object.metadata.namespace ?? '') : '');
    const found = find(state, {
      apiVersion: textOf(source.apiVersion),
      kind: textOf(source.kind),
      name: textOf(source.name),
      ...(namespace === '' ? {} : { namespace }),
    });
    if (!found)
      return { error: `cannot resolve references: ${textOf(source.kind)} "${textOf(source.name)}" not found` };
    if (reference.patchesFrom === undefined) continue;
    const fieldPath = textOf(source.fieldPath);
    const value = valueAt(found, fieldPath);
    if (value === undefined) return { error: `cannot resolve references: ${fieldPath}: no such field` };
    manifest = merge(manifest, nested(segments(textOf(reference.toFieldPath) || fieldPath), value));
  }
  const metadata = objectOf(manifest.metadata);
  if (isEmpty(manifest.apiVersion) || isEmpty(manifest.kind))
    return { error: 'observe failed: the manifest has no apiVersion or kind' };
  const name = textOf(metadata.name) || object.metadata.name;
  const own = textOf(metadata.namespace) || textOf(object.metadata.namespace);
  // apiVersion, kind and name were just made sure of.
  return {
    manifest: {
      ...manifest,
      metadata: { ...metadata, name, ...(own === '' ? {} : { namespace: own }) },
    } as unknown as Manifest,
  };
}

function readiness(object: KubernetesObject, target: KubernetesObject): Condition {
  const { policy, celQuery } = objectOf(objectOf(object.spec).readiness);
  const conditions = listOf(objectOf(target.status).conditions).map(objectOf);
  if (policy === 'DeriveFromObject') {
    return conditions.some((each) => each.type === 'Ready' && each.status === 'True')
      ? available
      : unavailable('the object is not Ready');
  }
  if (policy === 'AllTrue') {
    return conditions.length > 0 && conditions.every((each) => each.status === 'True')
      ? available
      : unavailable('not every condition is True');
  }
  if (policy === 'DeriveFromCelQuery') {
    const ready = new Environment({ unlistedVariablesAreDyn: true }).evaluate(textOf(celQuery), { object: target });
    return ready === true ? available : unavailable('the CEL query is not true');
  }
  return available;
}

const written = ['apiVersion', 'kind', 'metadata', 'status'];

// What the API server adds does not count as drift.
function isUpToDate(target: KubernetesObject, manifest: Manifest): boolean {
  const { labels, annotations } = manifest.metadata;
  const same = Object.entries(manifest).every(
    ([field, value]) => written.includes(field) || includes(target[field], value),
  );
  return (
    same &&
    includes({ ...target.metadata.labels }, { ...labels }) &&
    includes({ ...target.metadata.annotations }, { ...annotations })
  );
}

function publish(state: Simulation, object: KubernetesObject): Simulation {
  const spec = objectOf(object.spec);
  const reference = objectOf(spec.writeConnectionSecretToRef);
  if (isEmpty(reference.name)) return state;
  const namespace = textOf(reference.namespace) || (object.metadata.namespace ?? 'default');
  const data: Record<string, string> = {};
  for (const detail of listOf(spec.connectionDetails).map(objectOf)) {
    const from = textOf(detail.namespace);
    const source = find(state, {
      apiVersion: textOf(detail.apiVersion),
      kind: textOf(detail.kind),
      name: textOf(detail.name),
      ...(from === '' ? {} : { namespace: from }),
    });
    const value = source && valueAt(source, textOf(detail.fieldPath));
    if (typeof value !== 'string') continue;
    data[textOf(detail.toConnectionSecretKey)] =
      source?.kind === 'Secret' && textOf(detail.fieldPath).startsWith('data') ? value : encode(value);
  }
  const existing = find(state, { apiVersion: 'v1', kind: 'Secret', namespace, name: textOf(reference.name) });
  if (existing) return write(state, { ...existing, data: { ...existing.data, ...data } });
  const { apiVersion, kind, metadata } = object;
  const owner = {
    apiVersion,
    kind,
    name: metadata.name,
    uid: metadata.uid,
    controller: true,
    blockOwnerDeletion: true,
  };
  return put(state, {
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'connection.crossplane.io/v1alpha1',
    metadata: { namespace, name: textOf(reference.name), ownerReferences: [owner] },
    data,
  });
}

/** Where the target of an Object is, undefined while its manifest cannot be made. */
export function targetOf(state: Simulation, object: KubernetesObject): Manifest | undefined {
  return wishedManifest(state, object).manifest;
}

/** Reconciles one Object once. */
export function reconcileObject(before: Simulation, key: ObjectKey): Simulation {
  const object = objectAt(before, key);
  if (!object) return before;
  const { generation, deletionTimestamp } = object.metadata;
  const mark = (state: Simulation, ...conditions: readonly Condition[]): Simulation => {
    const current = objectAt(state, key);
    return current ? write(state, withConditions(current, state.now, conditions, generation)) : state;
  };
  const policies = policiesOf(object);
  if (policies.paused || object.metadata.annotations?.['crossplane.io/paused'] === 'true') return mark(before, paused);
  if (policies.error) return mark(before, synced(policies.error));
  const release = (state: Simulation): Simulation =>
    hasFinalizer(object, OBJECT_FINALIZER) ? withoutFinalizer(state, key, OBJECT_FINALIZER) : drop(state, key);
  const { manifest, error } = wishedManifest(before, object);
  if (!manifest) return deletionTimestamp === undefined ? mark(before, synced(error)) : release(before);
  const { apiVersion, kind, metadata } = manifest;
  const targetKey = keyOf({ apiVersion, kind, ...metadata });
  const target = objectAt(before, targetKey);

  if (deletionTimestamp !== undefined) {
    if (!policies.allows('Delete') || !target) return release(before);
    return mark(remove(before, targetKey), deleting, synced());
  }
  let state = before;
  if (!object.metadata.annotations?.['crossplane.io/external-name'] || !hasFinalizer(object, OBJECT_FINALIZER)) {
    const annotations = { 'crossplane.io/external-name': object.metadata.name, ...object.metadata.annotations };
    const finalizers = [...new Set([...(object.metadata.finalizers ?? []), OBJECT_FINALIZER])];
    state = write(state, { ...object, metadata: { ...object.metadata, annotations, finalizers } });
  }
  if (!target) {
    if (policies.allows('Create')) return mark(put(state, manifest), creating, synced());
    return policies.observeOnly
      ? mark(state, synced('observe failed: external resource does not exist'))
      : mark(state, synced());
  }
  if (!isUpToDate(target, manifest) && policies.allows('Update')) {
    const { name: _n, namespace: _ns, labels, annotations } = metadata;
    const merged = merge(
      target,
      Object.fromEntries(Object.entries(manifest).filter(([field]) => !written.includes(field))),
    );
    // `merge` keeps the shape of the object it starts from.
    const next = {
      ...merged,
      metadata: {
        ...target.metadata,
        labels: { ...target.metadata.labels, ...labels },
        annotations: { ...target.metadata.annotations, ...annotations },
      },
    } as KubernetesObject;
    const change = templateChange(target, next);
    if (change !== undefined) return mark(state, synced(`cannot apply object: ${change}`));
    state = write(state, next);
  }
  const live = objectAt(state, targetKey) ?? target;
  const current = objectAt(state, key) ?? object;
  const atProvider = { manifest: live };
  const shown = equal(objectOf(objectOf(current.status).atProvider), atProvider)
    ? current
    : { ...current, status: { ...objectOf(current.status), atProvider } };
  return mark(publish(write(state, shown), object), readiness(object, live), synced());
}
