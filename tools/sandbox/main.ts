import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Platform, preferredFrom, startPlatform } from '../../test/crossplane/platform/platform.ts';
import { createTeller, requestNews } from './news.ts';
import { screen } from './screen.ts';

const USAGE = `usage: npm run sandbox -- [--speed N] [--from packages|checkout] [--plain]
  --speed   how many times faster than Azure the simulated one is, 1 to 600 (default 60: a server takes ten seconds)
  --from    packages: our packages and image, needs Docker; checkout: the TypeScript of this folder (default: packages with Docker)
  --plain   lines instead of a screen, as when the output is no terminal`;

const NAMESPACE = 'team-a';

interface Settings {
  readonly speed: number;
  readonly from: 'packages' | 'checkout';
  readonly plain: boolean;
}

/** Throws with one line for the user. */
function settings(args: string[]): Settings | undefined {
  const { values } = parseArgs({
    args,
    options: {
      speed: { type: 'string', default: '60' },
      from: { type: 'string' },
      plain: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return undefined;
  const speed = Number(values.speed);
  if (!(speed >= 1 && speed <= 600)) throw new Error(`--speed: "${values.speed}" is no number from 1 to 600`);
  if (values.from !== undefined && values.from !== 'packages' && values.from !== 'checkout')
    throw new Error(`--from: "${values.from}" is neither packages nor checkout`);
  return { speed, from: preferredFrom(values.from), plain: values.plain || !process.stdout.isTTY };
}

const instructions = ({ kubeconfig }: Platform['controlPlane'], speed: number): string[] => [
  `Real Crossplane, SIMULATED Azure (${speed} times as fast). In another terminal, in this folder:`,
  `export KUBECONFIG=${kubeconfig}`,
  'export PATH="$PWD/tools/bin:$PATH"',
  '1 create  kubectl apply -f examples/minimal/xr.yaml',
  `2 refuse  kubectl patch xpg orders -n ${NAMESPACE} --type=merge -p '{"spec":{"database":{"storageGB":64}}}'`,
  `3 delete  kubectl delete xpg orders -n ${NAMESPACE}`,
];

const KEYS = 'z zone failover   r region outage on/off   k kill the function for 5 s   q quit';

/** What the keys break. Tells what it did. */
async function breakSomething(key: string, platform: Platform): Promise<string> {
  const { azure } = platform;
  const servers = Object.values(azure.state.resources).filter(({ type }) => type.endsWith('/flexibleServers'));
  switch (key) {
    case 'z': {
      const standby = servers.filter(({ properties }) =>
        JSON.stringify(properties).includes('standbyAvailabilityZone'),
      );
      for (const { id } of standby) azure.happen({ type: 'incident', incident: { what: 'failover', id } });
      return standby.length > 0
        ? `zone failover of ${standby.map(({ id }) => id.split('/').at(-1)).join(', ')}`
        : 'no server has a standby: apply examples/zone-redundant/xr.yaml first';
    }
    case 'r': {
      const [out] = azure.state.outages.regions;
      const region = out ?? servers[0]?.region;
      if (region === undefined) return 'no server, no region';
      const what = out === undefined ? 'region-outage' : 'region-recovery';
      azure.happen({ type: 'incident', incident: { what, region } });
      return `${what} of ${region}`;
    }
    case 'k':
      await platform.function.kill();
      setTimeout(() => void platform.replaceFunction(platform.source).catch(() => {}), 5_000);
      return 'the function is killed and comes back in 5 s';
    default:
      return '';
  }
}

/** The screen of a terminal: drawn again twice a second until `end`. */
function showScreen(platform: Platform, speed: number, news: readonly string[]): { readonly end: () => void } {
  const draw = (): void => {
    const { columns = 120, rows = 40 } = process.stdout;
    const view = {
      objects: [...platform.observer.objects.values()],
      azure: platform.azure.state,
      news,
      header: instructions(platform.controlPlane, speed),
      footer: KEYS,
    };
    const lines = screen(view, { columns, rows });
    process.stdout.write(`\u001b[H${lines.map((line) => `${line}\u001b[K`).join('\r\n')}\u001b[J`);
  };
  // The alternate screen, without a cursor: what stood in the terminal before comes back at the end.
  process.stdout.write('\u001b[?1049h\u001b[?25l');
  draw();
  const timer = setInterval(draw, 500);
  return {
    end: () => {
      clearInterval(timer);
      process.stdout.write('\u001b[?25h\u001b[?1049l');
    },
  };
}

async function main(): Promise<void> {
  const chosen = settings(process.argv.slice(2));
  if (chosen === undefined) {
    console.log(USAGE);
    return;
  }
  const { speed, from, plain } = chosen;
  // One folder for everything, so that nothing is left even when it ends at once.
  const folder = mkdtempSync(join(tmpdir(), 'sandbox-'));
  process.env.TMPDIR = folder;
  let platform: Platform | undefined;
  let shown: { readonly end: () => void } | undefined;
  let stopping = false;
  const leave = (code: number): never => {
    shown?.end();
    if (process.stdin.isTTY) process.stdin.setRawMode(false);
    // The reaper of the control plane kills processes; a container is none of them.
    if (stopping && platform?.function.how.startsWith('Docker'))
      try {
        const containers = execFileSync('docker', ['ps', '-q', '--filter', `publish=${platform.function.port}`]);
        const id = containers.toString().trim();
        if (id !== '') execFileSync('docker', ['kill', id], { stdio: 'ignore' });
      } catch {
        // Gone by itself.
      }
    rmSync(folder, { recursive: true, force: true });
    process.exit(code);
  };
  const stop = (): void => {
    if (stopping) leave(130);
    stopping = true;
    shown?.end();
    shown = undefined;
    console.log('stopping; once more to leave at once');
    // Before the start is over, the start sees to it.
    if (platform) void platform.stop().then(() => leave(0));
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  process.on('SIGHUP', stop);

  const news: string[] = [];
  const begin = Date.now();
  const tell = (line: string): void => {
    const line_ = `${((Date.now() - begin) / 1000).toFixed(0).padStart(4)} s  ${line}`;
    news.push(line_);
    if (!shown) console.log(line_);
  };
  try {
    platform = await startPlatform({
      from,
      speed,
      onProgress: tell,
      onRequest: (request) => {
        if (plain || !request.outcome.ok) tell(requestNews(request));
      },
    });
    if (stopping) {
      await platform.stop();
      leave(0);
    }
    await platform.controlPlane.kubectl(['create', 'namespace', NAMESPACE]);
    await platform.controlPlane.kubectl(['create', 'namespace', 'team-b']);
  } catch (error) {
    if (!stopping) console.error(`sandbox: ${error instanceof Error ? error.message : String(error)}`);
    leave(1);
    return;
  }
  const running = platform;
  if (plain) for (const line of instructions(running.controlPlane, speed)) console.log(line);
  else shown = showScreen(running, speed, news);

  const teller = createTeller();
  let told = 0;
  setInterval(() => {
    const { changes } = running.observer;
    for (const change of changes.slice(told)) for (const line of teller(change)) tell(line);
    told = changes.length;
  }, 300);
  if (plain || !process.stdin.isTTY) return;
  process.stdin.setRawMode(true);
  process.stdin.resume();
  process.stdin.on('data', (data: Buffer) => {
    const key = data.toString();
    // In raw mode Ctrl-C is a character.
    if (key === '\u0003' || key === 'q') stop();
    else
      void breakSomething(key, running).then(
        (line) => line !== '' && tell(line),
        (error: unknown) => tell(String(error)),
      );
  });
}

await main().catch((error: unknown) => {
  console.error(`sandbox: ${error instanceof Error ? error.message : String(error)}`);
  console.error(USAGE);
  process.exitCode = 2;
});
