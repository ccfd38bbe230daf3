import { createHash } from 'node:crypto';
import { canonical, type Json } from './json.ts';
import type { Simulation } from './state.ts';

/**
 * Hash consing: equal parts of different worlds become the same object, so that whatever was found out about one of them (its digest, that
 * its provider has nothing to do, what the function answers) holds for all at the price of a look-up.
 */
const known = new Map<string, object>();
const own = new WeakMap<object, number>();
let last = 0;

/** The one object that stands for everything that is equal to this, times included. */
export function same<T extends object>(part: T): T {
  if (own.has(part)) return part;
  // Every part of a Simulation is plain JSON.
  const text = canonical(part as Json);
  const key = text.length > 64 ? createHash('sha1').update(text).digest('base64') : text;
  const first = known.get(key);
  // Equal text was made from an equal part, so it has the same type.
  if (first !== undefined) return first as T;
  known.set(key, part);
  own.set(part, ++last);
  return part;
}

/** A number that two parts have in common exactly when they are equal. */
export const identity = (part: object): number => own.get(same(part)) ?? 0;

type Entries = { readonly [key: string]: object };

function sharedEntries<T extends Entries>(record: T): T {
  const changed = Object.entries(record).flatMap(([key, part]) => (same(part) === part ? [] : [[key, same(part)]]));
  return changed.length === 0 ? record : { ...record, ...Object.fromEntries(changed) };
}

/** The same state, sharing all that it has in common with any other. */
export const shared = (sim: Simulation): Simulation => ({
  ...sim,
  objects: sharedEntries(sim.objects),
  memory: sharedEntries(sim.memory),
  resources: sharedEntries(sim.resources),
  operations: sharedEntries(sim.operations),
  incarnations: same(sim.incarnations),
  faults: same(sim.faults),
  outages: same(sim.outages),
  options: same(sim.options),
});
