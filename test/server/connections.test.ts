import { EventEmitter } from 'node:events';
import type { ServerHttp2Session } from 'node:http2';
import { Server } from '@grpc/grpc-js';
import { tuneConnections } from '../../src/server/connections.ts';

interface Peer {
  readonly destroyed?: boolean;
  /** What the session gives for a ping: whether it was sent. */
  readonly ping: (answer: (error: Error | null) => void) => boolean;
  readonly closes?: boolean;
}

/** A session as Node's, of which a test says what its peer does. */
function session({ destroyed = false, ping, closes = true }: Peer) {
  const events = new EventEmitter();
  const made = Object.assign(events, {
    destroyed,
    ping,
    settings: () => {},
    setLocalWindowSize: () => {},
    destroy() {
      made.destroyed = true;
      if (closes) events.emit('close');
    },
  });
  return made as typeof made & Pick<ServerHttp2Session, 'destroyed'>;
}

/** The socket of a peer. */
function connection(remotePort: number) {
  const made = Object.assign(new EventEmitter(), {
    remoteAddress: '127.0.0.1',
    remotePort,
    destroyed: false,
    destroy() {
      made.destroyed = true;
    },
  });
  return made;
}

const mute = () => true;
const answers = (answer: (error: Error | null) => void): boolean => {
  setImmediate(answer, null);
  return true;
};

async function dropped(peer: Peer): Promise<boolean> {
  const server = new Server();
  const http2Server = new EventEmitter();
  Reflect.set(server, 'http2Servers', new Map([[http2Server, {}]]));
  const connections = tuneConnections(server, { handshakeFailed: () => {}, requestTooLarge: () => {} });
  // The port of the first is given again, though nobody here was told that its connection broke.
  const [broken, socket, silent] = [connection(1), connection(1), connection(2)];
  for (const each of [broken, socket, silent]) http2Server.emit('connection', each);
  const of = Object.assign(session(peer), { socket });
  http2Server.emit('session', of);
  await connections.dropDead(20);
  expect(socket.destroyed).toBe(of.destroyed);
  // A connection that never became a session would keep the server from closing.
  expect([broken.destroyed, silent.destroyed]).toEqual([true, true]);
  return of.destroyed;
}

it.each<[string, Peer, boolean]>([
  ['keeps a peer that answers', { ping: answers }, false],
  ['drops a peer that does not', { ping: mute }, true],
  ['drops a peer to which no ping can be sent', { ping: () => false }, true],
  ['does not wait for a peer that keeps its half open', { ping: mute, closes: false }, true],
  ['does not wait for a session that was destroyed before', { destroyed: true, ping: mute, closes: false }, true],
])('%s', async (_, peer, outcome) => {
  expect(await dropped(peer)).toBe(outcome);
});
