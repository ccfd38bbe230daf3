import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { entrypoint } from '../../tools/package/code-cache.ts';
import { execute, run } from '../crossplane/commands.ts';
import { freePorts } from '../crossplane/free-ports.ts';
import type { RunningProcess, Supervisor } from '../crossplane/supervisor.ts';
import { waitFor } from '../crossplane/wait-for.ts';

export interface RunningImage {
  /** Port of 127.0.0.1 that leads to the function's 9443. */
  readonly grpcPort: number;
  /** Port of 127.0.0.1 that leads to the function's 8080. */
  readonly httpPort: number;
  /** How it was started, for the log. */
  readonly how: string;
  readonly process: RunningProcess;
}

/** What Crossplane sets (core v2.3.4 internal/controller/pkg/runtime): these, user 2000, and no arguments. */
export const ENVIRONMENT: Readonly<Record<string, string>> = {
  TLS_SERVER_CERTS_DIR: '/tls/server',
  FUNCTION_NAME: 'platform-io-function-postgresql',
  REVISION_NAME: 'platform-io-function-postgresql-000000000000',
  REVISION_UID: '00000000-0000-0000-0000-000000000000',
};
const USER = '2000:2000';

/** What the image sets: Docker's own PATH, and the Dockerfile's ENV. */
const IMAGE_ENVIRONMENT = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  NODE_ENV: 'production',
  MALLOC_ARENA_MAX: '1',
};

/** For reading an image's layers, from a registry or a file, on a machine that has other things to do. */
const LAYERS_DEADLINE = 600_000;

/** Restrictions of examples/install/runtime.yaml, the memory limit included. */
const RESTRICTIONS = ['--read-only', '--cap-drop=ALL', '--security-opt=no-new-privileges', '--memory=256m'];

/**
 * Starts the function as Crossplane's Deployment would, with `certsDir` mounted as its server certificates, and waits until
 * it is ready. `image` is a reference that the Docker Engine knows or can pull; where there is no engine, an image's root
 * folder, which is entered by chroot (needs root, and the ports 9443 and 8080).
 */
export async function startImage(
  image: { readonly reference: string } | { readonly root: string },
  certsDir: string,
  processes: Supervisor,
): Promise<RunningImage> {
  const started = await ('reference' in image
    ? inDocker(image.reference, certsDir, processes)
    : inChroot(image.root, certsDir, processes));
  const url = `http://127.0.0.1:${started.httpPort}/readyz`;
  await waitFor('the function to be ready', async () => (await fetch(url)).ok, { processes: [started.process] });
  return started;
}

/**
 * Pulls what the engine does not have. A step of its own with its own deadline: `docker run` would pull without a word, and the time that
 * a loaded machine takes to unpack layers would look like a function that does not get ready.
 */
async function pull(reference: string): Promise<void> {
  const known = await execute('docker', ['image', 'inspect', '--format={{.Id}}', reference]);
  if (known.code === 0) return;
  const begin = Date.now();
  await run('docker', ['pull', '--quiet', reference], { timeoutMs: LAYERS_DEADLINE });
  console.log(`docker pull took ${((Date.now() - begin) / 1000).toFixed(1)} s`);
}

async function inDocker(reference: string, certsDir: string, processes: Supervisor): Promise<RunningImage> {
  await pull(reference);
  const [grpcPort = 0, httpPort = 0] = await freePorts(2);
  const process = await processes.start('function', 'docker', [
    'run',
    '--rm',
    '--pull=never',
    `--user=${USER}`,
    ...RESTRICTIONS,
    ...Object.entries(ENVIRONMENT).map(([name, value]) => `--env=${name}=${value}`),
    `--volume=${certsDir}:/tls/server:ro`,
    `--publish=127.0.0.1:${grpcPort}:9443`,
    `--publish=127.0.0.1:${httpPort}:8080`,
    reference,
  ]);
  return { grpcPort, httpPort, how: `Docker, ${RESTRICTIONS.join(' ')}`, process };
}

async function inChroot(root: string, certsDir: string, processes: Supervisor): Promise<RunningImage> {
  mkdirSync(join(root, 'tls'), { recursive: true });
  cpSync(certsDir, join(root, 'tls/server'), { recursive: true });
  const process = await processes.start(
    'function',
    'chroot',
    [`--userspec=${USER}`, root, '/usr/bin/node', ...entrypoint().flags, entrypoint().file],
    { env: { ...ENVIRONMENT, ...IMAGE_ENVIRONMENT } },
  );
  return { grpcPort: 9443, httpPort: 8080, how: 'no Docker Engine answers: its root by chroot, uid 2000', process };
}

/** Forgets an image that was loaded or pulled for a test; nothing when there is none. */
export const removeImage = async (reference: string): Promise<void> => {
  await execute('docker', ['image', 'rm', '--force', reference]).catch(() => undefined);
};

/** Loads a saved image into the Docker Engine and gives its id: another checkout on this machine may move the tag to an image of its own. */
export async function loadImage(tarball: string): Promise<string> {
  const answer = await run('docker', ['load', '--input', tarball], { timeoutMs: LAYERS_DEADLINE });
  const reference = /^Loaded image(?: ID)?: (\S+)/m.exec(answer)?.[1];
  if (reference === undefined) throw new Error(`docker load: ${answer}`);
  return (await run('docker', ['image', 'inspect', '--format={{.Id}}', reference])).trim();
}
