import { begin, finish } from './arm.ts';
import { resourceKey } from './arm-id.ts';
import { asyncOperationFinished, lastAsyncOperation, synced, withConditions } from './conditions.ts';
import { isEmpty, type JsonObject, objectOf, omit, textOf } from './json.ts';
import type { Changes, KindDefinition, UpdatePlan } from './kind.ts';
import { definitionOf } from './kinds.ts';
import { objectAt, write } from './objects.ts';
import { EXTERNAL_NAME, type Observation } from './observe.ts';
import { remember } from './provider-memory.ts';
import { wishedPassword } from './provider-secrets.ts';
import {
  type AzureResource,
  type ObjectKey,
  type Operation,
  type Refusal,
  type Simulation,
  type Verb,
  withEntry,
} from './state.ts';
import { subscriptionOf } from './subscription.ts';
import { type Configuration, configurationOf, forceNewRefusal } from './terraform.ts';

/** Ends a reconcile by starting an asynchronous operation of this process. */
function start(
  state: Simulation,
  key: ObjectKey,
  verb: Verb,
  run: (state: Simulation) => { state: Simulation; key: string } | Refusal,
): Simulation {
  const started = run(state);
  if ('ok' in started) {
    // Refused inside azurerm: the goroutine ends at once without a request.
    const operation: Operation = {
      target: key,
      verb,
      by: key,
      requests: [],
      type: '',
      id: key,
      effect: {},
      seconds: 1,
      until: state.now + 1 / state.options.speed,
      outcome: started,
    };
    const id = `provider:${key}`;
    return remember({ ...state, operations: withEntry(state.operations, id, operation) }, key, { operation: id, verb });
  }
  return remember(started.state, key, { operation: started.key, verb });
}

const providerError = (message: string): Refusal => ({ ok: false, rule: 'provider', code: 'provider', message });

/** upjet Create: azurerm checks first, then a PUT, or a PATCH where the thing exists already. */
export function create(
  state: Simulation,
  key: ObjectKey,
  observation: Observation,
  definition: KindDefinition,
): Simulation {
  const { config, password } = observation;
  const { values } = config;
  const wished = password?.new ?? wishedPassword(state, observation.object).value;
  const id = definition
    .id(
      observation.object.metadata.annotations?.[EXTERNAL_NAME] ?? '',
      values,
      subscriptionOf(state, observation.object),
    )
    ?.split('|')[0];
  const echo = Object.fromEntries(
    (definition.echoed ?? []).flatMap((field) => (isEmpty(values[field]) ? [] : [[field, values[field]]])),
  );
  const next = start(state, key, 'create', (current) => {
    if (id === undefined) return providerError('a field of the id is not set');
    const refused = definition.refuseCreate?.(values, wished);
    if (refused) return providerError(refused);
    const params = {
      ...definition.defaults,
      ...omit(
        values,
        definition.identifiers.filter((field) => field !== 'name' || definition.naming === 'external-name'),
      ),
      ...(wished ? { administratorPassword: wished } : {}),
    };
    const seconds = definition.seconds.create;
    const plan = definition.planCreate?.(id, values);
    return begin(current, {
      definition,
      verb: 'create',
      id,
      by: key,
      requests: plan?.requests ?? [{ method: 'PUT', id, body: omit(params, ['administratorPassword']) }],
      change: params,
      effect: plan?.effect ?? {},
      seconds: typeof seconds === 'number' ? seconds : seconds({ ...values }),
      ...definition.serialise?.(id, params, 'create'),
    });
  });
  const withPassword = wished === undefined ? {} : { password: wished };
  return remember(next, key, { ...withPassword, ...(definition.echoed ? { echo } : {}), deleted: undefined });
}

/** upjet Update: refuses a forced replacement, else sends what azurerm would. */
export function update(
  state: Simulation,
  key: ObjectKey,
  observation: Observation,
  definition: KindDefinition,
): Simulation {
  const { changes, config, recorded, resource, password } = observation;
  if (!resource) return state;
  const values = withIgnoredObserved(config, recorded);
  const next = start(state, key, 'update', (current) => {
    const refused = forceNewRefusal(definition, changes);
    if (refused) return providerError(refused);
    const plan: UpdatePlan =
      definition.planUpdate?.({
        state: current,
        resource,
        changes,
        config: values,
        recorded,
        ...(password ? { password } : {}),
      }) ?? plainUpdate(resource, changes, definition);
    if ('error' in plan) return providerError(`failed to update the resource: ${plan.error}`);
    const busy =
      plan.promote && !isEmpty(resource.properties.sourceServerId)
        ? { busy: [resourceKey(textOf(resource.properties.sourceServerId))] }
        : {};
    return begin(current, {
      definition,
      verb: 'update',
      id: resource.id,
      by: key,
      requests: plan.requests,
      change: {
        ...plan.change,
        ...(changes.administratorPassword && password ? { administratorPassword: password.new } : {}),
      },
      effect: plan.effect,
      seconds: plan.seconds,
      ...(plan.promote ? { promotion: 'promote' as const } : {}),
      ...busy,
      ...definition.serialise?.(resource.id, values, 'update'),
    });
  });
  const planned = Object.fromEntries(
    (definition.echoed ?? []).flatMap((field) => (isEmpty(values[field]) ? [] : [[field, values[field]]])),
  );
  return remember(next, key, {
    ...(definition.echoed ? { planned } : {}),
    ...(password ? { plannedPassword: password.new } : {}),
  });
}

