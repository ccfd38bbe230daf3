import { RunFunctionRequest } from '@crossplane-org/function-sdk-typescript';
import fc from 'fast-check';
import { decodeRequest, decodeResponse, encodeRequest, encodeResponse, pick, WireError } from '../../src/wire/wire.ts';
import { exampleRequest, exampleResponse, type Json, objectArbitrary, sdkBytes } from './messages.ts';

/** A value nested `depth` levels deep, in objects and lists by turns. */
function nested(depth: number): Json {
  let value: unknown = 'bottom';
  for (let level = depth; level > 1; level--) value = level % 2 ? { deeper: value } : [value];
  return { top: value };
}

function requestWith(object: Json): RunFunctionRequest {
  return {
    ...exampleRequest(),
    input: object,
    observed: { composite: undefined, resources: { r: { resource: object, connectionDetails: {}, ready: 0 } } },
  };
}

describe('the depth limit', () => {
  it.each([1, 2, 7, 30])('of %d accepts that many levels and refuses one more', (maxDepth) => {
    const limits = { maxDepth };
    const bare = (object: Json) => sdkBytes({ ...RunFunctionRequest.decode(new Uint8Array()), input: object });
    expect(decodeRequest(bare(nested(maxDepth)), limits).input).toEqual(nested(maxDepth));
    expect(() => decodeRequest(bare(nested(maxDepth + 1)), limits)).toThrow(`nested deeper than ${maxDepth} levels`);
    const lazy = (object: Json) => {
      const message = RunFunctionRequest.decode(new Uint8Array());
      const composite = { resource: object, connectionDetails: {}, ready: 0 };
      return decodeRequest(sdkBytes({ ...message, observed: { composite, resources: {} } }), limits).observed
        ?.composite;
    };
    expect(lazy(nested(maxDepth))?.resource).toEqual(nested(maxDepth));
    expect(() => lazy(nested(maxDepth + 1))?.resource).toThrow(WireError);
    expect(() => pick(lazy(nested(maxDepth + 1)) ?? fail(), { top: true })).toThrow(WireError);
  });

  it('is 1000 unless said otherwise, for reading and writing', () => {
    const bytes = encodeRequest(requestWith(nested(1000)));
    const request = decodeRequest(bytes);
    expect(request.input).toEqual(nested(1000));
    expect(request.observed?.resources.r?.resource).toEqual(nested(1000));
    expect(() => encodeRequest(requestWith(nested(1001)))).toThrow(/nested deeper than 1000 levels/);
  });

  it('stops bytes that nest without end', () => {
    let value: Uint8Array = new Uint8Array();
    const wrap = (tag: number, content: Uint8Array) => {
      const length: number[] = [];
      for (let rest = content.length; ; rest >>= 7) {
        length.push(rest > 0x7f ? (rest & 0x7f) | 0x80 : rest);
        if (rest <= 0x7f) break;
      }
      return Buffer.concat([Uint8Array.of(tag, ...length), content]);
    };
    for (let level = 0; level < 20_000; level++) value = wrap(0x32, wrap(0x0a, value));
    expect(() => decodeRequest(wrap(0x22, wrap(0x0a, wrap(0x12, value))))).toThrow(/nested deeper than 1000 levels/);
  });

  it('must be from 1 to 1000', () => {
    for (const maxDepth of [0, 1001, Number.NaN]) {
      expect(() => decodeRequest(new Uint8Array(), { maxDepth })).toThrow(RangeError);
    }
  });
});

describe('the size limits', () => {
  it('refuse one byte more', () => {
    const bytes = sdkBytes(exampleRequest());
    expect(decodeRequest(bytes, { maxBytes: bytes.length })).toEqual(exampleRequest());
    expect(() => decodeRequest(bytes, { maxBytes: bytes.length - 1 })).toThrow(
      new WireError(`RunFunctionRequest has ${bytes.length} bytes, more than the limit of ${bytes.length - 1}`),
    );
    expect(() => decodeResponse(bytes, { maxBytes: 10 })).toThrow('RunFunctionResponse has');
  });

  it('refuse resources that are many and empty', () => {
    const items = Buffer.alloc(200_004, Uint8Array.of(0x0a, 0x00));
    const entry = Buffer.concat([Uint8Array.of(0x12, 0xc4, 0x9a, 0x0c), items]);
    const bytes = Buffer.concat([Uint8Array.of(0x42, 0xc8, 0x9a, 0x0c), entry]);
    expect(() => decodeRequest(bytes)).toThrow(/more than 100000 resources/);
  });
});

