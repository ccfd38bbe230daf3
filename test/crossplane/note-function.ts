import { readFileSync } from 'node:fs';
import {
  FunctionRunnerServiceService,
  Ready,
  type RunFunctionRequest,
  RunFunctionResponse,
} from '@crossplane-org/function-sdk-typescript';
import { Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData } from '@grpc/grpc-js';

/** One ConfigMap named `copy` with the text of the Note; ready once it is there. */
export function composeNote(request: RunFunctionRequest): RunFunctionResponse {
  const { apiVersion, kind, spec } = request.observed?.composite?.resource ?? {};
  const text: unknown = spec?.text;
  const copy = { apiVersion: 'v1', kind: 'ConfigMap', data: { text } };
  const ready = request.observed?.resources.copy ? Ready.READY_TRUE : Ready.READY_FALSE;
  return RunFunctionResponse.fromPartial({
    meta: { tag: request.meta?.tag ?? '' },
    desired: {
      composite: { resource: { apiVersion, kind, status: { text } } },
      resources: { copy: { resource: copy, ready } },
    },
  });
}

/**
 * Serves `composeNote` on 127.0.0.1, as small as a function can be: it stands in for the real one where only the control
 * plane is under test. Mutual TLS with the files of `certsDir`, plaintext without. Gives the port and a way to stop.
 */
export function serveNoteFunction(certsDir?: string): Promise<{ port: number; stop: () => void }> {
  const server = new Server();
  server.addService(FunctionRunnerServiceService, {
    runFunction: (
      call: ServerUnaryCall<RunFunctionRequest, RunFunctionResponse>,
      done: sendUnaryData<RunFunctionResponse>,
    ) => done(null, composeNote(call.request)),
  });
  const credentials = certsDir
    ? ServerCredentials.createSsl(
        readFileSync(`${certsDir}/ca.crt`),
        [{ private_key: readFileSync(`${certsDir}/tls.key`), cert_chain: readFileSync(`${certsDir}/tls.crt`) }],
        true,
      )
    : ServerCredentials.createInsecure();
  return new Promise((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', credentials, (error, port) => {
      if (error) reject(error);
      else resolve({ port, stop: () => server.forceShutdown() });
    });
  });
}
