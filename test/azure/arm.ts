import { lastSegment, resourceKey } from './arm-id.ts';
import { matches, quotaError, regionOf, spend } from './faults.ts';
import { generalRules } from './general-rules.ts';
import { type JsonObject, merge, objectOf, omit, textOf } from './json.ts';
import { type KindDefinition, type RequestContext, refusal } from './kind.ts';
import { definitionOfType } from './kinds.ts';
import { normaliseRegion } from './regions.ts';
import { leaveReplication, swapZones, switchRoles } from './replication.ts';
import {
  type AzureResource,
  type Effect,
  type ObjectKey,
  type Operation,
  type Outcome,
  type PlannedRequest,
  type ResourceKey,
  type Simulation,
  type Verb,
  withEntry,
} from './state.ts';

/** Azure Resource Manager: accepts or refuses requests, and carries out what it accepted when the operation finishes. */
export interface ArmRequest {
  readonly definition: KindDefinition;
  readonly verb: Verb;
  /** Kind of promotion, where the update is one. */
  readonly promotion?: 'promote' | 'switchover';
  readonly forced?: boolean;
  readonly id: string;
  readonly by?: ObjectKey;
  readonly requests: readonly PlannedRequest[];
  /** For a creation all parameters, for an update what changes. */
  readonly change: JsonObject;
  readonly effect: Effect;
  readonly seconds: number;
  readonly lock?: string;
  readonly busy?: readonly ResourceKey[];
}

const refusalSeconds: { readonly [verb in Verb]: number } = { create: 30, update: 10, delete: 5 };

function judge(state: Simulation, request: ArmRequest): Outcome {
  const { definition, id, verb, change } = request;
  const current = definition.implicit ? definition.implicit(state, id) : state.resources[resourceKey(id)];
  const region = regionOf(state, id, textOf(current?.properties.location) || textOf(change.location));
  if (region !== undefined && definition.kind !== 'ResourceGroup' && state.outages.regions.includes(region)) {
    return {
      ok: false,
      rule: 'region-outage',
      code: 'ServiceUnavailable',
      message: `the region ${region} does not answer`,
    };
  }
  const unset = request.effect.unset ?? [];
  const context: RequestContext = {
    state,
    verb: request.promotion ?? verb,
    id,
    name: lastSegment(id),
    desired: verb === 'create' ? change : omit({ ...current?.properties, ...request.effect.set }, unset),
    change,
    ...(region === undefined ? {} : { region }),
    ...(current === undefined ? {} : { current }),
    ...(request.forced === undefined ? {} : { forced: request.forced }),
  };
  for (const rule of [...generalRules, ...definition.rules]) {
    if (!rule.on.includes(context.verb) || state.options.without.includes(rule.id)) continue;
    const message = rule.refuse(context);
    if (message !== undefined) return refusal(rule, message);
  }
  return quotaError(state, context) ?? { ok: true };
}

/** The free key for an operation: an operation that lost its provider, or was refused, may still be there. */
function operationKey(state: Simulation, request: ArmRequest): ResourceKey {
  let key = `${request.verb}:${resourceKey(request.id)}`;
  while (state.operations[key]) key += '~';
  return key;
}

/** Sends a request, or queues it when the provider holds the lock. Gives the key under which the operation runs. */
export function begin(
  state: Simulation,
  request: ArmRequest,
): { readonly state: Simulation; readonly key: ResourceKey } {
  const key = operationKey(state, request);
  const waits =
    request.lock !== undefined && Object.values(state.operations).some((each) => each.lock === request.lock);
  return { key, state: waits ? queue(state, key, request) : send(state, key, request) };
}

const operationOf = (
  request: ArmRequest,
  more: Pick<Operation, 'outcome' | 'until' | 'seconds'> & Partial<Operation>,
): Operation => ({
  target: resourceKey(request.id),
  verb: request.verb,
  requests: request.requests,
  type: request.definition.type,
  id: request.id,
  effect: request.effect,
  ...(request.by === undefined ? {} : { by: request.by }),
  ...(request.lock === undefined ? {} : { lock: request.lock }),
  ...more,
});

const queue = (state: Simulation, key: ResourceKey, request: ArmRequest): Simulation => ({
  ...state,
  operations: {
    ...state.operations,
    [key]: {
      ...operationOf(request, { outcome: { ok: true }, until: null, seconds: request.seconds }),
      queued: true,
      change: request.change,
      pendingBusy: request.busy ?? [],
    },
  },
});

