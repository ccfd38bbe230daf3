import { same } from './hash-consing.ts';
import { happen, type Incident } from './incidents.ts';
import { runJob, runningJobs } from './job-runs.ts';
import { templateChange } from './jobs.ts';
import { stateKey } from './key.ts';
import { apiVersionOf, definitionOf, isNamespaced, isObjectKind } from './kinds.ts';
import { memoised } from './memo.ts';
import { reconcileObject } from './object-provider.ts';
import { apply, ownerGone, put, remove } from './objects.ts';
import { isManaged, reconcileManaged } from './provider.ts';
import { endOperation, restartProvider } from './provider-operations.ts';
import { admit } from './schema.ts';
import {
  type Fault,
  type KubernetesObject,
  keyOf,
  type Manifest,
  type ObjectKey,
  type ObjectRef,
  type ResourceKey,
  refOf,
  type SentRequest,
  type Simulation,
  withEntry,
} from './state.ts';

import { isUsage } from './usage-lookup.ts';
import { reconcileUsage } from './usages.ts';

export { stateKey } from './key.ts';

/** Everything that can happen in the simulated world. */
export type Event =
  /** Server-side apply of a manifest, as Crossplane does it. Throws when the API server would refuse it. */
  | { readonly type: 'apply'; readonly manifest: Manifest }
  /** The whole object as a real API server has it; its status is ignored. */
  | { readonly type: 'put'; readonly object: KubernetesObject }
  | { readonly type: 'delete'; readonly ref: ObjectRef }
  /** An object that is not simulated, as an XR, has been deleted: its dependents go, or lose it as an owner. */
  | { readonly type: 'owner-gone'; readonly uid: string }
  /** A real API server no longer has the object; its own garbage collector sees to dependents. */
  | { readonly type: 'forget'; readonly key: ObjectKey }
  /** A controller of a provider reconciles one object once. */
  | { readonly type: 'reconcile'; readonly key: ObjectKey }
  /** An operation ends with the outcome that it was given when it began. */
  | { readonly type: 'finish'; readonly operation: ResourceKey }
  | { readonly type: 'fail'; readonly operation: ResourceKey; readonly message?: string }
  /** A Job goes on: it ends with what it finds, or because of something else. `asks`: whether what it belongs to still asks for it. */
  | { readonly type: 'run-job'; readonly key: ObjectKey; readonly failure?: string; readonly asks?: boolean }
  | { readonly type: 'tick'; readonly seconds: number }
  | { readonly type: 'fault'; readonly fault: Fault }
  | { readonly type: 'clear'; readonly fault: string }
  | { readonly type: 'incident'; readonly incident: Incident }
  /** What another control plane in front of the same Azure has done there. */
  | { readonly type: 'azure'; readonly from: Simulation }
  | { readonly type: 'restart-provider' };

/** Whether a provider, or Crossplane's controller of Usages, reconciles objects of this kind. */
export const isReconciled = (object: KubernetesObject): boolean =>
  isManaged(object) || isObjectKind(object.apiVersion, object.kind) || isUsage(object);

function admitted(manifest: Manifest): Manifest {
  const definition = definitionOf(manifest.apiVersion, manifest.kind);
  if (!definition && !isObjectKind(manifest.apiVersion, manifest.kind) && !isUsage(manifest)) return manifest;
  const refuse = (why: string): never => {
    throw new Error(`${manifest.kind} ${manifest.metadata.name} is refused: ${why}`);
  };
  const expected = definition && apiVersionOf(definition, isNamespaced(manifest.apiVersion));
  if (expected && expected !== manifest.apiVersion)
    return refuse(`the simulator knows it as ${expected}, not as ${manifest.apiVersion}`);
  const { manifest: complete, errors } = admit(manifest);
  return errors.length > 0 ? refuse(errors.join('; ')) : complete;
}

function applied(state: Simulation, manifest: Manifest): Simulation {
  const next = apply(state, manifest);
  const key = keyOf(refOf(manifest));
  const change = templateChange(state.objects[key]?.object, next.objects[key]?.object ?? manifest);
  if (change !== undefined) throw new Error(`${manifest.kind} ${manifest.metadata.name} is refused: ${change}`);
  return next;
}

