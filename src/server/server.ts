import type { Server as HttpServer } from 'node:http';
import { Server, ServerCredentials, setLogger } from '@grpc/grpc-js';
import type { Handler } from './answer.ts';
import { tuneConnections } from './connections.ts';
import { loadTls, type Tls } from './credentials.ts';
import { deferMetrics } from './deferred-metrics.ts';
import { type Address, formatAddress, type Settings } from './flags.ts';
import { addHealthService, HEALTH_SERVICE } from './health.ts';
import { serveHttp } from './http.ts';
import { errorFields, type Log } from './log.ts';
import type { Metrics } from './metrics.ts';
import { createQueue, type QueueLimits } from './queue.ts';
import { addReflection } from './reflection.ts';
import { FUNCTION_SERVICES, functionService, runFunctionMethod } from './service.ts';

const MEBIBYTE = 1024 * 1024;

/**
 * Streams per connection, which clients keep to by waiting: as many as docs/scaling.md advises reconciles at once (--max-reconcile-rate).
 * Each may bring a whole request, which takes some three times its size until it is answered, and a pod has 256 MiB.
 */
const MAX_STREAMS = 200;

/** Room for all streams of four connections; of large requests for fewer. */
const QUEUE: QueueLimits = { calls: 4 * MAX_STREAMS, bytes: 64 * MEBIBYTE };

/** Milliseconds that a peer has for the answer to a ping when the server stops. */
const PING_PATIENCE = 2000;

/** Milliseconds between two looks at the certificate files. Kubelet itself takes up to a minute to update them. */
const RELOAD_INTERVAL = 10_000;

/** Milliseconds after which the metrics' library is loaded: not before the first answer, and before anybody scrapes. */
const METRICS_DELAY = 1000;

export interface RunningServer {
  readonly port: number;
  readonly httpPort: number | undefined;
  /** Looks at the certificate files now. */
  readonly reload: () => void;
  /**
   * Takes no more calls and waits for those that run, at most `deadline` milliseconds after a moment in which dead connections
   * are dropped. Gives whether all ended by themselves.
   */
  readonly stop: (deadline: number) => Promise<boolean>;
}

/** Something that keeps the server from starting; the message is one line for the user. */
export class StartError extends Error {
  override readonly name = 'StartError';
}

/** Starts the server. Rejects with a StartError or a CertificateError when it cannot. */
export async function startServer(
  settings: Settings,
  handler: Handler,
  log: Log,
  limits = QUEUE,
): Promise<RunningServer> {
  // What grpc-js writes by itself is about things that are reported here anyway.
  const grpcLog = (message: unknown): void => log('debug', 'grpc-js', { details: String(message) });
  setLogger({ error: grpcLog, info: grpcLog, debug: grpcLog });
  const metrics = deferMetrics();
  const tls = settings.tlsCertsDir === undefined ? undefined : loadTls(settings.tlsCertsDir, tlsEvents(metrics, log));
  const grpc = new Server({
    'grpc.max_receive_message_length': settings.maxReceiveBytes,
    'grpc.max_concurrent_streams': MAX_STREAMS,
    // A peer that has vanished is noticed, and its calls with it, within 40 seconds.
    'grpc.keepalive_time_ms': 30_000,
    'grpc.keepalive_timeout_ms': 10_000,
    // grpc-go looks up the addresses of a Service again when a connection ends, and so finds replicas that came later.
    'grpc.max_connection_age_ms': 600_000,
    'grpc.max_connection_age_grace_ms': 120_000,
    'grpc.enable_channelz': 0,
  });
  const queue = createQueue(limits);
  const method = runFunctionMethod(handler, queue, metrics, log);
  for (const name of FUNCTION_SERVICES) grpc.addService(functionService(name), { runFunction: method });
  const health = addHealthService(grpc, FUNCTION_SERVICES);
  addReflection(grpc, [...FUNCTION_SERVICES, HEALTH_SERVICE]);

  const port = await bind(grpc, settings.address, tls);
  const connections = tuneConnections(grpc, {
    handshakeFailed(error) {
      metrics.handshakeFailed();
      log('debug', 'TLS handshake failed', errorFields(error));
    },
    requestTooLarge(details) {
      metrics.requestTooLarge();
      log('error', 'call refused: its request is larger than --max-recv-message-size', { details });
    },
  });
  let ready = true;
  const http = settings.httpAddress && (await startHttp(grpc, settings.httpAddress, metrics, () => ready));
  const timer = tls && setInterval(tls.reload, RELOAD_INTERVAL).unref();
  const loading = setTimeout(metrics.load, METRICS_DELAY).unref();
  return {
    port,
    httpPort: http && portOf(http),
    reload: () => tls?.reload(),
    async stop(deadline) {
      ready = false;
      health.stop();
      clearInterval(timer);
      clearTimeout(loading);
      await connections.dropDead(Math.min(PING_PATIENCE, deadline));
      const drained = await drain(grpc, deadline);
      http?.close();
      http?.closeAllConnections();
      return drained;
    },
  };
}

function tlsEvents(metrics: Metrics, log: Log): Parameters<typeof loadTls>[1] {
  return {
    loaded(validTo, first) {
      metrics.certificateExpires(validTo);
      log(validTo < new Date() ? 'error' : 'info', first ? 'certificates loaded' : 'certificates reloaded', {
        validTo: validTo.toISOString(),
      });
    },
    rejected: (error) =>
      log('error', 'changed certificates cannot be used, keeping those in use', { details: error.message }),
  };
}

async function bind(grpc: Server, address: Address, tls: Tls | undefined): Promise<number> {
  const credentials = tls?.credentials ?? ServerCredentials.createInsecure();
  const listen = (at: Address): Promise<number> =>
    new Promise((resolve, reject) => {
      grpc.bindAsync(formatAddress(at), credentials, (error, port) => (error ? reject(error) : resolve(port)));
    });
  try {
    if (address.host !== undefined) return await listen(address);
    // "::" takes IPv4 as well, except where the kernel has no IPv6.
    return await listen({ ...address, host: '::' }).catch((error: unknown) => {
      if (/EAFNOSUPPORT|EADDRNOTAVAIL/.test(String(error))) return listen({ ...address, host: '0.0.0.0' });
      throw error;
    });
  } catch (error) {
    throw new StartError(`cannot listen on ${formatAddress(address)}: ${bindFailure(error)}`);
  }
}

async function startHttp(grpc: Server, address: Address, metrics: Metrics, ready: () => boolean): Promise<HttpServer> {
  try {
    return await serveHttp(address, metrics, ready);
  } catch (error) {
    grpc.forceShutdown();
    throw new StartError(`cannot listen on ${formatAddress(address)} for health and metrics: ${bindFailure(error)}`);
  }
}

/** The system's code for it, such as EADDRINUSE, which grpc-js wraps into its own words. */
function bindFailure(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return /\bE[A-Z]{4,}\b/.exec(message)?.[0] ?? message.split('\n', 1)[0] ?? '';
}

function portOf(http: HttpServer): number | undefined {
  const address = http.address();
  return typeof address === 'object' && address !== null ? address.port : undefined;
}

function drain(grpc: Server, deadline: number): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      grpc.forceShutdown();
      resolve(false);
    }, deadline);
    grpc.tryShutdown(() => {
      clearTimeout(timer);
      resolve(true);
    });
  });
}
