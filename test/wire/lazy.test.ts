import { type Resource, RunFunctionRequest, RunFunctionResponse } from '@crossplane-org/function-sdk-typescript';
import fc from 'fast-check';
import { decodeRequest, encodeResponse, type FieldMask, pick, WireError } from '../../src/wire/wire.ts';
import {
  exampleRequest,
  exampleResponse,
  type Json,
  keyArbitrary,
  objectArbitrary,
  resourceArbitrary,
  sdkBytes,
} from './messages.ts';

/** A request with one observed resource `r` of these bytes. */
function observedBytes(resource: Uint8Array): Uint8Array {
  const wrap = (tag: number, content: Uint8Array) => {
    const { length } = content;
    return Buffer.concat([
      Uint8Array.of(tag, (length & 0x7f) | 0x80, ((length >> 7) & 0x7f) | 0x80, length >> 14),
      content,
    ]);
  };
  return wrap(0x12, wrap(0x12, Buffer.concat([Uint8Array.of(0x0a, 1, 0x72), wrap(0x12, resource)])));
}

function lazyResource(resource: Uint8Array): Resource {
  return decodeRequest(observedBytes(resource)).observed?.resources.r ?? fail();
}

function resourceBytes(resource: Resource): Buffer {
  const message = RunFunctionRequest.fromPartial({ observed: { composite: resource } });
  // Observed (field 2) and composite (field 1) are a tag and a length each.
  const bytes = sdkBytes(message);
  const skipHeader = (at: number) => {
    let index = at + 1;
    while ((bytes[index] ?? 0) & 0x80) index++;
    return index + 1;
  };
  // The capabilities of an absent meta are not written, so observed comes first.
  return bytes.subarray(skipHeader(skipHeader(0)));
}

/** What the response says when `resource` is the desired resource `r`. */
function written(resource: Resource): { bytes: Buffer; decoded: Resource } {
  const desired = { composite: undefined, resources: { r: resource } };
  const bytes = encodeResponse({ ...exampleResponse(), desired });
  return { bytes, decoded: RunFunctionResponse.decode(bytes).desired?.resources.r ?? fail() };
}

const unknownField = Uint8Array.of(0xfa, 0x07, 3, 0xff, 0xfe, 0x00);
const managed = { name: 'a', managedFields: [{ manager: 'core' }] };

describe('a resource nobody has read', () => {
  it('is written as the bytes it came as', () => {
    fc.assert(
      fc.property(resourceArbitrary, (resource) => {
        const bytes = Buffer.concat([resourceBytes(resource), unknownField]);
        expect(written(lazyResource(bytes)).bytes.includes(bytes)).toBe(true);
      }),
    );
  });

  it('keeps its bytes when fields are picked from it', () => {
    const bytes = Buffer.concat([
      resourceBytes({ resource: { metadata: managed }, connectionDetails: {}, ready: 2 }),
      unknownField,
    ]);
    const resource = lazyResource(bytes);
    expect(pick(resource, { metadata: { name: true } })).toEqual({ metadata: { name: 'a' } });
    expect(resource.ready).toBe(2);
    expect(written(resource).bytes.includes(bytes)).toBe(true);
  });

  it('is written as bytes as a composite and in a list of items too', () => {
    const request = decodeRequest(sdkBytes(exampleRequest()));
    const item = request.requiredResources.config?.items[1] ?? fail();
    const bytes = encodeResponse({ ...exampleResponse(), desired: { composite: item, resources: {} } });
    expect(bytes.includes(resourceBytes(exampleRequest().requiredResources.config?.items[1] ?? fail()))).toBe(true);
  });

  it('is decoded once', () => {
    const resource = lazyResource(
      resourceBytes({ resource: { a: {} }, connectionDetails: { k: Buffer.from('v') }, ready: 0 }),
    );
    expect(resource.resource).toBe(resource.resource);
    expect(resource.connectionDetails).toBe(resource.connectionDetails);
  });

  it('with damaged content is an error each time that it is read, and only then', () => {
    const resource = lazyResource(Uint8Array.of(0x0a, 2, 0x0a, 9, 0x12, 2, 0x0a, 9));
    for (let index = 0; index < 2; index++) {
      expect(() => resource.resource).toThrow(WireError);
      expect(() => resource.connectionDetails).toThrow(WireError);
    }
    expect(resource.ready).toBe(0);
  });

  it('behaves like an ordinary object', () => {
    const plain: Resource = { resource: { a: 1 }, connectionDetails: { k: Buffer.from('v') }, ready: 1 };
    const lazy = () => lazyResource(resourceBytes(plain));
    expect(Object.keys(lazy())).toEqual(['resource', 'connectionDetails', 'ready']);
    expect({ ...lazy() }).toStrictEqual(plain);
    expect(Object.assign({}, lazy())).toStrictEqual(plain);
    expect(lazy()).toStrictEqual(plain);
    expect(JSON.stringify(lazy())).toBe(JSON.stringify(plain));
    expect(Object.getPrototypeOf(lazy())).toBe(Object.prototype);
  });
});

