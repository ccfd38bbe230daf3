import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls';

/** Frame types of RFC 9113, section 6. */
export const FRAME = {
  data: 0,
  headers: 1,
  priority: 2,
  rst: 3,
  settings: 4,
  push: 5,
  ping: 6,
  goaway: 7,
  window: 8,
  continuation: 9,
};
export const FLAG = { endStream: 1, ack: 1, endHeaders: 4, padded: 8 };

export function frame(type: number, flags: number, stream: number, payload: Buffer = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

export const PREFACE = Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), frame(FRAME.settings, 0, 0)]);

/** RFC 7541: an integer with a prefix of 7 bits. */
function length(value: number): Buffer {
  if (value < 127) return Buffer.from([value]);
  const bytes = [127];
  let rest = value - 127;
  for (; rest >= 128; rest >>>= 7) bytes.push((rest & 127) | 128);
  return Buffer.from([...bytes, rest]);
}

/** A header block of literals, neither indexed nor compressed. */
export const headerBlock = (headers: Readonly<Record<string, string>>): Buffer =>
  Buffer.concat(
    Object.entries(headers).flatMap(([name, value]) => [
      Buffer.from([0]),
      length(Buffer.byteLength(name)),
      Buffer.from(name),
      length(Buffer.byteLength(value)),
      Buffer.from(value),
    ]),
  );

export const grpcHeaders = (path: string, more: Readonly<Record<string, string>> = {}): Record<string, string> => ({
  ':method': 'POST',
  ':scheme': 'http',
  ':path': path,
  ':authority': 'localhost',
  'content-type': 'application/grpc',
  te: 'trailers',
  ...more,
});

/** A gRPC message with its five bytes in front. */
export function grpcMessage(message: Buffer, compressed = 0): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt8(compressed, 0);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

/** DATA frames of at most 16 KiB, the last one with END_STREAM. */
export function dataFrames(stream: number, payload: Buffer): Buffer {
  const frames: Buffer[] = [];
  for (let at = 0; at < payload.length; at += 16_384) {
    const end = at + 16_384 >= payload.length;
    frames.push(frame(FRAME.data, end ? FLAG.endStream : 0, stream, payload.subarray(at, at + 16_384)));
  }
  return Buffer.concat(frames);
}

/** All frames of one unary call. */
export const callFrames = (stream: number, path: string, message: Buffer): Buffer =>
  Buffer.concat([
    frame(FRAME.headers, FLAG.endHeaders, stream, headerBlock(grpcHeaders(path))),
    dataFrames(stream, grpcMessage(message)),
  ]);

/** The frames of a call that never ends: its headers, and a message of which only `bytes` bytes come. */
export const unfinishedCallFrames = (stream: number, path: string, bytes = 1000): Buffer =>
  Buffer.concat([
    frame(FRAME.headers, FLAG.endHeaders, stream, headerBlock(grpcHeaders(path))),
    frame(FRAME.data, 0, stream, grpcMessage(Buffer.alloc(bytes + 1)).subarray(0, bytes)),
  ]);

export const PING = frame(FRAME.ping, 0, 0, Buffer.alloc(8));

/** A socket that swallows its errors: tests of abuse expect to be cut off. */
export async function openSocket(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}

export async function openTls(port: number, options: ConnectionOptions): Promise<TLSSocket> {
  const socket = connectTls({ port, host: '127.0.0.1', servername: 'localhost', ALPNProtocols: ['h2'], ...options });
  await once(socket, 'secureConnect');
  socket.on('error', () => {});
  return socket;
}

/** The frames that come in, until `done` says that the last one seen was enough, or the connection ends. */
export function readFrames(
  socket: Socket,
  done: (frame: {
    readonly type: number;
    readonly flags: number;
    readonly stream: number;
    readonly payload: Buffer;
  }) => boolean,
): Promise<boolean> {
  return new Promise((resolve) => {
    let rest = Buffer.alloc(0);
    socket.on('data', (chunk) => {
      rest = Buffer.concat([rest, chunk]);
      while (rest.length >= 9 && rest.length >= 9 + rest.readUIntBE(0, 3)) {
        const size = rest.readUIntBE(0, 3);
        const read = {
          type: rest.readUInt8(3),
          flags: rest.readUInt8(4),
          stream: rest.readUInt32BE(5),
          payload: rest.subarray(9, 9 + size),
        };
        rest = rest.subarray(9 + size);
        if (done(read)) resolve(true);
      }
    });
    socket.once('close', () => resolve(false));
  });
}
