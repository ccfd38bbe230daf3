import { RunFunctionRequest, Severity } from '@crossplane-org/function-sdk-typescript';
import { Client, credentials, status } from '@grpc/grpc-js';
import { runFunction } from '../../src/function.ts';
import { oneRegion, request, xr } from '../support/requests.ts';
import { callBytes, callFunction, connect, goodRequest, RUN_FUNCTION, RUN_FUNCTION_BETA, statusOf } from './calls.ts';
import {
  callFrames,
  FLAG,
  FRAME,
  frame,
  openSocket,
  PING,
  PREFACE,
  readFrames,
  unfinishedCallFrames,
} from './frames.ts';
import { type InProcess, serveInProcess } from './in-process.ts';

const MEBIBYTE = 1024 * 1024;
const open: { stop: () => unknown }[] = [];

async function serve(options?: Parameters<typeof serveInProcess>[0]): Promise<{ server: InProcess; client: Client }> {
  const server = await serveInProcess(options);
  const client = connect(server.port);
  open.push({ stop: () => client.close() }, { stop: () => server.stop(1000) });
  return { server, client };
}

afterEach(async () => {
  for (const { stop } of open.splice(0)) await stop();
});

/** Keeps the event loop busy, as a burst of large requests would. */
function block(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}

async function metric(server: InProcess, line: string): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${server.httpPort}/metrics`)).text();
  const found = text.split('\n').find((candidate) => candidate.startsWith(`${line} `));
  return Number(found?.slice(line.length));
}

it('answers v1 and v1beta1 alike', async () => {
  const { client } = await serve();
  const [v1, beta] = [
    await callFunction(client),
    await callFunction(client, goodRequest(), { path: RUN_FUNCTION_BETA }),
  ];
  expect(Object.keys(v1.desired?.resources ?? {})).toContain('resource-group');
  expect(beta).toEqual(v1);
});

it('takes a large request from a client that never waits for a larger window', async () => {
  const { server } = await serve();
  const padded = request({ ...xr('namespaced', oneRegion), padding: 'x'.repeat(2 * MEBIBYTE) });
  const message = Buffer.from(RunFunctionRequest.encode(RunFunctionRequest.fromPartial(padded)).finish());
  const socket = await openSocket(server.port);
  open.push({ stop: () => socket.destroy() });
  // With HTTP/2's default window of 64 KiB this ends the connection with FLOW_CONTROL_ERROR.
  socket.write(Buffer.concat([PREFACE, callFrames(1, RUN_FUNCTION, message), callFrames(3, RUN_FUNCTION, message)]));
  let answers = 0;
  expect(
    await readFrames(
      socket,
      ({ type, flags }) => type === FRAME.headers && (flags & FLAG.endStream) !== 0 && ++answers === 2,
    ),
  ).toBe(true);
});

it('refuses a request beyond the limit and serves on', async () => {
  const { client, server } = await serve({ settings: { maxReceiveBytes: MEBIBYTE } });
  // More than the server lets the client send before it has read any of it.
  const size = 17 * MEBIBYTE;
  expect(await statusOf(callBytes(client, Buffer.alloc(size)))).toBe(status.RESOURCE_EXHAUSTED);
  await callFunction(client);
  // grpc-js refuses it by itself; that the limit is too low must be seen all the same.
  expect(server.lines.filter(({ level }) => level === 'error')).toEqual([
    expect.objectContaining({
      message: 'call refused: its request is larger than --max-recv-message-size',
      details: expect.stringContaining(`${size} vs ${MEBIBYTE}`),
    }),
  ]);
  expect(await metric(server, 'function_calls_total{outcome="oversized"}')).toBe(1);
  expect(await metric(server, 'function_calls_in_flight')).toBe(0);
});

it('refuses bytes that are no request, with one log line', async () => {
  const { client, server } = await serve();
  const cutOff = goodRequest().subarray(0, -1);
  expect(await statusOf(callBytes(client, cutOff))).toBe(status.INVALID_ARGUMENT);
  expect(server.lines.filter(({ level }) => level === 'error')).toEqual([
    expect.objectContaining({
      message: 'call failed: the request could not be read',
      tag: 'tag',
      bytes: cutOff.length,
    }),
  ]);
  expect(await metric(server, 'function_calls_total{outcome="malformed"}')).toBe(1);
});

it('logs a fatal call with the name of the XR and the tag, and nothing of its spec', async () => {
  const { client, server } = await serve();
  const from = request(xr('namespaced', { regions: { primary: { name: 'hunter2' } } }));
  const response = await callFunction(
    client,
    Buffer.from(RunFunctionRequest.encode(RunFunctionRequest.fromPartial(from)).finish()),
  );
  expect(response.results[0]?.severity).toBe(Severity.SEVERITY_FATAL);
  const lines = server.lines.filter(({ level }) => level === 'warn');
  expect(lines).toEqual([
    {
      time: expect.any(String),
      level: 'warn',
      message: 'call ended with a fatal result',
      kind: 'XPostgreSQLDatabase',
      namespace: 'team-a',
      name: 'orders',
      tag: 'tag',
    },
  ]);
  expect(JSON.stringify(server.lines)).not.toContain('hunter2');
});

it('answers a handler that throws with a fatal result', async () => {
  const { client, server } = await serve({
    handler: () => {
      throw new TypeError('hunter2');
    },
  });
  const response = await callFunction(client);
  expect(response.results).toEqual([expect.objectContaining({ severity: Severity.SEVERITY_FATAL })]);
  expect(response.conditions).toHaveLength(8);
  expect(server.lines.filter(({ level }) => level === 'error')).toEqual([
    expect.objectContaining({
      message: 'call failed',
      error: 'TypeError',
      name: 'orders',
      stack: expect.stringContaining('server.test.ts'),
    }),
  ]);
  expect(JSON.stringify([response, server.lines])).not.toContain('hunter2');
});

it('warns when a response nears the size that Crossplane takes', async () => {
  const { client, server } = await serve({
    handler: (from) => ({ ...runFunction(from), context: { text: 'x'.repeat(3.6 * MEBIBYTE) } }),
  });
  await callFunction(client);
  expect(server.lines).toContainEqual(
    expect.objectContaining({
      level: 'warn',
      message: 'response nears the size that Crossplane takes',
      name: 'orders',
      limit: 4 * MEBIBYTE,
    }),
  );
});

it('does not start a call whose deadline has passed', async () => {
  let started = 0;
  const { client, server } = await serve({
    handler: (from) => {
      started++;
      block(100);
      return runFunction(from);
    },
  });
  const calls = [5000, 50, 50, 50].map((deadline) => statusOf(callFunction(client, goodRequest(), { deadline })));
  expect(await Promise.all(calls)).toEqual([
    undefined,
    status.DEADLINE_EXCEEDED,
    status.DEADLINE_EXCEEDED,
    status.DEADLINE_EXCEEDED,
  ]);
  await callFunction(client);
  expect(started).toBe(2);
  expect(await metric(server, 'function_calls_in_flight')).toBe(0);
});

it('does not send an answer after the deadline', async () => {
  const { client, server } = await serve({
    handler: (from) => {
      block(150);
      return runFunction(from);
    },
  });
  expect(await statusOf(callFunction(client, goodRequest(), { deadline: 100 }))).toBe(status.DEADLINE_EXCEEDED);
  expect(server.lines).toContainEqual(
    expect.objectContaining({ message: 'answer dropped: the deadline of the call passed', name: 'orders' }),
  );
  expect(await metric(server, 'function_calls_total{outcome="late"}')).toBe(1);
});

it('leaves out calls that were cancelled while they waited', async () => {
  const passThrough = (bytes: Buffer): Buffer => bytes;
  let started = 0;
  const { client, server } = await serve({
    handler: (from) => {
      started++;
      for (const call of calls) call.cancel();
      return runFunction(from);
    },
  });
  await callFunction(client, goodRequest()).then(() => {
    started = 0;
  });
  const ended: Promise<void>[] = [];
  const calls = Array.from({ length: 20 }, () => {
    let call: ReturnType<Client['makeUnaryRequest']> | undefined;
    ended.push(
      new Promise((resolve) => {
        call = client.makeUnaryRequest(RUN_FUNCTION, passThrough, passThrough, goodRequest(), () => resolve());
      }),
    );
    if (!call) throw new Error('no call');
    return call;
  });
  await Promise.all(ended);
  await callFunction(client);
  expect(started).toBeLessThan(5);
  expect(await metric(server, 'function_calls_total{outcome="cancelled"}')).toBeGreaterThan(10);
  expect(await metric(server, 'function_calls_in_flight')).toBe(0);
});

it('refuses calls beyond its queue with RESOURCE_EXHAUSTED and answers the others', async () => {
  const { client, server } = await serve({ limits: { calls: 2, bytes: MEBIBYTE } });
  await callFunction(client);
  const codes = await Promise.all(Array.from({ length: 50 }, () => statusOf(callFunction(client))));
  expect(new Set(codes)).toEqual(new Set([undefined, status.RESOURCE_EXHAUSTED]));
  const refused = codes.filter((code) => code !== undefined).length;
  expect(await metric(server, 'function_calls_total{outcome="refused"}')).toBe(refused);
  expect(server.lines.filter(({ message }) => message.startsWith('call refused'))).toHaveLength(refused);
  await callFunction(client);
});

it('lets large requests wait at the client, whose reconciles they are, rather than in its own memory', async () => {
  const { client, server } = await serve({
    handler: (from) => {
      block(1);
      return runFunction(from);
    },
  });
  const padded = request({ ...xr('namespaced', oneRegion), padding: 'x'.repeat(300_000) });
  const message = Buffer.from(RunFunctionRequest.encode(RunFunctionRequest.fromPartial(padded)).finish());
  const calls = Array.from({ length: 600 }, () => statusOf(callFunction(client, message, { deadline: 60_000 })));
  expect(new Set(await Promise.all(calls))).toEqual(new Set([undefined]));
  expect(await metric(server, 'function_calls_total{outcome="refused"}')).toBe(0);
}, 60_000);

it('counts what it serves', async () => {
  const { client, server } = await serve();
  await callFunction(client);
  await callFunction(client, Buffer.alloc(0));
  const text = await (await fetch(`http://127.0.0.1:${server.httpPort}/metrics`)).text();
  expect(text).toMatch(/^function_calls_total\{outcome="success"\} 1$/m);
  expect(text).toMatch(/^function_calls_total\{outcome="fatal"\} 1$/m);
  for (const name of [
    'function_call_duration_seconds',
    'function_request_bytes',
    'function_response_bytes',
    'function_composed_resources',
  ])
    expect(text).toMatch(new RegExp(`^${name}_count 2$`, 'm'));
  for (const name of [
    'process_resident_memory_bytes',
    'nodejs_heap_size_used_bytes',
    'nodejs_eventloop_lag_p99_seconds',
  ])
    expect(text).toContain(`\n${name} `);
});