describe('a change to a lazy resource is written', () => {
  const original: Resource = {
    resource: { metadata: { name: 'a' }, spec: { size: 1 } },
    connectionDetails: { user: Buffer.from('u') },
    ready: 1,
  };
  const cases: [string, (resource: Resource) => void, Partial<Resource>][] = [
    [
      'inside the object',
      ({ resource }) => Object.assign(resource?.spec as Json, { size: 2 }),
      { resource: { metadata: { name: 'a' }, spec: { size: 2 } } },
    ],
    [
      'to the object',
      (resource) => {
        resource.resource = { other: true };
      },
      { resource: { other: true } },
    ],
    [
      'that removes the object',
      (resource) => {
        resource.resource = undefined;
      },
      { resource: undefined },
    ],
    [
      'to readiness',
      (resource) => {
        resource.ready = 2;
      },
      { ready: 2 },
    ],
    [
      'to no readiness',
      (resource) => {
        resource.ready = 0;
      },
      { ready: 0 },
    ],
    [
      'inside the connection details',
      ({ connectionDetails }) => {
        connectionDetails.more = Buffer.from('m');
      },
      { connectionDetails: { user: Buffer.from('u'), more: Buffer.from('m') } },
    ],
    [
      'to the connection details',
      (resource) => {
        resource.connectionDetails = {};
      },
      { connectionDetails: {} },
    ],
    [
      'inside a connection detail',
      ({ connectionDetails }) => {
        connectionDetails.user?.fill('x');
      },
      { connectionDetails: { user: Buffer.from('x') } },
    ],
  ];
  it.each(cases)('%s', (_, change, expected) => {
    const resource = lazyResource(resourceBytes(original));
    change(resource);
    // Before anything else reads the resource, because reading alone makes it be written from the object.
    expect(written(resource).decoded).toEqual({ ...original, ...expected });
    expect(resource).toEqual({ ...original, ...expected });
  });

  it('in a copy, which leaves the original alone', () => {
    const resource = lazyResource(resourceBytes(original));
    const copy = { ...resource, ready: 2 };
    copy.resource = { ...copy.resource, spec: { size: 3 } };
    expect(written(copy).decoded).toEqual({
      ...original,
      ready: 2,
      resource: { metadata: { name: 'a' }, spec: { size: 3 } },
    });
    expect(written(resource).decoded).toEqual(original);
  });

  it('and cannot be made behind its back', () => {
    const resource = lazyResource(resourceBytes(original));
    expect(() => Object.defineProperty(resource, 'resource', { value: {} })).toThrow(TypeError);
    expect(() => Reflect.deleteProperty(resource, 'resource') || fail()).toThrow();
    expect(() => structuredClone(resource)).not.toThrow();
  });

  it('and does not reach the request', () => {
    const bytes = observedBytes(resourceBytes(original));
    const before = Buffer.from(bytes);
    const resource = decodeRequest(bytes).observed?.resources.r ?? fail();
    resource.connectionDetails.user?.fill('x');
    written(resource);
    expect(before.equals(bytes)).toBe(true);
  });
});

describe('managedFields', () => {
  it('are left out of metadata of a resource and nowhere else', () => {
    const object = { metadata: managed, spec: { metadata: managed, managedFields: 1 }, managedFields: 2 };
    const expected = { metadata: { name: 'a' }, spec: { metadata: managed, managedFields: 1 }, managedFields: 2 };
    const resource = { resource: object, connectionDetails: {}, ready: 0 };
    const request = decodeRequest(
      sdkBytes({ ...exampleRequest(), observed: { composite: resource, resources: {} }, input: object }),
    );
    expect(request.observed?.composite?.resource).toEqual(expected);
    expect(request.input).toEqual(object);
    for (const source of [lazyResource(resourceBytes(resource)), resource]) {
      expect(pick(source, { metadata: true, managedFields: true })).toEqual({
        metadata: { name: 'a' },
        managedFields: 2,
      });
      expect(pick(source, { metadata: { managedFields: true }, spec: true })).toEqual({
        metadata: {},
        spec: expected.spec,
      });
    }
  });
});

