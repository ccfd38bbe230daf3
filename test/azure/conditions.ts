import { isObject, type JsonObject, listOf, numberOf, objectOf } from './json.ts';
import { type KubernetesObject, timestamp } from './state.ts';

/** Conditions as crossplane-runtime v2.3 and upjet v2 write them. */
export type Condition = {
  readonly type: string;
  readonly status: 'True' | 'False';
  readonly reason: string;
  readonly message?: string;
};

export const synced = (error?: string): Condition =>
  error === undefined
    ? { type: 'Synced', status: 'True', reason: 'ReconcileSuccess' }
    : { type: 'Synced', status: 'False', reason: 'ReconcileError', message: error };

export const paused: Condition = {
  type: 'Synced',
  status: 'False',
  reason: 'ReconcilePaused',
  message: 'Reconciliation is paused either through the `spec.managementPolicies` or the pause annotation',
};

export const available: Condition = { type: 'Ready', status: 'True', reason: 'Available' };
export const creating: Condition = { type: 'Ready', status: 'False', reason: 'Creating' };
export const deleting: Condition = { type: 'Ready', status: 'False', reason: 'Deleting' };
export const unavailable = (message: string): Condition => ({
  type: 'Ready',
  status: 'False',
  reason: 'Unavailable',
  message,
});

const failureReasons = {
  create: 'AsyncCreateFailure',
  update: 'AsyncUpdateFailure',
  delete: 'AsyncDeleteFailure',
} as const;

/** upjet pkg/resource/conditions.go LastAsyncOperationCondition. */
export const lastAsyncOperation = (failure?: {
  readonly verb: keyof typeof failureReasons;
  readonly message: string;
}): Condition =>
  failure === undefined
    ? { type: 'LastAsyncOperation', status: 'True', reason: 'Success' }
    : { type: 'LastAsyncOperation', status: 'False', reason: failureReasons[failure.verb], message: failure.message };

export const asyncOperationFinished: Condition = { type: 'AsyncOperation', status: 'True', reason: 'Finished' };

/** The condition of this type, undefined when there is none. */
export function conditionOf(object: KubernetesObject, type: string): JsonObject | undefined {
  return listOf(objectOf(object.status).conditions)
    .filter(isObject)
    .find((each) => each.type === type);
}

/**
 * Sets conditions. One that says the same as before keeps its time; a generation counts only where both have one
 * (crossplane apis core/v2 Condition.Equal). `generation` is given by the runtime's MarkConditions and not by upjet itself.
 */
export function withConditions(
  object: KubernetesObject,
  now: number,
  conditions: readonly Condition[],
  generation?: number,
): KubernetesObject {
  const status = objectOf(object.status);
  const before = listOf(status.conditions).map(objectOf);
  let after = before;
  for (const condition of conditions) {
    const next: JsonObject = {
      ...condition,
      lastTransitionTime: timestamp(now),
      ...(generation === undefined ? {} : { observedGeneration: generation }),
    };
    const at = after.findIndex((each) => each.type === condition.type);
    const old = after[at];
    if (old && sameCondition(old, next)) continue;
    after = old ? after.with(at, next) : [...after, next];
  }
  return after === before ? object : { ...object, status: { ...status, conditions: after } };
}

function sameCondition(a: JsonObject, b: JsonObject): boolean {
  const [x, y] = [numberOf(a.observedGeneration), numberOf(b.observedGeneration)];
  return (
    a.status === b.status &&
    a.reason === b.reason &&
    (a.message ?? '') === (b.message ?? '') &&
    (x === 0 || y === 0 || x === y)
  );
}
