import { decodeResponse, encodeResponse } from '../../src/wire/wire.ts';
import { exampleResponse, sdkResponseBytes } from './messages.ts';

// The writer starts with a buffer of 64 KiB, which this file is the first to fill.
it.each([65_536, 262_144])('a message that fills a buffer of %d bytes to the last one is whole', (size) => {
  for (let free = 60; free >= 0; free--) {
    // Nothing but the output, whose tag is then the last byte that is written.
    const response = { ...decodeResponse(new Uint8Array()), output: { k: 'a'.repeat(size - free) } };
    expect(encodeResponse(response).equals(sdkResponseBytes(response))).toBe(true);
  }
});

it('a message of lists that contain nothing fills a buffer like any other', () => {
  for (let count = 13_000; count < 13_110; count++) {
    const output = { list: new Array(count).fill([]), more: new Array(3000).fill({}) };
    expect(decodeResponse(encodeResponse({ ...exampleResponse(), output })).output).toEqual(output);
  }
});

it('a property getter may encode a message of its own', () => {
  const inner = exampleResponse();
  const output = {
    get text() {
      return encodeResponse(inner).toString('base64');
    },
    other: 'a'.repeat(100),
  };
  expect(decodeResponse(encodeResponse({ ...inner, output })).output).toEqual({
    text: encodeResponse(inner).toString('base64'),
    other: output.other,
  });
});