describe('keys', () => {
  /** The same content with the keys of every object in an order that `pick` chooses. */
  function reordered(value: unknown, random: () => number): unknown {
    if (Array.isArray(value)) return value.map((element) => reordered(element, random));
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value).map(([key, content]) => [random(), key, reordered(content, random)] as const);
    return Object.fromEntries(entries.sort(([a], [b]) => a - b).map(([, key, content]) => [key, content]));
  }

  const wide = fc.dictionary(
    fc.string({ minLength: 1, maxLength: 9 }).filter((key) => key !== '__proto__'),
    fc.nat(),
    {
      minKeys: 15,
      maxKeys: 60,
      noNullPrototype: true,
    },
  );

  it('are in the same order whatever the order of the bytes', () => {
    fc.assert(
      fc.property(objectArbitrary, wide, fc.infiniteStream(fc.nat()), (narrow, many, stream) => {
        const random = () => stream.next().value;
        const object = { narrow, many, list: [narrow, many] };
        const decode = (content: unknown) => {
          const request = decodeRequest(sdkBytes(requestWith(content as Json)));
          return JSON.stringify([request.input, request.observed?.resources.r?.resource]);
        };
        const first = decode(object);
        for (let index = 0; index < 3; index++) expect(decode(reordered(object, random))).toBe(first);
      }),
      { numRuns: 200 },
    );
  });

  it('are sorted', () => {
    const request = decodeRequest(sdkBytes(requestWith({ b: 1, a: { d: 1, c: 2 }, é: 1, Z: 1 })));
    expect(JSON.stringify(request.input)).toBe('{"Z":1,"a":{"c":2,"d":1},"b":1,"é":1}');
    expect(Object.keys(decodeRequest(sdkBytes(exampleRequest())).requiredResources)).toEqual(['config', 'missing']);
  });

  it('that objects have from Object.prototype are ordinary keys', () => {
    const object: Json = JSON.parse(
      '{"__proto__":{"polluted":true},"constructor":1,"toString":null,"valueOf":[],"1":2,"":3}',
    );
    const message = { ...requestWith(object), credentials: JSON.parse('{"__proto__":{}}') };
    const request = decodeRequest(encodeRequest(message));
    for (const decoded of [request.input ?? {}, request.observed?.resources.r?.resource ?? {}]) {
      expect(Object.keys(decoded).sort()).toEqual(Object.keys(object).sort());
      expect(Object.getPrototypeOf(decoded)).toBe(Object.prototype);
      expect(JSON.stringify(decoded)).toContain('"__proto__":{"polluted":true}');
    }
    expect(Object.keys(request.credentials)).toEqual(['__proto__']);
    expect(
      pick(
        decodeRequest(encodeRequest(message)).observed?.resources.r ?? fail(),
        JSON.parse('{"__proto__":true,"valueOf":true}'),
      ),
    ).toEqual(JSON.parse('{"__proto__":{"polluted":true},"valueOf":[]}'));
    expect(({} as Json).polluted).toBeUndefined();
  });

  it('stay right when there are more of them than are remembered', () => {
    const many = (from: number) =>
      Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`key-${from + index}`, { [`in-${from}`]: index }]));
    for (let from = 0; from < 60_000; from += 30) {
      const object = many(from);
      expect(decodeRequest(encodeRequest({ ...exampleRequest(), input: object })).input).toEqual(object);
    }
    expect(decodeRequest(sdkBytes(exampleRequest()))).toStrictEqual(exampleRequest());
  });

  it('that come twice count the last time even when they have been forgotten in between', () => {
    const entry = (key: string, value: number) =>
      Buffer.concat([Uint8Array.of(0x0a, key.length + 13, 0x0a, key.length), Buffer.from(key), number(value)]);
    const number = (value: number) => {
      const bytes = Buffer.from([0x12, 9, 0x11, 0, 0, 0, 0, 0, 0, 0, 0]);
      bytes.writeDoubleLE(value, 3);
      return bytes;
    };
    for (let round = 0; round < 2000; round++) {
      const keys = Array.from({ length: 50 }, (_, index) => `k-${round * 50 + index}`);
      const struct = Buffer.concat([...keys, keys[0] ?? ''].map((key, index) => entry(key, index)));
      const length = Uint8Array.of(0x22, (struct.length & 0x7f) | 0x80, struct.length >> 7);
      const { input } = decodeRequest(Buffer.concat([length, struct]));
      expect(input?.[keys[0] ?? '']).toBe(50);
      expect(Object.keys(input ?? {}).length).toBe(50);
    }
  });

  it('that look alike are told apart', () => {
    const object = Object.fromEntries(
      ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((letter) => [`head${letter.repeat(3)}tail`, letter]),
    );
    expect(decodeRequest(sdkBytes(requestWith(object))).input).toEqual(object);
    expect(decodeRequest(sdkBytes(requestWith({ '\0': 1, '\0\0': 2, '\0\0\0': 3 }))).input).toEqual({
      '\0': 1,
      '\0\0': 2,
      '\0\0\0': 3,
    });
  });
});