describe('pick', () => {
  const { mask } = fc.letrec<{ mask: FieldMask }>((tie) => ({
    mask: fc.dictionary(
      keyArbitrary,
      fc.oneof(
        { maxDepth: 3, depthSize: 'small' },
        fc.constantFrom(true as const, 'word' as const),
        tie('mask'),
        fc.tuple(tie('mask')),
      ),
      { maxKeys: 5, noNullPrototype: true },
    ),
  }));

  const isJson = (value: unknown): value is Json =>
    typeof value === 'object' && value !== null && !Array.isArray(value);
  const isEach = (fields: FieldMask | readonly [FieldMask]): fields is readonly [FieldMask] => Array.isArray(fields);

  /** A mask of fields that the object has, so that masks hit. */
  function maskOf(object: Json, choose: () => number): FieldMask {
    const entries = Object.entries(object).flatMap(([key, value]): [string, FieldMask[string]][] => {
      const choice = choose() % 4;
      if (choice === 0) return [];
      if (choice === 3) return [[key, 'word']];
      if (choice === 1 && Array.isArray(value)) return [[key, [maskOf(value.find(isJson) ?? {}, choose)]]];
      return [[key, choice === 1 && isJson(value) ? maskOf(value, choose) : true]];
    });
    return Object.fromEntries(entries);
  }

  /** The definition of pick, by the decoded object. */
  function expected(object: Json, fields: FieldMask): Json {
    const result: Json = {};
    for (const [name, nested] of Object.entries(fields)) {
      if (!Object.hasOwn(object, name)) continue;
      const value = object[name];
      if (nested === true || nested === 'word') result[name] = value;
      else if (isEach(nested)) {
        if (Array.isArray(value))
          result[name] = value.map((element: unknown) => (isJson(element) ? expected(element, nested[0]) : null));
      } else if (isJson(value)) result[name] = expected(value, nested);
    }
    return result;
  }

  it('gives what picking from the decoded object gives', () => {
    fc.assert(
      fc.property(objectArbitrary, mask, fc.infiniteStream(fc.nat()), (object, anyMask, stream) => {
        const bytes = resourceBytes({ resource: object, connectionDetails: {}, ready: 0 });
        const decoded = lazyResource(bytes);
        const content = decoded.resource ?? fail();
        const sdk = RunFunctionRequest.decode(observedBytes(bytes)).observed?.resources.r ?? fail();
        for (const fields of [anyMask, maskOf(object, () => stream.next().value)]) {
          const answer = expected(content, fields);
          expect(pick(lazyResource(bytes), fields)).toEqual(answer);
          expect(pick(decoded, fields)).toEqual(answer);
          expect(pick(sdk, fields)).toEqual(answer);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('sees what has been changed', () => {
    const resource = lazyResource(resourceBytes({ resource: { a: 1 }, connectionDetails: {}, ready: 0 }));
    resource.resource = { a: 2 };
    expect(pick(resource, { a: true, b: true })).toEqual({ a: 2 });
  });

  it('gives nothing from nothing', () => {
    const nothing: Resource = { resource: undefined, connectionDetails: {}, ready: 0 };
    expect(pick(nothing, { a: true })).toEqual({});
    expect(pick(lazyResource(resourceBytes(nothing)), { a: true })).toEqual({});
    expect(
      pick(
        { ...nothing, resource: { a: 'text', b: [1], c: null } },
        { a: { x: true }, b: { x: true }, c: { x: true } },
      ),
    ).toEqual({});
  });

  it('picks from every object of a list', () => {
    const resource = { a: [{ x: 1, y: 2 }, 'text', null, [], {}, { x: [3] }], b: { x: 1 }, c: [] };
    const bytes = resourceBytes({ resource, connectionDetails: {}, ready: 0 });
    const picked = { a: [{ x: 1 }, null, null, null, {}, { x: [3] }], c: [] };
    for (const from of [lazyResource(bytes), { resource, connectionDetails: {}, ready: 0 as const }])
      expect(pick(from, { a: [{ x: true }], b: [{ x: true }], c: [{ x: true }] })).toEqual(picked);
  });

  it('gives objects of its own from bytes', () => {
    const resource = lazyResource(resourceBytes({ resource: { a: { b: 1 } }, connectionDetails: {}, ready: 0 }));
    const picked = pick(resource, { a: true });
    Object.assign(picked.a as Json, { b: 2 });
    expect(resource.resource).toEqual({ a: { b: 1 } });
  });
});
