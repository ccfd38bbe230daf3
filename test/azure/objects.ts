import { createHash } from 'node:crypto';
import { equal, isEmpty, isObject, type Json, type JsonObject, objectOf, omit } from './json.ts';
import {
  type KubernetesObject,
  keyOf,
  type Manifest,
  type ObjectKey,
  type ObjectMeta,
  type ObjectRef,
  refOf,
  type Simulation,
  type StoredObject,
  timestamp,
  withEntry,
} from './state.ts';

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

function store(state: Simulation, key: ObjectKey, stored: StoredObject): Simulation {
  return state.objects[key] === stored ? state : { ...state, objects: { ...state.objects, [key]: stored } };
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
  const metadata = applyFields(
    existing ? appliedMetadata({ ...manifest, metadata: existing.object.metadata }) : {},
    before ? appliedMetadata(before) : {},
    appliedMetadata(manifest),
  );
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
    objects: { ...state.objects, [key]: { ...existing, object: next } },
    incarnations: { ...state.incarnations, [key]: incarnation },
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

/** DELETE in the background: an object with finalizers stays, marked; without them it goes and takes its dependents along. */
export function remove(state: Simulation, key: ObjectKey): Simulation {
  const stored = state.objects[key];
  if (!stored) return state;
  const { metadata } = stored.object;
  if ((metadata.finalizers ?? []).length === 0) return drop(state, key);
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

/** The object is gone; so is every object all of whose owners are gone (kube-controller-manager's garbage collector). */
export function drop(state: Simulation, key: ObjectKey): Simulation {
  const gone = state.objects[key]?.object;
  if (!gone) return state;
  let next: Simulation = {
    ...state,
    objects: withEntry(state.objects, key, undefined),
    memory: withEntry(state.memory, key, undefined),
  };
  const alive = new Set(Object.values(next.objects).map((each) => each.object.metadata.uid));
  for (const [dependent, { object }] of Object.entries(next.objects)) {
    const owners = object.metadata.ownerReferences ?? [];
    if (owners.some((owner) => owner.uid === gone.metadata.uid) && !owners.some((owner) => alive.has(owner.uid))) {
      next = remove(next, dependent);
    }
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
