import { isUtf8 } from 'node:buffer';
import { WireError } from './error.ts';

/** Protobuf wire types in use; groups (3 and 4) do not exist in proto3. */
export const VARINT = 0;
export const FIXED64 = 1;
export const LENGTH_DELIMITED = 2;
const FIXED32 = 5;

/** A position in one protobuf message. `pos` and `text` are scratch state of the function that reads at the moment. */
export interface Reader {
  readonly bytes: Buffer;
  readonly view: DataView;
  /** Deepest JSON nesting that is accepted, in levels; a flat object is one level. */
  readonly maxDepth: number;
  pos: number;
  /** How many resources have been read so far. */
  resources: number;
  /** `bytes` from `textStart` on, one character per byte: an ASCII string is then a cheap substring of it. */
  text: string;
  textStart: number;
  /** Where `readEntry` found the key and the value; `valueStart` is -1 when the entry has no value. */
  keyStart: number;
  keyEnd: number;
  valueStart: number;
  valueEnd: number;
}

/** A reader over `bytes`, which nobody may change while the reader or anything decoded lazily from it is in use. */
export function createReader(bytes: Uint8Array, maxDepth: number): Reader {
  return {
    bytes: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength),
    view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength),
    maxDepth,
    pos: 0,
    resources: 0,
    text: '',
    textStart: 0,
    keyStart: 0,
    keyEnd: 0,
    valueStart: -1,
    valueEnd: -1,
  };
}

/** The error for malformed bytes; `at` is the offset from the start of the whole message. */
export function malformed(at: number, problem: string): WireError {
  return new WireError(`malformed protobuf message at byte ${at}: ${problem}`);
}

/** The low 32 bits of the varint at `pos`, signed. A varint has at most ten bytes and ends before `end`. */
export function readVarint(reader: Reader, end: number): number {
  const { bytes } = reader;
  const start = reader.pos;
  if (start >= end) throw malformed(start, 'a varint is cut off');
  // `start < end <= bytes.length`, so the byte is there.
  const first = bytes[start] as number;
  if (first < 0x80) {
    reader.pos = start + 1;
    return first;
  }
  let value = first & 0x7f;
  for (let index = 1; index < 10; index++) {
    if (start + index >= end) throw malformed(start, 'a varint is cut off');
    const byte = bytes[start + index] as number;
    if (index < 5) value |= (byte & 0x7f) << (7 * index);
    if (byte < 0x80) {
      // protobuf-go protowire.ConsumeVarint: a tenth byte above 1 overflows 64 bits.
      if (index === 9 && byte > 1) break;
      reader.pos = start + index + 1;
      return value;
    }
  }
  throw malformed(start, 'a varint is longer than 64 bits');
}

/** The 64-bit signed varint at `pos`; integers that a JavaScript number cannot hold exactly are an error. */
export function readInt64(reader: Reader, end: number): number {
  const start = reader.pos;
  readVarint(reader, end);
  let value = 0n;
  for (let index = reader.pos - 1; index >= start; index--) {
    value = (value << 7n) | BigInt((reader.bytes[index] ?? 0) & 0x7f);
  }
  const number = Number(BigInt.asIntN(64, value));
  if (!Number.isSafeInteger(number)) throw malformed(start, 'an integer is beyond 2^53');
  return number;
}

/** Whether the varint at `pos` is not zero in any of its 64 bits. */
export function readBool(reader: Reader, end: number): boolean {
  const start = reader.pos;
  if (readVarint(reader, end) !== 0) return true;
  for (let index = start; index < reader.pos; index++) {
    if (((reader.bytes[index] ?? 0) & 0x7f) !== 0) return true;
  }
  return false;
}

/** The tag at `pos`: field number times eight plus wire type. Field numbers go from 1 to 2^29-1. */
export function readTag(reader: Reader, end: number): number {
  const start = reader.pos;
  const tag = readVarint(reader, end) >>> 0;
  const length = reader.pos - start;
  if (length > 5 || (length === 5 && (reader.bytes[reader.pos - 1] ?? 0) > 0x0f)) {
    throw malformed(start, 'a field number is out of range');
  }
  if (tag < 8) throw malformed(start, 'field number 0 does not exist');
  return tag;
}

/** Reads a length and returns the offset at which that many bytes end, which is never beyond `end`. */
export function readEnd(reader: Reader, end: number): number {
  const start = reader.pos;
  let length = readVarint(reader, end);
  if (reader.pos - start > 4) {
    // Bits beyond the 32 of readVarint count: a length of 2^32 is not a length of 0.
    reader.pos = start;
    length = readInt64(reader, end);
  }
  if (length < 0 || length > end - reader.pos) {
    throw malformed(start, `a length of ${length} bytes runs past the end of its message`);
  }
  return reader.pos + length;
}

