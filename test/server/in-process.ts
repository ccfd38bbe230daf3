import type { RunFunctionRequest, RunFunctionResponse } from '@crossplane-org/function-sdk-typescript';
import { runFunction } from '../../src/function.ts';
import type { Settings } from '../../src/server/flags.ts';
import { createLog } from '../../src/server/log.ts';
import type { QueueLimits } from '../../src/server/queue.ts';
import { type RunningServer, startServer } from '../../src/server/server.ts';

export interface LogLine {
  readonly level: string;
  readonly message: string;
  readonly [field: string]: unknown;
}

export interface InProcess extends RunningServer {
  readonly lines: LogLine[];
}

/** The server in this process, on free ports of 127.0.0.1, plaintext unless told otherwise. */
export async function serveInProcess(
  options: {
    readonly settings?: Partial<Settings>;
    readonly handler?: (request: RunFunctionRequest) => RunFunctionResponse;
    readonly limits?: QueueLimits;
  } = {},
): Promise<InProcess> {
  const lines: LogLine[] = [];
  const settings: Settings = {
    address: { host: '127.0.0.1', port: 0 },
    tlsCertsDir: undefined,
    maxReceiveBytes: 16 * 1024 * 1024,
    debug: true,
    httpAddress: { host: '127.0.0.1', port: 0 },
    ...options.settings,
  };
  const log = createLog((line) => lines.push(JSON.parse(line)), settings.debug);
  const handler = options.handler ?? runFunction;
  const server = await startServer(settings, (request) => ({ response: handler(request) }), log, options.limits);
  return { ...server, lines };
}
