// What grpc-js costs by itself, with its own defaults: answers every request with the same bytes and reads nothing.
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData } from '@grpc/grpc-js';

const { values } = parseArgs({
  options: {
    address: { type: 'string', default: '' },
    'tls-certs-dir': { type: 'string' },
    response: { type: 'string', default: '' },
  },
});
const response = readFileSync(values.response);
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
  { runFunction: (_call: ServerUnaryCall<Buffer, Buffer>, respond: sendUnaryData<Buffer>) => respond(null, response) },
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
