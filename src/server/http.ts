import { createServer, type Server } from 'node:http';
import type { Socket } from 'node:net';
import { makeRoom } from './connections.ts';
import type { Address } from './flags.ts';
import type { Metrics } from './metrics.ts';

/**
 * Connections that are kept. Anybody can open them and say nothing, so a newer one ends the oldest: the kubelet, which ends a pod whose
 * probes fail, is always the newest.
 */
const MAX_CONNECTIONS = 64;

/** Milliseconds for a request to arrive. */
const REQUEST_TIMEOUT = 10_000;

/**
 * Serves /healthz, /readyz and /metrics in plaintext, for the kubelet and Prometheus: Kubernetes' gRPC probe cannot present a
 * client certificate. Rejects when the address cannot be bound.
 */
export function serveHttp(address: Address, metrics: Metrics, ready: () => boolean): Promise<Server> {
  const options = {
    requestTimeout: REQUEST_TIMEOUT,
    headersTimeout: REQUEST_TIMEOUT,
    connectionsCheckingInterval: 1000,
  };
  const server = createServer(options, (request, response) => {
    const send = (status: number, text: string, contentType = 'text/plain; charset=utf-8'): void => {
      response.writeHead(status, { 'content-type': contentType });
      response.end(request.method === 'HEAD' ? undefined : text);
    };
    if (request.method !== 'GET' && request.method !== 'HEAD') return send(405, 'only GET and HEAD\n');
    switch (request.url?.split('?', 1)[0]) {
      case '/healthz':
        return send(200, 'ok\n');
      case '/readyz':
        return ready() ? send(200, 'ok\n') : send(503, 'not ready\n');
      case '/metrics':
        return metrics.expose().then(
          ({ contentType, text }) => send(200, text, contentType),
          () => send(500, 'metrics failed\n'),
        );
      default:
        return send(404, 'not found\n');
    }
  });
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    makeRoom(sockets, MAX_CONNECTIONS);
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(address.port, address.host, () => {
      server.off('error', reject);
      resolve(server);
    });
  });
}
