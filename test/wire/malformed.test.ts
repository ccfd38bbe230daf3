import { RunFunctionRequest, RunFunctionResponse } from '@crossplane-org/function-sdk-typescript';
import fc from 'fast-check';
import { decodeRequest, decodeResponse, pick, WireError } from '../../src/wire/wire.ts';
import { asOwn, exampleRequest, exampleResponse, readAll, sdkBytes, sdkResponseBytes } from './messages.ts';

type Verdict = { readonly value: unknown } | 'refused';

/** What decoding everything gives; any error but a WireError fails the test. */
function verdict(decode: (bytes: Uint8Array) => unknown, bytes: Uint8Array): Verdict {
  try {
    return { value: readAll(decode(bytes)) };
  } catch (error) {
    expect(error).toBeInstanceOf(WireError);
    expect((error as WireError).message).not.toMatch(/\n|s3cret/);
    return 'refused';
  }
}

function check(bytes: Uint8Array): boolean {
  let accepted = false;
  for (const [own, sdk] of [
    [decodeRequest, (content: Uint8Array) => RunFunctionRequest.decode(content)],
    [decodeResponse, (content: Uint8Array) => RunFunctionResponse.decode(content)],
  ] as const) {
    const answer = verdict(own, bytes);
    if (answer === 'refused') continue;
    accepted = true;
    expect(answer.value).toEqual(asOwn(sdk(bytes)));
  }
  return accepted;
}

const messages = { request: sdkBytes(exampleRequest()), response: sdkResponseBytes(exampleResponse()) };

describe.each(Object.entries(messages))('a damaged %s', (_, bytes) => {
  it('that is cut off is refused or what the SDK makes of it', () => {
    let accepted = 0;
    for (let length = 0; length <= bytes.length; length++) {
      // A copy, so that reading past the end is reading past the buffer.
      if (check(Uint8Array.from(bytes.subarray(0, length)))) accepted++;
    }
    // A message ends where a field ends.
    expect(accepted).toBeGreaterThan(5);
    expect(accepted).toBeLessThan(bytes.length / 10);
  });

  it('with random damage is refused or what the SDK makes of it', () => {
    const at = fc.nat(bytes.length - 1);
    const damage = fc.oneof(
      fc.tuple(at, fc.nat(255)).map(
        ([index, byte]) =>
          (input: number[]) =>
            input.splice(index, 1, byte),
      ),
      fc.tuple(at, fc.nat(7)).map(
        ([index, bit]) =>
          (input: number[]) =>
            input.splice(index, 1, (input[index] ?? 0) ^ (1 << bit)),
      ),
      fc.tuple(at, fc.uint8Array({ minLength: 1, maxLength: 8 })).map(
        ([index, extra]) =>
          (input: number[]) =>
            input.splice(index, 0, ...extra),
      ),
      fc.tuple(at, fc.nat(20)).map(
        ([index, count]) =>
          (input: number[]) =>
            input.splice(index, count),
      ),
      fc.tuple(at, at, fc.nat(60)).map(
        ([from, to, count]) =>
          (input: number[]) =>
            input.splice(to, 0, ...input.slice(from, from + count)),
      ),
      fc.tuple(at, at, fc.nat(60)).map(
        ([from, to, count]) =>
          (input: number[]) =>
            input.splice(to, count, ...input.slice(from, from + count)),
      ),
    );
    let accepted = 0;
    fc.assert(
      fc.property(fc.array(damage, { minLength: 1, maxLength: 3 }), (damages) => {
        const input = [...bytes];
        for (const apply of damages) apply(input);
        if (check(Uint8Array.from(input))) accepted++;
      }),
      { numRuns: 4000 },
    );
    expect(accepted).toBeGreaterThan(100);
  });
});

it('random bytes are refused or what the SDK makes of them', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      check(bytes);
    }),
    { numRuns: 5000 },
  );
});

/** A length-delimited field. */
function field(number: number, ...content: (number | Uint8Array)[]): Uint8Array {
  const bytes = Buffer.concat(content.map((part) => (typeof part === 'number' ? Uint8Array.of(part) : part)));
  const length = bytes.length < 128 ? [bytes.length] : [(bytes.length & 0x7f) | 0x80, bytes.length >> 7];
  return Buffer.concat([Uint8Array.of((number << 3) | 2, ...length), bytes]);
}

/** A request whose input is a Struct with one field `k` of this Value. */
function inputWith(...value: (number | Uint8Array)[]): Uint8Array {
  return field(4, field(1, field(1, Buffer.from('k')), field(2, ...value)));
}

