// The benchmark: `npm run bench` writes docs/, `npm run bench -- --gates` measures what the gates need and nothing else, as long and as
// often as the former (at most 8 minutes), `npm run bench -- --quick` is a look, without memory. Exit code 1 when a gate fails, 2 when the
// machine was too restless to tell.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { RunFunctionResponse } from '@crossplane-org/function-sdk-typescript';
import { createCertificateAuthority } from '../test/crossplane/certificates.ts';
import type { Measured, Order } from './client.ts';
import { HEAP_REPORT } from './heap-report.ts';
import { imageBytes } from './image-size.ts';
import { chart, document, machine, type Report, table } from './report.ts';
import { writeMessages } from './requests-file.ts';
import { scaling } from './scaling.ts';
import { buildServers, type Recipe, type Recipes, type Running, start } from './servers.ts';
import {
  type Extras,
  gates,
  median,
  quantile,
  type Round,
  type Sample,
  sameServerTwice,
  verdict,
} from './statistics.ts';
import { peerVersions } from './versions.ts';
import { makeWorkloads } from './workload.ts';

const { values: flags } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    gates: { type: 'boolean', default: false },
    'no-docs': { type: 'boolean', default: false },
  },
});
const PLAN = flags.quick
  ? { rounds: 3, calls: 60, calls16: 160, starts: 3, memory: 0, attempts: 1 }
  : { rounds: 9, calls: 150, calls16: 480, starts: 7, memory: 10_000, attempts: 3 };

/** Seconds of `--gates`, and those that starts and memory take of them. */
const BUDGET = { all: 480, afterRounds: 150 };

const root = fileURLToPath(new URL('..', import.meta.url));
mkdirSync(`${root}dist`, { recursive: true });
const directory = mkdtempSync(`${root}dist/bench-`);
const clean: (() => unknown)[] = [() => rmSync(directory, { recursive: true, force: true })];

interface Client {
  readonly measure: (order: Order) => Promise<Measured>;
  readonly stop: () => void;
}

function startClient(): Client {
  const child = spawn(process.execPath, ['--import', 'tsx', `${root}bench/client.ts`], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout });
  return {
    async measure(order) {
      const line = once(lines, 'line');
      child.stdin.write(`${JSON.stringify(order)}\n`);
      const measured: Measured = JSON.parse(String((await line)[0]));
      if (measured.failures > 0)
        throw new Error(`${measured.failures} of ${order.calls} calls failed on port ${order.port}`);
      return measured;
    },
    stop: () => child.kill(),
  };
}

async function makeCertificates(): Promise<{ readonly server: string; readonly client: string }> {
  const authority = await createCertificateAuthority(`${directory}/ca`);
  await authority.issue(`${directory}/server`, {
    commonName: 'function',
    usage: 'serverAuth',
    names: ['DNS:localhost'],
  });
  await authority.issue(`${directory}/client`, { commonName: 'crossplane', usage: 'clientAuth' });
  return { server: `${directory}/server`, client: `${directory}/client` };
}

/** Latency, CPU and throughput of one server, one connection. */
async function sample(client: Client, server: Running, order: Pick<Order, 'certsDir' | 'requests'>): Promise<Sample> {
  const before = server.cpu();
  const one = await client.measure({ ...order, port: server.port, calls: PLAN.calls, concurrency: 1 });
  const cpu = (server.cpu() - before) / 1000 / PLAN.calls;
  const many = await client.measure({ ...order, port: server.port, calls: PLAN.calls16, concurrency: 16 });
  return {
    p50: quantile(one.latencies, 0.5),
    p99: quantile(many.latencies, 0.99),
    cpu,
    throughput: PLAN.calls16 / many.seconds,
  };
}

