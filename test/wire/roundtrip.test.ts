import { RunFunctionRequest, RunFunctionResponse } from '@crossplane-org/function-sdk-typescript';
import fc from 'fast-check';
import { decodeRequest, decodeResponse, encodeRequest, encodeResponse } from '../../src/wire/wire.ts';
import {
  asOwn,
  exampleRequest,
  exampleResponse,
  requestArbitrary,
  responseArbitrary,
  sdkBytes,
  sdkResponseBytes,
} from './messages.ts';

describe('a request', () => {
  it('decodes to what the SDK decodes', () => {
    fc.assert(
      fc.property(requestArbitrary, (request) => {
        const bytes = sdkBytes(request);
        expect(decodeRequest(bytes)).toEqual(asOwn(RunFunctionRequest.decode(bytes)));
      }),
      { numRuns: 500 },
    );
  });

  it('encodes to what the SDK decodes', () => {
    fc.assert(
      fc.property(requestArbitrary, (request) => {
        // Not toStrictEqual: it takes a key `constructor` for the type.
        expect(RunFunctionRequest.decode(encodeRequest(request))).toEqual(RunFunctionRequest.decode(sdkBytes(request)));
      }),
      { numRuns: 500 },
    );
  });

  it('with every field in use survives both ways', () => {
    expect(decodeRequest(sdkBytes(exampleRequest()))).toStrictEqual(exampleRequest());
    expect(RunFunctionRequest.decode(encodeRequest(exampleRequest()))).toStrictEqual(exampleRequest());
    expect(encodeRequest(exampleRequest())).toEqual(sdkBytes(exampleRequest()));
  });

  it('without bytes has the defaults of the SDK', () => {
    expect(decodeRequest(new Uint8Array())).toStrictEqual(RunFunctionRequest.decode(new Uint8Array()));
  });

  it('decodes from a view into a larger buffer', () => {
    const bytes = sdkBytes(exampleRequest());
    const larger = new Uint8Array(bytes.length + 20).fill(0xff);
    larger.set(bytes, 7);
    expect(decodeRequest(larger.subarray(7, 7 + bytes.length))).toStrictEqual(exampleRequest());
  });
});

describe('a response', () => {
  it('encodes to the bytes of the SDK', () => {
    fc.assert(
      fc.property(responseArbitrary, (response) => {
        expect(encodeResponse(response).equals(sdkResponseBytes(response))).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('decodes to what the SDK decodes', () => {
    fc.assert(
      fc.property(responseArbitrary, (response) => {
        const bytes = sdkResponseBytes(response);
        expect(decodeResponse(bytes)).toEqual(asOwn(RunFunctionResponse.decode(bytes)));
      }),
      { numRuns: 500 },
    );
  });

  it('with every field in use survives both ways', () => {
    expect(decodeResponse(encodeResponse(exampleResponse()))).toStrictEqual(exampleResponse());
  });

  it.each([100, 127, 128, 16_383, 16_384, 2_097_152, 5_000_000])('carries a string of %d characters', (length) => {
    const output = { ascii: 'a'.repeat(length), other: 'é'.repeat(length), list: new Array(200).fill([[], {}]) };
    const response = { ...exampleResponse(), output };
    const bytes = encodeResponse(response);
    expect(bytes.equals(sdkResponseBytes(response))).toBe(true);
    expect(decodeResponse(bytes).output).toEqual(output);
  });

  it('carries thousands of values without content', () => {
    const response = {
      ...exampleResponse(),
      output: { list: new Array(100_000).fill([]), maps: new Array(50_000).fill({}) },
    };
    expect(encodeResponse(response).equals(sdkResponseBytes(response))).toBe(true);
  });
});
