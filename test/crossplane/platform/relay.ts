import { connect as connectTo, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Relay {
  /** The port of 127.0.0.1 that it listens on, for as long as it lives. */
  readonly port: number;
  /** Where new connections lead to from now on; those that are open are cut. */
  leadTo(port: number): void;
  /** Milliseconds by which everything that is sent through it, in either direction, comes later. */
  delay(milliseconds: number): void;
  stop(): Promise<void>;
}

/** Passes TCP connections on: an address that stays while what stands behind it is replaced, as a Service's does. */
export function startRelay(): Promise<Relay> {
  let target: number | undefined;
  let late = 0;
  const open = new Set<Socket>();
  const cut = (): void => {
    for (const socket of open) socket.destroy();
  };
  const pass = async (from: Socket, to: Socket): Promise<void> => {
    for await (const chunk of from) {
      if (late > 0) await sleep(late);
      if (!to.write(chunk)) await new Promise((resolve) => to.once('drain', resolve).once('close', resolve));
    }
    to.end();
  };
  const server = createServer((socket) => {
    if (target === undefined) {
      socket.destroy();
      return;
    }
    const onward = connectTo(target, '127.0.0.1');
    for (const [each, other] of [
      [socket, onward],
      [onward, socket],
    ] as const) {
      open.add(each);
      each.setNoDelay(true);
      each.on('close', () => {
        open.delete(each);
        other.destroy();
      });
      // Its end tells the rest.
      each.on('error', () => {});
      pass(each, other).catch(() => other.destroy());
    }
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      if (address === null || typeof address === 'string') {
        reject(new Error('no TCP address'));
        return;
      }
      resolve({
        port: address.port,
        leadTo: (port) => {
          target = port;
          cut();
        },
        delay: (milliseconds) => {
          late = milliseconds;
        },
        stop: async () => {
          cut();
          await new Promise((done) => server.close(done));
        },
      });
    });
  });
}