/** Skips the value of a field of no interest, checking that it ends before `end`. */
export function skip(reader: Reader, wireType: number, end: number): void {
  if (wireType === VARINT) {
    readVarint(reader, end);
  } else if (wireType === LENGTH_DELIMITED) {
    reader.pos = readEnd(reader, end);
  } else if (wireType === FIXED64 || wireType === FIXED32) {
    const stop = reader.pos + (wireType === FIXED64 ? 8 : 4);
    if (stop > end) throw malformed(reader.pos, 'a fixed-size number is cut off');
    reader.pos = stop;
  } else {
    throw malformed(reader.pos, `wire type ${wireType} does not exist in proto3`);
  }
}

/**
 * Finds key and value of the map entry that starts at `pos` and ends at `end`, both length-delimited, and moves to `end`.
 * A missing key is the empty key; two keys or two values are an error.
 */
export function readEntry(reader: Reader, end: number): void {
  const { bytes } = reader;
  const start = reader.pos;
  // What every encoder writes: a key, a value, nothing else.
  if (start < end && bytes[start] === 0x0a) {
    reader.pos = start + 1;
    const keyEnd = readEnd(reader, end);
    const keyStart = reader.pos;
    if (keyEnd < end && bytes[keyEnd] === 0x12) {
      reader.pos = keyEnd + 1;
      const valueEnd = readEnd(reader, end);
      if (valueEnd === end) {
        reader.keyStart = keyStart;
        reader.keyEnd = keyEnd;
        reader.valueStart = reader.pos;
        reader.valueEnd = end;
        reader.pos = end;
        return;
      }
    }
  }
  reader.keyStart = start;
  reader.keyEnd = start;
  reader.valueStart = -1;
  reader.valueEnd = -1;
  reader.pos = start;
  let keyed = false;
  while (reader.pos < end) {
    const tag = readTag(reader, end);
    if (tag === 0x0a) {
      if (keyed) throw malformed(reader.pos, 'a map entry has two keys');
      keyed = true;
      reader.keyEnd = readEnd(reader, end);
      reader.keyStart = reader.pos;
      reader.pos = reader.keyEnd;
    } else if (tag === 0x12) {
      // Which of the two counts, and whether they merge, is not the same in protobuf-go and the SDK.
      if (reader.valueStart >= 0) throw malformed(reader.pos, 'a map entry has two values');
      reader.valueEnd = readEnd(reader, end);
      reader.valueStart = reader.pos;
      reader.pos = reader.valueEnd;
    } else {
      skip(reader, tag & 7, end);
    }
  }
}

/** Makes the strings between `start` and `end` cheap to read with `readText`. */
export function openText(reader: Reader, start: number, end: number): void {
  reader.text = reader.bytes.toString('latin1', start, end);
  reader.textStart = start;
}

/** Drops the text that `openText` made, so that it does not outlive the strings taken from it. */
export function closeText(reader: Reader): void {
  reader.text = '';
}

/** The string from `start` to `end`, inside the range of the last `openText`. Strict UTF-8, as protobuf-go has it. */
export function readText(reader: Reader, start: number, end: number): string {
  const { bytes } = reader;
  let high = 0;
  // An offset below `end` is inside the buffer, see readEnd.
  for (let index = start; index < end; index++) high |= bytes[index] as number;
  if (high < 0x80) return reader.text.substring(start - reader.textStart, end - reader.textStart);
  return readUtf8(reader, start, end);
}

/** The string from `start` to `end`, for places where no text is open. */
export function readString(reader: Reader, start: number, end: number): string {
  const { bytes } = reader;
  let high = 0;
  for (let index = start; index < end; index++) high |= bytes[index] as number; // inside the buffer, see readEnd
  return high < 0x80 ? bytes.toString('latin1', start, end) : readUtf8(reader, start, end);
}

function readUtf8(reader: Reader, start: number, end: number): string {
  const value = reader.bytes.toString('utf8', start, end);
  // Only bytes that are not UTF-8, or a U+FFFD that was really sent, leave a U+FFFD behind.
  if (value.includes('\ufffd') && !isUtf8(reader.bytes.subarray(start, end))) {
    throw malformed(start, 'a string is not valid UTF-8');
  }
  return value;
}
