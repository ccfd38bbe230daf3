import { once } from 'node:events';
import {
  constants,
  type Http2SecureServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { Socket } from 'node:net';
import type { Server } from '@grpc/grpc-js';

const MEBIBYTE = 1024 * 1024;

/**
 * HTTP/2's default window of 65,535 bytes makes a request of 145 KB wait for the client's next round trip several times.
 * The stream window takes any usual request, the connection's a good number of them.
 */
const STREAM_WINDOW = 4 * MEBIBYTE;
const CONNECTION_WINDOW = 16 * MEBIBYTE;

/** Crossplane holds one connection per pod of its own; the rest is reserve. */
const MAX_CONNECTIONS = 512;

/**
 * Connections that are no session, because their peer has shown no certificate yet or says nothing. Whoever reaches the port can open them,
 * so a newer one ends the oldest: a client that is let in takes milliseconds to become a session, and never finds the door crowded.
 */
const MAX_STRANGERS = 128;

/** Milliseconds for a client to send its request to the end. */
const REQUEST_TIMEOUT = 60_000;

/** Any name that grpc-js does not know: it answers UNIMPLEMENTED. */
const REFUSED_ENCODING = 'not-accepted';

/** What grpc-js 1.14.7 answers to a request beyond grpc.max_receive_message_length, before anybody is asked (its stream-decoder.js). */
const TOO_LARGE = /larger than max/;

export interface ConnectionEvents {
  readonly handshakeFailed: (error: Error) => void;
  /** A request was refused for its size, with the words that the client got. */
  readonly requestTooLarge: (details: string) => void;
}

export interface Connections {
  /**
   * Closes connections whose peer answers no ping within `patience` milliseconds, and those that are no session (yet, or any more): a server
   * is closed only once all of them are. Node 20 keeps a connection that nghttp2 has ended with an error, and no longer sees the peer leave;
   * only a ping tells. To be called before sessions are told to close: destroying one after that leaves its socket open (node v20
   * lib/internal/http2/core.js finishSessionClose).
   */
  readonly dropDead: (patience: number) => Promise<void>;
}

/**
 * Sets up the connections of a bound grpc-js server: receive windows, their number, and how long a request may take to
 * arrive. grpc-js 1.14.7 has no option for the window of a server (grpc-node.flow_control_window is the client's), so this
 * reaches into its private `http2Servers`. Throws when that is not there, rather than serving slowly.
 *
 * Compressed requests are refused: Crossplane sends none, and every stream of a connection could inflate a few kilobytes to
 * the largest message.
 */
export function tuneConnections(server: Server, events: ConnectionEvents): Connections {
  /** Sessions with the peer of each. */
  const sessions = new Map<ServerHttp2Session, string>();
  /** Every connection with its peer, those that never became a session included. */
  const sockets = new Map<Socket, string>();
  /** The newest connection of each peer. The system gives a port again while a connection that broke unnoticed is still held here. */
  const newest = new Map<string, Socket>();
  /** Those of them that are no session yet, the oldest first. */
  const strangers = new Set<Socket>();
  const http2Servers: unknown = Reflect.get(server, 'http2Servers');
  if (!(http2Servers instanceof Map) || http2Servers.size === 0)
    throw new Error('this version of grpc-js keeps its HTTP/2 servers elsewhere');
  // Checked above; grpc-js types the keys so.
  for (const http2Server of http2Servers.keys() as Iterable<Http2Server | Http2SecureServer>) {
    http2Server.maxConnections = MAX_CONNECTIONS + MAX_STRANGERS;
    http2Server.on('tlsClientError', events.handshakeFailed);
    http2Server.prependListener('connection', (socket: Socket) => {
      const peer = peerOf(socket);
      sockets.set(socket, peer);
      newest.set(peer, socket);
      strangers.add(socket);
      makeRoom(strangers, MAX_STRANGERS);
      socket.once('close', () => {
        sockets.delete(socket);
        strangers.delete(socket);
        if (newest.get(peer) === socket) newest.delete(peer);
      });
    });
    // Runs before the client's first request: grpc-go sends none until it has read the settings.
    http2Server.on('session', (session: ServerHttp2Session) => {
      session.settings({ initialWindowSize: STREAM_WINDOW });
      session.setLocalWindowSize(CONNECTION_WINDOW);
      const peer = peerOf(session.socket);
      sessions.set(session, peer);
      const socket = newest.get(peer);
      if (socket) strangers.delete(socket);
      session.once('close', () => sessions.delete(session));
    });
    http2Server.prependListener('stream', (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
      if ((headers['grpc-encoding'] ?? 'identity') !== 'identity') headers['grpc-encoding'] = REFUSED_ENCODING;
      const timer = setTimeout(() => stream.close(constants.NGHTTP2_CANCEL), REQUEST_TIMEOUT).unref();
      stream.once('end', () => clearTimeout(timer));
      stream.once('close', () => clearTimeout(timer));
      // When the answer is out. The stream itself ends only when the client stops sending.
      stream.once('finish', () => {
        const details = decodeURI(String(stream.sentHeaders?.['grpc-message'] ?? ''));
        if (TOO_LARGE.test(details)) events.requestTooLarge(details);
      });
    });
  }
  return {
    async dropDead(patience) {
      await Promise.all([...sessions.keys()].map((session) => answersPing(session, patience)));
      const alive = new Set([...sessions].flatMap(([session, peer]) => (session.destroyed ? [] : [peer])));
      for (const [socket, peer] of sockets) if (!alive.has(peer) || newest.get(peer) !== socket) socket.destroy();
      // grpc-js would wait for ever for a session that is destroyed and has not said that it is closed (node v20: its close() does nothing).
      const closed = Promise.all([...sessions.keys()].map(destroyedToEnd));
      await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, patience))]);
    },
  };
}

/** Ends the oldest of `sockets` until there are no more than `most`. */
export function makeRoom(sockets: Set<Socket>, most: number): void {
  for (const socket of sockets) {
    if (sockets.size <= most) return;
    sockets.delete(socket);
    socket.destroy();
  }
}

const peerOf = ({ remoteAddress, remotePort }: Pick<Socket, 'remoteAddress' | 'remotePort'>): string =>
  `${remoteAddress} ${remotePort}`;

/** Resolves once a session is closed if it was destroyed, and at once if not. */
const destroyedToEnd = (session: ServerHttp2Session): Promise<unknown> =>
  session.destroyed ? once(session, 'close') : Promise.resolve();

/** Resolves when the peer has answered a ping, or the session is destroyed because it did not: at the latest after `patience`. */
function answersPing(session: ServerHttp2Session, patience: number): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      resolve();
    };
    // It says that it is closed only once its socket is, and a peer that keeps its half of the connection open prevents that for ever.
    const drop = (): void => {
      session.destroy();
      done();
    };
    const timer = setTimeout(drop, patience);
    session.once('close', done);
    if (session.destroyed || !session.ping((error) => error === null && done())) drop();
  });
}
