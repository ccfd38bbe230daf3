import { parentId, resourceKey } from './arm-id.ts';
import { conditionOf } from './conditions.ts';
import { objectOf, textOf } from './json.ts';
import { isObjectKind } from './kinds.ts';
import { type KubernetesObject, keyOf, type ObjectKey, type Simulation, type StoredObject } from './state.ts';
import { isUsage, sideOf } from './usage-lookup.ts';

// The last state in which reconciling an object changed nothing.
const quietIn = new WeakMap<StoredObject, Simulation>();

/** Remembers that reconciling this object in this state changed nothing. */
export const noteQuiet = (stored: StoredObject, state: Simulation): void => {
  quietIn.set(stored, state);
};

/** Whether everything that the provider reads for this object is as it was when it last found nothing to do. */
export function isQuiet(state: Simulation, key: ObjectKey): boolean {
  const stored = state.objects[key];
  const last = stored && quietIn.get(stored);
  if (!stored || !last) return false;
  if (last === state) return true;
  const { object } = stored;
  const memory = state.memory[key];
  const same =
    last.memory[key] === memory &&
    last.faults === state.faults &&
    last.outages === state.outages &&
    last.options === state.options &&
    (memory?.operation === undefined || memory.operation in last.operations === memory.operation in state.operations);
  if (!same) return false;
  if (isUsage(object) && object.metadata.deletionTimestamp === undefined)
    return (['of', 'by'] as const).every((side) => {
      const at = sideOf(object, side);
      return at === undefined || last.objects[at] === state.objects[at];
    });
  // Whatever may still have to be looked up can depend on any object and resource.
  const id = idsOf(object);
  if (
    id.length === 0 ||
    object.metadata.deletionTimestamp !== undefined ||
    isObjectKind(object.apiVersion, object.kind)
  ) {
    return last.objects === state.objects && last.resources === state.resources;
  }
  return (
    id.every((each) => last.resources[each] === state.resources[each]) &&
    secretsOf(object).every((each) => last.objects[each] === state.objects[each])
  );
}

const idsBefore = new WeakMap<KubernetesObject, readonly string[]>();

/** The resources that an observed object depends on: those of its Terraform id, and for a parameter its server. */
function idsOf(object: KubernetesObject): readonly string[] {
  const known = idsBefore.get(object);
  if (known) return known;
  const ids = readIds(object);
  idsBefore.set(object, ids);
  return ids;
}

function readIds(object: KubernetesObject): string[] {
  const spec = objectOf(object.spec);
  if (conditionOf(object, 'Synced')?.status !== 'True' || JSON.stringify(spec).includes('"resolve":"Always"'))
    return [];
  const id = textOf(objectOf(objectOf(object.status).atProvider).id);
  return id === '' ? [] : id.split('|').flatMap((each) => [resourceKey(each), resourceKey(parentId(each) ?? each)]);
}

const secretsOf = (object: KubernetesObject): ObjectKey[] => {
  const spec = objectOf(object.spec);
  return [
    spec.writeConnectionSecretToRef,
    objectOf(spec.forProvider).administratorPasswordSecretRef,
    objectOf(spec.initProvider).administratorPasswordSecretRef,
  ]
    .map(objectOf)
    .filter((each) => each.name !== undefined)
    .map((each) =>
      keyOf({
        apiVersion: 'v1',
        kind: 'Secret',
        namespace: textOf(each.namespace) || (object.metadata.namespace ?? 'default'),
        name: textOf(each.name),
      }),
    );
};
