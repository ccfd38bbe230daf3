// The client of the benchmark, in a process of its own: reads one Order per line from stdin, replays requests, and writes one
// Measured per line to stdout. One HTTP/2 connection per server, as Crossplane has.
import { readFileSync } from 'node:fs';
import { type ClientHttp2Session, connect } from 'node:http2';
import { createInterface } from 'node:readline';
import { readMessages } from './requests-file.ts';

export interface Order {
  readonly port: number;
  /** Directory of the client's certificates; plaintext without. */
  readonly certsDir?: string;
  /** File of requests, replayed in order from where the last order to the same server ended. */
  readonly requests: string;
  readonly calls: number;
  readonly concurrency: number;
}

export interface Measured {
  /** Microseconds of each call. */
  readonly latencies: readonly number[];
  readonly seconds: number;
  readonly failures: number;
}

const RUN_FUNCTION = '/apiextensions.fn.proto.v1.FunctionRunnerService/RunFunction';
const MEBIBYTE = 1024 * 1024;

const files = new Map<string, Buffer[]>();
const sessions = new Map<string, ClientHttp2Session>();
const positions = new Map<string, number>();

function framed(file: string): Buffer[] {
  let messages = files.get(file);
  if (messages === undefined) {
    messages = readMessages(file).map((message) => {
      const head = Buffer.alloc(5);
      head.writeUInt32BE(message.length, 1);
      return Buffer.concat([head, message]);
    });
    files.set(file, messages);
  }
  return messages;
}

async function sessionTo({ port, certsDir }: Order): Promise<ClientHttp2Session> {
  const key = `${port} ${certsDir}`;
  const existing = sessions.get(key);
  if (existing && !existing.destroyed) return existing;
  const settings = { initialWindowSize: 4 * MEBIBYTE };
  const session = certsDir
    ? connect(`https://127.0.0.1:${port}`, {
        servername: 'localhost',
        settings,
        ca: readFileSync(`${certsDir}/ca.crt`),
        cert: readFileSync(`${certsDir}/tls.crt`),
        key: readFileSync(`${certsDir}/tls.key`),
      })
    : connect(`http://127.0.0.1:${port}`, { settings });
  session.on('error', () => {});
  await new Promise((resolve) => session.once('remoteSettings', resolve));
  session.setLocalWindowSize(16 * MEBIBYTE);
  sessions.set(key, session);
  return session;
}

/** Whether the call came back with gRPC status 0 and a message. */
function call(session: ClientHttp2Session, message: Buffer): Promise<boolean> {
  return new Promise((resolve) => {
    const stream = session.request({
      ':method': 'POST',
      ':path': RUN_FUNCTION,
      'content-type': 'application/grpc',
      te: 'trailers',
      'grpc-timeout': '120S',
    });
    let bytes = 0;
    let status: unknown;
    stream.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
    });
    stream.on('trailers', (trailers) => {
      status = trailers['grpc-status'];
    });
    stream.on('error', () => {});
    stream.on('close', () => resolve(Number(status) === 0 && bytes > 5));
    stream.end(message);
  });
}

async function carryOut(order: Order): Promise<Measured> {
  const messages = framed(order.requests);
  const session = await sessionTo(order);
  const key = `${order.port} ${order.requests}`;
  let next = positions.get(key) ?? 0;
  let left = order.calls;
  let failures = 0;
  const latencies: number[] = [];
  const work = async (): Promise<void> => {
    while (left-- > 0) {
      const message = messages[next++ % messages.length];
      if (message === undefined) throw new Error('no requests');
      const start = performance.now();
      if (!(await call(session, message))) failures++;
      latencies.push((performance.now() - start) * 1000);
    }
  };
  const start = performance.now();
  await Promise.all(Array.from({ length: order.concurrency }, work));
  positions.set(key, next);
  return { latencies, seconds: (performance.now() - start) / 1000, failures };
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(await carryOut(JSON.parse(line)))}\n`);
}
