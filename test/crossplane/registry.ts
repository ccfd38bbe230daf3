import { freePorts } from './free-ports.ts';
import type { Supervisor } from './supervisor.ts';
import { tool } from './tools.ts';
import { waitFor } from './wait-for.ts';

export interface Registry {
  /** Host and port, e.g. `127.0.0.1:40123`: what goes before an image's path. Crossplane refuses `localhost` there. */
  readonly address: string;
}

/** Starts an OCI registry over plain HTTP on a free port of 127.0.0.1. It keeps what is pushed in memory. */
export async function startRegistry(processes: Supervisor): Promise<Registry> {
  const [port] = await freePorts(1);
  const address = `127.0.0.1:${port}`;
  const registry = await processes.start('registry', tool('crane'), ['registry', 'serve', '--address', address]);
  await waitFor('the registry', async () => (await fetch(`http://${address}/v2/`)).ok, { processes: [registry] });
  return { address };
}