/** The state after an event. The state given stays as it is; `sent` of the result holds the requests of this step alone. */
export function step(before: Simulation, event: Event): Simulation {
  const state: Simulation = before.sent.length === 0 ? before : { ...before, sent: [] };
  switch (event.type) {
    case 'apply':
      return applied(state, admitted(event.manifest));
    case 'put':
      return put(state, event.object);
    case 'delete':
      return remove(state, keyOf(event.ref));
    case 'owner-gone':
      return ownerGone(state, event.uid);
    case 'forget':
      return {
        ...state,
        objects: withEntry(state.objects, event.key, undefined),
        memory: withEntry(state.memory, event.key, undefined),
      };
    case 'reconcile': {
      const object = state.objects[event.key]?.object;
      if (!object) return state;
      if (isUsage(object)) return reconcileUsage(state, event.key);
      return isObjectKind(object.apiVersion, object.kind)
        ? reconcileObject(state, event.key)
        : reconcileManaged(state, event.key);
    }
    case 'finish':
      return stalled(state, event.operation) ? state : endOperation(state, event.operation);
    case 'fail':
      return endOperation(state, event.operation, event.message ?? 'the operation failed');
    case 'run-job':
      return runJob(state, event.key, event.failure, event.asks);
    case 'tick':
      return { ...state, now: state.now + event.seconds };
    case 'fault':
      return { ...state, faults: [...state.faults.filter((each) => each.id !== event.fault.id), event.fault] };
    case 'clear':
      return { ...state, faults: state.faults.filter((each) => each.id !== event.fault) };
    case 'incident':
      return happen(state, event.incident);
    case 'azure':
      return { ...state, resources: event.from.resources, now: Math.max(state.now, event.from.now) };
    case 'restart-provider':
      return restartProvider(state);
  }
}

/** Operations in a region that does not answer wait for it. */
const stalled = (state: Simulation, operation: ResourceKey): boolean => {
  const { region, outcome } = state.operations[operation] ?? {};
  return region !== undefined && outcome?.ok === true && state.outages.regions.includes(region);
};

// The keys of a state rarely change from one to the next, and are sorted once for each set of objects.
const keysOf = new WeakMap<Simulation['objects'], readonly ObjectKey[]>();

function reconciledKeys({ objects }: Simulation): readonly ObjectKey[] {
  const known = keysOf.get(objects);
  if (known) return known;
  const keys = Object.keys(objects)
    .filter((key) => {
      const object = objects[key]?.object;
      return object !== undefined && isReconciled(object);
    })
    .sort();
  keysOf.set(objects, keys);
  return keys;
}

/** One reconcile, which costs little when it was done before. */
const reconcile = (state: Simulation, key: ObjectKey, share?: <T extends object>(part: T) => T): Simulation =>
  memoised(state, key, (recorded) => step(recorded, { type: 'reconcile', key }), share);

/** So often every object may need another look before it has to be at rest. */
const ROUNDS = 40;

/** A step of providers or Azure that changes something, with the state after it. */
export interface Move {
  readonly event: Event;
  readonly after: () => Simulation;
}

/** Looks for the steps that `wanted` asks about, one after the other: whoever needs only the first pays for no more. */
export function* moves(state: Simulation, wanted: (event: Event) => boolean = () => true): Generator<Move> {
  const quiet: Simulation = state.sent.length === 0 ? state : { ...state, sent: [] };
  for (const key of reconciledKeys(quiet)) {
    const event = { type: 'reconcile', key } as const;
    if (!wanted(event)) continue;
    const next = reconcile(quiet, key, same);
    if (next !== quiet) yield { event, after: () => next };
  }
  for (const operation of Object.keys(quiet.operations).sort()) {
    if (quiet.operations[operation]?.queued || stalled(quiet, operation)) continue;
    const event = { type: 'finish', operation } as const;
    if (wanted(event)) yield { event, after: () => step(quiet, event) };
  }
  for (const key of runningJobs(quiet)) {
    const event = { type: 'run-job', key } as const;
    if (wanted(event)) yield { event, after: () => step(quiet, event) };
  }
}

type Wanted = (event: Event, state: Simulation) => boolean;

/** Lets every object and operation that `wanted` asks about take one step. `sent` of the result holds all their requests. */
export function pass(start: Simulation, wanted: Wanted = () => true): Simulation {
  const sent: SentRequest[] = [...start.sent];
  let state: Simulation = start.sent.length === 0 ? start : { ...start, sent: [] };
  const take = (next: Simulation): void => {
    sent.push(...next.sent);
    state = next.sent.length === 0 ? next : { ...next, sent: [] };
  };
  for (const key of reconciledKeys(state))
    if (wanted({ type: 'reconcile', key }, state)) take(reconcile(state, key, same));
  for (const operation of Object.keys(state.operations).sort()) {
    const event = { type: 'finish', operation } as const;
    if (state.operations[operation] && !state.operations[operation].queued && wanted(event, state))
      take(step(state, event));
  }
  return sent.length === 0 ? state : { ...state, sent };
}

