// Runs the bundled server, lets it answer requests, and writes what V8 compiled by then: record.cjs FUNCTION REQUESTS OUT. A program of its
// own, because it has to run on the Node of the image.
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { type ClientHttp2Session, connect } from 'node:http2';
import { type AddressInfo, createServer } from 'node:net';
import { compile, run } from '../../src/server/compiled.ts';

const PATH = '/apiextensions.fn.proto.v1.FunctionRunnerService/RunFunction';

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  // A server that listens on TCP has an address of this kind.
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Waits until the server, which runs in this process, has said that it serves. */
function serving(): Promise<void> {
  return new Promise((resolve) => {
    const write = process.stderr.write;
    process.stderr.write = (line: string | Uint8Array): boolean => {
      if (String(line).includes('"message":"serving"')) {
        process.stderr.write = write;
        resolve();
      }
      return true;
    };
  });
}

/** Throws when the answer is not gRPC's status 0. */
async function call(session: ClientHttp2Session, message: string): Promise<void> {
  const stream = session.request({
    ':method': 'POST',
    ':path': PATH,
    'content-type': 'application/grpc',
    te: 'trailers',
  });
  const bytes = Buffer.from(message, 'base64');
  const head = Buffer.alloc(5);
  head.writeUInt32BE(bytes.length, 1);
  stream.end(Buffer.concat([head, bytes]));
  stream.resume();
  const [trailers] = await once(stream, 'trailers');
  if (trailers['grpc-status'] !== '0') throw new Error(`a call ended with status ${trailers['grpc-status']}`);
}

async function main(file: string, requests: string, out: string): Promise<void> {
  const port = await freePort();
  const script = compile(file, undefined);
  process.argv = [process.execPath, file, '--insecure', '--no-http', '--address', `127.0.0.1:${port}`];
  const ready = serving();
  run(script, file);
  await ready;
  const session = connect(`http://127.0.0.1:${port}`);
  const messages: string[] = JSON.parse(readFileSync(requests, 'utf8'));
  for (const message of messages) await call(session, message);
  writeFileSync(out, script.createCachedData());
  process.exit(0);
}

const [file = '', requests = '', out = ''] = process.argv.slice(2);
main(file, requests, out).catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