function send(before: Simulation, key: ResourceKey, request: ArmRequest): Simulation {
  const { definition, id, verb } = request;
  let state = before;
  let outcome = judge(state, request);
  let seconds = request.seconds;
  let hangs = false;
  const region = regionOf(
    state,
    id,
    textOf(request.change.location) || textOf(state.resources[resourceKey(id)]?.properties.location),
  );
  const described = { kind: definition.kind, id, verb, ...(region ? { region } : {}) };
  for (const fault of state.faults.filter((each) => each.effect.type !== 'quota' && matches(each, described))) {
    if (!outcome.ok) break;
    if (fault.effect.type === 'slow') seconds *= fault.effect.factor;
    if (fault.effect.type === 'hang') hangs = true;
    if (fault.effect.type === 'fail') {
      outcome = {
        ok: false,
        rule: `fault:${fault.id}`,
        code: fault.effect.code ?? 'InternalServerError',
        message: fault.effect.message ?? `injected fault ${fault.id}`,
      };
    }
    state = spend(state, fault);
  }
  const refusedByProvider = !outcome.ok && outcome.code === 'provider';
  const operation = operationOf(request, {
    outcome,
    seconds,
    until: hangs && outcome.ok ? null : state.now + (outcome.ok ? seconds : refusalSeconds[verb]) / state.options.speed,
    ...(region ? { region } : {}),
    ...(outcome.ok && request.busy ? { busy: request.busy } : {}),
  });
  const sent = refusedByProvider
    ? []
    : request.requests.map((each) => ({ ...each, outcome, ...(request.by ? { by: request.by } : {}) }));
  state = { ...state, operations: withEntry(state.operations, key, operation), sent: [...state.sent, ...sent] };
  return outcome.ok ? reserve(state, request, region) : state;
}

/** What shows at once when ARM has accepted: a resource that is being made, or one that is going. */
function reserve(
  state: Simulation,
  { definition, verb, id, change }: ArmRequest,
  region: string | undefined,
): Simulation {
  if (definition.implicit) return state;
  const key = resourceKey(id);
  const current = state.resources[key];
  if (verb === 'delete' && current)
    return { ...state, resources: withEntry(state.resources, key, { ...current, phase: 'Deleting' }) };
  if (verb !== 'create' || current) return state;
  const { properties, hidden = {} } = definition.stored?.(change, { state, id }) ?? { properties: change };
  const password = textOf(change.administratorPassword);
  const resource: AzureResource = {
    id,
    type: definition.type,
    phase: 'Creating',
    properties: {
      ...omit(properties, ['administratorPassword']),
      ...(properties.location === undefined ? {} : { location: normaliseRegion(textOf(properties.location)) }),
    },
    hidden: password === '' ? hidden : { ...hidden, password },
    ...(region === undefined ? {} : { region }),
  };
  return {
    ...state,
    resources: withEntry(state.resources, key, resource),
    incarnations: withEntry(state.incarnations, key, (state.incarnations[key] ?? 0) + 1),
  };
}

/** Ends an operation, with its own outcome or with a failure. Operations that waited for its lock start. */
export function finish(
  state: Simulation,
  key: ResourceKey,
  failure?: string,
): { readonly state: Simulation; readonly operation: Operation; readonly outcome: Outcome } | undefined {
  const operation = state.operations[key];
  if (!operation || operation.queued) return undefined;
  const outcome: Outcome =
    failure === undefined || !operation.outcome.ok
      ? operation.outcome
      : { ok: false, rule: 'fault:failed', code: 'InternalServerError', message: failure };
  let next: Simulation = { ...state, operations: withEntry(state.operations, key, undefined) };
  next = outcome.ok ? commit(next, operation) : rollBack(next, operation);
  return { state: startWaiting(next, operation.lock), operation, outcome };
}

function commit(state: Simulation, operation: Operation): Simulation {
  const { target, verb, effect, type } = operation;
  const definition = definitionOfType(type);
  if (definition?.commit) return definition.commit(state, operation.id, effect);
  const resource = state.resources[target];
  if (!resource) return state;
  if (verb === 'delete') return removeResource(state, target);
  const changed: AzureResource = {
    ...resource,
    phase: 'Ready',
    properties: omit({ ...resource.properties, ...effect.set }, effect.unset ?? []),
    hidden: merge(resource.hidden, objectOf(effect.hide)),
  };
  let next: Simulation = { ...state, resources: withEntry(state.resources, target, changed) };
  if (effect.failover) next = swapZones(next, target);
  if (effect.promote) next = leaveReplication(next, target);
  if (effect.switchover) next = switchRoles(next, target);
  return next;
}

function rollBack(state: Simulation, { target, verb, outcome, type }: Operation): Simulation {
  if (definitionOfType(type)?.implicit) return state;
  const resource = state.resources[target];
  if (!resource || !outcome.ok) return state;
  if (verb === 'create' && resource.phase === 'Creating') return removeResource(state, target);
  return verb === 'delete'
    ? { ...state, resources: withEntry(state.resources, target, { ...resource, phase: 'Ready' }) }
    : state;
}

/** Removes a resource with everything inside it and on it. */
function removeResource(state: Simulation, key: ResourceKey): Simulation {
  const kept = Object.entries(state.resources).filter(([each]) => each !== key && !each.startsWith(`${key}/`));
  return { ...state, resources: Object.fromEntries(kept) };
}

function startWaiting(state: Simulation, lock: string | undefined): Simulation {
  if (lock === undefined) return state;
  const next = Object.entries(state.operations).find(([, each]) => each.lock === lock && each.queued);
  const definition = next && definitionOfType(next[1].type);
  if (!next || !definition) return state;
  const [key, { change, pendingBusy, by, ...operation }] = next;
  const without = { ...state, operations: withEntry(state.operations, key, undefined) };
  return send(without, key, {
    definition,
    verb: operation.verb,
    id: operation.id,
    requests: operation.requests,
    change: change ?? {},
    effect: operation.effect,
    seconds: operation.seconds,
    lock,
    ...(pendingBusy && pendingBusy.length > 0 ? { busy: pendingBusy } : {}),
    ...(by === undefined ? {} : { by }),
  });
}
