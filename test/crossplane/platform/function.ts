import { type RunningImage, startImage } from '../../package/run-image.ts';
import { run } from '../commands.ts';
import { freePorts } from '../free-ports.ts';
import type { RunningProcess, Supervisor } from '../supervisor.ts';
import { waitFor } from '../wait-for.ts';
import { type Sample, samples } from './metrics.ts';

export interface RunningFunction {
  /** Port of 127.0.0.1 on which it serves gRPC over mutual TLS. */
  readonly port: number;
  /** How it was started, for the log. */
  readonly how: string;
  readonly process: RunningProcess;
  /** Its own metrics, at this moment. */
  metrics(): Promise<Sample[]>;
  /** Ends it without warning. */
  kill(): Promise<void>;
  /** Stops it from running, with its connections open, and lets it run again. */
  freeze(): Promise<void>;
  thaw(): Promise<void>;
}

export type Image = { readonly reference: string } | { readonly root: string };

/** Where the function comes from: the TypeScript of a checkout (its root folder, with a trailing slash), or an image. */
export type FunctionSource = { readonly checkout: string } | { readonly image: Image };

/** Starts the function with the server certificates of `certsDir` and waits until it is ready. */
export async function startFunction(
  source: FunctionSource,
  certsDir: string,
  processes: Supervisor,
): Promise<RunningFunction> {
  return 'image' in source
    ? running(await startImage(source.image, certsDir, processes))
    : fromCheckout(source.checkout, certsDir, processes);
}

async function fromCheckout(checkout: string, certsDir: string, processes: Supervisor): Promise<RunningFunction> {
  const [port = 0, httpPort = 0] = await freePorts(2);
  const process_ = await processes.start(
    'function',
    process.execPath,
    [
      '--import',
      'tsx',
      `${checkout}src/main.ts`,
      '--address',
      `127.0.0.1:${port}`,
      '--http-address',
      `127.0.0.1:${httpPort}`,
    ],
    { cwd: checkout, env: { ...process.env, TLS_SERVER_CERTS_DIR: certsDir } },
  );
  const ready = `http://127.0.0.1:${httpPort}/readyz`;
  await waitFor('the function to be ready', async () => (await fetch(ready)).ok, { processes: [process_] });
  return running({ grpcPort: port, httpPort, how: 'from the checkout', process: process_ });
}

function running({ grpcPort, httpPort, how, process: process_ }: RunningImage): RunningFunction {
  // The supervised process of a container is only its client.
  const inDocker = how.startsWith('Docker');
  const container = async (): Promise<string> =>
    (await run('docker', ['ps', '--quiet', '--filter', `publish=${grpcPort}`])).trim();
  const control = async (verb: 'kill' | 'pause' | 'unpause', signal: NodeJS.Signals): Promise<void> => {
    if (inDocker) await run('docker', [verb, await container()]);
    // A group of its own, see superviseProcesses.
    else process.kill(-process_.pid, signal);
  };
  return {
    port: grpcPort,
    how,
    process: process_,
    metrics: async () => samples(await (await fetch(`http://127.0.0.1:${httpPort}/metrics`)).text()),
    kill: async () => {
      await control('kill', 'SIGKILL');
      await waitFor('the function to be gone', () => process_.ended() !== undefined);
    },
    freeze: () => control('pause', 'SIGSTOP'),
    thaw: () => control('unpause', 'SIGCONT'),
  };
}
