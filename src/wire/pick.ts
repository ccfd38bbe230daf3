import type { Resource } from '@crossplane-org/function-sdk-typescript';
import { sourceOf } from './lazy.ts';
import { malformed, type Reader, readEnd, readEntry, readTag, skip } from './reader.ts';
import { KUBERNETES_OBJECT, METADATA, PLAIN, type Role, readOneValue } from './struct-reader.ts';

/** The fields to pick from an object: `true` takes the whole value, a nested mask goes into an object. */
export interface FieldMask {
  readonly [field: string]: true | FieldMask;
}

/** A field of a mask with what finding it in bytes takes. */
interface Wanted {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly mask: true | FieldMask;
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
    return isObject(resource.resource) ? pickFromObject(resource.resource, mask, KUBERNETES_OBJECT) : {};
  }
  const { reader, structStart, structEnd } = source;
  if (structStart < 0) return {};
  reader.pos = structStart;
  return pickFromBytes(reader, structEnd, mask, 1, KUBERNETES_OBJECT);
}

const compiled = new WeakMap<FieldMask, readonly Wanted[]>();

function compile(mask: FieldMask): readonly Wanted[] {
  let wanted = compiled.get(mask);
  if (wanted === undefined) {
    wanted = Object.entries(mask)
      .map(([name, nested]) => ({ name, bytes: Buffer.from(name), mask: nested }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
    compiled.set(mask, wanted);
  }
  return wanted;
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

function pickFromObject(object: Record<string, unknown>, mask: FieldMask, role: Role): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const wanted of compile(mask)) {
    const { name } = wanted;
    if (!Object.hasOwn(object, name) || (role === METADATA && name === 'managedFields')) continue;
    const value = prune(object[name], wanted, roleOf(role, name));
    if (value !== undefined) setOwn(result, name, value);
  }
  return result;
}

/** What `wanted` leaves of a decoded value. */
function prune(value: unknown, { mask }: Wanted, role: Role): unknown {
  if (mask !== true) return isObject(value) ? pickFromObject(value, mask, role) : undefined;
  if (role !== METADATA || !isObject(value) || !Object.hasOwn(value, 'managedFields')) return value;
  const { managedFields: _, ...rest } = value;
  return rest;
}

function pickFromBytes(
  reader: Reader,
  end: number,
  mask: FieldMask,
  level: number,
  role: Role,
): Record<string, unknown> {
  if (level > reader.maxDepth) throw malformed(reader.pos, `JSON is nested deeper than ${reader.maxDepth} levels`);
  const allWanted = compile(mask);
  const values: unknown[] = new Array(allWanted.length).fill(undefined);
  while (reader.pos < end) {
    const tag = readTag(reader, end);
    if (tag !== 0x0a) {
      skip(reader, tag & 7, end);
      continue;
    }
    const entryEnd = readEnd(reader, end);
    if (isUnwanted(allWanted, reader, entryEnd)) {
      reader.pos = entryEnd;
      continue;
    }
    readEntry(reader, entryEnd);
    const index = find(allWanted, reader.bytes, reader.keyStart, reader.keyEnd);
    const wanted = allWanted[index];
    if (wanted === undefined || reader.valueStart < 0) continue;
    if (role === METADATA && wanted.name === 'managedFields') continue;
    const value = pickValue(reader, wanted, level, roleOf(role, wanted.name));
    // A Value that holds nothing is no field, and does not replace one.
    if (value !== NOTHING) values[index] = value;
    reader.pos = entryEnd;
  }
  const result: Record<string, unknown> = {};
  for (let index = 0; index < values.length; index++) {
    const name = allWanted[index]?.name;
    if (name !== undefined && values[index] !== undefined) setOwn(result, name, values[index]);
  }
  return result;
}

const NOTHING = Symbol('nothing');

/** The wanted part of the value that `readEntry` found; undefined when the mask does not fit it. */
function pickValue(reader: Reader, wanted: Wanted, level: number, role: Role): unknown {
  const { bytes, valueStart, valueEnd } = reader;
  if (wanted.mask !== true && valueStart < valueEnd && bytes[valueStart] === 0x2a) {
    reader.pos = valueStart + 1;
    if (readEnd(reader, valueEnd) === valueEnd) return pickFromBytes(reader, valueEnd, wanted.mask, level + 1, role);
  }
  const value = readOneValue(reader, valueStart, valueEnd, level, role);
  return value === undefined ? NOTHING : prune(value, wanted, role);
}

/** Whether the entry at `pos` plainly starts with a key that nobody wants: most do, and their values need no look. */
function isUnwanted(allWanted: readonly Wanted[], { bytes, pos }: Reader, entryEnd: number): boolean {
  const length = bytes[pos + 1] ?? 0x80;
  const keyEnd = pos + 2 + length;
  return bytes[pos] === 0x0a && length < 0x80 && keyEnd <= entryEnd && find(allWanted, bytes, pos + 2, keyEnd) < 0;
}

function find(allWanted: readonly Wanted[], bytes: Uint8Array, keyStart: number, keyEnd: number): number {
  const length = keyEnd - keyStart;
  candidates: for (let index = 0; index < allWanted.length; index++) {
    const key = allWanted[index]?.bytes;
    if (key?.length !== length) continue;
    for (let at = 0; at < length; at++) {
      if (key[at] !== bytes[keyStart + at]) continue candidates;
    }
    return index;
  }
  return -1;
}