/** Rounds in which every server has its turn, each round beginning with another one. */
async function measureRounds(
  client: Client,
  recipes: Recipes,
  order: {
    readonly certsDir: string | undefined;
    readonly requests: string;
    readonly clientCerts: string | undefined;
    readonly rounds: number;
    readonly warmUp: number;
  },
): Promise<Round[]> {
  const servers: Record<string, Running> = {};
  const contestants: Record<string, Recipe | undefined> = {
    ours: recipes.ours,
    again: recipes.ours,
    sdk: recipes.sdkBundle,
    floor: recipes.floor,
    handler: recipes.handler(order.requests),
    go: recipes.go,
    // No gate looks at it.
    python: flags.gates ? undefined : recipes.python,
  };
  try {
    for (const [key, recipe] of Object.entries(contestants)) {
      if (recipe) servers[key] = await start(recipe, order.certsDir);
    }
    const replay = { requests: order.requests, ...(order.clientCerts ? { certsDir: order.clientCerts } : {}) };
    const keys = Object.keys(servers);
    // V8 compiles what runs often; that is not what a server costs that has been running for days.
    for (const server of Object.values(servers))
      await client.measure({ ...replay, port: server.port, calls: order.warmUp, concurrency: 4 });
    const rounds: Round[] = [];
    for (let round = 0; round < order.rounds; round++) {
      const samples: Record<string, Sample> = {};
      for (let turn = 0; turn < keys.length; turn++) {
        const key = keys[(turn + round) % keys.length] ?? '';
        const server = servers[key];
        if (server) samples[key] = await sample(client, server, replay);
      }
      rounds.push({ samples });
    }
    return rounds;
  } finally {
    for (const server of Object.values(servers)) await server.stop();
  }
}

/** Milliseconds from the start of the process to its first answer; a new client connection each time. */
async function startToAnswer(
  client: Client,
  recipe: Recipe,
  order: Pick<Order, 'certsDir' | 'requests'>,
  serverCerts: string,
): Promise<number> {
  const begin = performance.now();
  const server = await start(recipe, serverCerts);
  await client.measure({ ...order, port: server.port, calls: 1, concurrency: 1 });
  const taken = performance.now() - begin;
  await server.stop();
  return taken;
}

async function measureStarts(
  client: Client,
  recipes: readonly (Recipe | undefined)[],
  order: Pick<Order, 'certsDir' | 'requests'>,
  serverCerts: string,
) {
  const taken = new Map<Recipe, number[]>();
  for (let round = 0; round <= PLAN.starts; round++) {
    for (const recipe of recipes) {
      if (!recipe) continue;
      const once = await startToAnswer(client, recipe, order, serverCerts);
      // The first one reads the files from the disk.
      if (round > 0) taken.set(recipe, [...(taken.get(recipe) ?? []), once]);
    }
  }
  return (recipe: Recipe | undefined): number => median((recipe && taken.get(recipe)) ?? []);
}

interface Memory {
  readonly idle: number;
  readonly loaded: number;
}

async function measureMemory(
  client: Client,
  recipe: Recipe,
  order: Pick<Order, 'certsDir' | 'requests'>,
  serverCerts: string,
): Promise<Memory> {
  const server = await start(recipe, serverCerts);
  const idle = server.memory().rss;
  await client.measure({ ...order, port: server.port, calls: PLAN.memory, concurrency: 16 });
  const loaded = server.memory().rss;
  await server.stop();
  return { idle, loaded };
}

/** Live heap after 40,000 calls over that after 10,000. */
async function measureGrowth(
  client: Client,
  recipe: Recipe,
  order: Pick<Order, 'certsDir' | 'requests'>,
  serverCerts: string,
): Promise<number> {
  const report = `${directory}/heap-report.cjs`;
  writeFileSync(report, HEAP_REPORT);
  const server = await start({ ...recipe, args: ['--expose-gc', '--require', report, ...recipe.args] }, serverCerts);
  const run = (calls: number): Promise<Measured> =>
    client.measure({ ...order, port: server.port, calls, concurrency: 16 });
  await run(PLAN.memory);
  const before = await server.heap();
  await run(3 * PLAN.memory);
  const after = await server.heap();
  await server.stop();
  return after / before;
}

function inconclusive(): number {
  process.stdout.write(
    'inconclusive: the same server measured twice differs too much on this machine; no gate is judged\n',
  );
  return 2;
}

/** The workloads that no gate looks at. */
async function measureOthers(
  client: Client,
  recipes: Recipes,
  file: (name: string) => string,
  mutual: { readonly certsDir: string; readonly clientCerts: string },
  say: (text: string) => void,
): Promise<Record<string, Round[]>> {
  say('creation, rotation, plaintext');
  const order = { ...mutual, rounds: Math.ceil(PLAN.rounds / 3), warmUp: 400 };
  return {
    'creation passes, mutual TLS': await measureRounds(client, recipes, { ...order, requests: file('creation') }),
    '1,000 XRs in turn, mutual TLS': await measureRounds(client, recipes, { ...order, requests: file('rotation') }),
    'steady state, plaintext': await measureRounds(client, recipes, {
      ...order,
      certsDir: undefined,
      clientCerts: undefined,
      requests: file('steady'),
    }),
  };
}

