import type { RunFunctionResponse } from '@crossplane-org/function-sdk-typescript';
import { runFunction } from '../../src/function.ts';
import type { MemoryCluster } from '../azure/memory.ts';
import type { Manifest, ObjectRef } from '../azure/state.ts';
import { type Json, type Observed, request, resource } from './requests.ts';

const CONDITION_STATUS = ['', 'Unknown', 'True', 'False'];

/** One XR on a simulated control plane: calls the function as Crossplane core does, and applies what it answers. */
export interface Engine {
  /** One reconcile. Returns the response. */
  reconcile(): RunFunctionResponse;
  /** Reconciles and lets simulated time pass until nothing moves any more. `look` sees the state after each reconcile. */
  settle(look?: () => void): void;
  change(spec: object): void;
  /** The XR is deleted: the function is called no more, and the garbage collector sees to what was composed. */
  remove(): void;
  condition(type: string): string;
  readonly ready: boolean;
  readonly status: Json;
  /** Every key that core deleted because the function left it out. */
  readonly deleted: readonly string[];
  /** Messages of fatal results, newest last. */
  readonly refusals: readonly string[];
  readonly events: readonly string[];
  /** Keys in the order in which they were first applied. */
  readonly created: readonly string[];
  object(key: string): Json | undefined;
}

/** `input` is that of the Composition's step. */
export function createEngine(xr: Json, cluster: MemoryCluster, input?: object): Engine {
  let composite = structuredClone(xr) as Json & { metadata: { name: string; namespace?: string }; spec: Json };
  const refs = new Map<string, ObjectRef>();
  // What core references: the desired resources of the last reconcile that it could finish.
  let referenced: readonly string[] = [];
  const deleted: string[] = [];
  const refusals: string[] = [];
  const events: string[] = [];
  let ready = false;
  const owner = {
    apiVersion: String(composite.apiVersion),
    kind: String(composite.kind),
    name: composite.metadata.name,
    uid: `uid-${composite.metadata.name}`,
    controller: true,
    blockOwnerDeletion: true,
  };

  const observe = (): Observed => {
    const secrets = cluster.secrets();
    const observed: Observed = {};
    for (const key of referenced) {
      const ref = refs.get(key);
      const object = ref && cluster.object(ref);
      if (!object) continue;
      const { writeConnectionSecretToRef: to } = (object.spec ?? {}) as {
        writeConnectionSecretToRef?: { name: string; namespace?: string };
      };
      const details = to ? secrets[`${to.namespace ?? object.metadata.namespace}/${to.name}`] : undefined;
      observed[key] = resource(object, details);
    }
    return observed;
  };

  /** What core adds to a desired resource. */
  const complete = (key: string, desired: Json): Manifest => {
    const metadata = desired.metadata as Json & { labels?: object; annotations?: object };
    return {
      ...desired,
      metadata: {
        ...metadata,
        namespace: composite.metadata.namespace ?? metadata.namespace,
        labels: { ...metadata.labels, 'crossplane.io/composite': composite.metadata.name },
        annotations: { ...metadata.annotations, 'crossplane.io/composition-resource-name': key },
        ownerReferences: [owner],
      },
    } as unknown as Manifest; // the function's output is checked by the simulator against the CRDs
  };

  const reconcile = (): RunFunctionResponse => {
    const observed = observe();
    const response = runFunction(request(composite, { observed, input }));
    const conditions = response.conditions.map(({ type, status, reason, message }) => ({
      type,
      status: CONDITION_STATUS[status],
      reason,
      message,
    }));
    const fatal = response.results.find(({ severity }) => severity === 1);
    if (fatal) {
      refusals.push(fatal.message);
      composite = { ...composite, status: { ...(composite.status as object), conditions } };
      return response;
    }
    events.push(...response.results.map(({ reason, message }) => `${reason} ${message}`));
    const desired = response.desired?.resources ?? {};
    const left = Object.keys(observed).filter((key) => !(key in desired));
    for (const key of left) {
      const ref = refs.get(key);
      if (ref) cluster.remove(ref);
    }
    // A Usage refuses it: core ends with that error, before it applies anything, and tries again.
    const refused = left.some((key) => {
      const ref = refs.get(key);
      const object = ref && cluster.object(ref);
      return object && object.metadata.deletionTimestamp === undefined;
    });
    if (refused) return response;
    deleted.push(...left);
    referenced = Object.keys(desired);
    for (const [key, value] of Object.entries(desired)) {
      const manifest = complete(key, value.resource as Json);
      refs.set(key, {
        apiVersion: manifest.apiVersion,
        kind: manifest.kind,
        name: manifest.metadata.name,
        namespace: manifest.metadata.namespace,
      });
      cluster.apply(manifest);
    }
    ready = response.desired?.composite?.ready === 1;
    composite = {
      ...composite,
      status: { ...((response.desired?.composite?.resource as Json).status as object), conditions },
    };
    return response;
  };

  return {
    reconcile,
    settle: (look) => {
      for (let round = 0; round < 60; round++) {
        const before = JSON.stringify([cluster.state, composite.status]);
        reconcile();
        look?.();
        cluster.settle();
        if (JSON.stringify([cluster.state, composite.status]) === before) return;
      }
      throw new Error('did not settle in 60 rounds');
    },
    change: (spec) => {
      composite = { ...composite, spec: { ...composite.spec, ...spec } };
    },
    remove: () => cluster.step({ type: 'owner-gone', uid: owner.uid }),
    condition: (type) => {
      const list = ((composite.status ?? {}) as { conditions?: Json[] }).conditions ?? [];
      const found = list.find((one) => one.type === type);
      return `${found?.status} ${found?.reason}: ${found?.message}`;
    },
    get ready() {
      return ready;
    },
    get status() {
      return (composite.status ?? {}) as Json;
    },
    deleted,
    refusals,
    events,
    get created() {
      return [...refs.keys()];
    },
    object: (key) => {
      const ref = refs.get(key);
      return ref && (cluster.object(ref) as unknown as Json | undefined);
    },
  };
}
