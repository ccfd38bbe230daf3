import { readLazyResource } from './lazy.ts';
import { sortedObject } from './object.ts';
import {
  LENGTH_DELIMITED,
  type Reader,
  readEnd,
  readEntry,
  readInt64,
  readString,
  readTag,
  readVarint,
  skip,
  VARINT,
} from './reader.ts';
import type { Field, Kind, Message } from './schema.ts';
import { PLAIN, readStruct } from './struct-reader.ts';

/**
 * Reads the message from `pos` to `end`. As in the SDK, a singular field that comes twice counts the last time and a map
 * entry without a value is no entry when its value is a message; unknown fields, and known ones with another wire type, are
 * skipped.
 */
export function readMessage(reader: Reader, message: Message, end: number): Record<string, unknown> {
  const object: Record<string, unknown> = {};
  for (const field of message.fields) object[field.name] = absentValue(field);
  let maps: Map<Field, Map<string, unknown>> | undefined;
  while (reader.pos < end) {
    const tag = readTag(reader, end);
    const wireType = tag & 7;
    // Field numbers are 1, 2, 3 and so on in every message of this package.
    const field = message.fields[(tag >>> 3) - 1];
    if (field === undefined || !accepts(field, wireType)) {
      skip(reader, wireType, end);
    } else if (field.rule === 'map') {
      maps ??= new Map();
      let entries = maps.get(field);
      if (entries === undefined) {
        entries = new Map();
        maps.set(field, entries);
      }
      readMapEntry(reader, field.kind, readEnd(reader, end), entries);
    } else if (field.rule === 'repeated') {
      readElements(reader, field.kind, wireType, end, object[field.name] as unknown[]); // absentValue made the list
    } else {
      readReplaced(reader, object[field.name]);
      object[field.name] = readKind(reader, field.kind, end);
    }
  }
  if (maps !== undefined) {
    for (const [field, entries] of maps) object[field.name] = sortedObject(entries);
  }
  return object;
}

/** Reads what is lazy in a value that is about to be replaced: malformed bytes are not to be hidden by a second value. */
function readReplaced(reader: Reader, value: unknown): void {
  const { pos } = reader;
  readThrough(value);
  reader.pos = pos;
}

function readThrough(value: unknown): void {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return;
  for (const content of Object.values(value)) readThrough(content);
}

function absentValue({ kind, rule }: Field): unknown {
  if (rule === 'map') return {};
  if (rule === 'repeated') return [];
  if (rule === 'optional') return undefined;
  return kind === 'string' ? '' : 0;
}

function isVarint(kind: Kind): boolean {
  return kind === 'int32' || kind === 'int64';
}

function accepts({ kind, rule }: Field, wireType: number): boolean {
  if (!isVarint(kind)) return wireType === LENGTH_DELIMITED;
  // Repeated integers are packed into one field by default, and every reader takes them one by one as well.
  return wireType === VARINT || (rule === 'repeated' && wireType === LENGTH_DELIMITED);
}

function readElements(reader: Reader, kind: Kind, wireType: number, end: number, list: unknown[]): void {
  if (!isVarint(kind) || wireType === VARINT) {
    list.push(readKind(reader, kind, end));
    return;
  }
  const stop = readEnd(reader, end);
  while (reader.pos < stop) list.push(readKind(reader, kind, stop));
}

function readMapEntry(reader: Reader, kind: Kind, end: number, entries: Map<string, unknown>): void {
  readEntry(reader, end);
  const { valueStart, valueEnd } = reader;
  const key = readString(reader, reader.keyStart, reader.keyEnd);
  if (valueStart >= 0) {
    reader.pos = valueStart;
    const value = readContent(reader, kind, valueEnd);
    readReplaced(reader, entries.get(key));
    entries.set(key, value);
    reader.pos = end;
  } else if (kind === 'string') {
    entries.set(key, '');
  } else if (kind === 'bytes') {
    entries.set(key, Buffer.alloc(0));
  }
}

function readKind(reader: Reader, kind: Kind, end: number): unknown {
  if (kind === 'int32') return readVarint(reader, end);
  if (kind === 'int64') return readInt64(reader, end);
  const stop = readEnd(reader, end);
  const value = readContent(reader, kind, stop);
  reader.pos = stop;
  return value;
}

/** Reads what a length-delimited field contains, from `pos` to `end`. */
function readContent(reader: Reader, kind: Kind, end: number): unknown {
  if (kind === 'resource') return readLazyResource(reader, end);
  if (kind === 'struct') return readStruct(reader, reader.pos, end, PLAIN);
  if (kind === 'string') return readString(reader, reader.pos, end);
  // A copy, so that it does not keep the whole request in memory.
  if (kind === 'bytes') return Buffer.from(reader.bytes.subarray(reader.pos, end));
  if (typeof kind === 'string') throw new TypeError(`${kind} is not length-delimited`);
  return readMessage(reader, kind, end);
}
