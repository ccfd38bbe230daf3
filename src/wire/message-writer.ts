import { UnwritableError } from './error.ts';
import { sourceOf } from './lazy.ts';
import { type Field, type Kind, type Message, RESOURCE } from './schema.ts';
import { writeStruct } from './struct-writer.ts';
import { type Writer, writeBytes, writeHeader, writeInteger, writeString, writeVarint } from './writer.ts';

/**
 * Writes the fields of `value`, which are allowed to be absent: undefined is then what an absent field decodes to. A value
 * of the wrong type is an UnwritableError.
 */
export function writeMessage(writer: Writer, message: Message, value: unknown): void {
  const object = record(value);
  for (let index = message.fields.length - 1; index >= 0; index--) {
    const field = message.fields[index] as Field; // in range
    const content = object[field.name];
    if (content === undefined || content === null) continue;
    try {
      writeField(writer, field, content);
    } catch (error) {
      throw error instanceof UnwritableError ? error.within(field.name) : error;
    }
  }
}

function record(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new UnwritableError('it must be an object');
  }
  // The SDK's types have string keys only.
  return value as Record<string, unknown>;
}

function writeField(writer: Writer, { kind, number, rule }: Field, value: unknown): void {
  if (rule === 'map') {
    writeMap(writer, number, kind, record(value));
  } else if (rule === 'repeated') {
    if (!Array.isArray(value)) throw new UnwritableError('it must be a list');
    writeList(writer, number, kind, value);
  } else if (rule === 'optional' || (value !== '' && value !== 0)) {
    writeKind(writer, number, kind, value);
  }
}

function writeMap(writer: Writer, number: number, kind: Kind, map: Record<string, unknown>): void {
  const keys = Object.keys(map);
  for (let index = keys.length - 1; index >= 0; index--) {
    const key = keys[index] as string; // in range
    const value = map[key];
    if (value === undefined) continue;
    const mark = writer.pos;
    try {
      if (!isDefault(kind, value)) writeKind(writer, 2, kind, value);
    } catch (error) {
      throw error instanceof UnwritableError ? error.within(key) : error;
    }
    if (key !== '') writeKind(writer, 1, 'string', key);
    writeHeader(writer, (number << 3) | 2, mark);
  }
}

/** protobuf leaves defaults out; protobuf-go and the SDK write the messages of a map entry even when they are empty. */
function isDefault(kind: Kind, value: unknown): boolean {
  return kind === 'bytes' ? value instanceof Uint8Array && value.length === 0 : kind === 'string' && value === '';
}

function writeList(writer: Writer, number: number, kind: Kind, list: readonly unknown[]): void {
  const packed = kind === 'int32' && list.length > 0;
  const mark = writer.pos;
  for (let index = list.length - 1; index >= 0; index--) {
    try {
      if (packed) writeVarint(writer, int32(list[index]));
      else writeKind(writer, number, kind, list[index]);
    } catch (error) {
      throw error instanceof UnwritableError ? error.within(index) : error;
    }
  }
  if (packed) writeHeader(writer, (number << 3) | 2, mark);
}

function writeKind(writer: Writer, number: number, kind: Kind, value: unknown): void {
  if (kind === 'int32' || kind === 'int64') {
    writeInteger(writer, number << 3, kind === 'int32' ? int32(value) : int64(value));
    return;
  }
  const mark = writer.pos;
  if (kind === 'string') {
    if (typeof value !== 'string') throw new UnwritableError(`it must be a string, not a ${typeof value}`);
    writeString(writer, value);
  } else if (kind === 'bytes') {
    if (!(value instanceof Uint8Array)) throw new UnwritableError('it must be a Uint8Array or a Buffer');
    writeBytes(writer, value);
  } else if (kind === 'struct') {
    writeStruct(writer, value);
  } else if (kind === 'resource') {
    writeResource(writer, record(value));
  } else {
    writeMessage(writer, kind, value);
  }
  writeHeader(writer, (number << 3) | 2, mark);
}

/**
 * A lazy resource whose content nobody has taken is the bytes it came as. Once it was read it is written from the object,
 * even when nobody changed it: finding changes would cost a deep comparison, and freezing everything that is decoded costs
 * more than writing the few resources that are read and then passed on.
 */
function writeResource(writer: Writer, resource: Record<string, unknown>): void {
  const source = sourceOf(resource);
  if (source === undefined || source.resourceTaken) {
    writeMessage(writer, RESOURCE, resource);
    return;
  }
  const { reader, start, end, structStart, structEnd } = source;
  if (!source.detailsTaken && resource.ready === source.ready) {
    writeBytes(writer, reader.bytes.subarray(start, end));
    return;
  }
  // Only readiness or connection details are in question, as in a function that detects readiness.
  writeMessage(writer, RESOURCE, { connectionDetails: resource.connectionDetails, ready: resource.ready });
  if (structStart >= 0) {
    const mark = writer.pos;
    writeBytes(writer, reader.bytes.subarray(structStart, structEnd));
    writeHeader(writer, 0x0a, mark);
  }
}

function int32(value: unknown): number {
  if (typeof value !== 'number' || value !== (value | 0)) throw new UnwritableError('it must be a 32-bit integer');
  return value;
}

function int64(value: unknown): number {
  if (!Number.isSafeInteger(value)) throw new UnwritableError('it must be an integer below 2^53');
  return value as number; // isSafeInteger is true for numbers only
}
