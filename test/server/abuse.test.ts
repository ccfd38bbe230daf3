import { setTimeout as sleep } from 'node:timers/promises';
import { status } from '@grpc/grpc-js';
import { INSIDERS, STRANGERS, type Target } from './attacks.ts';
import { makeCertificates } from './authorities.ts';
import { callFunction, clientCredentials, connect } from './calls.ts';
import { keepCalling } from './good-client.ts';
import { bundleServer, type ServerProcess, startProcess } from './server-process.ts';

/** What an attack must come to; the others only have to leave the server as it was. */
const EXPECTED: Readonly<Record<string, unknown>> = {
  'TLS without a certificate': status.UNAVAILABLE,
  'TLS with certificates that are refused': [status.UNAVAILABLE, status.UNAVAILABLE, status.UNAVAILABLE],
  'more connections that say nothing than the server keeps': undefined,
  'plaintext HTTP/2': 'closed',
  'plaintext HTTP/1.1': 'closed',
  'TLS 1.1': 'refused',
  'noise instead of HTTP/2': 'closed',
  'a message longer than the limit': status.RESOURCE_EXHAUSTED,
  'the announcement of 4 GiB': true,
  'thousands of calls at once': [undefined],
  'headers without an end': 'closed',
  'slow and large HTTP/1.1 to the health port': 200,
  'compressed bombs': 50,
  'unknown methods, content types and timeouts': [
    '200 12',
    '200 12',
    '200 12',
    '200 12',
    '415 ',
    '200 13',
    '200 12',
    '200 12',
  ],
};

let bundled: Awaited<ReturnType<typeof bundleServer>>;
let server: ServerProcess;
let target: Target;
let heapBefore: number;

beforeAll(async () => {
  bundled = await bundleServer();
  const certificates = await makeCertificates(`${bundled.directory}/certificates`);
  server = await startProcess(bundled, ['--tls-certs-dir', certificates.server]);
  target = { port: server.port, httpPort: server.httpPort, certificates };
  // What is compiled, cached and pooled once is there before the heap is measured: a round of everything that is let in.
  const warm = connect(server.port, clientCredentials(certificates.client));
  for (let call = 0; call < 1000; call++) await callFunction(warm);
  warm.close();
  await INSIDERS['thousands of calls at once']?.(target);
  heapBefore = await server.heap();
}, 180_000);

afterAll(async () => {
  await server.stop();
  bundled.remove();
});

describe.each([
  ['strangers', STRANGERS],
  ['insiders', INSIDERS],
])('%s', (_, attacks) => {
  it.each(Object.entries(attacks))(
    '%s',
    async (name, attack) => {
      const good = keepCalling(target);
      const outcome = await attack(target);
      const { calls, failures } = await good.stop();
      expect(failures).toEqual([]);
      expect(calls).toBeGreaterThan(0);
      expect(server.child.exitCode).toBeNull();
      if (name in EXPECTED) expect(outcome).toEqual(EXPECTED[name]);
    },
    30_000,
  );
});

it('has no more live heap than before, and nothing in flight', async () => {
  const text = await (await fetch(`http://127.0.0.1:${server.httpPort}/metrics`)).text();
  expect(text).toMatch(/^function_calls_in_flight 0$/m);
  let heapAfter = await server.heap();
  // What a client left open is closed by keepalive, 45 seconds later at most.
  for (const until = performance.now() + 50_000; heapAfter / heapBefore >= 1.1 && performance.now() < until; ) {
    await sleep(2000);
    heapAfter = await server.heap();
  }
  process.stdout.write(
    `live heap before ${(heapBefore / 1e6).toFixed(1)} MB, after ${(heapAfter / 1e6).toFixed(1)} MB\n`,
  );
  expect(heapAfter / heapBefore).toBeLessThan(1.1);
}, 70_000);

it('wrote log lines only, and stops as it should', async () => {
  for (const line of server.lines) expect(() => JSON.parse(line)).not.toThrow();
  expect(await server.stop()).toBe(0);
}, 60_000);
