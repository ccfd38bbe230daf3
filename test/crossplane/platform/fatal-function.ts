import { readFileSync } from 'node:fs';
import {
  FunctionRunnerServiceService,
  type RunFunctionRequest,
  RunFunctionResponse,
  Severity,
} from '@crossplane-org/function-sdk-typescript';
import { Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData } from '@grpc/grpc-js';

/** Serves a function that refuses everything, with the given sentence, over mutual TLS with the files of `certsDir`. */
export function serveFatalFunction(
  certsDir: string,
  sentence: string,
): Promise<{ readonly port: number; readonly calls: () => number; stop(): void }> {
  let calls = 0;
  const server = new Server();
  server.addService(FunctionRunnerServiceService, {
    runFunction: (
      { request }: ServerUnaryCall<RunFunctionRequest, RunFunctionResponse>,
      done: sendUnaryData<RunFunctionResponse>,
    ) => {
      calls += 1;
      done(
        null,
        RunFunctionResponse.fromPartial({
          meta: { tag: request.meta?.tag ?? '' },
          results: [{ severity: Severity.SEVERITY_FATAL, message: sentence }],
        }),
      );
    },
  });
  const credentials = ServerCredentials.createSsl(
    readFileSync(`${certsDir}/ca.crt`),
    [{ private_key: readFileSync(`${certsDir}/tls.key`), cert_chain: readFileSync(`${certsDir}/tls.crt`) }],
    true,
  );
  return new Promise((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', credentials, (error, port) => {
      if (error) reject(error);
      else resolve({ port, calls: () => calls, stop: () => server.forceShutdown() });
    });
  });
}