/** A request with one observed resource `r` of these bytes. */
function observedWith(...resource: (number | Uint8Array)[]): Uint8Array {
  return field(2, field(2, field(1, Buffer.from('r')), field(2, ...resource)));
}

describe('fields', () => {
  it.each([
    ['a varint', [0xf8, 0x07, 0x96, 0x01]],
    ['64 bits', [0xf9, 0x07, 1, 2, 3, 4, 5, 6, 7, 8]],
    ['32 bits', [0xfd, 0x07, 1, 2, 3, 4]],
    ['bytes', [0xfa, 0x07, 2, 0xff, 0xff]],
  ])('that are unknown are skipped everywhere: %s', (_, unknown) => {
    const extra = Uint8Array.from(unknown);
    const entry = field(1, field(1, Buffer.from('k')), extra, field(2, extra, field(3, Buffer.from('v')), extra));
    const resource = [extra, field(1, extra, entry, extra), extra, 0x18, 1];
    const bytes = Buffer.concat([
      extra,
      field(1, extra, field(1, Buffer.from('tag'))),
      field(2, extra, field(1, ...resource), field(2, field(1, Buffer.from('r')), extra, field(2, ...resource))),
      field(4, field(1, field(1, Buffer.from('k')), field(2, field(6, extra, field(1, extra, 0x20, 1))))),
      field(9, field(1, Buffer.from('s')), field(2, extra)),
    ]);
    const request = decodeRequest(bytes);
    expect(readAll(request)).toEqual(RunFunctionRequest.decode(bytes));
    expect(request.observed?.resources.r?.resource).toEqual({ k: 'v' });
    expect(request.input).toEqual({ k: [true] });
  });

  it('of the wrong wire type are unknown fields', () => {
    const bytes = Buffer.concat(
      [[0x08, 1], [0x11, 1, 2, 3, 4, 5, 6, 7, 8], [0x1d, 1, 2, 3, 4], inputWith(0x18, 1, 0x20, 1)].map((part) =>
        Uint8Array.from(part),
      ),
    );
    expect(decodeRequest(bytes)).toStrictEqual({ ...RunFunctionRequest.decode(new Uint8Array()), input: { k: true } });
  });

  it('that come twice count the last time, as in the SDK', () => {
    const meta = (tag: string) => field(1, field(1, Buffer.from(tag)));
    const struct = (value: string) =>
      field(1, field(1, field(1, Buffer.from('k')), field(2, field(3, Buffer.from(value)))));
    const bytes = Buffer.concat([
      meta('one'),
      meta('two'),
      observedWith(struct('1'), 0x18, 1, struct('2'), 0x18, 2),
      field(
        4,
        field(1, field(1, Buffer.from('a')), field(2, 0x20, 1)),
        field(1, field(1, Buffer.from('a')), field(2, 0x20, 0)),
      ),
    ]);
    const request = decodeRequest(bytes);
    expect(readAll(request)).toEqual(RunFunctionRequest.decode(bytes));
    expect(request.observed?.resources.r).toMatchObject({ resource: { k: '2' }, ready: 2 });
    expect(pick(request.observed?.resources.r ?? fail(), { k: true })).toEqual({ k: '2' });
  });

  it('that come twice and hold resources leave the rest of the message alone', () => {
    const bytes = sdkBytes(exampleRequest());
    const twice = Buffer.concat([bytes, bytes]);
    expect(readAll(decodeRequest(twice))).toEqual(RunFunctionRequest.decode(twice));
    const entry = field(
      2,
      field(1, Buffer.from('r')),
      field(2, field(1), field(2, field(1, 0x61), field(2, 0x62)), 0x18, 1),
    );
    const state = field(2, entry, entry, field(1, 0x18, 1), field(1, field(1), 0x18, 2), entry);
    expect(readAll(decodeRequest(Buffer.concat([state, state, field(4)])))).toEqual(
      RunFunctionRequest.decode(Buffer.concat([state, state, field(4)])),
    );
  });

  it('of a map entry come in any order, and a key alone is no entry', () => {
    const value = field(2, field(3, Buffer.from('v')));
    const key = field(1, Buffer.from('k'));
    expect(decodeRequest(field(4, field(1, value, key))).input).toEqual({ k: 'v' });
    expect(decodeRequest(field(4, field(1, value))).input).toEqual({ '': 'v' });
    expect(decodeRequest(field(4, field(1, key))).input).toEqual({});
    expect(decodeRequest(field(2, field(2, key))).observed).toEqual({ composite: undefined, resources: {} });
  });

  it('that are Values with nothing in them are absent, and null in a list', () => {
    expect(decodeRequest(inputWith()).input).toEqual({});
    expect(decodeRequest(inputWith(field(6, field(1), field(1, 0x20, 1)))).input).toEqual({ k: [null, true] });
  });

  it('that are packed and unpacked integers are the same', () => {
    expect(decodeRequest(field(1, field(2, 1, 2), 0x10, 3)).meta?.capabilities).toEqual([1, 2, 3]);
  });

  it('that are negative enums are read as 64 bits', () => {
    const minusOne = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01];
    expect(decodeRequest(observedWith(0x18, ...minusOne)).observed?.resources.r?.ready).toBe(-1);
  });
});

