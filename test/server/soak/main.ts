// Random faults against the bundled server: `npm run soak -- --minutes 3 --seed 1`. Exit code 1 when a call of a good client
// failed, the heap grew by more than a tenth, or the server did not stop as it should.
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { type Attack, INSIDERS, STRANGERS, type Target } from '../attacks.ts';
import { makeCertificates } from '../authorities.ts';
import { keepCalling } from '../good-client.ts';
import { bundleServer, startProcess } from '../server-process.ts';

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '3' }, seed: { type: 'string', default: '1' } },
});

let state = Number(values.seed);
/** From 0 up to `below`; the same seed gives the same faults. */
function random(below: number): number {
  state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
  return Math.floor((state / 0x1_0000_0000) * below);
}

const bundled = await bundleServer();
const certificates = await makeCertificates(`${bundled.directory}/certificates`);
const server = await startProcess(bundled, ['--tls-certs-dir', certificates.server]);
process.on('exit', () => {
  server.child.kill('SIGKILL');
  bundled.remove();
});
const target: Target = { port: server.port, httpPort: server.httpPort, certificates };

const FAULTS: readonly [string, Attack][] = [
  ...Object.entries(STRANGERS),
  ...Object.entries(INSIDERS),
  [
    'a process that stands still',
    async () => {
      server.child.kill('SIGSTOP');
      await sleep(100 + random(400));
      server.child.kill('SIGCONT');
    },
  ],
];

/** Milliseconds after which the next attack begins although one goes on. */
const ATTACK_PATIENCE = 60_000;

async function faults(until: number): Promise<number> {
  let count = 0;
  while (performance.now() < until) {
    const [name, attack] = FAULTS[random(FAULTS.length)] ?? [];
    // What an attack does to the attacker does not matter here, nor whether it ends.
    const ended = attack?.(target).catch((error: unknown) => process.stderr.write(`${name}: ${error}\n`));
    const patience = new AbortController();
    const given = sleep(ATTACK_PATIENCE, 'given up', { signal: patience.signal }).catch(() => undefined);
    if ((await Promise.race([ended, given])) === 'given up') process.stderr.write(`${name}: did not end\n`);
    patience.abort();
    count++;
    await sleep(random(200));
  }
  return count;
}

/** Faults for `milliseconds` while good clients call; then 45 seconds, after which keepalive has closed what was left open. */
async function phase(
  milliseconds: number,
): Promise<{ readonly calls: number; readonly count: number; readonly heap: number }> {
  const good = [keepCalling(target), keepCalling(target)];
  const until = performance.now() + milliseconds;
  const count = (await Promise.all([faults(until), faults(until)])).reduce((a, b) => a + b);
  const ended = await Promise.all(good.map(({ stop }) => stop()));
  const failures = ended.flatMap((one) => one.failures);
  if (failures.length > 0)
    throw new Error(`${failures.length} calls of a good client failed, the first with ${String(failures[0])}`);
  await sleep(45_000);
  return { calls: ended.reduce((sum, { calls }) => sum + calls, 0), count, heap: await server.heap() };
}

const total = Number(values.minutes) * 60_000;
// Each phase ends with 45 seconds of rest.
const first = await phase(Math.max(5000, total / 3 - 45_000));
const second = await phase(Math.max(5000, (2 * total) / 3 - 45_000));
const growth = second.heap / first.heap;
const code = await server.stop();
if (code !== 0) process.stderr.write(`${server.lines.slice(-3).join('\n')}\n`);
process.stdout.write(
  `${first.count + second.count} faults, ${first.calls + second.calls} good calls, none failed; ` +
    `live heap ${(first.heap / 1e6).toFixed(1)} MB, then ${(second.heap / 1e6).toFixed(1)} MB; exit code ${code}\n`,
);
process.exit(growth < 1.1 && code === 0 ? 0 : 1);
