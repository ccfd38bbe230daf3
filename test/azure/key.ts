import { createHash } from 'node:crypto';
import { canonical, type Json } from './json.ts';
import type { Simulation } from './state.ts';

/** Fields that only say when something happened. */
const clockReadings = new Set([
  'lastTransitionTime',
  'creationTimestamp',
  'until',
  'completedTime',
  'crossplane.io/external-create-pending',
  'crossplane.io/external-create-succeeded',
  'crossplane.io/external-create-failed',
]);

const withoutClock = (key: string, value: Json): Json | undefined =>
  clockReadings.has(key) ? undefined : key === 'deletionTimestamp' ? true : value;

// Unchanged parts are the same objects from state to state: each is digested once.
const digests = new WeakMap<object, string>();

function digest(part: object): string {
  const known = digests.get(part);
  if (known !== undefined) return known;
  const made = createHash('sha1')
    // Every part of a Simulation is plain JSON.
    .update(canonical(part as Json, withoutClock))
    .digest('base64');
  digests.set(part, made);
  return made;
}

const entries = (record: { readonly [key: string]: object }): string =>
  Object.keys(record)
    .sort()
    .map((key) => `${key}=${digest(record[key] ?? {})}`)
    .join('\n');

/**
 * A short text that is equal for states that differ only in clock readings and in what the last step sent: the time, times of
 * conditions and creation, the end of operations (which a model checker lets end in any order).
 */
export function stateKey(state: Simulation): string {
  const parts = [
    entries(state.objects),
    entries(state.memory),
    entries(state.resources),
    entries(state.operations),
    digest(state.incarnations),
    digest(state.faults),
    digest(state.outages),
    digest(state.options),
  ];
  return createHash('sha1').update(parts.join('\n\n')).digest('base64');
}