async function main(): Promise<number> {
  const began = performance.now();
  const say = (text: string): void =>
    void process.stderr.write(`${((performance.now() - began) / 1000).toFixed(0)} s: ${text}\n`);
  say('making requests');
  const workloads = makeWorkloads(1, flags.gates ? 0 : 1000);
  const file = (name: string): string => `${directory}/${name}.requests`;
  for (const name of ['steady', 'creation', 'rotation'] as const) writeMessages(file(name), workloads[name].requests);
  const { response, observed } = workloads.steady;
  const files = { response: `${directory}/response`, template: `${directory}/template.json` };
  writeFileSync(files.response, RunFunctionResponse.encode(response).finish());
  writeFileSync(
    files.template,
    JSON.stringify({
      status: response.desired?.composite?.resource?.status,
      ttlSeconds: response.meta?.ttl?.seconds,
      resources: Object.fromEntries(
        Object.entries(response.desired?.resources ?? {}).map(([key, { resource }]) => [key, resource]),
      ),
      conditions: response.conditions.map(({ type, status, reason, message }) => ({ type, status, reason, message })),
    }),
  );
  say('building servers');
  const recipes = await buildServers(directory, files);
  const certificates = await makeCertificates();
  const client = startClient();
  clean.push(client.stop);
  const mutual = { certsDir: certificates.server, clientCerts: certificates.client };
  const order = { certsDir: certificates.client, requests: file('steady') };

  let steady: Round[] = [];
  let twice = sameServerTwice(steady);
  const elapsed = (): number => (performance.now() - began) / 1000;
  let lasted = 0;
  for (let attempt = 1; attempt <= PLAN.attempts && !twice.trusted; attempt++) {
    if (flags.gates && elapsed() + lasted + BUDGET.afterRounds > BUDGET.all) break;
    const start = elapsed();
    say(`steady state over mutual TLS, attempt ${attempt}`);
    steady = await measureRounds(client, recipes, {
      ...mutual,
      requests: file('steady'),
      rounds: PLAN.rounds,
      warmUp: 1000,
    });
    twice = sameServerTwice(steady);
    lasted = elapsed() - start;
    say(`the same server twice: p50 ${twice.p50.toFixed(2)}, CPU ${twice.cpu.toFixed(2)}`);
  }
  // Starts and memory are of no use where nothing is judged.
  if (flags.gates && !twice.trusted) return inconclusive();
  const others = flags.gates ? {} : await measureOthers(client, recipes, file, mutual, say);
  say('starts');
  const started = flags.gates
    ? [recipes.ours, recipes.sdkModules]
    : [recipes.ours, recipes.sdkModules, recipes.sdkBundle, recipes.go, recipes.python];
  const startOf = await measureStarts(client, started, order, certificates.server);
  const memory = new Map<Recipe, Memory>();
  let growth: number | undefined;
  if (PLAN.memory > 0) {
    say('memory');
    for (const recipe of [recipes.ours, recipes.sdkBundle, ...(flags.gates ? [] : [recipes.go, recipes.python])]) {
      if (recipe) memory.set(recipe, await measureMemory(client, recipe, order, certificates.server));
    }
    growth = await measureGrowth(client, recipes.ours, order, certificates.server);
  }
  const extras: Extras = {
    start: { ours: startOf(recipes.ours), sdkModules: startOf(recipes.sdkModules) },
    memory: { ours: memory.get(recipes.ours)?.loaded, sdk: memory.get(recipes.sdkBundle)?.loaded },
    growth,
  };
  const report: Report = {
    machine: [machine(), ...peerVersions(recipes)].join(', '),
    recipes,
    observed,
    requestBytes: workloads.steady.requests[0]?.length ?? 0,
    steady,
    others,
    twice,
    gates: gates(steady, extras),
    startOf,
    memoryOf: (recipe) => memory.get(recipe),
    imageBytes: flags.gates || flags.quick ? undefined : await imageBytes(directory),
    calls: PLAN,
  };
  process.stdout.write(`${table(report)}\n`);
  say('done');
  if (!flags.quick && !flags.gates && !flags['no-docs']) {
    writeFileSync(`${root}docs/performance.md`, document(report));
    writeFileSync(`${root}docs/performance.svg`, chart(report));
    writeFileSync(`${root}docs/scaling.md`, scaling(report));
  }
  if (!twice.trusted) return inconclusive();
  return report.gates.some((gate) => verdict(gate) === 'fail') ? 1 : 0;
}

try {
  process.exitCode = await main();
} finally {
  for (const end of clean.reverse()) end();
}
