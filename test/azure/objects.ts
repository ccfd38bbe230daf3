import { createHash } from 'node:crypto';
import { equal, isEmpty, isObject, type Json, type JsonObject, objectOf, omit } from './json.ts';
import {
  type KubernetesObject,
  keyOf,
  type Manifest,
  type ObjectKey,
  type ObjectMeta,
  type ObjectRef,
  type OwnerReference,
  refOf,
  type Simulation,
  type StoredObject,
  timestamp,
  withEntry,
} from './state.ts';
import { usagesOf } from './usage-lookup.ts';

/** The API server's part: server-side apply by one applier, finalizers, owner references, garbage collection. */
export const objectAt = (state: Simulation, key: ObjectKey): KubernetesObject | undefined => state.objects[key]?.object;

export const find = (state: Simulation, ref: ObjectRef): KubernetesObject | undefined => objectAt(state, keyOf(ref));

/** A uid that depends on nothing but the key and how often it existed. */
function uidOf(key: ObjectKey, incarnation: number): string {
  const hex = createHash('sha256').update(`${key}\0${incarnation}`).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-');
}

const serverWritten = ['apiVersion', 'kind', 'metadata', 'status'];

const sortedRecord = (record: JsonObject): JsonObject | undefined => {
  const entries = Object.entries(record).filter(([, value]) => value !== undefined);
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
};

/** Three-way merge of server-side apply: what the applier had and leaves out goes, what others wrote stays; lists are atomic. */
function applyFields(live: JsonObject, before: JsonObject, next: JsonObject): JsonObject {
  let result = live;
  for (const key of Object.keys(before)) {
    if (before[key] === undefined || next[key] !== undefined || result[key] === undefined) continue;
    const [mine, had] = [result[key], before[key]];
    const rest = isObject(mine) && isObject(had) ? applyFields(mine, had, {}) : {};
    result = Object.keys(rest).length > 0 ? { ...result, [key]: rest } : omit(result, [key]);
  }
  for (const key of Object.keys(next)) {
    const [mine, theirs] = [result[key], next[key]];
    if (theirs === undefined) continue;
    const value: Json | undefined = isObject(theirs)
      ? applyFields(objectOf(mine), objectOf(before[key]), theirs)
      : theirs;
    if (!equal(mine, value)) result = { ...result, [key]: value };
  }
  return result;
}

/** What a manifest says about metadata, as JSON. */
const appliedMetadata = ({ metadata }: Manifest): JsonObject => ({
  labels: metadata.labels,
  annotations: metadata.annotations,
  ownerReferences: metadata.ownerReferences,
  finalizers: metadata.finalizers,
});

type Owned = { readonly ownerReferences?: readonly OwnerReference[] };

/** Of all lists this one alone is a map, by uid: another writer's owner stays. */
function mergedOwners(live: Owned = {}, before: Owned = {}, next: Owned = {}): readonly OwnerReference[] {
  const [had, wants] = [before.ownerReferences ?? [], next.ownerReferences ?? []];
  const has = (list: readonly OwnerReference[], { uid }: OwnerReference) => list.find((each) => each.uid === uid);
  const kept = (live.ownerReferences ?? []).flatMap((each) => has(wants, each) ?? (has(had, each) ? [] : each));
  return [...kept, ...wants.filter((each) => !has(kept, each))];
}

function store(state: Simulation, key: ObjectKey, stored: StoredObject): Simulation {
  return state.objects[key] === stored ? state : { ...state, objects: withEntry(state.objects, key, stored) };
}

