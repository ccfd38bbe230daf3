// What grpc-js costs by itself, with its own defaults: answers every request with the same bytes and reads nothing. With --requests it
// also runs the handler for each, on objects that were decoded before: what that costs more is the handler, run where a server runs it.
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { RunFunctionRequest } from '@crossplane-org/function-sdk-typescript';
import { Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData } from '@grpc/grpc-js';
import { runFunction } from '../src/function.ts';
import { readMessages } from './requests-file.ts';

const { values } = parseArgs({
  options: {
    address: { type: 'string', default: '' },
    'tls-certs-dir': { type: 'string' },
    response: { type: 'string', default: '' },
    requests: { type: 'string' },
  },
});
const response = readFileSync(values.response);
/** Decoded requests take some ten times their bytes; these are enough orders of keys to run through. */
const DECODED = 32;
const decoded = (values.requests === undefined ? [] : readMessages(values.requests))
  .slice(0, DECODED)
  .map((message) => RunFunctionRequest.decode(message));
let call = 0;
const passThrough = (bytes: Buffer): Buffer => bytes;
const server = new Server();
server.addService(
  {
    runFunction: {
      path: '/apiextensions.fn.proto.v1.FunctionRunnerService/RunFunction',
      requestStream: false,
      responseStream: false,
      requestSerialize: passThrough,
      requestDeserialize: passThrough,
      responseSerialize: passThrough,
      responseDeserialize: passThrough,
    },
  },
  {
    runFunction(_call: ServerUnaryCall<Buffer, Buffer>, respond: sendUnaryData<Buffer>) {
      const request = decoded[call++ % DECODED];
      if (request) runFunction(request, Date.now());
      respond(null, response);
    },
  },
);
const certsDir = values['tls-certs-dir'];
const credentials = certsDir
  ? ServerCredentials.createSsl(
      readFileSync(`${certsDir}/ca.crt`),
      [{ private_key: readFileSync(`${certsDir}/tls.key`), cert_chain: readFileSync(`${certsDir}/tls.crt`) }],
      true,
    )
  : ServerCredentials.createInsecure();
server.bindAsync(values.address, credentials, (error) => {
  if (error) throw error;
});