/** Takes the steps that `wanted` asks about until none is left. */
export function exhaust(start: Simulation, wanted: Wanted): Simulation {
  let state = start;
  for (let round = 0; round < ROUNDS; round++) {
    const next = pass(state, wanted);
    if (next.sent.length === state.sent.length && untouched(state, next)) return next;
    state = next;
  }
  throw new Error(`does not come to rest: ${JSON.stringify(enabled(state))}`);
}

const untouched = (a: Simulation, b: Simulation): boolean =>
  a.objects === b.objects && a.memory === b.memory && a.resources === b.resources && a.operations === b.operations;

/** The steps of providers and Azure that would change something: what a model checker has to interleave. */
export const enabled = (state: Simulation): Event[] => [...moves(state)].map(({ event }) => event);

const POLL_SECONDS = 60;

/** Lets every provider reconcile until nothing changes. An object whose last operation failed backs off until the next poll. */
function reconcileAll(start: Simulation, polled: boolean, sent: SentRequest[]): Simulation {
  let state = start;
  const retried = new Set<ObjectKey>();
  for (let round = 0; round < ROUNDS; round++) {
    const before = state;
    for (const key of reconciledKeys(state)) {
      const failed = state.memory[key]?.error !== undefined;
      if (failed && (!polled || retried.has(key))) continue;
      if (failed) retried.add(key);
      state = reconcile(state, key);
      if (state.sent.length > 0) {
        sent.push(...state.sent);
        state = { ...state, sent: [] };
      }
    }
    for (const key of runningJobs(state)) state = step(state, { type: 'run-job', key });
    if (state === before) break;
  }
  return state;
}

function nextEnd(state: Simulation): { readonly key: ResourceKey; readonly until: number } | undefined {
  return Object.entries(state.operations)
    .filter(([key, each]) => each.until !== null && !each.queued && !stalled(state, key))
    .map(([key, each]) => ({ key, until: each.until ?? 0 }))
    .sort((a, b) => a.until - b.until || (a.key < b.key ? -1 : 1))[0];
}

const nextPoll = (state: Simulation): number => {
  // However fast Azure is made, an API server should not see more than one retry a second.
  const interval = Math.max(1, POLL_SECONDS / state.options.speed);
  const next = (Math.floor(state.now / interval) + 1) * interval;
  return next > state.now ? next : next + interval;
};

const hasFailures = (state: Simulation): boolean =>
  Object.values(state.memory).some((each) => each.error !== undefined);

/**
 * Lets simulated seconds pass on one deterministic schedule: providers reconcile at once, operations end when they are due, what failed is
 * tried again once a minute. `sent` of the result holds all requests of that time.
 */
export function advance(start: Simulation, seconds: number): Simulation {
  const deadline = start.now + seconds;
  const sent: SentRequest[] = [];
  let state = reconcileAll({ ...start, sent: [] }, true, sent);
  for (;;) {
    const end = nextEnd(state);
    const poll = hasFailures(state) ? nextPoll(state) : Number.POSITIVE_INFINITY;
    const next = Math.max(state.now, Math.min(end?.until ?? Number.POSITIVE_INFINITY, poll));
    if (next > deadline) break;
    const due = end !== undefined && end.until <= next;
    state = { ...state, now: next };
    if (due) {
      state = step(state, { type: 'finish', operation: end.key });
      sent.push(...state.sent);
    }
    state = reconcileAll(state, !due, sent);
  }
  return { ...state, now: deadline, sent };
}

/** Where in time a state is, relative to what will happen: the same phase of the same state goes on in the same way. */
const phase = (state: Simulation): string =>
  `${state.now % POLL_SECONDS} ${Object.keys(state.operations)
    .sort()
    .map((key) => (state.operations[key]?.until ?? state.now) - state.now)
    .join(' ')}`;

/**
 * Lets time pass until nothing happens any more, or only what has already happened in the same way (a refusal that repeats, a loop).
 * Ends after `limitSeconds` of simulated time, six hours by default.
 */
export function settle(start: Simulation, limitSeconds = 6 * 3600): Simulation {
  const deadline = start.now + limitSeconds;
  const sent: SentRequest[] = [];
  const seen = new Set<string>();
  let state = start;
  while (state.now < deadline) {
    state = advance(state, 0);
    sent.push(...state.sent);
    const end = nextEnd(state);
    if (!end && !hasFailures(state)) break;
    const key = `${stateKey(state)} ${phase(state)}`;
    if (seen.has(key)) break;
    seen.add(key);
    state = advance(state, Math.max(1, Math.min(end?.until ?? Number.POSITIVE_INFINITY, nextPoll(state)) - state.now));
    sent.push(...state.sent);
  }
  return { ...state, sent };
}
