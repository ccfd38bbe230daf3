import type { Resource } from '@crossplane-org/function-sdk-typescript';
import { internKey } from './keys.ts';
import { sourceOf } from './lazy.ts';
import { malformed, type Reader, readEnd, readEntry, readString, readTag, skip } from './reader.ts';
import { KUBERNETES_OBJECT, METADATA, PLAIN, type Role, readOneValue } from './struct-reader.ts';

/**
 * The fields to pick from an object: `true` takes the whole value, `word` as well, but remembers a short text as keys are remembered,
 * which is for the few values that come in every resource; a nested mask goes into an object, and one in brackets into every object
 * of a list.
 */
export interface FieldMask {
  readonly [field: string]: true | 'word' | FieldMask | readonly [FieldMask];
}

/** A field of a mask with what finding it in bytes takes. */
interface Wanted {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** What is wanted of its value; undefined for all of it. */
  readonly nested: Wanting | undefined;
  /** How the value must begin for what is wanted to be in it: the tag of a google.protobuf.Value. */
  readonly tag: number;
  readonly isWord: boolean;
}

/** A mask, prepared. */
interface Wanting {
  /** Sorted by name. */
  readonly fields: readonly Wanted[];
  /** For every hash of a key the first field that has it, and for every field the next one with the same hash; -1 for none. */
  readonly first: Int16Array;
  readonly next: Int16Array;
}

/**
 * The fields of `resource` that `mask` names, as an object with sorted keys. A field that the resource does not have, or
 * that is not an object where the mask nests, is left out; an object that has none of the nested fields is `{}`. Picking
 * from a resource that nobody has decoded reads past everything else without decoding it, so malformed bytes there are no
 * error. The result may share values with the resource: treat it as read-only. A mask that is a constant is prepared once.
 */
export function pick(resource: Resource, mask: FieldMask): Record<string, unknown> {
  const source = sourceOf(resource);
  if (source === undefined || source.resourceTaken) {
    return isObject(resource.resource) ? pickFromObject(resource.resource, prepared(mask), KUBERNETES_OBJECT) : {};
  }
  const { reader, structStart, structEnd } = source;
  if (structStart < 0) return {};
  reader.pos = structStart;
  return pickFromBytes(reader, structEnd, prepared(mask), 1, KUBERNETES_OBJECT);
}

const masks = new WeakMap<FieldMask, Wanting>();

function prepared(mask: FieldMask): Wanting {
  let wanting = masks.get(mask);
  if (wanting === undefined) {
    wanting = prepare(mask);
    masks.set(mask, wanting);
  }
  return wanting;
}

function wantedOf(mask: FieldMask[string]): Pick<Wanted, 'nested' | 'tag' | 'isWord'> {
  if (mask === true || mask === 'word') return { nested: undefined, tag: STRING, isWord: mask === 'word' };
  return isList(mask)
    ? { nested: prepare(mask[0]), tag: LIST, isWord: false }
    : { nested: prepare(mask), tag: STRUCT, isWord: false };
}

// Array.isArray does not tell a read-only list from an object.
const isList = (mask: FieldMask | readonly [FieldMask]): mask is readonly [FieldMask] => Array.isArray(mask);

const HASHES = 256;

/** Of a key from `start` to `end`: its length, its first and its last byte tell nearly all keys of Kubernetes apart. */
function hash(bytes: Uint8Array, start: number, end: number): number {
  if (start === end) return 0;
  return ((end - start) * 3 + (bytes[start] ?? 0) * 5 + (bytes[end - 1] ?? 0) * 11) & (HASHES - 1);
}

