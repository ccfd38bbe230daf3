import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { createApiTransport } from './api-transport.ts';
import { createMirror, type Mirror } from './mirror.ts';
import type { Event } from './simulator.ts';
import { clockAt, type Options, type SentRequest, type Simulation } from './state.ts';

export interface ControllerOptions {
  readonly kubeconfig: string;
  /** How many times faster than Azure; 1 is Azure's own pace. Default 60. */
  readonly speed?: number;
  /** Milliseconds between two looks. Default 250. */
  readonly interval?: number;
  /** Keeps Azure over restarts of this process: read at the start, written at the end. */
  readonly stateFile?: string;
  readonly options?: Partial<Options>;
  readonly onRequest?: (request: SentRequest) => void;
  readonly onError?: (what: string, error: unknown) => void;
}

export interface Controller {
  /** Faults, incidents, a provider restart. */
  happen(event: Event): void;
  readonly state: Simulation;
  /** Resolves when the last write has ended. */
  stop(): Promise<void>;
}

/** Plays provider-upjet-azure, provider-kubernetes and Azure on a real API server. Resolves when every installed kind has been listed. */
export async function startController({
  kubeconfig,
  speed = 60,
  interval = 250,
  stateFile,
  options = {},
  onRequest,
  onError = () => {},
}: ControllerOptions): Promise<Controller> {
  const transport = createApiTransport(kubeconfig, onError);
  await transport.ready;
  // Written by this process at its last end.
  const state =
    stateFile !== undefined && existsSync(stateFile)
      ? (JSON.parse(readFileSync(stateFile, 'utf8')) as Simulation)
      : undefined;
  const mirror: Mirror = createMirror(transport, {
    options: { ...options, speed },
    onError,
    ...(state === undefined ? {} : { state }),
    ...(onRequest === undefined ? {} : { onRequest }),
  });
  let running = true;
  const loop = (async () => {
    while (running) {
      try {
        await mirror.tick(clockAt(Date.now()));
      } catch (error) {
        onError('tick', error);
      }
      await sleep(interval);
    }
  })();
  return {
    happen: mirror.happen,
    get state() {
      return mirror.state;
    },
    stop: async () => {
      running = false;
      await loop;
      await transport.stop();
      if (stateFile !== undefined) writeFileSync(stateFile, JSON.stringify(mirror.state));
    },
  };
}

const usage = `usage: node --import tsx test/azure/controller.ts --kubeconfig FILE [--speed N] [--interval MILLISECONDS] [--state FILE]
Reads one event as JSON per line from standard input, for example
  {"type":"incident","incident":{"what":"zone-outage","region":"eastus2","zone":"1"}}
  {"type":"incident","incident":{"what":"region-outage","region":"eastus2"}}
  {"type":"fault","fault":{"id":"f1","on":{"kind":"FlexibleServer","verb":"create"},"effect":{"type":"fail"},"times":1}}
  {"type":"restart-provider"}`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      kubeconfig: { type: 'string' },
      speed: { type: 'string' },
      interval: { type: 'string' },
      state: { type: 'string' },
    },
  });
  if (values.kubeconfig === undefined) {
    process.stderr.write(`${usage}\n`);
    process.exitCode = 2;
    return;
  }
  const say = (line: string): void => {
    process.stdout.write(`${new Date().toISOString().slice(11, 19)} ${line}\n`);
  };
  const controller = await startController({
    kubeconfig: values.kubeconfig,
    ...(values.speed === undefined ? {} : { speed: Number(values.speed) }),
    ...(values.interval === undefined ? {} : { interval: Number(values.interval) }),
    ...(values.state === undefined ? {} : { stateFile: values.state }),
    onRequest: ({ method, id, outcome }) =>
      say(`${method} ${id} ${outcome.ok ? 'accepted' : `${outcome.code}: ${outcome.message}`}`),
    onError: (what, error) => say(`${what}: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}`),
  });
  say('simulated Azure is running');
  const lines = createInterface({ input: process.stdin });
  lines.on('line', (line) => {
    try {
      // A person or a test typed it; an unknown event does nothing.
      controller.happen(JSON.parse(line) as Event);
    } catch {
      say(`not JSON: ${line}`);
    }
  });
  const end = (): void => {
    lines.close();
    void controller.stop().then(() => say('stopped'));
  };
  process.once('SIGINT', end);
  process.once('SIGTERM', end);
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) await main();
