import { UnwritableError } from './error.ts';
import { type Writer, writeDouble, writeHeader, writeInteger, writeShortEntry, writeString } from './writer.ts';

/** protobuf-go reads 10,000 nested messages, and a level of JSON is three of them (Struct, FieldsEntry, Value). */
const MAX_DEPTH = 1000;

/**
 * Writes an object as the content of a google.protobuf.Struct. Fields that are undefined are left out, and undefined in a
 * list is null, as in JSON.stringify. NaN and the infinities are doubles like any other. What is no JSON value is an
 * UnwritableError.
 */
export function writeStruct(writer: Writer, object: unknown): void {
  if (typeof object !== 'object' || object === null || Array.isArray(object)) {
    throw new UnwritableError('it must be an object');
  }
  writeFields(writer, object, 1);
}

function writeFields(writer: Writer, object: object, level: number): void {
  checkObject(object, level);
  // An object is read here by its own string keys only.
  const record = object as Record<string, unknown>;
  const keys = Object.keys(record);
  for (let index = keys.length - 1; index >= 0; index--) {
    const key = keys[index] as string; // in range
    const value = record[key];
    if (value === undefined || (typeof value === 'string' && writeShortEntry(writer, key, value))) continue;
    const entry = writer.pos;
    try {
      writeValue(writer, value, level);
    } catch (error) {
      throw error instanceof UnwritableError ? error.within(key) : error;
    }
    writeHeader(writer, 0x12, entry);
    const keyMark = writer.pos;
    writeString(writer, key);
    // protobuf leaves an empty key out, as it does with every default.
    if (key !== '') writeHeader(writer, 0x0a, keyMark);
    writeHeader(writer, 0x0a, entry);
  }
}

function writeList(writer: Writer, list: readonly unknown[], level: number): void {
  checkObject(list, level);
  for (let index = list.length - 1; index >= 0; index--) {
    const mark = writer.pos;
    try {
      writeValue(writer, list[index] ?? null, level);
    } catch (error) {
      throw error instanceof UnwritableError ? error.within(index) : error;
    }
    writeHeader(writer, 0x0a, mark);
  }
}

/** Writes the content of a google.protobuf.Value. */
function writeValue(writer: Writer, value: unknown, level: number): void {
  const mark = writer.pos;
  if (typeof value === 'string') {
    writeString(writer, value);
    writeHeader(writer, 0x1a, mark);
  } else if (typeof value === 'number') {
    writeDouble(writer, 0x11, value);
  } else if (typeof value === 'boolean') {
    writeInteger(writer, 0x20, value ? 1 : 0);
  } else if (value === null) {
    writeInteger(writer, 0x08, 0);
  } else if (typeof value === 'object') {
    if (Array.isArray(value)) {
      writeList(writer, value, level + 1);
      writeHeader(writer, 0x32, mark);
    } else {
      writeFields(writer, value, level + 1);
      writeHeader(writer, 0x2a, mark);
    }
  } else {
    throw new UnwritableError(`a ${typeof value} is not a JSON value`);
  }
}

function checkObject(object: object, level: number): void {
  if (level > MAX_DEPTH) throw new UnwritableError(`it is nested deeper than ${MAX_DEPTH} levels, or contains itself`);
  const prototype: unknown = Object.getPrototypeOf(object);
  if (prototype === Object.prototype || prototype === Array.prototype || prototype === null) return;
  // The SDK writes a Date or a Map as {}, which loses it without a word. Instances of model classes are fine.
  const tag = Object.prototype.toString.call(object).slice(8, -1);
  if (tag !== 'Object' && tag !== 'Array') throw new UnwritableError(`a ${tag} is not a JSON value`);
}