describe('values that cannot be written', () => {
  const circle: Json = {};
  circle.again = circle;
  it.each<[string, unknown, string]>([
    [
      'a bigint',
      1n,
      'cannot write RunFunctionResponse.desired.resources["my-db"].resource.spec.list[1]["a.b"]: a bigint is not a JSON value',
    ],
    ['a function', () => 0, 'a function is not a JSON value'],
    ['a symbol', Symbol('x'), 'a symbol is not a JSON value'],
    ['a Date', new Date(0), 'a Date is not a JSON value'],
    ['a Map', new Map(), 'a Map is not a JSON value'],
    ['bytes', new Uint8Array(2), 'a Uint8Array is not a JSON value'],
    ['a cycle', circle, 'nested deeper than 1000 levels, or contains itself'],
  ])('are errors with a path: %s', (_, value, message) => {
    const resources = {
      'my-db': { resource: { spec: { list: [1, { 'a.b': value }] } }, connectionDetails: {}, ready: 0 },
    };
    const encode = () => encodeResponse({ ...exampleResponse(), desired: { composite: undefined, resources } });
    expect(encode).toThrow(WireError);
    expect(encode).toThrow(message);
    expect(encode).toThrow('RunFunctionResponse.desired.resources["my-db"].resource.spec.list[1]["a.b"]');
  });

  it.each<[string, Json, string]>([
    ['meta', { tag: 5 }, 'RunFunctionResponse.meta.tag: it must be a string, not a number'],
    [
      'meta',
      { tag: '', ttl: { seconds: 0.5, nanos: 0 } },
      'RunFunctionResponse.meta.ttl.seconds: it must be an integer',
    ],
    [
      'results',
      [{ severity: 'high', message: '' }] as unknown as Json,
      'RunFunctionResponse.results[0].severity: it must be a 32-bit integer',
    ],
    ['results', {}, 'RunFunctionResponse.results: it must be a list'],
    ['context', [] as unknown as Json, 'RunFunctionResponse.context: it must be an object'],
    [
      'desired',
      { composite: { connectionDetails: { password: 'no bytes' } } },
      'composite.connectionDetails.password: it must be a Uint8Array',
    ],
    ['desired', { resources: { a: 'text' } }, 'RunFunctionResponse.desired.resources.a: it must be an object'],
  ])('are errors in the fields of messages: %s', (field, value, message) => {
    const encode = () => encodeResponse({ ...exampleResponse(), [field]: value });
    expect(encode).toThrow(WireError);
    expect(encode).toThrow(message);
  });

  it('are only those: undefined is absent, and null in a list', () => {
    const output = { gone: undefined, list: [undefined, null, Number.NaN, Number.NEGATIVE_INFINITY, -0], text: 'NaN' };
    expect(decodeResponse(encodeResponse({ ...exampleResponse(), output })).output).toStrictEqual({
      list: [null, null, Number.NaN, Number.NEGATIVE_INFINITY, -0],
      text: 'NaN',
    });
    // As a handler in JavaScript may leave it.
    const sparse = { desired: { resources: { a: { resource: {} }, b: undefined } }, meta: null } as never;
    expect(decodeResponse(encodeResponse(sparse))).toEqual({
      ...decodeResponse(new Uint8Array()),
      desired: { composite: undefined, resources: { a: { resource: {}, connectionDetails: {}, ready: 0 } } },
    });
  });

  it('do not spoil the next message', () => {
    expect(() => encodeResponse({ ...exampleResponse(), output: { bad: 1n } })).toThrow(WireError);
    expect(decodeResponse(encodeResponse(exampleResponse()))).toStrictEqual(exampleResponse());
  });
});
