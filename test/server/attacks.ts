import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect as connectHttp2, constants } from 'node:http2';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import { gzipSync } from 'node:zlib';
import { type Client, credentials } from '@grpc/grpc-js';
import type { Certificates } from './authorities.ts';
import { callBytes, clientCredentials, connect, goodRequest, RUN_FUNCTION, statusOf } from './calls.ts';
import {
  callFrames,
  dataFrames,
  FLAG,
  FRAME,
  frame,
  grpcHeaders,
  grpcMessage,
  headerBlock,
  openSocket,
  openTls,
  PING,
  PREFACE,
  readFrames,
  unfinishedCallFrames,
} from './frames.ts';

export interface Target {
  readonly port: number;
  readonly httpPort: number;
  readonly certificates: Certificates;
}

/** Does its worst and lets go of everything. What it gives is compared with what the suite expects, if anything. */
export type Attack = (target: Target) => Promise<unknown>;

const identity = (certsDir: string): ConnectionOptions => ({
  ca: readFileSync(`${certsDir}/ca.crt`),
  cert: readFileSync(`${certsDir}/tls.crt`),
  key: readFileSync(`${certsDir}/tls.key`),
});

/** An HTTP/2 connection as a client that is let in, for sending frames by hand. */
const authenticated = ({ port, certificates }: Target): Promise<Socket> => openTls(port, identity(certificates.client));

/** Writes and gives whether the server closed the connection within `wait` milliseconds. */
async function writeAndWatch(socket: Socket, bytes: Buffer, wait = 1500): Promise<'closed' | 'open'> {
  socket.resume();
  const closed = new Promise<'closed'>((resolve) => socket.once('close', () => resolve('closed')));
  socket.write(bytes);
  const outcome = await Promise.race([closed, sleep(wait, 'open' as const)]);
  socket.destroy();
  return outcome;
}

async function withClient<T>(client: Client, use: (client: Client) => Promise<T>): Promise<T> {
  try {
    return await use(client);
  } finally {
    client.close();
  }
}

const times = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));
const streams = (count: number): number[] => times(count, (index) => 2 * index + 1);
const openStream = (stream: number): Buffer =>
  frame(FRAME.headers, FLAG.endHeaders, stream, headerBlock(grpcHeaders(RUN_FUNCTION)));

