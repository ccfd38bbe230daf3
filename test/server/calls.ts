import { readFileSync } from 'node:fs';
import type { SecureContext } from 'node:tls';
import {
  FunctionRunnerServiceService,
  RunFunctionRequest,
  RunFunctionResponse,
} from '@crossplane-org/function-sdk-typescript';
import { ChannelCredentials, Client, credentials, type Metadata, type ServiceError } from '@grpc/grpc-js';
import { oneRegion, request, xr } from '../support/requests.ts';

export const RUN_FUNCTION = FunctionRunnerServiceService.runFunction.path;
export const RUN_FUNCTION_BETA = RUN_FUNCTION.replace('.v1.', '.v1beta1.');

/** A valid request for the XR `orders` in team-a, as bytes of the SDK's codec. */
export const goodRequest = (): Buffer =>
  Buffer.from(RunFunctionRequest.encode(RunFunctionRequest.fromPartial(request(xr('namespaced', oneRegion)))).finish());

/** Credentials of a client whose certificate directory has the layout of a Kubernetes TLS Secret. */
export const clientCredentials = (certsDir: string): ChannelCredentials =>
  credentials.createSsl(
    readFileSync(`${certsDir}/ca.crt`),
    readFileSync(`${certsDir}/tls.key`),
    readFileSync(`${certsDir}/tls.crt`),
  );

/** A client on one connection of its own; plaintext without credentials. */
export const connect = (
  port: number,
  channel: ChannelCredentials | SecureContext = credentials.createInsecure(),
): Client =>
  new Client(
    `127.0.0.1:${port}`,
    channel instanceof ChannelCredentials ? channel : credentials.createFromSecureContext(channel),
    {
      'grpc.ssl_target_name_override': 'localhost',
      'grpc.use_local_subchannel_pool': 1,
      'grpc.max_receive_message_length': -1,
    },
  );

const passThrough = (bytes: Buffer): Buffer => bytes;

export interface CallOptions {
  readonly path?: string;
  /** Milliseconds from now. */
  readonly deadline?: number;
  readonly metadata?: Metadata;
}

/** One unary call with bytes for messages. Rejects with grpc-js's ServiceError. */
export function callBytes(
  client: Client,
  message: Buffer,
  { path = RUN_FUNCTION, deadline = 10_000 }: CallOptions = {},
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(
      path,
      passThrough,
      passThrough,
      message,
      { deadline: Date.now() + deadline },
      (error, value) => {
        if (error) reject(error);
        else resolve(value ?? Buffer.alloc(0));
      },
    );
  });
}

/** RunFunction, with the SDK's codec for the response. */
export async function callFunction(
  client: Client,
  message = goodRequest(),
  options?: CallOptions,
): Promise<RunFunctionResponse> {
  return RunFunctionResponse.decode(await callBytes(client, message, options));
}

/** The gRPC status of a call that is expected to fail; undefined when it does not. */
export const statusOf = (call: Promise<unknown>): Promise<number | undefined> =>
  call.then(
    () => undefined,
    (error: ServiceError) => error.code,
  );
