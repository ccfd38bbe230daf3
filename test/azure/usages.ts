import { available, withConditions } from './conditions.ts';
import { objectOf } from './json.ts';
import { DELETION_ATTEMPT, hasFinalizer, IN_USE, objectAt, remove, withoutFinalizer, write } from './objects.ts';
import type { KubernetesObject, ObjectKey, Simulation } from './state.ts';
import { sideOf, usagesOf } from './usage-lookup.ts';

/** Crossplane's controller of Usages: core v2.3.4, internal/controller/protection/usage/reconciler.go. */
const FINALIZER = 'usage.apiextensions.crossplane.io';

const labelled = (object: KubernetesObject, inUse: boolean): KubernetesObject => {
  const { labels = {}, ...metadata } = object.metadata;
  const kept = Object.fromEntries(Object.entries(labels).filter(([label]) => label !== IN_USE));
  return { ...object, metadata: { ...metadata, labels: inUse ? { ...kept, [IN_USE]: 'true' } : kept } };
};

/** Reconciles one Usage once. Gives the same state when nothing is to be done. */
export function reconcileUsage(state: Simulation, key: ObjectKey): Simulation {
  const usage = objectAt(state, key);
  const of = usage && sideOf(usage, 'of');
  if (!usage || of === undefined) return state;
  const by = sideOf(usage, 'by');
  return usage.metadata.deletionTimestamp === undefined
    ? protect(state, key, of, by)
    : letGo(state, key, usage, of, by);
}

function protect(before: Simulation, key: ObjectKey, of: ObjectKey, by: ObjectKey | undefined): Simulation {
  let state = before;
  const update = (change: (usage: KubernetesObject) => KubernetesObject): void => {
    const usage = objectAt(state, key);
    if (usage) state = write(state, change(usage));
  };
  update((usage) =>
    hasFinalizer(usage, FINALIZER)
      ? usage
      : { ...usage, metadata: { ...usage.metadata, finalizers: [...(usage.metadata.finalizers ?? []), FINALIZER] } },
  );
  const used = objectAt(state, of);
  if (!used) return state;
  if (used.metadata.labels?.[IN_USE] !== 'true') state = write(state, labelled(used, true));
  if (by !== undefined) {
    const using = objectAt(state, by);
    if (!using) return state;
    update((usage) => owned(usage, using));
  }
  update((usage) => withConditions(usage, state.now, [available]));
  return state;
}

/** The user becomes an owner, so that the Usage is collected as soon as XR and user are gone. */
function owned(usage: KubernetesObject, { apiVersion, kind, metadata }: KubernetesObject): KubernetesObject {
  const owners = usage.metadata.ownerReferences ?? [];
  if (owners.some(({ uid }) => uid === metadata.uid)) return usage;
  const owner = { apiVersion, kind, name: metadata.name, uid: metadata.uid };
  return { ...usage, metadata: { ...usage.metadata, ownerReferences: [...owners, owner] } };
}

function letGo(
  before: Simulation,
  key: ObjectKey,
  usage: KubernetesObject,
  of: ObjectKey,
  by: ObjectKey | undefined,
): Simulation {
  const composed = usage.metadata.labels?.['crossplane.io/composite'] !== undefined;
  if (composed && by !== undefined && objectAt(before, by)) return before;
  let state = before;
  const used = objectAt(state, of);
  if (used && usagesOf(state, of).length < 2) state = write(state, labelled(used, false));
  state = withoutFinalizer(state, key, FINALIZER);
  const replays = objectOf(usage.spec).replayDeletion === true;
  return replays && used?.metadata.annotations?.[DELETION_ATTEMPT] !== undefined ? remove(state, of) : state;
}