/** Server-side apply, as Crossplane does it for a composed resource. Status in the manifest is ignored. */
export function apply(state: Simulation, manifest: Manifest): Simulation {
  const key = keyOf(refOf(manifest));
  const existing = state.objects[key];
  const before = existing?.applied;
  const body = applyFields(
    omit(existing?.object ?? {}, serverWritten),
    omit(before ?? {}, serverWritten),
    omit(manifest, serverWritten),
  );
  const merged = applyFields(
    existing ? appliedMetadata({ ...manifest, metadata: existing.object.metadata }) : {},
    before ? appliedMetadata(before) : {},
    appliedMetadata(manifest),
  );
  const owners = mergedOwners(existing?.object.metadata, before?.metadata, manifest.metadata);
  const metadata: JsonObject = owners.length > 0 ? { ...merged, ownerReferences: owners } : merged;
  if (!existing) {
    const created = put(state, {
      ...omit(manifest, ['status']),
      ...body,
      apiVersion: manifest.apiVersion,
      kind: manifest.kind,
      metadata: { ...manifest.metadata, ...metadata },
    });
    const stored = created.objects[key];
    return stored ? store(created, key, { ...stored, applied: manifest }) : created;
  }
  const same =
    equal(body, omit(existing.object, serverWritten)) &&
    equal(metadata, appliedMetadata({ ...manifest, metadata: existing.object.metadata }));
  const object = same ? existing.object : replaceBody(existing.object, body, metadata);
  return store(state, key, equal(before, manifest) && same ? existing : { object, applied: manifest });
}

function replaceBody(object: KubernetesObject, body: JsonObject, metadata: JsonObject): KubernetesObject {
  const generation = equal(object.spec, body.spec) ? object.metadata.generation : object.metadata.generation + 1;
  const { labels: _l, annotations: _a, ownerReferences: _o, finalizers: _f, ...kept } = object.metadata;
  // The JSON came out of typed metadata and went through a merge that keeps its shape.
  const merged = { ...kept, ...sortedRecord(metadata), generation } as ObjectMeta;
  return {
    ...body,
    apiVersion: object.apiVersion,
    kind: object.kind,
    metadata: merged,
    ...(object.status ? { status: object.status } : {}),
  };
}

/**
 * Stores an object as another API server has it (uid, generation and timestamps included), or creates it with those of here. The status of
 * an object that is known already is the simulator's own.
 */
export function put(
  state: Simulation,
  object: Manifest & { readonly metadata: Manifest['metadata'] & Partial<ObjectMeta> },
): Simulation {
  const key = keyOf(refOf(object));
  const existing = state.objects[key];
  const incarnation = (state.incarnations[key] ?? 0) + (existing ? 0 : 1);
  const spec = object.spec;
  const generation =
    object.metadata.generation ??
    (existing ? existing.object.metadata.generation + (equal(existing.object.spec, spec) ? 0 : 1) : 1);
  const metadata: ObjectMeta = {
    ...object.metadata,
    uid: object.metadata.uid ?? existing?.object.metadata.uid ?? uidOf(key, incarnation),
    generation,
    creationTimestamp:
      object.metadata.creationTimestamp ?? existing?.object.metadata.creationTimestamp ?? timestamp(state.now),
  };
  const { status: given, ...rest } = object;
  const status = existing ? existing.object.status : objectOf(given);
  const next: KubernetesObject = { ...rest, metadata, ...(isEmpty(status) ? {} : { status }) };
  if (existing && equal(existing.object, next)) return state;
  return {
    ...state,
    objects: withEntry(state.objects, key, { ...existing, object: next }),
    incarnations: withEntry(state.incarnations, key, incarnation),
  };
}

/** Writes an object that a controller changed; spec changes raise the generation. */
export function write(state: Simulation, object: KubernetesObject): Simulation {
  const key = keyOf(refOf(object));
  const existing = state.objects[key];
  if (!existing || existing.object === object) return state;
  const raised =
    equal(existing.object.spec, object.spec) || object.metadata.generation !== existing.object.metadata.generation
      ? object
      : { ...object, metadata: { ...object.metadata, generation: object.metadata.generation + 1 } };
  return equal(existing.object, raised) ? state : store(state, key, { ...existing, object: raised });
}

/** Crossplane's label of what a Usage protects, and its note of a DELETE that its webhook refused. */
export const IN_USE = 'crossplane.io/in-use';
export const DELETION_ATTEMPT = 'usage.crossplane.io/deletion-attempt-with-policy';

/**
 * DELETE in the background: an object with finalizers stays, marked; without them it goes and takes its dependents along. Crossplane's webhook
 * refuses it for what is in use (core v2.3.4, webhook/protection/usage/handler.go).
 */
