import type { Ready, Resource } from '@crossplane-org/function-sdk-typescript';
import { sortedObject } from './object.ts';
import { malformed, type Reader, readEnd, readEntry, readString, readTag, readVarint, skip } from './reader.ts';
import { KUBERNETES_OBJECT, readStruct } from './struct-reader.ts';

/** Where a resource is in its message, and what has been asked of it. */
export interface Source {
  readonly reader: Reader;
  readonly start: number;
  readonly end: number;
  /** The Struct in it; -1 when there is none. */
  readonly structStart: number;
  readonly structEnd: number;
  readonly ready: Ready;
  /** Whether somebody may hold, and so may have changed, the value. From then on the bytes do not stand for it. */
  resourceTaken: boolean;
  resource: Resource['resource'];
  detailsTaken: boolean;
  details: Resource['connectionDetails'];
}

/** Attaches a source to an ordinary object by a private field, which neither spreading nor copying the object takes along. */
class Sourced extends class {
  constructor(target: object) {
    // biome-ignore lint/correctness/noConstructorReturn: returning the target is what puts the private field on it
    return target;
  }
} {
  readonly #source: Source;

  constructor(target: object, source: Source) {
    super(target);
    this.#source = source;
  }

  static of(target: object): Source | undefined {
    return #source in target ? target.#source : undefined;
  }
}

/** The source of a lazily decoded resource, undefined for any other object. */
export const sourceOf = Sourced.of;

function ownSource(resource: object): Source {
  const source = sourceOf(resource);
  if (source === undefined) throw new TypeError('not a lazily decoded resource');
  return source;
}

// Own and enumerable, so that a lazy resource spreads, copies and compares like the SDK's. Not configurable, so that the
// source cannot be bypassed: a property that is deleted or redefined would leave bytes that are no longer true.
const RESOURCE: PropertyDescriptor = {
  enumerable: true,
  configurable: false,
  get(this: object): Resource['resource'] {
    const source = ownSource(this);
    if (!source.resourceTaken) {
      const { reader, structStart, structEnd } = source;
      if (structStart >= 0) source.resource = readStruct(reader, structStart, structEnd, KUBERNETES_OBJECT);
      source.resourceTaken = true;
    }
    return source.resource;
  },
  set(this: object, value: Resource['resource']) {
    const source = ownSource(this);
    source.resource = value;
    source.resourceTaken = true;
  },
};

const CONNECTION_DETAILS: PropertyDescriptor = {
  enumerable: true,
  configurable: false,
  get(this: object): Resource['connectionDetails'] {
    const source = ownSource(this);
    if (!source.detailsTaken) {
      source.details = readDetails(source);
      source.detailsTaken = true;
    }
    return source.details;
  },
  set(this: object, value: Resource['connectionDetails']) {
    const source = ownSource(this);
    source.details = value;
    source.detailsTaken = true;
  },
};

/**
 * The Resource message from `pos` to `end` as an object that decodes `resource` and `connectionDetails` when they are first
 * read. Bytes that are malformed inside these two are an error then, and not before.
 */
export function readLazyResource(reader: Reader, end: number): Resource {
  const start = reader.pos;
  let structStart = -1;
  let structEnd = -1;
  let ready: Ready = 0;
  while (reader.pos < end) {
    const tag = readTag(reader, end);
    if (tag === 0x0a) {
      if (structStart >= 0) checkReplaced(reader, structStart, structEnd);
      structEnd = readEnd(reader, end);
      structStart = reader.pos;
      reader.pos = structEnd;
    } else if (tag === 0x18) {
      ready = readVarint(reader, end);
    } else {
      skip(reader, tag & 7, end);
    }
  }
  reader.resources++;
  if (reader.resources > MAX_RESOURCES) throw malformed(start, `it has more than ${MAX_RESOURCES} resources`);
  const resource = {};
  Object.defineProperty(resource, 'resource', RESOURCE);
  Object.defineProperty(resource, 'connectionDetails', CONNECTION_DETAILS);
  const lazy = Object.assign(resource, { ready });
  new Sourced(lazy, {
    reader,
    start,
    end,
    structStart,
    structEnd,
    ready,
    resourceTaken: false,
    resource: undefined,
    detailsTaken: false,
    details: {},
  });
  // The two properties above are defined by descriptor, which TypeScript does not follow.
  return lazy as typeof lazy & Resource;
}

/** Of two objects in one resource the last counts, but the first must be well-formed too. */
function checkReplaced(reader: Reader, structStart: number, structEnd: number): void {
  const { pos } = reader;
  readStruct(reader, structStart, structEnd, KUBERNETES_OBJECT);
  reader.pos = pos;
}

/** An empty resource is two bytes in a message and some 300 in memory; this bounds what a message can make of that. */
const MAX_RESOURCES = 100_000;

function readDetails({ reader, start, end }: Source): Record<string, Buffer> {
  const details = new Map<string, Buffer>();
  reader.pos = start;
  while (reader.pos < end) {
    const tag = readTag(reader, end);
    if (tag !== 0x12) {
      skip(reader, tag & 7, end);
      continue;
    }
    readEntry(reader, readEnd(reader, end));
    const { keyStart, keyEnd, valueStart, valueEnd } = reader;
    // A copy: the request must not stay in memory for a password that is kept.
    const value = Buffer.from(valueStart < 0 ? [] : reader.bytes.subarray(valueStart, valueEnd));
    details.set(readString(reader, keyStart, keyEnd), value);
  }
  return sortedObject(details);
}
