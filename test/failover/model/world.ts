import { runFunction } from '../../../src/function.ts';
import { find } from '../../azure/objects.ts';
import {
  enabled,
  type Event as ProviderEvent,
  type Move,
  moves,
  settle as settleProvider,
  stateKey,
  step,
} from '../../azure/simulator.ts';
import {
  createSimulation,
  type KubernetesObject,
  type Manifest,
  type ObjectRef,
  type SentRequest,
  type Simulation,
} from '../../azure/state.ts';
import { type Json, type Observed, request, resource, xr } from '../../support/requests.ts';

/** One XR, the simulated provider and the simulated Azure, as plain data: what the model checker steps through. */
export interface World {
  readonly sim: Simulation;
  readonly spec: Json;
  /** Of the XR, its conditions included. */
  readonly status: Json;
  readonly refs: Readonly<Record<string, ObjectRef>>;
  /** What was last applied, as text: an equal manifest changes nothing. */
  readonly applied: Readonly<Record<string, string>>;
  /** What may still happen in this story. */
  readonly left: { readonly actions: number; readonly faults: number };
}

/** What one call of the function did, for the properties. */
export interface Reconciled {
  readonly world: World;
  readonly refusal?: string;
  readonly observed: readonly string[];
  readonly desired: Readonly<Record<string, Json>>;
}

const CONDITION_STATUS = ['', 'Unknown', 'True', 'False'];
const OWNER = {
  apiVersion: 'database.platform.io/v1alpha1',
  kind: 'XPostgreSQLDatabase',
  name: 'orders',
  uid: 'uid-orders',
  controller: true,
  blockOwnerDeletion: true,
};

function observe({ sim, refs }: World): Observed {
  const observed: Observed = {};
  for (const [key, ref] of Object.entries(refs)) {
    const object = find(sim, ref);
    if (object) observed[key] = resource(object, connectionDetails(sim, object));
  }
  return observed;
}

function connectionDetails(sim: Simulation, object: KubernetesObject): Record<string, string> {
  const to = (object.spec as { writeConnectionSecretToRef?: { name: string } } | undefined)?.writeConnectionSecretToRef;
  const secret = to && find(sim, { apiVersion: 'v1', kind: 'Secret', name: to.name, namespace: 'team-a' });
  return Object.fromEntries(
    Object.entries(secret?.data ?? {}).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]),
  );
}

/** What core adds to a desired resource. */
const complete = (key: string, desired: Json): Manifest => {
  const metadata = desired.metadata as Json & { labels?: object; annotations?: object };
  return {
    ...desired,
    metadata: {
      ...metadata,
      namespace: 'team-a',
      labels: { ...metadata.labels, 'crossplane.io/composite': 'orders' },
      annotations: { ...metadata.annotations, 'crossplane.io/composition-resource-name': key },
      ownerReferences: [OWNER],
    },
  } as unknown as Manifest; // checked against the CRDs when it is applied
};

/** One reconcile of the XR, as Crossplane core does it. */
export function reconcile(world: World): Reconciled {
  const observed = observe(world);
  const composite = { ...xr('namespaced', world.spec), status: world.status };
  const response = runFunction(request(composite, { observed }));
  const conditions = response.conditions.map(({ type, status, reason, message }) => ({
    type,
    status: CONDITION_STATUS[status],
    reason,
    message,
  }));
  const keys = Object.keys(observed);
  const fatal = response.results.find(({ severity }) => severity === 1);
  if (fatal)
    return {
      world: { ...world, status: { ...world.status, conditions } },
      refusal: fatal.message,
      observed: keys,
      desired: {},
    };
  let { sim, refs, applied } = world;
  const desired = Object.fromEntries(
    Object.entries(response.desired?.resources ?? {}).map(([key, value]) => [key, value.resource as Json]),
  );
  for (const key of keys) {
    const ref = refs[key];
    if (key in desired || !ref) continue;
    sim = step(sim, { type: 'delete', ref });
    const { [key]: _, ...rest } = applied;
    applied = rest;
  }
  for (const [key, body] of Object.entries(desired)) {
    const manifest = complete(key, body);
    const text = JSON.stringify(manifest);
    if (applied[key] === text && key in observed) continue;
    const ref: ObjectRef = {
      apiVersion: manifest.apiVersion,
      kind: manifest.kind,
      name: manifest.metadata.name,
      namespace: 'team-a',
    };
    sim = step(sim, { type: 'apply', manifest });
    if (!refs[key]) refs = { ...refs, [key]: ref };
    applied = { ...applied, [key]: text };
  }
  const status = (response.desired?.composite?.resource as { status: Json }).status;
  return { world: { ...world, sim, refs, applied, status: { ...status, conditions } }, observed: keys, desired };
}

/** Objects whose steps are interleaved one by one. The others' steps follow at once. */
const isInteresting = (key: string): boolean => /^FlexibleServer\./.test(key);
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
  let sim = world.sim;
  const sent: SentRequest[] = [...sim.sent];
  for (let round = 0; round < 200; round++) {
    const [dull] = moves(sim, (event) => isDull(sim, event));
    if (!dull) return { world: { ...world, sim: forgetWitnesses(sim) }, sent };
    sim = dull.after();
    sent.push(...sim.sent);
  }
  throw new Error(`does not come to rest: ${JSON.stringify(enabled(sim))}`);
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
export const worldKey = ({ sim, spec, status, left, refs }: World): string =>
  [stateKey(sim), JSON.stringify(spec), JSON.stringify(status), JSON.stringify(left), Object.keys(refs).length].join(
    '\n',
  );

/** A platform that has come to rest, or the platform after so many reconciles of its creation. */
export function platform(spec: Json, left: World['left'], reconciles = Number.POSITIVE_INFINITY): World {
  let world: World = {
    sim: createSimulation(),
    spec,
    status: {},
    refs: {},
    applied: {},
    left,
  };
  for (let round = 0; round < Math.min(reconciles, 60); round++) {
    const before = worldKey(world);
    const { world: next, refusal } = reconcile(world);
    if (refusal !== undefined) throw new Error(refusal);
    const last = round + 1 === reconciles;
    world = last ? calm(next).world : { ...next, sim: { ...settleProvider(next.sim), sent: [] } };
    if (worldKey(world) === before) return world;
  }
  return world;
}

/** What is still there once the XR of a world has been deleted and everything has come to rest; Azure answers everywhere. */
export function leftovers({ sim }: World): readonly string[] {
  const answering = sim.outages.regions.reduce(
    (state, region) => step(state, { type: 'incident', incident: { what: 'region-recovery', region } }),
    sim,
  );
  // Kubernetes' garbage collector tries again what a Usage refused; a Usage that is on its way out does not replay it.
  let end = answering;
  for (let attempt = 0; attempt < 3; attempt++) end = settleProvider(step(end, { type: 'owner-gone', uid: OWNER.uid }));
  return [
    ...Object.values(end.objects)
      .filter(({ object }) => object.metadata.ownerReferences?.some(({ uid }) => uid === OWNER.uid))
      .map(({ object }) => `${object.kind} ${object.metadata.name}`),
    ...Object.keys(end.resources),
  ];
}
