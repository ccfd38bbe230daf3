import {
  type Condition,
  creating,
  deleting,
  lastAsyncOperation,
  paused,
  synced,
  withConditions,
} from './conditions.ts';
import type { KindDefinition } from './kind.ts';
import { definitionOf } from './kinds.ts';
import { drop, hasFinalizer, objectAt, withoutFinalizer, write } from './objects.ts';
import { annotated, EXTERNAL_NAME, type Observation, observe } from './observe.ts';
import { policiesOf } from './policies.ts';
import { remember } from './provider-memory.ts';
import { create, destroy, update } from './provider-operations.ts';
import { generatePassword, publishConnection } from './provider-secrets.ts';
import { resolveReferences } from './references.ts';
import { type KubernetesObject, type ObjectKey, type Simulation, timestamp } from './state.ts';

/**
 * One managed resource of provider-upjet-azure: the managed reconciler of crossplane-runtime v2.3.3 around the asynchronous external
 * client of upjet (external_async_tfpluginsdk.go, external_tfpluginsdk.go), step by step.
 */
export const FINALIZER = 'finalizer.managedresource.crossplane.io';

/** Writes conditions with the generation, as the runtime does. */
const mark = (state: Simulation, object: KubernetesObject, ...conditions: readonly Condition[]): Simulation =>
  write(state, withConditions(object, state.now, conditions, object.metadata.generation));

const release = (state: Simulation, key: ObjectKey): Simulation => {
  const object = objectAt(state, key);
  if (!object) return state;
  return hasFinalizer(object, FINALIZER)
    ? withoutFinalizer(state, key, FINALIZER)
    : (object.metadata.finalizers ?? []).length === 0
      ? drop(state, key)
      : state;
};

/** Reconciles one managed resource once. Gives the same state when nothing is to be done. */
export function reconcileManaged(before: Simulation, key: ObjectKey): Simulation {
  const found = objectAt(before, key);
  const definition = found && definitionOf(found.apiVersion, found.kind);
  if (!found || !definition) return before;
  const policies = policiesOf(found);
  let state = before;
  let object = found;
  if (policies.paused || object.metadata.annotations?.['crossplane.io/paused'] === 'true')
    return mark(state, object, paused);
  if (policies.error) return mark(state, object, synced(policies.error));
  const deleted = object.metadata.deletionTimestamp !== undefined;
  if (deleted && !policies.allows('Delete')) return release(state, key);

  // Initializers: NameAsExternalName where the name is ours, the password generator.
  if (definition.naming === 'external-name') {
    state = write(
      state,
      annotated(object, object.metadata.annotations?.[EXTERNAL_NAME] ? {} : { [EXTERNAL_NAME]: object.metadata.name }),
    );
  }
  state = generatePassword(state, object);
  object = objectAt(state, key) ?? object;

  if (!deleted) {
    const resolved = resolveReferences(state, object, definition);
    if (resolved.error) return mark(state, object, synced(resolved.error));
    state = write(state, { ...object, spec: resolved.spec });
    object = objectAt(state, key) ?? object;
  }

  const memory = state.memory[key] ?? {};
  if (memory.operation !== undefined && state.operations[memory.operation]) {
    // upjet: an operation that runs counts as existing and up to date; a second one is not started.
    if (!deleted) return mark(state, object, synced());
    const running = memory.verb === 'delete' ? undefined : `delete failed: ${memory.verb} operation is still running`;
    return mark(state, object, deleting, synced(running));
  }

  const observation = observe(state, key, object, definition, policies);
  if (observation === 'panic') return state;
  if ('error' in observation) return mark(observation.state, object, synced(observation.error));
  state = observation.state;
  if (!observation.resource && policies.observeOnly) {
    return deleted
      ? release(state, key)
      : mark(state, object, synced('observe failed: external resource does not exist'));
  }

  if (deleted) {
    const others = (object.metadata.finalizers ?? []).filter((each) => each !== FINALIZER);
    if (others.length > 0) return state;
    if (!observation.resource) return release(state, key);
    const error = state.memory[key]?.error;
    const next = destroy(state, key, observation, definition);
    return mark(
      next,
      observation.object,
      deleting,
      synced(error === undefined ? undefined : `delete failed: ${error}`),
    );
  }

  // The Terraform state's: what was last applied, not what is wished for (upjet, GetConnectionDetails of the refreshed state).
  const password = observation.password?.old;
  if (observation.resource)
    state = publishConnection(state, object, definition.connection?.(observation.resource, password) ?? {});
  state = addFinalizer(state, key);
  const finalizers = objectAt(state, key)?.metadata.finalizers;
  object = finalizers
    ? { ...observation.object, metadata: { ...observation.object.metadata, finalizers } }
    : observation.object;

  if (!observation.resource && policies.allows('Create'))
    return createAndMark(state, key, object, observation, definition);
  if (!observation.resource) {
    // [Observe, Update] on a lost server: an update against nothing, and a misleading force-new message (seen live, External names).
    const message =
      'update failed: async update failed: refuse to update the external resource because the following update requires replacing it: cannot change the value of the argument "resource_group_name"';
    return policies.allows('Update') ? mark(state, object, synced(message)) : mark(state, object, synced());
  }
  if (observation.lateInitialised) {
    state = write(state, object);
    object = objectAt(state, key) ?? object;
  }
  if (Object.keys(observation.changes).length === 0) {
    const settled = withConditions(object, state.now, [lastAsyncOperation(), synced()]);
    return mark(remember(state, key, { error: undefined }), settled, synced());
  }
  if (!policies.allows('Update')) return mark(state, object, synced());
  const error = state.memory[key]?.error;
  const next = update(state, key, observation, definition);
  return mark(next, object, synced(error === undefined ? undefined : `update failed: ${error}`));
}

function createAndMark(
  state: Simulation,
  key: ObjectKey,
  object: KubernetesObject,
  observation: Observation,
  definition: KindDefinition,
): Simulation {
  const error = state.memory[key]?.error;
  const stamps = {
    'crossplane.io/external-create-pending': timestamp(state.now),
    // Stamped when the asynchronous create starts (seen live, External names).
    ...(error === undefined
      ? { 'crossplane.io/external-create-succeeded': timestamp(state.now) }
      : { 'crossplane.io/external-create-failed': timestamp(state.now) }),
  };
  const next = create(state, key, observation, definition);
  return mark(
    next,
    annotated(object, stamps),
    creating,
    synced(error === undefined ? undefined : `create failed: ${error}`),
  );
}

function addFinalizer(state: Simulation, key: ObjectKey): Simulation {
  const object = objectAt(state, key);
  if (!object || hasFinalizer(object, FINALIZER)) return state;
  return write(state, {
    ...object,
    metadata: { ...object.metadata, finalizers: [...(object.metadata.finalizers ?? []), FINALIZER] },
  });
}

/** Whether the object is one that this file reconciles. */
export const isManaged = (object: KubernetesObject): boolean =>
  definitionOf(object.apiVersion, object.kind) !== undefined;