export function remove(state: Simulation, key: ObjectKey): Simulation {
  const stored = state.objects[key];
  if (!stored) return state;
  const { metadata } = stored.object;
  if (metadata.labels?.[IN_USE] === 'true' && usagesOf(state, key).length > 0) {
    const annotations = { ...metadata.annotations, [DELETION_ATTEMPT]: 'Background' };
    return metadata.annotations?.[DELETION_ATTEMPT] === 'Background'
      ? state
      : store(state, key, { ...stored, object: { ...stored.object, metadata: { ...metadata, annotations } } });
  }
  // Foreground deletion waits for dependents that block it, as a Job's pods, which are not simulated.
  if ((metadata.finalizers ?? []).every((each) => each === 'foregroundDeletion')) return drop(state, key);
  if (metadata.deletionTimestamp !== undefined) return state;
  const object = {
    ...stored.object,
    metadata: { ...metadata, deletionTimestamp: timestamp(state.now), generation: metadata.generation + 1 },
  };
  return store(state, key, { ...stored, object });
}

/** Takes a finalizer off; the last one lets a deleted object go. */
export function withoutFinalizer(state: Simulation, key: ObjectKey, finalizer: string): Simulation {
  const stored = state.objects[key];
  if (!stored) return state;
  const { finalizers = [], ...metadata } = stored.object.metadata;
  const rest = finalizers.filter((each) => each !== finalizer);
  if (metadata.deletionTimestamp !== undefined && rest.length === 0) return drop(state, key);
  return store(state, key, {
    ...stored,
    object: { ...stored.object, metadata: { ...metadata, ...(rest.length === 0 ? {} : { finalizers: rest }) } },
  });
}

/** The object is gone, and the garbage collector sees to its dependents. */
export function drop(state: Simulation, key: ObjectKey): Simulation {
  const gone = state.objects[key]?.object;
  if (!gone) return state;
  const next: Simulation = {
    ...state,
    objects: withEntry(state.objects, key, undefined),
    memory: withEntry(state.memory, key, undefined),
  };
  return ownerGone(next, gone.metadata.uid);
}

/**
 * kube-controller-manager, garbagecollector.go attemptToDeleteItem: what has no other owner is deleted, the rest loses the reference. A
 * controller that is no object here is an XR, which lives until this is called for it.
 */
export function ownerGone(state: Simulation, uid: string): Simulation {
  let next = state;
  for (const key of Object.keys(state.objects)) {
    const object = objectAt(next, key);
    const owners = object?.metadata.ownerReferences ?? [];
    if (!object || !owners.some((owner) => owner.uid === uid)) continue;
    const alive = new Set(Object.values(next.objects).map((each) => each.object.metadata.uid));
    const solid = owners.filter((owner) => owner.uid !== uid && (owner.controller === true || alive.has(owner.uid)));
    next =
      solid.length === 0
        ? remove(next, key)
        : write(next, { ...object, metadata: { ...object.metadata, ownerReferences: solid } });
  }
  return next;
}

/** Objects of a kind, in the order in which the API server lists them. */
export function list(state: Simulation, kind: string, group: string, namespace?: string): KubernetesObject[] {
  const prefix = `${kind}.${group}/${namespace === undefined ? '' : `${namespace}/`}`;
  return Object.keys(state.objects)
    .filter((key) => key.startsWith(prefix))
    .sort()
    .flatMap((key) => objectAt(state, key) ?? []);
}

/** The value under a key of a Secret, decoded; undefined when Secret or key is missing. */
export function secretValue(state: Simulation, namespace: string, name: string, key: string): string | undefined {
  const data = find(state, { apiVersion: 'v1', kind: 'Secret', namespace, name })?.data;
  const value = data?.[key];
  return value === undefined ? undefined : Buffer.from(value, 'base64').toString('utf8');
}

export const hasFinalizer = (object: KubernetesObject, finalizer: string): boolean =>
  (object.metadata.finalizers ?? []).includes(finalizer);

export const encode = (text: string): string => Buffer.from(text, 'utf8').toString('base64');