it('serves health over HTTP and says so when it stops', async () => {
  const { client, server } = await serve();
  const get = async (path: string, method = 'GET'): Promise<number> =>
    (await fetch(`http://127.0.0.1:${server.httpPort}${path}`, { method })).status;
  expect([
    await get('/healthz'),
    await get('/readyz'),
    await get('/readyz?x', 'HEAD'),
    await get('/'),
    await get('/healthz', 'POST'),
  ]).toEqual([200, 200, 200, 404, 405]);
  let duringStop: Promise<number> | undefined;
  const slow = await serve({
    handler: (from) => {
      void slow.server.stop(1000);
      duringStop = fetch(`http://127.0.0.1:${slow.server.httpPort}/readyz`).then(({ status: code }) => code);
      return runFunction(from);
    },
  });
  await callFunction(slow.client);
  expect(await duringStop?.catch(() => 503)).toBe(503);
  await callFunction(client);
});

it('finishes what runs when it stops, and cuts off what does not end', async () => {
  const { client, server } = await serve();
  await callFunction(client);
  expect(await server.stop(1000)).toBe(true);
  expect(await statusOf(callFunction(client, goodRequest(), { deadline: 300 }))).toBeDefined();

  const stuck = await serveInProcess();
  const socket = await openSocket(stuck.port);
  socket.write(Buffer.concat([PREFACE, unfinishedCallFrames(1, RUN_FUNCTION), PING]));
  // Alive, for it answers pings, but its call never ends.
  await readFrames(socket, ({ type, flags, payload }) => {
    if (type === FRAME.ping && !(flags & FLAG.ack)) socket.write(frame(FRAME.ping, FLAG.ack, 0, payload));
    return type === FRAME.ping && (flags & FLAG.ack) !== 0;
  });
  expect(await stuck.stop(100)).toBe(false);
  socket.destroy();
});

it('rejects an address that is taken, in one line', async () => {
  const { server } = await serve();
  await expect(serveInProcess({ settings: { address: { host: '127.0.0.1', port: server.port } } })).rejects.toThrow(
    new Error(`cannot listen on 127.0.0.1:${server.port}: EADDRINUSE`),
  );
  await expect(
    serveInProcess({ settings: { httpAddress: { host: '127.0.0.1', port: server.httpPort ?? 0 } } }),
  ).rejects.toThrow(new Error(`cannot listen on 127.0.0.1:${server.httpPort} for health and metrics: EADDRINUSE`));
});

it('listens on IPv6 and IPv4 when the address names no host', async () => {
  const { server } = await serve({ settings: { address: { host: undefined, port: 0 } } });
  for (const host of ['127.0.0.1', '[::1]']) {
    const client = new Client(`${host}:${server.port}`, credentials.createInsecure());
    open.push({ stop: () => client.close() });
    await callFunction(client);
  }
});
