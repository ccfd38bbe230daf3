import type { MethodDefinition } from '@grpc/grpc-js';

const passThrough = (bytes: Buffer): Buffer => bytes;

/** A method whose messages are bytes for grpc-js; what they mean is up to its implementation. */
export const bytesMethod = (
  path: string,
  streams = { request: false, response: false },
): MethodDefinition<Buffer, Buffer> => ({
  path,
  requestStream: streams.request,
  responseStream: streams.response,
  requestSerialize: passThrough,
  requestDeserialize: passThrough,
  responseSerialize: passThrough,
  responseDeserialize: passThrough,
});
