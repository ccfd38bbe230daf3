import { equal, type JsonObject, listOf, objectOf, textOf } from './json.ts';
import { isObjectKind } from './kinds.ts';
import { targetOf } from './object-provider.ts';
import { FINALIZER } from './provider.ts';
import { advance, type Event, isReconciled, step } from './simulator.ts';
import {
  createSimulation,
  type KubernetesObject,
  keyOf,
  type ObjectKey,
  type ObjectMeta,
  type ObjectRef,
  type Options,
  refOf,
  type SentRequest,
  type Simulation,
} from './state.ts';

/** An object of a real API server. */
export type ApiObject = KubernetesObject & { readonly metadata: ObjectMeta & { readonly resourceVersion: string } };

/** What the mirror needs of an API server. Writing methods throw an error with `code` 409 on a conflict and 404 when the object is gone. */
export interface Transport {
  /** Managed resources, Objects and Secrets as last seen, by key. */
  snapshot(): ReadonlyMap<ObjectKey, ApiObject>;
  /** Undefined when there is no such object; throws when that cannot be told. */
  read(ref: ObjectRef): Promise<ApiObject | undefined>;
  create(object: KubernetesObject): Promise<ApiObject>;
  replace(object: ApiObject): Promise<ApiObject>;
  replaceStatus(object: ApiObject): Promise<ApiObject>;
  remove(ref: ObjectRef): Promise<void>;
}

export interface Mirror {
  /** Brings the model up to `now` (seconds of the simulation's clock) and the API server up to the model. */
  tick(now: number): Promise<void>;
  /** Lets something happen before the next tick. */
  happen(event: Event): void;
  readonly state: Simulation;
}

export interface MirrorOptions {
  readonly options?: Partial<Options>;
  /** Azure of an earlier run. */
  readonly state?: Simulation;
  /** Seconds between two looks at what an Object keeps. Default 5. */
  readonly targetSeconds?: number;
  readonly onRequest?: (request: SentRequest) => void;
  readonly onError?: (what: string, error: unknown) => void;
}

const PARALLEL_WRITES = 8;

const codeOf = (error: unknown): number | undefined =>
  typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'number'
    ? error.code
    : undefined;

/** Without what only an API server knows and what the model would take for a change. */
function imported({ metadata, ...rest }: ApiObject): KubernetesObject {
  const {
    resourceVersion: _r,
    managedFields: _m,
    selfLink: _s,
    ...kept
  } = metadata as ApiObject['metadata'] & JsonObject;
  return { ...rest, metadata: kept };
}

const versionOf = (object: ApiObject): number => Number(object.metadata.resourceVersion);

