import { connect } from 'node:net';
import { freePorts } from './free-ports.ts';
import type { Supervisor } from './supervisor.ts';
import { repositoryRoot } from './tools.ts';
import { waitFor } from './wait-for.ts';

/** Starts this checkout's function without TLS, as `crossplane … render` calls it; gives its gRPC target. */
export async function startInsecureFunction(processes: Supervisor): Promise<string> {
  const [port = 0] = await freePorts(1);
  const ours = await processes.start(
    'function',
    process.execPath,
    ['--import', 'tsx', 'src/main.ts', '--insecure', '--no-http', '--address', `127.0.0.1:${port}`],
    { cwd: repositoryRoot },
  );
  await waitFor('our function', () => answers(port), { processes: [ours] });
  return `127.0.0.1:${port}`;
}

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
