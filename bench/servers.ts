import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { bundle, SERVER } from '../tools/package/bundle.ts';
import { bundleStart, entrypoint, writeCodeCache } from '../tools/package/code-cache.ts';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** How to start a server: `command` with its arguments, to which the address and the certificates are added. */
export interface Recipe {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** What is started: a bundle, or a binary. */
  readonly file: string;
}

export interface Recipes {
  readonly ours: Recipe;
  readonly sdkModules: Recipe;
  readonly sdkBundle: Recipe;
  readonly floor: Recipe;
  /** The floor that also runs the handler on decoded objects of `requests`, with the flags of ours. */
  readonly handler: (requests: string) => Recipe;
  /** Absent where there is no Go. */
  readonly go: Recipe | undefined;
  /** Absent where $BENCH_PYTHON (default python3) has no crossplane-function-sdk-python. */
  readonly python: Recipe | undefined;
}

/** Builds everything into `directory`, which must be below the checkout, so that node_modules is found from it. */
export async function buildServers(
  directory: string,
  files: { readonly response: string; readonly template: string },
): Promise<Recipes> {
  const out = (name: string): string => `${directory}/${name}`;
  await bundle(SERVER, out('function.cjs'));
  await bundleStart(out('start.cjs'));
  await writeCodeCache(process.execPath, out('function.cjs'), out('function.cache'));
  await bundle(here('passthrough-server.ts'), out('passthrough.cjs'));
  const esm = { bundle: true, platform: 'node', target: 'node20', format: 'esm', logLevel: 'error' } as const;
  await build({ ...esm, entryPoints: [here('sdk-server.ts')], outfile: out('sdk-modules.mjs'), packages: 'external' });
  await build({ ...esm, entryPoints: [here('sdk-server.ts')], outfile: out('sdk-bundle.cjs'), format: 'cjs' });
  const node = (name: string, file: string, flags: readonly string[], args: readonly string[] = []): Recipe => ({
    name,
    command: process.execPath,
    args: [...flags, out(file), ...args],
    file: out(file),
  });
  return {
    ours: {
      name: 'ours',
      command: process.execPath,
      // With health and metrics, as in a pod; on any free port, because it runs twice.
      args: [...entrypoint().flags, out('start.cjs'), '--http-address', '127.0.0.1:0'],
      env: { MALLOC_ARENA_MAX: '1' },
      file: out('function.cjs'),
    },
    sdkModules: node('SDK serve(), node_modules', 'sdk-modules.mjs', []),
    sdkBundle: node('SDK serve()', 'sdk-bundle.cjs', []),
    floor: node('grpc-js passthrough', 'passthrough.cjs', [], ['--response', files.response]),
    handler: (requests) =>
      node('handler', 'passthrough.cjs', entrypoint().flags, ['--response', files.response, '--requests', requests]),
    go: buildGo(out('go-function'), files.template),
    python: findPython(files.template),
  };
}

function buildGo(file: string, template: string): Recipe | undefined {
  const { status } = spawnSync('go', ['build', '-o', file, '.'], {
    cwd: here('go'),
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return status === 0
    ? { name: 'Go, function-sdk-go', command: file, args: ['--template', template], file }
    : undefined;
}

function findPython(template: string): Recipe | undefined {
  const command = process.env.BENCH_PYTHON ?? 'python3';
  const { status } = spawnSync(command, ['-c', 'import crossplane.function'], { stdio: 'ignore' });
  const file = here('python/main.py');
  return status === 0
    ? { name: 'Python, crossplane-function-sdk-python', command, args: [file, '--template', template], file }
    : undefined;
}

export interface Running {
  readonly recipe: Recipe;
  readonly port: number;
  /** Nanoseconds of CPU of all threads since the start. */
  readonly cpu: () => number;
  /** MiB: resident, and the part that is no file (what the process itself made). */
  readonly memory: () => { readonly rss: number; readonly anonymous: number };
  /** Bytes that live after a garbage collection; only where the recipe loads the heap report. */
  readonly heap: () => Promise<number>;
  readonly stop: () => Promise<void>;
}

let nextPort = 20_400;

/** Starts a server and waits until it accepts connections. */
export async function start(recipe: Recipe, certsDir: string | undefined): Promise<Running> {
  const port = nextPort++;
  const isSdk = recipe.file.includes('/sdk-');
  const tls = certsDir
    ? [isSdk ? '--tls-server-certs-dir' : '--tls-certs-dir', certsDir]
    : recipe.file.endsWith('passthrough.cjs')
      ? []
      : ['--insecure'];
  const child = spawn(recipe.command, [...recipe.args, '--address', `127.0.0.1:${port}`, ...tls], {
    stdio: ['ignore', 'pipe', 'ignore'],
    // Not the shell's: a pod has no NODE_EXTRA_CA_CERTS, for which Node 20 reads every root certificate before it does anything.
    env: { PATH: process.env.PATH, ...recipe.env },
  });
  const output = createInterface({ input: child.stdout });
  const deadline = performance.now() + 20_000;
  while (!(await accepts(port))) {
    if (child.exitCode !== null || performance.now() > deadline) throw new Error(`${recipe.name} does not start`);
    await sleep(1);
  }
  return {
    recipe,
    port,
    cpu: () => cpuOf(child),
    memory: () => memoryOf(child),
    async heap() {
      const line = once(output, 'line');
      child.kill('SIGUSR2');
      return Number(String((await line)[0]).split(' ')[1]);
    },
    async stop() {
      const exit = once(child, 'exit');
      child.kill('SIGKILL');
      await exit;
    },
  };
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

function cpuOf({ pid }: ChildProcess): number {
  let sum = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`))
    sum += Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]);
  return sum;
}

function memoryOf({ pid }: ChildProcess): { readonly rss: number; readonly anonymous: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const mebibytes = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]) / 1024;
  return { rss: mebibytes('VmRSS'), anonymous: mebibytes('RssAnon') };
}

export const sizeOf = (file: string): number => statSync(file).size;