/** Keeps a Simulation and the objects of a real API server in step. */
export function createMirror(
  transport: Transport,
  { options = {}, state: start, targetSeconds = 5, onRequest = () => {}, onError = () => {} }: MirrorOptions = {},
): Mirror {
  let state = start === undefined ? createSimulation(options) : { ...start, options: { ...start.options, ...options } };
  const pending: Event[] = [];
  /** The API server's newest version of each object, and the model's object that equals it. */
  const apiVersions = new Map<ObjectKey, ApiObject>();
  const mirrored = new Map<ObjectKey, KubernetesObject>();
  const looked = new Map<ObjectKey, number>();
  /** Created here and not yet seen by the watch. */
  const created = new Set<ObjectKey>();
  let restless = true;
  let fresh = start === undefined;

  const modelObject = (key: ObjectKey): KubernetesObject | undefined => state.objects[key]?.object;

  const accept = (key: ObjectKey, object: ApiObject): void => {
    const known = apiVersions.get(key);
    // Versions of one API server rise over all its objects: an older one is a late echo, also of an earlier object of that name.
    if (known && versionOf(known) >= versionOf(object)) return;
    if (known && known.metadata.uid !== object.metadata.uid) forget(key);
    apiVersions.set(key, object);
    const unchanged = modelObject(key) === mirrored.get(key);
    state = step(state, { type: 'put', object: imported(object) });
    restless = true;
    const current = modelObject(key);
    // What the model still has to write stays different from `mirrored`.
    if (current && unchanged) mirrored.set(key, current);
  };

  const forget = (key: ObjectKey): void => {
    apiVersions.delete(key);
    mirrored.delete(key);
    looked.delete(key);
    state = step(state, { type: 'forget', key });
    restless = true;
  };

  const isWatched = (object: KubernetesObject): boolean =>
    isReconciled(object) || (object.kind === 'Secret' && object.apiVersion === 'v1');

  const takeIn = (): void => {
    const snapshot = transport.snapshot();
    for (const [key, object] of snapshot) accept(key, object);
    for (const [key, object] of apiVersions)
      if (!snapshot.has(key) && isWatched(object) && !created.has(key)) forget(key);
    for (const key of created) if (snapshot.has(key)) created.delete(key);
  };

  const lookAtTargets = async (now: number): Promise<void> => {
    for (const { object } of Object.values(state.objects)) {
      if (!isObjectKind(object.apiVersion, object.kind)) continue;
      const spec = objectOf(object.spec);
      const sources = listOf(spec.references)
        .map((each) => objectOf(objectOf(each).patchesFrom ?? objectOf(each).dependsOn))
        .map(
          (each): ObjectRef => ({
            apiVersion: textOf(each.apiVersion),
            kind: textOf(each.kind),
            name: textOf(each.name),
            ...(each.namespace ? { namespace: textOf(each.namespace) } : {}),
          }),
        );
      const target = targetOf(state, object);
      for (const ref of [...sources, ...(target ? [refOf(target)] : [])]) await look(ref, now);
    }
  };

  const look = async (ref: ObjectRef, now: number): Promise<void> => {
    const key = keyOf(ref);
    if (now - (looked.get(key) ?? Number.NEGATIVE_INFINITY) < targetSeconds) return;
    looked.set(key, now);
    try {
      const found = await transport.read(ref);
      if (found) accept(key, found);
      else if (apiVersions.has(key)) forget(key);
    } catch (error) {
      // Not to be read is not to be gone.
      looked.delete(key);
      onError(`read ${key}`, error);
    }
  };

  const changes = (): ObjectKey[] => [
    ...Object.keys(state.objects).filter((key) => modelObject(key) !== mirrored.get(key)),
    ...[...mirrored.keys()].filter((key) => !(key in state.objects)),
  ];

  const write = async (key: ObjectKey): Promise<void> => {
    const model = modelObject(key);
    const api = apiVersions.get(key);
    try {
      if (!model) await writeRemoval(key, api);
      else if (!api) {
        await create(key, model);
      } else await writeChange(key, model, api);
    } catch (error) {
      if (codeOf(error) === 404) forget(key);
      // On a conflict the newer version is on its way; the write is tried again with it.
      else if (codeOf(error) !== 409) onError(`write ${key}`, error);
      restless = true;
    }
  };

  const create = async (key: ObjectKey, model: KubernetesObject): Promise<void> => {
    try {
      apiVersions.set(key, await transport.create(withoutServerFields(model)));
    } catch (error) {
      // Somebody else made it first: it is changed then, or deleted, as one that was there.
      const found = codeOf(error) === 409 ? await transport.read(refOf(model)) : undefined;
      if (!found) throw error;
      apiVersions.set(key, found);
      await writeChange(key, model, found);
      return;
    }
    created.add(key);
    mirrored.set(key, model);
  };

  const writeChange = async (key: ObjectKey, model: KubernetesObject, api: ApiObject): Promise<void> => {
    const { status: _ms, metadata, ...body } = model;
    const { status: apiStatus, metadata: apiMetadata, ...apiBody } = api;
    const { labels, annotations, finalizers, ownerReferences } = metadata;
    const wished: JsonObject = { labels, annotations, finalizers, ownerReferences };
    const has: JsonObject = {
      labels: apiMetadata.labels,
      annotations: apiMetadata.annotations,
      finalizers: apiMetadata.finalizers,
      ownerReferences: apiMetadata.ownerReferences,
    };
    let current = api;
    if (!equal(wished, has) || !equal(body, apiBody)) {
      const { labels: _l, annotations: _a, finalizers: _f, ownerReferences: _o, ...kept } = apiMetadata;
      const given = Object.fromEntries(
        Object.entries({ labels, annotations, finalizers, ownerReferences }).filter(([, value]) => value !== undefined),
      );
      current = await transport.replace({
        ...body,
        metadata: { ...kept, ...given },
        ...(apiStatus === undefined ? {} : { status: apiStatus }),
      });
      apiVersions.set(key, current);
    }
    if (isReconciled(model) && model.status !== undefined && !equal(model.status, current.status)) {
      current = await transport.replaceStatus({ ...current, status: model.status });
      apiVersions.set(key, current);
    }
    mirrored.set(key, model);
  };

  const writeRemoval = async (key: ObjectKey, api: ApiObject | undefined): Promise<void> => {
    if (api && isReconciled(api)) {
      const finalizers = (api.metadata.finalizers ?? []).filter((each) => each !== FINALIZER);
      if (finalizers.length !== (api.metadata.finalizers ?? []).length)
        await transport.replace({ ...api, metadata: { ...api.metadata, finalizers } });
    } else if (api) await transport.remove(refOf(api));
    // What stays in `apiVersions` keeps a late echo of the watch from bringing the object back.
    mirrored.delete(key);
  };

  return {
    tick: async (now) => {
      // A world that begins here begins now; one of an earlier run catches up.
      if (fresh) state = { ...state, now };
      fresh = false;
      takeIn();
      await lookAtTargets(now);
      for (const event of pending.splice(0)) {
        state = step(state, event);
        for (const request of state.sent) onRequest(request);
        restless = true;
      }
      const busy =
        Object.keys(state.operations).length > 0 ||
        Object.values(state.memory).some((each) => each.error !== undefined);
      if (restless || busy) {
        restless = false;
        state = advance(state, Math.max(0, now - state.now));
        for (const request of state.sent) onRequest(request);
      } else state = { ...state, now, sent: [] };
      const keys = changes();
      for (let i = 0; i < keys.length; i += PARALLEL_WRITES)
        await Promise.all(keys.slice(i, i + PARALLEL_WRITES).map(write));
    },
    happen: (event) => {
      pending.push(event);
    },
    get state() {
      return state;
    },
  };
}

/** An object as a client creates it. */
function withoutServerFields({ metadata, status: _s, ...rest }: KubernetesObject): KubernetesObject {
  const { uid: _u, generation: _g, creationTimestamp: _c, ...kept } = metadata;
  // A client leaves to the API server what it writes itself.
  return { ...rest, metadata: kept as ObjectMeta };
}