describe('bytes are refused', () => {
  const huge = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01];
  it.each<[string, Uint8Array, RegExp]>([
    ['a varint of eleven bytes', Uint8Array.of(0x08, ...huge), /longer than 64 bits/],
    ['a varint of 65 bits', Uint8Array.of(0x08, ...huge.slice(0, 9), 0x02), /longer than 64 bits/],
    ['a varint without end', Uint8Array.of(0x08, 0x80), /byte 1: a varint is cut off/],
    ['a tag beyond 32 bits', Uint8Array.of(0x8a, 0x80, 0x80, 0x80, 0x10), /field number is out of range/],
    ['field number zero', Uint8Array.of(0x02, 0x00), /field number 0/],
    ['a length of 2^32', Uint8Array.of(0x0a, 0x80, 0x80, 0x80, 0x80, 0x10), /length of 4294967296 bytes/],
    ['a length of 2^63', Uint8Array.of(0x0a, ...huge.slice(0, 9), 0x01), /length of -1 bytes|beyond 2\^53/],
    ['a length beyond its message', field(1, 0x0a, 3, 0x61), /length of 3 bytes runs past/],
    [
      'a length beyond its message but inside the next',
      Buffer.concat([field(1, 0x0a, 3, 0x61), field(1)]),
      /length of 3/,
    ],
    ['a group', Uint8Array.of(0x53, 0x54), /wire type 3/],
    ['the end of a group', Uint8Array.of(0x0c), /wire type 4/],
    ['wire type 7', Uint8Array.of(0x57), /wire type 7/],
    ['a double that is cut off', inputWith(0x11, 1, 2, 3), /cut off/],
    ['a string that is not UTF-8', inputWith(field(3, 0x61, 0xff)), /not valid UTF-8/],
    ['a surrogate in a string', inputWith(field(3, 0xed, 0xa0, 0x80)), /not valid UTF-8/],
    ['a key that is not UTF-8', field(4, field(1, field(1, 0xc3), field(2, 0x20, 1))), /not valid UTF-8/],
    ['a tag that is not UTF-8', field(1, field(1, 0xff)), /not valid UTF-8/],
    ['a Value with two values', inputWith(0x20, 1, field(3, Buffer.from('v'))), /more than one value/],
    ['a map entry with two values', field(4, field(1, field(2), field(2))), /two values/],
    ['a map entry with two keys', field(4, field(1, field(1), field(1))), /two keys/],
    ['a damaged object before a good one', observedWith(field(1, 0x0a, 9), field(1)), /length of 9 bytes/],
    ['a damaged resource before a good one', field(2, field(1, field(1, 0x0a, 9)), field(1)), /length of 9 bytes/],
    [
      'a damaged state before a good one',
      Buffer.concat([observedWith(field(1, 0x0a, 9)), field(2)]),
      /length of 9 bytes/,
    ],
    ['a lazy resource with a damaged object', observedWith(field(1, 0x0a, 9)), /length of 9 bytes/],
    ['a lazy resource with damaged connection details', observedWith(field(2, 0x0a, 9)), /length of 9 bytes/],
  ])('for %s', (_, bytes, message) => {
    expect(() => readAll(decodeRequest(bytes))).toThrow(WireError);
    expect(() => readAll(decodeRequest(bytes))).toThrow(message);
  });

  it('but not for a U+FFFD that was sent, nor for a byte order mark', () => {
    expect(decodeRequest(inputWith(field(3, Buffer.from('\ufeffa\ufffdb')))).input).toEqual({ k: '\ufeffa\ufffdb' });
  });

  it('and an error leaves nothing behind for the next message', () => {
    const good = sdkBytes(exampleRequest());
    for (let index = 0; index < 50; index++) {
      expect(() => decodeRequest(field(4, field(1, field(1, 0x61), field(2, 0x20, 1)), 0x0a, 9))).toThrow(WireError);
      expect(decodeRequest(good)).toStrictEqual(exampleRequest());
    }
  });
});