/** Attacks by whoever can reach the port, by what they do. */
export const STRANGERS: Readonly<Record<string, Attack>> = {
  'TLS without a certificate': ({ port, certificates }) =>
    withClient(connect(port, credentials.createSsl(readFileSync(`${certificates.client}/ca.crt`))), (client) =>
      statusOf(callBytes(client, goodRequest(), { deadline: 2000 })),
    ),
  'TLS with certificates that are refused': ({ port, certificates }) =>
    Promise.all(
      Object.values(certificates.refused).map((certsDir) => {
        const { key, cert } = { key: readFileSync(`${certsDir}/tls.key`), cert: readFileSync(`${certsDir}/tls.crt`) };
        const channel = credentials.createSsl(readFileSync(`${certificates.client}/ca.crt`), key, cert);
        return withClient(connect(port, channel), (client) =>
          statusOf(callBytes(client, goodRequest(), { deadline: 2000 })),
        );
      }),
    ),
  'plaintext HTTP/2': async ({ port }) =>
    writeAndWatch(await openSocket(port), Buffer.concat([PREFACE, callFrames(1, RUN_FUNCTION, goodRequest())])),
  'plaintext HTTP/1.1': async ({ port }) =>
    writeAndWatch(await openSocket(port), Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n')),
  'TLS 1.1': ({ port, certificates }) =>
    new Promise((resolve) => {
      const options = { ...identity(certificates.client), servername: 'localhost', ciphers: 'DEFAULT:@SECLEVEL=0' };
      const socket = connectTls(
        { port, host: '127.0.0.1', minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ...options },
        () => resolve('spoken'),
      );
      socket.on('error', () => resolve('refused'));
    }),
  'connections that say nothing': async ({ port }) => {
    const sockets = await Promise.all(times(200, () => openSocket(port)));
    await sleep(200);
    for (const socket of sockets) socket.destroy();
  },
  // More than the server keeps: who comes after them is let in all the same.
  'more connections that say nothing than the server keeps': async ({ port, certificates }) => {
    const sockets = await Promise.all(times(700, () => openSocket(port)));
    const outcome = await withClient(connect(port, clientCredentials(certificates.client)), (client) =>
      statusOf(callBytes(client, goodRequest(), { deadline: 5000 })),
    );
    for (const socket of sockets) socket.destroy();
    return outcome;
  },
  'half a handshake, then nothing or the end': async ({ port }) => {
    const hello = Buffer.concat([Buffer.from([0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3]), randomBytes(200)]);
    const sockets = await Promise.all(times(100, () => openSocket(port)));
    for (const [index, socket] of sockets.entries()) index % 2 ? socket.write(hello) : socket.end(hello);
    await sleep(200);
    for (const socket of sockets) socket.destroy();
  },
  'noise instead of a handshake': async ({ port }) =>
    Promise.all(times(50, async (index) => writeAndWatch(await openSocket(port), randomBytes(100 * (index + 1))))),
  'connections that are reset': async ({ port }) => {
    for (const socket of await Promise.all(times(200, () => openSocket(port)))) socket.resetAndDestroy();
  },
  'slow and large HTTP/1.1 to the health port': async ({ httpPort }) => {
    const slow = await Promise.all(times(100, () => openSocket(httpPort)));
    for (const socket of slow) socket.write('GET /metrics HTTP/1.1\r\nX-Slow: ');
    const large = await openSocket(httpPort);
    large.write(`GET /metrics HTTP/1.1\r\nX-Large: ${'x'.repeat(1_000_000)}\r\n\r\n`);
    await sleep(200);
    const probe = await fetch(`http://127.0.0.1:${httpPort}/readyz`, { signal: AbortSignal.timeout(1000) });
    for (const socket of [...slow, large]) socket.destroy();
    return probe.status;
  },
};

/** Attacks by a client that is let in: one that is broken, or has been taken over. */
export const INSIDERS: Readonly<Record<string, Attack>> = {
  'noise instead of HTTP/2': async (target) => writeAndWatch(await authenticated(target), randomBytes(10_000)),
  'a connection without a preface': async (target) => {
    const sockets = await Promise.all(times(50, () => authenticated(target)));
    for (const socket of sockets) socket.destroy();
  },
  'random frames': async (target) => {
    for (let round = 0; round < 40; round++) {
      const frames = times(20, () => {
        const [type = 0, flags = 0, stream = 0, size = 0] = randomBytes(4);
        return frame(type % 12, flags, stream, randomBytes(size));
      });
      await writeAndWatch(await authenticated(target), Buffer.concat([PREFACE, ...frames]), 50);
    }
  },
  'a frame larger than allowed': async (target) =>
    writeAndWatch(
      await authenticated(target),
      Buffer.concat([PREFACE, openStream(1), frame(FRAME.data, 0, 1, Buffer.alloc(100_000))]),
    ),
  'a message longer than the limit': async (target) =>
    withClient(connect(target.port, clientCredentials(target.certificates.client)), (client) =>
      statusOf(callBytes(client, Buffer.alloc(17 * 1024 * 1024))),
    ),
  'the announcement of 4 GiB': async (target) => {
    const socket = await authenticated(target);
    const head = frame(FRAME.data, 0, 1, Buffer.from([0, 0xff, 0xff, 0xff, 0xff]));
    socket.write(Buffer.concat([PREFACE, openStream(1), head]));
    const answered = await readFrames(socket, ({ type, stream }) => type === FRAME.headers && stream === 1);
    socket.destroy();
    return answered;
  },
  'calls that drip': async (target) => {
    const sockets = await Promise.all(times(10, () => authenticated(target)));
    for (const socket of sockets) socket.resume();
    const bytes = Buffer.concat([PREFACE, callFrames(1, RUN_FUNCTION, goodRequest())]);
    for (let at = 0; at < 150; at++) {
      for (const socket of sockets) socket.write(bytes.subarray(at, at + 1));
      await sleep(2);
    }
    for (const socket of sockets) socket.destroy();
  },
  'thousands of calls that never end': async (target) => {
    const sockets = await Promise.all(times(4, () => authenticated(target)));
    for (const socket of sockets) {
      socket.resume();
      // 900 more than one connection may have open.
      socket.write(
        Buffer.concat([PREFACE, ...streams(1100).map((stream) => unfinishedCallFrames(stream, RUN_FUNCTION))]),
      );
    }
    await sleep(500);
    for (const socket of sockets) socket.destroy();
  },
  'thousands of calls at once': async (target) => {
    const client = connect(target.port, clientCredentials(target.certificates.client));
    return withClient(client, async () => {
      const codes = await Promise.all(
        times(3000, () => statusOf(callBytes(client, goodRequest(), { deadline: 30_000 }))),
      );
      return [...new Set(codes)];
    });
  },
  'streams that are reset at once': async (target) => {
    const flood = streams(5000).map((stream) =>
      Buffer.concat([openStream(stream), frame(FRAME.rst, 0, stream, Buffer.from([0, 0, 0, 8]))]),
    );
    return writeAndWatch(await authenticated(target), Buffer.concat([PREFACE, ...flood]));
  },
  'a flood of pings that nobody reads the answers of': async (target) => {
    const socket = await authenticated(target);
    socket.pause();
    socket.write(Buffer.concat([PREFACE, ...times(200_000, () => PING)]));
    await sleep(500);
    socket.destroy();
  },
  'a flood of settings': async (target) => {
    const settings = frame(FRAME.settings, 0, 0, Buffer.from([0, 3, 0, 0, 0, 100]));
    await writeAndWatch(await authenticated(target), Buffer.concat([PREFACE, ...times(20_000, () => settings)]));
  },
  'headers without an end': async (target) => {
    const start = frame(FRAME.headers, 0, 1, headerBlock(grpcHeaders(RUN_FUNCTION)));
    const more = frame(FRAME.continuation, 0, 1, headerBlock({ 'x-more': 'x'.repeat(1000) }));
    return writeAndWatch(await authenticated(target), Buffer.concat([PREFACE, start, ...times(5000, () => more)]));
  },
  'headers larger than allowed': async (target) => {
    const large = headerBlock({
      ...grpcHeaders(RUN_FUNCTION),
      ...Object.fromEntries(times(200, (index) => [`x-${index}`, 'x'.repeat(70)])),
    });
    await writeAndWatch(
      await authenticated(target),
      Buffer.concat([PREFACE, frame(FRAME.headers, FLAG.endHeaders, 1, large)]),
      300,
    );
  },
  'compressed bombs': async (target) => {
    const bomb = grpcMessage(gzipSync(Buffer.alloc(64 * 1024 * 1024)), 1);
    const socket = await authenticated(target);
    const headers = headerBlock(grpcHeaders(RUN_FUNCTION, { 'grpc-encoding': 'gzip' }));
    const frames = streams(50).map((stream) =>
      Buffer.concat([frame(FRAME.headers, FLAG.endHeaders, stream, headers), dataFrames(stream, bomb)]),
    );
    socket.write(Buffer.concat([PREFACE, ...frames]));
    let refused = 0;
    await readFrames(
      socket,
      ({ type, flags }) => type === FRAME.headers && (flags & FLAG.endStream) !== 0 && ++refused === 50,
    );
    socket.destroy();
    return refused;
  },
  'unknown methods, content types and timeouts': async (target) => {
    const session = connectHttp2(`https://127.0.0.1:${target.port}`, {
      ...identity(target.certificates.client),
      servername: 'localhost',
    });
    session.on('error', () => {});
    const headers = (more: Readonly<Record<string, string>>): Record<string, string> => ({
      ':method': 'POST',
      ':path': RUN_FUNCTION,
      'content-type': 'application/grpc',
      ...more,
    });
    const ask = (asked: Record<string, string>): Promise<string> =>
      new Promise((resolve) => {
        const stream = session.request(asked, { endStream: true });
        stream.on('response', (answer) => resolve(`${answer[':status']} ${answer['grpc-status'] ?? ''}`));
        stream.on('error', (error) => resolve(error.message));
        stream.resume();
      });
    const answers: string[] = [];
    const wrong: Readonly<Record<string, string>>[] = [
      { ':path': '/no/such' },
      { ':path': '/é%00' },
      { ':path': `/${'x'.repeat(16_000)}` },
      { ':path': `${RUN_FUNCTION}/more` },
      { 'content-type': 'text/html' },
      { 'grpc-timeout': 'soon' },
      { 'grpc-encoding': 'br' },
      {},
    ];
    for (const more of wrong) answers.push(await ask(headers(more)));
    session.destroy();
    return answers;
  },
  'calls that are cancelled': async (target) => {
    const session = connectHttp2(`https://127.0.0.1:${target.port}`, {
      ...identity(target.certificates.client),
      servername: 'localhost',
    });
    session.on('error', () => {});
    for (let round = 0; round < 200; round++) {
      const stream = session.request({ ':method': 'POST', ':path': RUN_FUNCTION, 'content-type': 'application/grpc' });
      stream.on('error', () => {});
      stream.end(grpcMessage(goodRequest()));
      if (round % 2) setImmediate(() => stream.close(constants.NGHTTP2_CANCEL));
      else stream.close(constants.NGHTTP2_CANCEL);
      if (round % 20 === 0) await sleep(5);
    }
    await sleep(100);
    session.destroy();
  },
  'many messages in one call': async (target) => {
    const messages = Buffer.concat(times(100_000, () => grpcMessage(Buffer.alloc(0))));
    await writeAndWatch(
      await authenticated(target),
      Buffer.concat([PREFACE, openStream(1), dataFrames(1, messages)]),
      500,
    );
  },
  'requests that are damaged': async (target) =>
    withClient(connect(target.port, clientCredentials(target.certificates.client)), async (client) => {
      const good = goodRequest();
      await Promise.all(
        times(1000, (index) => {
          const damaged = Buffer.from(good);
          const [at = 0, bit = 0] = randomBytes(2);
          if (index % 3 === 0) return statusOf(callBytes(client, damaged.subarray(0, (index * 7) % good.length)));
          damaged[(at * 256 + index) % good.length] = bit;
          return statusOf(callBytes(client, damaged));
        }),
      );
    }),
  'a peer that vanishes in the middle of an answer': async (target) => {
    for (let round = 0; round < 50; round++) {
      const socket = await authenticated(target);
      socket.write(
        Buffer.concat([PREFACE, ...streams(5).map((stream) => callFrames(stream, RUN_FUNCTION, goodRequest()))]),
      );
      await once(socket, 'readable');
      socket.destroy();
    }
  },
};
