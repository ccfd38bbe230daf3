import { identity, shared } from '../../azure/hash-consing.ts';
import { find } from '../../azure/objects.ts';
import {
  exhaust,
  type Move,
  moves,
  type Event as ProviderEvent,
  pass,
  settle as settleProvider,
  stateKey,
  step,
} from '../../azure/simulator.ts';
import {
  createSimulation,
  type Manifest,
  type ObjectRef,
  refOf,
  type SentRequest,
  type Simulation,
} from '../../azure/state.ts';
import { ownSecret } from '../../support/other-cluster.ts';
import type { Json } from '../../support/requests.ts';
import { type Answer, answerTo, OWNER } from './answers.ts';

/** One XR, the simulated provider and the simulated Azure, as plain data: what the model checker steps through. */
export interface World {
  readonly sim: Simulation;
  readonly spec: Json;
  /** Of the XR, its conditions included. */
  readonly status: Json;
  /** Of everything that was ever composed, by key. */
  readonly refs: Readonly<Record<string, ObjectRef>>;
  /** What was last applied. Core references it, and observes nothing else; the same manifest changes nothing. */
  readonly applied: Readonly<Record<string, Manifest>>;
  /** What may still happen in this story. */
  readonly left: {
    readonly actions: number;
    readonly faults: number;
    /** What people may still do, each once; left out, whatever they like. */
    readonly only?: readonly string[];
  };
}

/** What one call of the function did, for the properties. */
export interface Reconciled {
  readonly world: World;
  readonly answer: Answer;
}

/**
 * One reconcile of the XR, as Crossplane core does it (core v2.3.4, composition_functions.go): what is not desired any more is deleted first;
 * where a Usage refuses that, nothing is applied and the status stays. Afterwards core references what is desired, and nothing else: what is
 * on its way out is observed no more.
 */
export function reconcile(world: World): Reconciled {
  const answer = answerTo(world);
  const { observed, desired, status } = answer;
  if (answer.refusal !== undefined) return { world: { ...world, status }, answer };
  let { sim, refs } = world;
  const left = observed.flatMap((key) => (key in desired ? [] : (refs[key] ?? [])));
  for (const ref of left) sim = step(sim, { type: 'delete', ref });
  if (left.some((ref) => isKept(sim, ref))) return { world: { ...world, sim }, answer };
  let applied: World['applied'] = Object.fromEntries(Object.entries(world.applied).filter(([key]) => key in desired));
  const seen = new Set(observed);
  for (const [key, manifest] of Object.entries(desired)) {
    if (applied[key] === manifest && seen.has(key)) continue;
    sim = step(sim, { type: 'apply', manifest });
    if (!refs[key]) refs = { ...refs, [key]: refOf(manifest) };
    applied = { ...applied, [key]: manifest };
  }
  return { world: { ...world, sim, refs, applied, status }, answer };
}

/** Whether it is there and not on its way out. */
const isKept = (sim: Simulation, ref: ObjectRef): boolean => {
  const object = find(sim, ref);
  return object !== undefined && object.metadata.deletionTimestamp === undefined;
};

/** Objects whose steps are interleaved one by one. The others' steps follow at once. A backup is refused, and tried again, while its server is busy. */
const isInteresting = (key: string): boolean => /^FlexibleServer(Backup)?\./.test(key);
const isAwaited = (key: string | undefined): boolean =>
  key === undefined ||
  /^(FlexibleServer|FlexibleServerConfiguration|PrivateDNSCNAMERecord)\.|^SecurityRule\..*-fence$/.test(key);

const isDull = (sim: Simulation, event: ProviderEvent): boolean => {
  if (event.type === 'reconcile') return !isInteresting(event.key);
  if (event.type !== 'finish') return false;
  const { by, target } = sim.operations[event.operation] ?? {};
  return !isAwaited(by ?? (event.operation.startsWith('provider:') ? target : undefined));
};

/** Runs everything that is not worth interleaving. Requests to Azure are collected. */
export function calm(world: World): { readonly world: World; readonly sent: readonly SentRequest[] } {
  const sim = exhaust(shared(world.sim), (event, state) => isDull(state, event));
  return { world: { ...world, sim: forgetWitnesses(sim) }, sent: sim.sent };
}

