import { WireError } from './error.ts';

/**
 * A protobuf message that is written from its end to its start, so that the length of everything nested is known when it is
 * due. What goes last is written first. `pos` is the offset of the first byte written.
 */
export interface Writer {
  readonly bytes: Buffer;
  readonly view: DataView;
  pos: number;
}

const INITIAL_SIZE = 64 * 1024;
/** A larger buffer is not kept for the next message. */
const KEPT_SIZE = 4 * 1024 * 1024;
/** The protobuf limit. */
const MAX_SIZE = 0x7fffffff;
/** Room that is left in front of all content, for the tag and the length that are written next. */
const MARGIN = 16;
/** Node's Buffer.byteLength and Buffer.write cost more than a loop up to about this many characters. */
const SHORT_STRING = 32;

/** Thrown when the buffer is full. */
const FULL = Symbol('full');

let spare: Writer | undefined;

/**
 * Runs `write` and returns the bytes that it wrote. When the buffer turns out too small, `write` runs again with a larger
 * one: that keeps offsets valid while it runs, and the buffer that was large enough is kept.
 */
export function writing(write: (writer: Writer) => void): Buffer {
  let writer = spare ?? createWriter(INITIAL_SIZE);
  // Taken away while in use, in case that a property getter of the caller encodes something itself.
  spare = undefined;
  for (;;) {
    writer.pos = writer.bytes.length;
    try {
      write(writer);
      const result = Buffer.from(writer.bytes.subarray(writer.pos));
      if (writer.bytes.length <= KEPT_SIZE) spare = writer;
      return result;
    } catch (error) {
      if (error !== FULL) throw error;
      if (writer.bytes.length >= MAX_SIZE) throw new WireError('the message is larger than 2 GiB');
      writer = createWriter(Math.min(writer.bytes.length * 4, MAX_SIZE));
    }
  }
}

function createWriter(size: number): Writer {
  const bytes = Buffer.allocUnsafeSlow(size);
  return { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, size), pos: size };
}

/** Moves back by `size` bytes, which the caller is about to write. */
function claim(writer: Writer, size: number): number {
  const pos = writer.pos - size;
  if (pos < MARGIN) throw FULL;
  writer.pos = pos;
  return pos;
}

/** Writes length and tag in front of everything written since the writer was at `mark`. Tags are below 128. */
export function writeHeader(writer: Writer, tag: number, mark: number): void {
  const { bytes } = writer;
  let pos = claim(writer, 0);
  const length = mark - pos;
  if (length < 0x80) {
    bytes[--pos] = length;
  } else if (length < 0x4000) {
    bytes[--pos] = length >>> 7;
    bytes[--pos] = (length & 0x7f) | 0x80;
  } else {
    const size = length < 0x200000 ? 3 : length < 0x10000000 ? 4 : 5;
    for (let index = size - 1; index >= 0; index--) {
      bytes[--pos] = ((length >>> (7 * index)) & 0x7f) | (index < size - 1 ? 0x80 : 0);
    }
  }
  bytes[--pos] = tag;
  writer.pos = pos;
}

/** Writes a varint and its tag. Integers from -2^53 to 2^53; negative ones take ten bytes, as int32 and int64 do. */
export function writeInteger(writer: Writer, tag: number, value: number): void {
  writeVarint(writer, value);
  writer.bytes[--writer.pos] = tag;
}

export function writeVarint(writer: Writer, value: number): void {
  if (value >= 0 && value < 0x80) {
    writer.bytes[claim(writer, 1)] = value;
    return;
  }
  const groups: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest > 0x7fn; rest >>= 7n) groups.push(Number(rest & 0x7fn) | 0x80);
  groups.push(Number(rest));
  writer.bytes.set(groups, claim(writer, groups.length));
}

export function writeDouble(writer: Writer, tag: number, value: number): void {
  const pos = claim(writer, 9);
  writer.view.setFloat64(pos + 1, value, true);
  writer.bytes[pos] = tag;
}

export function writeBytes(writer: Writer, value: Uint8Array): void {
  writer.bytes.set(value, claim(writer, value.length));
}

/** The longest key and string together that `writeShortEntry` takes: every length in the entry fits into one byte then. */
const SHORT_ENTRY = 96;

/**
 * Writes the entry of a google.protobuf.Struct whose value is a string, which most entries are, in one go: from the tag of the entry to the
 * end of the string. False, and nothing is written, when the two are long, not ASCII, or the key is empty.
 */
export function writeShortEntry(writer: Writer, key: string, value: string): boolean {
  const keyLength = key.length;
  const { length } = value;
  if (keyLength === 0 || keyLength + length > SHORT_ENTRY) return false;
  const { bytes } = writer;
  const end = writer.pos;
  let pos = claim(writer, keyLength + length + 8);
  bytes[pos++] = 0x0a;
  bytes[pos++] = keyLength + length + 6;
  bytes[pos++] = 0x0a;
  bytes[pos++] = keyLength;
  let high = 0;
  for (let index = 0; index < keyLength; index++) {
    const code = key.charCodeAt(index);
    high |= code;
    bytes[pos++] = code;
  }
  bytes[pos++] = 0x12;
  bytes[pos++] = length + 2;
  bytes[pos++] = 0x1a;
  bytes[pos++] = length;
  for (let index = 0; index < length; index++) {
    const code = value.charCodeAt(index);
    high |= code;
    bytes[pos++] = code;
  }
  if (high < 0x80) return true;
  writer.pos = end;
  return false;
}

/** Writes a string as UTF-8, without its length. A lone surrogate becomes U+FFFD, as in the SDK. */
export function writeString(writer: Writer, value: string): void {
  const { length } = value;
  if (length <= SHORT_STRING) {
    const { bytes } = writer;
    const end = writer.pos;
    const pos = claim(writer, length);
    let index = 0;
    for (; index < length; index++) {
      const code = value.charCodeAt(index);
      if (code > 0x7f) break;
      bytes[pos + index] = code;
    }
    if (index === length) return;
    writer.pos = end;
  }
  const size = Buffer.byteLength(value);
  const pos = claim(writer, size);
  // With as many bytes as characters the text is ASCII, and copying it is cheaper than encoding it.
  if (size === length) writer.bytes.write(value, pos, size, 'latin1');
  else writer.bytes.write(value, pos, size, 'utf8');
}
