import { lastSegment } from './arm-id.ts';
import type { Incident } from './incidents.ts';
import { type JsonObject, objectOf, textOf } from './json.ts';
import { find } from './objects.ts';
import { advance, type Event, settle, step } from './simulator.ts';
import {
  type AzureResource,
  createSimulation,
  type Fault,
  groupOf,
  type KubernetesObject,
  type Manifest,
  type ObjectRef,
  type Options,
  type SentRequest,
  type Simulation,
} from './state.ts';

/** An object as `kubectl get` shows it: with a resourceVersion that rises whenever the object changes. */
export type ReadObject = KubernetesObject & { readonly metadata: { readonly resourceVersion: string } };

/** A control plane in memory: Kubernetes objects, the simulated provider and the simulated Azure behind one small API. */
export interface MemoryCluster {
  /** Server-side apply, in the order given. Throws what the API server would answer to a bad manifest. */
  apply(...manifests: readonly Manifest[]): void;
  remove(ref: ObjectRef): void;
  /** Simulated seconds. */
  advance(seconds: number): void;
  /** Until nothing happens any more. */
  settle(limitSeconds?: number): void;
  object(ref: ObjectRef): ReadObject | undefined;
  /** All objects, or those of a kind, in the order of their keys. */
  objects(kind?: string): ReadObject[];
  /** Decoded data of every Secret, by `<namespace>/<name>`. */
  secrets(): { readonly [name: string]: { readonly [key: string]: string } };
  /** The Azure resource whose id ends in this name; with the ARM type's last part when the name alone is not enough. */
  resource(name: string, type?: string): AzureResource | undefined;
  inject(fault: Fault): void;
  clear(faultId: string): void;
  happen(incident: Incident): void;
  restartProvider(): void;
  step(event: Event): void;
  /** Requests to ARM since the beginning, or since the last call of `forgetRequests`. */
  readonly requests: readonly SentRequest[];
  forgetRequests(): void;
  readonly state: Simulation;
}

/** Starts from an empty Azure, or from a state of another one. */
export function createMemoryCluster(
  options: Partial<Options> = {},
  start: Simulation = createSimulation(options),
): MemoryCluster {
  let state = start;
  let requests: SentRequest[] = [];
  let version = 0;
  const versions = new WeakMap<KubernetesObject, number>();

  const move = (next: Simulation): void => {
    requests.push(...next.sent);
    state = { ...next, sent: [] };
    for (const { object } of Object.values(state.objects)) {
      if (!versions.has(object)) versions.set(object, ++version);
    }
  };
  const read = (object: KubernetesObject): ReadObject => ({
    ...object,
    metadata: { ...object.metadata, resourceVersion: String(versions.get(object)) },
  });
  const run = (event: Event): void => move(step(state, event));
  move(state);

  return {
    apply: (...manifests) => {
      for (const manifest of manifests) run({ type: 'apply', manifest });
    },
    remove: (ref) => run({ type: 'delete', ref }),
    advance: (seconds) => move(advance(state, seconds)),
    settle: (limitSeconds) => move(settle(state, limitSeconds)),
    object: (ref) => {
      const object = find(state, ref);
      return object && read(object);
    },
    objects: (kind) =>
      Object.keys(state.objects)
        .sort()
        .flatMap((key) => state.objects[key]?.object ?? [])
        .filter((object) => kind === undefined || object.kind === kind)
        .map(read),
    secrets: () =>
      Object.fromEntries(
        Object.values(state.objects)
          .filter(({ object }) => object.kind === 'Secret' && groupOf(object.apiVersion) === '')
          .map(({ object }) => [
            `${object.metadata.namespace}/${object.metadata.name}`,
            Object.fromEntries(
              Object.entries(object.data ?? {}).map(([key, value]) => [
                key,
                Buffer.from(value, 'base64').toString('utf8'),
              ]),
            ),
          ]),
      ),
    resource: (name, type) =>
      Object.values(state.resources).find(
        (each) => lastSegment(each.id) === name && (type === undefined || each.type.endsWith(`/${type}`)),
      ),
    inject: (fault) => run({ type: 'fault', fault }),
    clear: (fault) => run({ type: 'clear', fault }),
    happen: (incident) => run({ type: 'incident', incident }),
    restartProvider: () => run({ type: 'restart-provider' }),
    step: run,
    get requests() {
      return requests;
    },
    forgetRequests: () => {
      requests = [];
    },
    get state() {
      return state;
    },
  };
}

/** status.atProvider of an object, empty when there is none. */
export const atProvider = (object: KubernetesObject | undefined): JsonObject =>
  objectOf(objectOf(object?.status).atProvider);

/** A condition in short: `True`, or `False: <reason>: <message>`; empty when it is not there. */
export function conditionText(object: KubernetesObject | undefined, type: string): string {
  const list = objectOf(object?.status).conditions;
  const condition = Array.isArray(list) ? list.map(objectOf).find((each) => each.type === type) : undefined;
  if (!condition) return '';
  return condition.status === 'True'
    ? 'True'
    : `False: ${[condition.reason, condition.message]
        .map(textOf)
        .filter((text) => text !== '')
        .join(': ')}`;
}
