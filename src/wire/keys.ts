import type { Reader } from './reader.ts';

/** A map key that has been seen before: its text, and what is needed to recognise its bytes. */
export interface Key {
  readonly text: string;
  readonly length: number;
  /** The first and the last four bytes, which together are all of a key of up to eight bytes. */
  readonly head: number;
  readonly tail: number;
  /** The whole key, for the bytes between head and tail. */
  readonly bytes: Uint8Array;
  /** Random 32 bits; their sum names a set of keys whatever its order. */
  readonly mark: number;
  /** Where `buildObject` puts this key's value for a moment; `EMPTY` at all other times. */
  slot: unknown;
}

export const EMPTY: unique symbol = Symbol('empty');

const TABLE_BITS = 12;
const PROBES = 4;
/** Longer keys are rare (annotation keys) and not worth remembering. */
const MAX_KEY_LENGTH = 64;

// Kubernetes objects use a few hundred different keys. The table is bounded, and a full neighbourhood is overwritten, so
// that no input can make it grow or spoil it for good.
const table: (Key | undefined)[] = new Array((1 << TABLE_BITS) + PROBES).fill(undefined);
let lastMark = 0;

/**
 * The remembered key with the bytes from `start` to `end`, or undefined for a key that is not to be remembered: long, not
 * ASCII, or `__proto__`, which an assignment would take for the prototype.
 */
export function internKey(reader: Reader, start: number, end: number): Key | undefined {
  const length = end - start;
  if (length > MAX_KEY_LENGTH) return undefined;
  const { bytes, view } = reader;
  let head = 0;
  let tail = 0;
  if (length >= 4) {
    head = view.getInt32(start, true);
    tail = view.getInt32(end - 4, true);
  } else {
    for (let index = start; index < end; index++) head = (head << 8) | (bytes[index] as number); // below `end`: in the buffer
  }
  let hash = Math.imul(head, 0x9e3779b1) ^ Math.imul(tail, 0x85ebca6b) ^ length;
  hash = (hash ^ (hash >>> 15)) & ((1 << TABLE_BITS) - 1);
  let free = hash;
  for (let index = hash; index < hash + PROBES; index++) {
    const key = table[index];
    if (key === undefined) {
      free = index;
      break;
    }
    if (key.head === head && key.tail === tail && key.length === length && sameMiddle(key.bytes, bytes, start))
      return key;
  }
  const text = bytes.toString('latin1', start, end);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII includes them
  if (text === '__proto__' || !/^[\x00-\x7f]*$/.test(text)) return undefined;
  // The golden ratio steps through all 32-bit numbers in an order without small-integer relations between neighbours.
  lastMark = (lastMark + 0x9e3779b9) | 0;
  const mark = Math.imul(lastMark ^ (lastMark >>> 15), 0x2c1b3c6d) | 0;
  const key: Key = {
    text,
    length,
    head,
    tail,
    bytes: Uint8Array.prototype.slice.call(bytes, start, end),
    mark,
    slot: EMPTY,
  };
  table[free] = key;
  return key;
}

function sameMiddle(key: Uint8Array, bytes: Uint8Array, start: number): boolean {
  for (let index = 4; index < key.length - 4; index++) {
    if (key[index] !== bytes[start + index]) return false;
  }
  return true;
}