function prepare(mask: FieldMask): Wanting {
  const fields = Object.entries(mask)
    .map(([name, mask]) => ({ name, bytes: Buffer.from(name), ...wantedOf(mask) }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const first = new Int16Array(HASHES).fill(-1);
  const next = new Int16Array(fields.length).fill(-1);
  for (const [index, { bytes }] of fields.entries()) {
    const place = hash(bytes, 0, bytes.length);
    next[index] = first[place] ?? -1;
    first[place] = index;
  }
  return { fields, first, next };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function setOwn(object: Record<string, unknown>, name: string, value: unknown): void {
  if (name === '__proto__') {
    Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
  } else {
    object[name] = value;
  }
}

function roleOf(parent: Role, name: string): Role {
  return parent === KUBERNETES_OBJECT && name === 'metadata' ? METADATA : PLAIN;
}

function pickFromObject(object: Record<string, unknown>, { fields }: Wanting, role: Role): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const wanted of fields) {
    const { name } = wanted;
    if (!Object.hasOwn(object, name) || (role === METADATA && name === 'managedFields')) continue;
    const value = prune(object[name], wanted, roleOf(role, name));
    if (value !== undefined) setOwn(result, name, value);
  }
  return result;
}

/** What `wanted` leaves of a decoded value. */
function prune(value: unknown, { nested, tag }: Wanted, role: Role): unknown {
  if (nested !== undefined && tag === LIST)
    return Array.isArray(value)
      ? value.map((element: unknown) => (isObject(element) ? pickFromObject(element, nested, PLAIN) : null))
      : undefined;
  if (nested !== undefined) return isObject(value) ? pickFromObject(value, nested, role) : undefined;
  if (role !== METADATA || !isObject(value) || !Object.hasOwn(value, 'managedFields')) return value;
  const { managedFields: _, ...rest } = value;
  return rest;
}

function pickFromBytes(
  reader: Reader,
  end: number,
  wanting: Wanting,
  level: number,
  role: Role,
): Record<string, unknown> {
  if (level > reader.maxDepth) throw malformed(reader.pos, `JSON is nested deeper than ${reader.maxDepth} levels`);
  const { bytes } = reader;
  const { fields } = wanting;
  const values: unknown[] = new Array(fields.length).fill(undefined);
  while (reader.pos < end) {
    if (bytes[reader.pos] === 0x0a) {
      reader.pos++;
    } else {
      const tag = readTag(reader, end);
      if (tag !== 0x0a) {
        skip(reader, tag & 7, end);
        continue;
      }
    }
    const entryEnd = readEnd(reader, end);
    const index = findEntry(wanting, reader, entryEnd);
    if (index < 0) {
      reader.pos = entryEnd;
      continue;
    }
    const wanted = fields[index];
    if (wanted === undefined || reader.valueStart < 0) continue;
    if (role === METADATA && wanted.name === 'managedFields') continue;
    const value = pickValue(reader, wanted, level, roleOf(role, wanted.name));
    // A Value that holds nothing is no field, and does not replace one.
    if (value !== NOTHING) values[index] = value;
    reader.pos = entryEnd;
  }
  const result: Record<string, unknown> = {};
  for (let index = 0; index < values.length; index++) {
    const name = fields[index]?.name;
    if (name !== undefined && values[index] !== undefined) setOwn(result, name, values[index]);
  }
  return result;
}

const NOTHING = Symbol('nothing');

/** Tags of a google.protobuf.Value that holds a string, an object or a list. */
const STRING = 0x1a;
const STRUCT = 0x2a;
const LIST = 0x32;

/** The wanted part of the value that `readEntry` found; undefined when the mask does not fit it. */
function pickValue(reader: Reader, wanted: Wanted, level: number, role: Role): unknown {
  const { bytes, valueStart, valueEnd } = reader;
  const { nested, tag } = wanted;
  if (valueStart < valueEnd && bytes[valueStart] === tag) {
    reader.pos = valueStart + 1;
    // Most values: one of the wanted kind, and nothing else.
    if (readEnd(reader, valueEnd) === valueEnd) {
      if (nested === undefined) {
        const key = wanted.isWord ? internKey(reader, reader.pos, valueEnd) : undefined;
        return key?.text ?? readString(reader, reader.pos, valueEnd);
      }
      if (tag === LIST) return pickFromList(reader, valueEnd, nested, level + 1);
      return pickFromBytes(reader, valueEnd, nested, level + 1, role);
    }
  }
  const value = readOneValue(reader, valueStart, valueEnd, level, role);
  return value === undefined ? NOTHING : prune(value, wanted, role);
}

/** What is wanted of every object in a list; null for what is no object. */
function pickFromList(reader: Reader, end: number, nested: Wanting, level: number): unknown[] {
  const list: unknown[] = [];
  const element: Wanted = { name: '', bytes: EMPTY_NAME, nested, tag: STRUCT, isWord: false };
  if (level > reader.maxDepth) throw malformed(reader.pos, `JSON is nested deeper than ${reader.maxDepth} levels`);
  while (reader.pos < end) {
    const tag = readTag(reader, end);
    if (tag !== 0x0a) {
      skip(reader, tag & 7, end);
      continue;
    }
    const elementEnd = readEnd(reader, end);
    reader.valueStart = reader.pos;
    reader.valueEnd = elementEnd;
    const value = pickValue(reader, element, level, PLAIN);
    list.push(value === NOTHING || value === undefined ? null : value);
    reader.pos = elementEnd;
  }
  return list;
}

const EMPTY_NAME = new Uint8Array();

/**
 * The index of the wanted field that the entry at `pos` holds, with its value in the reader; -1 for none. Most entries plainly start with
 * their key: of those that nobody wants, and most are, nothing else is looked at.
 */
function findEntry(wanting: Wanting, reader: Reader, entryEnd: number): number {
  const { bytes, pos } = reader;
  const length = bytes[pos + 1] ?? 0x80;
  const keyEnd = pos + 2 + length;
  if (bytes[pos] !== 0x0a || length >= 0x80 || keyEnd > entryEnd) return findUnusual(wanting, reader, entryEnd);
  const index = find(wanting, bytes, pos + 2, keyEnd);
  if (index < 0) return index;
  if (keyEnd < entryEnd && bytes[keyEnd] === 0x12) {
    reader.pos = keyEnd + 1;
    reader.valueEnd = readEnd(reader, entryEnd);
    reader.valueStart = reader.pos;
    if (reader.valueEnd === entryEnd) {
      reader.pos = entryEnd;
      return index;
    }
    reader.pos = pos;
  }
  return findUnusual(wanting, reader, entryEnd);
}

/** The same for an entry that holds anything else than a short key and then a value. */
function findUnusual(wanting: Wanting, reader: Reader, entryEnd: number): number {
  readEntry(reader, entryEnd);
  return find(wanting, reader.bytes, reader.keyStart, reader.keyEnd);
}

/** The index of the field that is called as the bytes say; -1 for none. */
function find({ fields, first, next }: Wanting, bytes: Uint8Array, keyStart: number, keyEnd: number): number {
  const length = keyEnd - keyStart;
  let index = first[hash(bytes, keyStart, keyEnd)] ?? -1;
  candidates: for (; index >= 0; index = next[index] ?? -1) {
    const key = fields[index]?.bytes;
    if (key?.length !== length) continue;
    for (let at = 0; at < length; at++) {
      if (key[at] !== bytes[keyStart + at]) continue candidates;
    }
    return index;
  }
  return -1;
}
