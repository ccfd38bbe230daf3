import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { execute, type Outcome } from '../crossplane/commands.ts';
import { callFunction, connect, RUN_FUNCTION } from './calls.ts';
import { FRAME, openSocket, PING, PREFACE, readFrames, unfinishedCallFrames } from './frames.ts';
import { bundleServer, startProcess } from './server-process.ts';

let bundled: Awaited<ReturnType<typeof bundleServer>>;
beforeAll(async () => {
  bundled = await bundleServer();
}, 60_000);
afterAll(() => bundled.remove());

const main = (...args: string[]): Promise<Outcome> => {
  const { TLS_SERVER_CERTS_DIR: _, ...env } = process.env;
  return execute(process.execPath, [bundled.file, ...args], { env });
};

/** Exactly one line, which says who speaks. */
const oneLine = (text: string): RegExp => new RegExp(`^function-postgresql: [^\\n]*${text}[^\\n]*\\n$`);

it.each([
  [['--nope'], "Unknown option '--nope'"],
  [[], 'no certificates'],
  [['--insecure', '--address', 'x'], '--address: "x"'],
])('refuses %j in one line', async (args, message) => {
  expect(await main(...args)).toEqual({ code: 2, stdout: '', stderr: expect.stringMatching(oneLine(message)) });
});

it('does not start without readable certificates', async () => {
  const empty = mkdtempSync(`${bundled.directory}/empty-`);
  expect(await main('--tls-certs-dir', empty)).toEqual({
    code: 1,
    stdout: '',
    stderr: expect.stringMatching(oneLine('ca.crt: cannot be read')),
  });
  rmSync(empty, { recursive: true });
});

it('does not start on a port that is taken', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const address = taken.address();
  const at = `127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  try {
    expect(await main('--insecure', '--no-http', '--address', at)).toEqual({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(oneLine(`${at}: EADDRINUSE`)),
    });
    const outcome = await main('--insecure', '--address', '127.0.0.1:0', '--http-address', at);
    expect(outcome).toEqual({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(oneLine('health and metrics: EADDRINUSE')),
    });
  } finally {
    taken.close();
  }
});

it('shows help on stdout', async () => {
  expect(await main('--help')).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('--tls-certs-dir'),
    stderr: '',
  });
});

it('serves, and ends with 0 on SIGTERM', async () => {
  const server = await startProcess(bundled, ['--insecure']);
  const client = connect(server.port);
  expect((await callFunction(client)).results).toEqual([]);
  expect(await server.stop()).toBe(0);
  client.close();
});

it('logs what the function caught itself, with its place', async () => {
  const server = await startProcess(bundled, ['--insecure']);
  const client = connect(server.port);
  // A composite whose object ends beyond its bytes, which only who reads it sees.
  const damaged = Buffer.from([0x0a, 5, 0x0a, 3, ...Buffer.from('tag'), 0x12, 6, 0x0a, 4, 0x0a, 2, 0x0a, 9]);
  expect((await callFunction(client, damaged)).results).toHaveLength(1);
  client.close();
  await server.stop();
  const lines = server.lines.map((line) => JSON.parse(line)).filter(({ level }) => level === 'error');
  expect(lines).toEqual([
    expect.objectContaining({
      message: 'call failed',
      tag: 'tag',
      error: 'WireError',
      stack: expect.stringMatching(/^at /),
    }),
  ]);
});

it('waits for a call that runs, and ends at once on the second signal', async () => {
  const server = await startProcess(bundled, ['--insecure']);
  const socket = await openSocket(server.port);
  socket.write(Buffer.concat([PREFACE, unfinishedCallFrames(1, RUN_FUNCTION), PING]));
  await readFrames(socket, ({ type }) => type === FRAME.ping);
  const exit = once(server.child, 'exit');
  server.child.kill('SIGTERM');
  while (!server.lines.some((line) => line.includes('stopping')))
    await new Promise((resolve) => setTimeout(resolve, 10));
  expect(server.child.exitCode).toBeNull();
  server.child.kill('SIGINT');
  expect(await exit).toEqual([130, null]);
  socket.destroy();
});
