/**
 * The wire codec: bytes to plain objects and back for RunFunctionRequest and RunFunctionResponse of
 * apiextensions.fn.proto.v1 (v1beta1 has the same bytes). The objects have the SDK's types; what differs from the SDK's own
 * codec is this:
 *
 * - Resources (observed, desired, extra and required ones, composites) are lazy: `resource` and `connectionDetails` decode
 *   when first read. Bytes that are malformed inside these two are a WireError at that time, and are no error when nobody
 *   reads them. Everything else is checked at once.
 * - A lazy resource whose `resource` and `connectionDetails` nobody has read is written as the bytes it came as, unknown
 *   fields and all. The bytes given to a decoder must not change while its result is in use.
 * - Keys are sorted, and `metadata.managedFields` of a resource is left out without a look at what is in it.
 * - Strings that are not UTF-8, groups, and a map entry or a google.protobuf.Value that holds two values are errors. A Value
 *   that holds none is null in a list.
 * - `__proto__` is a key like any other.
 * - What cannot be written is a WireError with its path. A null or undefined field of a message is an absent one.
 */
import type { RunFunctionRequest, RunFunctionResponse } from '@crossplane-org/function-sdk-typescript';
import { UnwritableError, WireError } from './error.ts';
import { readMessage } from './message-reader.ts';
import { writeMessage } from './message-writer.ts';
import { createReader } from './reader.ts';
import { type Message, REQUEST, RESPONSE } from './schema.ts';
import { writing } from './writer.ts';

/** What a decoder accepts. */
export interface WireLimits {
  /** Deepest nesting of JSON, in levels: a flat object is one, a list in it the second. From 1 to 1000, default 1000. */
  maxDepth: number;
  /** Largest message in bytes, default 64 MiB. A crafted message takes up to about 40 times its size once it is decoded. */
  maxBytes: number;
}

const DEFAULT_LIMITS: WireLimits = { maxDepth: 1000, maxBytes: 64 * 1024 * 1024 };

/** Decodes a request. Throws a WireError for malformed bytes and for a message beyond the limits. */
export function decodeRequest(bytes: Uint8Array, limits?: Partial<WireLimits>): RunFunctionRequest {
  // REQUEST lists the fields of the SDK's type with their types; the tests hold it to the SDK's codec.
  return decode(REQUEST, bytes, limits) as unknown as RunFunctionRequest;
}

/** Decodes a response. Throws a WireError for malformed bytes and for a message beyond the limits. */
export function decodeResponse(bytes: Uint8Array, limits?: Partial<WireLimits>): RunFunctionResponse {
  // RESPONSE lists the fields of the SDK's type with their types; the tests hold it to the SDK's codec.
  return decode(RESPONSE, bytes, limits) as unknown as RunFunctionResponse;
}

/** Encodes a request. Throws a WireError that names the field for a value that it cannot hold. */
export function encodeRequest(request: RunFunctionRequest): Buffer {
  return encode(REQUEST, request);
}

/** Encodes a response. Throws a WireError that names the field for a value that it cannot hold. */
export function encodeResponse(response: RunFunctionResponse): Buffer {
  return encode(RESPONSE, response);
}

function decode(message: Message, bytes: Uint8Array, limits: Partial<WireLimits> = {}): Record<string, unknown> {
  const { maxDepth, maxBytes } = { ...DEFAULT_LIMITS, ...limits };
  // Reading 1000 levels takes about half of Node's default stack.
  if (!(maxDepth >= 1 && maxDepth <= 1000)) throw new RangeError(`maxDepth must be from 1 to 1000, not ${maxDepth}`);
  if (bytes.length > maxBytes) {
    throw new WireError(`${message.name} has ${bytes.length} bytes, more than the limit of ${maxBytes}`);
  }
  return readMessage(createReader(bytes, maxDepth), message, bytes.length);
}

function encode(message: Message, value: unknown): Buffer {
  try {
    return writing((writer) => writeMessage(writer, message, value));
  } catch (error) {
    if (error instanceof UnwritableError) throw error.located(message.name);
    // 1000 levels fit into the default stack; a caller deep down may have less.
    if (error instanceof RangeError) throw new WireError(`cannot write ${message.name}: ${error.message}`);
    throw error;
  }
}

export { WireError } from './error.ts';
export { type FieldMask, pick } from './pick.ts';
