import { internKey } from './keys.ts';
import { buildObject, type Fields } from './object.ts';
import {
  closeText,
  FIXED64,
  malformed,
  openText,
  type Reader,
  readBool,
  readEnd,
  readEntry,
  readTag,
  readText,
  readVarint,
  skip,
} from './reader.ts';

/**
 * What an object is: any JSON, a Kubernetes object, or the metadata of one. Decoding leaves `metadata.managedFields` of a
 * Kubernetes object out: Crossplane sends it, it is a third of the bytes, and no function may apply it. Malformed
 * bytes in it are no error.
 */
export const PLAIN = 0;
export const KUBERNETES_OBJECT = 1;
export const METADATA = 2;
export type Role = typeof PLAIN | typeof KUBERNETES_OBJECT | typeof METADATA;

/** The tags of the kinds of a google.protobuf.Value. */
const NULL = 0x08;
const NUMBER = 0x11;
const STRING = 0x1a;
const BOOL = 0x20;
const STRUCT = 0x2a;
const LIST = 0x32;

// Fields of the objects being read, the innermost last. One pair of arrays instead of two per object.
const fields: Fields = { keys: [], values: [] };
let top = 0;

/** The google.protobuf.Struct from `start` to `end` as a plain object with sorted keys. */
export function readStruct(reader: Reader, start: number, end: number, role: Role): Record<string, unknown> {
  return reading(reader, start, end, () => readFields(reader, end, 1, role));
}

/**
 * The google.protobuf.Value from `start` to `end`, or undefined when it holds none. `level` is the level of the object that
 * has the value.
 */
export function readOneValue(reader: Reader, start: number, end: number, level: number, role: Role): unknown {
  return reading(reader, start, end, () => readValue(reader, end, level, role));
}

function reading<T>(reader: Reader, start: number, end: number, read: () => T): T {
  openText(reader, start, end);
  reader.pos = start;
  try {
    return read();
  } catch (error) {
    // maxDepth keeps below the default stack; a caller deep down may have less.
    throw error instanceof RangeError
      ? malformed(reader.pos, `JSON is nested too deep to be read (${error.message})`)
      : error;
  } finally {
    closeText(reader);
    if (top > 0) {
      // An error left fields behind.
      top = 0;
      fields.keys.length = 0;
      fields.values.length = 0;
    }
  }
}

function checkLevel(reader: Reader, level: number): void {
  if (level > reader.maxDepth) throw malformed(reader.pos, `JSON is nested deeper than ${reader.maxDepth} levels`);
}

function readFields(reader: Reader, end: number, level: number, role: Role): Record<string, unknown> {
  checkLevel(reader, level);
  const { bytes } = reader;
  const { keys, values } = fields;
  const base = top;
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
    readEntry(reader, entryEnd);
    const { keyStart, keyEnd, valueStart, valueEnd } = reader;
    const key = internKey(reader, keyStart, keyEnd) ?? readText(reader, keyStart, keyEnd);
    let valueRole: Role = PLAIN;
    if (role !== PLAIN && typeof key !== 'string') {
      if (role === METADATA && key.text === 'managedFields') continue;
      if (role === KUBERNETES_OBJECT && key.text === 'metadata') valueRole = METADATA;
    }
    if (valueStart < 0) continue;
    reader.pos = valueStart;
    const value = readValue(reader, valueEnd, level, valueRole);
    reader.pos = entryEnd;
    if (value === undefined) continue;
    keys[top] = key;
    values[top] = value;
    top++;
  }
  const count = top - base;
  top = base;
  return count === 0 ? {} : buildObject(fields, base, count);
}

function readList(reader: Reader, end: number, level: number): unknown[] {
  checkLevel(reader, level);
  const list: unknown[] = [];
  while (reader.pos < end) {
    const tag = readTag(reader, end);
    if (tag !== 0x0a) {
      skip(reader, tag & 7, end);
      continue;
    }
    const valueEnd = readEnd(reader, end);
    const value = readValue(reader, valueEnd, level, PLAIN);
    reader.pos = valueEnd;
    // structpb Value.AsInterface: a value that holds nothing is nil.
    list.push(value === undefined ? null : value);
  }
  return list;
}

/** Reads the Value from `pos` to `end`. One function, because its frame counts a thousand times on the stack. */
function readValue(reader: Reader, end: number, level: number, role: Role): unknown {
  let value: unknown;
  while (reader.pos < end) {
    const tag = readTag(reader, end);
    if (tag !== STRING && tag !== STRUCT && tag !== LIST && tag !== NUMBER && tag !== BOOL && tag !== NULL) {
      skip(reader, tag & 7, end);
      continue;
    }
    // The last kind counts in protobuf-go and the string in the SDK, so there is no right answer.
    if (value !== undefined) throw malformed(reader.pos, 'a google.protobuf.Value holds more than one value');
    if (tag === STRING) {
      const stop = readEnd(reader, end);
      value = readText(reader, reader.pos, stop);
      reader.pos = stop;
    } else if (tag === STRUCT) {
      const stop = readEnd(reader, end);
      value = readFields(reader, stop, level + 1, role);
      reader.pos = stop;
    } else if (tag === LIST) {
      value = readList(reader, readEnd(reader, end), level + 1);
    } else if (tag === NUMBER) {
      const { pos } = reader;
      skip(reader, FIXED64, end);
      value = reader.view.getFloat64(pos, true);
    } else if (tag === BOOL) {
      value = readBool(reader, end);
    } else {
      readVarint(reader, end);
      value = null;
    }
  }
  return value;
}
