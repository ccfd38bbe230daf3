import { EMPTY, type Key } from './keys.ts';

/** The fields of one object in the order of the bytes: entry i of `keys` names entry i of `values`. */
export interface Fields {
  readonly keys: (Key | string)[];
  readonly values: unknown[];
}

/** A set of keys seen together, sorted, and an object that has them all, to be cloned. */
interface Shape {
  readonly keys: readonly Key[];
  readonly template: Readonly<Record<string, unknown>>;
}

// Bounded, and overwritten on a clash: no input makes it grow or spoils it for good.
const SHAPE_MASK = 2047;
/** Objects with more keys are maps, whose keys do not come again, rather than records. */
const MAX_SHAPE_KEYS = 64;
/** Up to this many keys assigning them to a new object is faster than to the clone of one that has them. */
const FEW = 12;
const shapes: (Shape | undefined)[] = new Array(SHAPE_MASK + 1).fill(undefined);

/**
 * Removes the `count` fields from index `base` on and returns them as one object. Its keys are sorted whatever the order of
 * the bytes: protobuf-go marshals maps in random order, and objects that get their keys in ever new orders get ever new
 * hidden classes, which makes both building and reading them slow. Of a key that comes twice the last value counts.
 *
 * A factory made with `new Function` per set of keys was measured at 0.95 of the time of decoding 30 resources this way
 * (node 20), which is not worth generating code from the keys of a request.
 */
export function buildObject(fields: Fields, base: number, count: number): Record<string, unknown> {
  if (count > MAX_SHAPE_KEYS) return buildFromTexts(fields, base, count);
  const { keys, values } = fields;
  let sum = count;
  for (let index = base; index < base + count; index++) {
    const key = keys[index] as Key | string; // the caller put `count` fields there
    if (typeof key === 'string') return buildFromTexts(fields, base, count);
    sum = (sum + key.mark) | 0;
  }
  for (let index = base; index < base + count; index++) {
    (keys[index] as Key).slot = values[index]; // not a string: the loop above would have returned
    values[index] = undefined;
  }
  const place = (sum ^ (sum >>> 16)) & SHAPE_MASK;
  const known = shapes[place];
  if (known !== undefined && fits(known, count)) return fill(known);
  const entries = new Map<string, unknown>();
  const distinct: Key[] = [];
  for (let index = base; index < base + count; index++) {
    const key = keys[index] as Key; // not a string either
    // A key that has come before has an empty slot by now, and its last value is in the entries.
    if (key.slot === EMPTY) continue;
    entries.set(key.text, key.slot);
    key.slot = EMPTY;
    distinct.push(key);
  }
  // A key that comes twice is not a shape to remember; it may even be two keys, if the first was forgotten in between.
  if (entries.size === count) shapes[place] = createShape(distinct);
  return sortedObject(entries);
}

/** As many keys as fields, and every key has a value: then they are the same keys, each once. */
function fits(shape: Shape, count: number): boolean {
  if (shape.keys.length !== count) return false;
  for (const key of shape.keys) {
    if (key.slot === EMPTY) return false;
  }
  return true;
}

function fill({ keys, template }: Shape): Record<string, unknown> {
  const object: Record<string, unknown> = keys.length > FEW ? { ...template } : {};
  for (const key of keys) {
    object[key.text] = key.slot;
    key.slot = EMPTY;
  }
  return object;
}

function createShape(distinct: readonly Key[]): Shape {
  const keys = [...distinct].sort((a, b) => (a.text < b.text ? -1 : 1));
  // V8 turns an object into a hash table at 18 assignments or so; JSON.parse makes, and cloning keeps, a hidden class.
  const template: Record<string, unknown> = JSON.parse(
    `{${keys.map(({ text }) => `${JSON.stringify(text)}:null`).join()}}`,
  );
  return { keys, template };
}

function buildFromTexts({ keys, values }: Fields, base: number, count: number): Record<string, unknown> {
  const entries = new Map<string, unknown>();
  for (let index = base; index < base + count; index++) {
    const key = keys[index] as Key | string; // the caller put `count` fields there
    entries.set(typeof key === 'string' ? key : key.text, values[index]);
    values[index] = undefined;
  }
  return sortedObject(entries);
}

/** An ordinary object with the entries, keys sorted. `__proto__` becomes a key like any other. */
export function sortedObject<T>(entries: ReadonlyMap<string, T>): Record<string, T> {
  const object: Record<string, T> = {};
  for (const key of [...entries.keys()].sort()) {
    const value = entries.get(key) as T; // `key` is one of the keys
    if (key === '__proto__') {
      Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
    } else {
      object[key] = value;
    }
  }
  return object;
}