/** A witness is made anew again and again; without this every one would be another state. */
function forgetWitnesses(sim: Simulation): Simulation {
  const gone = Object.keys(sim.incarnations).filter((key) => key.includes('-witness-') && !(key in sim.objects));
  const clean = sim.sent.length === 0 ? sim : { ...sim, sent: [] };
  if (gone.length === 0) return clean;
  return {
    ...clean,
    incarnations: Object.fromEntries(Object.entries(clean.incarnations).filter(([key]) => !gone.includes(key))),
  };
}

/** What the provider and Azure may do next in a calm world. */
export const providerMoves = ({ sim }: World): Iterable<Move> => moves(sim, (event) => !isDull(sim, event));

/** Equal for worlds that differ in nothing that could matter later. */
export const worldKey = ({ sim, spec, status, left, refs, applied }: World): string => {
  const unseen = Object.entries(refs).flatMap(([key, ref]) => (key in applied || !find(sim, ref) ? [] : [key]));
  return `${stateKey(sim)} ${identity(spec)} ${identity(status)} ${identity(left)} ${Object.keys(refs).length} ${unseen.sort()}`;
};

/** A platform that has come to rest, or the platform after so many reconciles of its creation. */
export function platform(spec: Json, left: World['left'], reconciles = Number.POSITIVE_INFINITY): World {
  const { adminPasswordSecretRef } = (spec.security ?? {}) as Json;
  const empty = createSimulation();
  let world: World = {
    sim: adminPasswordSecretRef ? step(empty, { type: 'apply', manifest: ownSecret }) : empty,
    spec,
    status: {},
    refs: {},
    applied: {},
    left,
  };
  for (let round = 0; round < Math.min(reconciles, 60); round++) {
    const before = worldKey(world);
    const { world: next, answer } = reconcile(world);
    if (answer.refusal !== undefined) throw new Error(answer.refusal);
    const last = round + 1 === reconciles;
    world = last ? calm(next).world : { ...next, sim: { ...settleProvider(next.sim), sent: [] } };
    if (worldKey(world) === before) return world;
  }
  return world;
}

/** The world after everything that happens by itself has happened, nobody does anything, and Azure answers everywhere. */
export function inTheEnd(world: World, told: (world: World) => boolean = () => false): World {
  let now = calm({ ...world, sim: answering(world.sim) }).world;
  for (let round = 0; round < ROUNDS_TO_REST; round++) {
    const before = worldKey(now);
    const next = calm(reconcile(now).world).world;
    now = { ...next, sim: forgetWitnesses(pass(next.sim)) };
    if (worldKey(now) === before || (round >= ROUNDS_TO_BE_TOLD && told(now))) return now;
  }
  return now;
}

const ROUNDS_TO_REST = 60;
/** What asks the same question again and again never stands still; after so many rounds it is known what it tells people to do. */
const ROUNDS_TO_BE_TOLD = 12;

const answering = (sim: Simulation): Simulation =>
  sim.outages.regions.reduce(
    (state, region) => step(state, { type: 'incident', incident: { what: 'region-recovery', region } }),
    sim,
  );

const PASSES_OF_A_DELETION = 60;

const remaining = ({ objects, resources }: Simulation): string[] => [
  ...Object.values(objects)
    .filter(({ object }) => object.metadata.ownerReferences?.some(({ uid }) => uid === OWNER.uid))
    .map(({ object }) => `${object.kind} ${object.metadata.name}`),
  ...Object.keys(resources),
];

/** What is still there once the XR of a world has been deleted and everything has come to rest; Azure answers everywhere. */
export function leftovers({ sim }: World): readonly string[] {
  // Kubernetes' garbage collector tries again what a Usage refused; a Usage that is on its way out does not replay it.
  let end = shared(answering(sim));
  for (let round = 0; round < PASSES_OF_A_DELETION && remaining(end).length > 0; round++)
    end = pass(step({ ...end, sent: [] }, { type: 'owner-gone', uid: OWNER.uid }));
  return remaining(end);
}