// A field that only initProvider has keeps its observed value in a Terraform plan.
const withIgnoredObserved = ({ values, ignored }: Configuration, recorded: JsonObject): JsonObject => ({
  ...values,
  ...Object.fromEntries([...ignored].map((field) => [field, recorded[field]])),
});

function plainUpdate(resource: AzureResource, changes: Changes, definition: KindDefinition): UpdatePlan {
  const set = Object.fromEntries(
    Object.entries(changes)
      .filter(([, change]) => change.new !== undefined)
      .map(([field, change]) => [field, change.new]),
  );
  const unset = Object.keys(changes).filter((field) => changes[field]?.new === undefined);
  return {
    requests: [{ method: 'PUT', id: resource.id, body: set }],
    effect: { set, unset },
    change: set,
    seconds: definition.seconds.update,
  };
}

/** upjet Delete; a deletion that runs is not repeated. */
export function destroy(
  state: Simulation,
  key: ObjectKey,
  observation: Observation,
  definition: KindDefinition,
): Simulation {
  const { resource } = observation;
  if (!resource || state.memory[key]?.verb === 'delete') return state;
  return start(state, key, 'delete', (current) =>
    begin(current, {
      definition,
      verb: 'delete',
      id: resource.id,
      by: key,
      requests: [{ method: 'DELETE', id: resource.id }],
      effect: { delete: true },
      change: {},
      seconds: definition.seconds.delete,
      ...definition.planDelete?.(resource),
      ...definition.serialise?.(resource.id, observation.config.values, 'delete'),
    }),
  );
}

/** Ends an operation in Azure and, when this provider process still waits for it, calls back as upjet's APICallbacks do. */
export function endOperation(before: Simulation, operationKey: string, failure?: string): Simulation {
  const own = operationKey.startsWith('provider:');
  const ended = own ? endLocal(before, operationKey) : finish(before, operationKey, failure);
  if (!ended) return before;
  const { operation, outcome } = ended;
  const key = operation.by;
  let state = ended.state;
  const memory = key === undefined ? undefined : state.memory[key];
  const object = key === undefined ? undefined : objectAt(state, key);
  if (key === undefined || memory?.operation !== operationKey || !object) return state;
  const definition = definitionOf(object.apiVersion, object.kind);
  const { verb } = operation;
  if (outcome.ok) {
    const id = definition?.id(
      object.metadata.annotations?.[EXTERNAL_NAME] ?? '',
      configurationOf(objectOf(object.spec)).values,
      subscriptionOf(state, object),
    );
    state = remember(state, key, {
      operation: undefined,
      verb: undefined,
      error: undefined,
      ...(verb === 'create' && id !== undefined ? { id } : {}),
      ...(verb === 'delete' ? { deleted: true } : {}),
      ...(verb === 'update' && memory.planned
        ? {
            echo: memory.planned,
            ...(memory.plannedPassword === undefined ? {} : { password: memory.plannedPassword }),
          }
        : {}),
      planned: undefined,
      plannedPassword: undefined,
    });
    return write(state, withConditions(object, state.now, [lastAsyncOperation(), synced(), asyncOperationFinished]));
  }
  const reason =
    outcome.code === 'provider'
      ? outcome.message
      : `${verb === 'create' ? 'failed to create' : verb === 'update' ? 'failed to update' : 'failed to delete'} the resource: ${outcome.code}: ${outcome.message}`;
  const message = `async ${verb} failed: ${reason}`;
  state = remember(state, key, {
    operation: undefined,
    verb: undefined,
    error: message,
    planned: undefined,
    plannedPassword: undefined,
  });
  return write(
    state,
    withConditions(object, state.now, [
      lastAsyncOperation({ verb, message }),
      synced(`${verb} failed: ${message}`),
      asyncOperationFinished,
    ]),
  );
}

function endLocal(state: Simulation, key: string) {
  const operation = state.operations[key];
  return (
    operation && {
      state: { ...state, operations: withEntry(state.operations, key, undefined) },
      operation,
      outcome: operation.outcome,
    }
  );
}

/** The provider process starts anew: what it knew and what waited inside it is gone; what ARM accepted goes on. */
export function restartProvider(state: Simulation): Simulation {
  const operations = Object.fromEntries(
    Object.entries(state.operations).filter(
      ([key, each]) => !(each.by !== undefined && (each.queued || !each.outcome.ok || key.startsWith('provider:'))),
    ),
  );
  return { ...state, memory: {}, operations };
}
