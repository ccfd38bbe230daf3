import { parseArgs } from 'node:util';
import { arm } from './arm.ts';
import { asked, SERVICE_ACCOUNT } from './cluster.ts';
import { type Call, failover } from './failover.ts';

const USAGE =
  'usage: failover.cjs failover --mode Promote|Switchover --option Planned|Forced --active-region primary|secondary --source ID --target ID --object PATH';

const text = { type: 'string' } as const;
const OPTIONS = { mode: text, option: text, 'active-region': text, source: text, target: text, object: text };

function oneOf<T extends string>(flag: string, value: string | undefined, allowed: readonly T[]): T {
  const found = allowed.find((each) => each === value);
  if (found === undefined) throw new Error(`--${flag}: is ${value ?? 'missing'}; ${USAGE}`);
  return found;
}

function matching(flag: string, value: string | undefined, pattern: RegExp): string {
  if (value === undefined || !pattern.test(value)) throw new Error(`--${flag}: is ${value ?? 'missing'}; ${USAGE}`);
  return value;
}

const SERVER =
  /^\/subscriptions\/[^/?#]+\/resourceGroups\/[^/?#]+\/providers\/Microsoft\.DBforPostgreSQL\/flexibleServers\/[^/?#]+$/i;

/** What the arguments ask for, and the path of the object that has to ask for it still. */
function read(args: readonly string[]): { readonly call: Call; readonly object: string } {
  const { values, positionals } = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  if (positionals.length !== 1 || positionals[0] !== 'failover') throw new Error(USAGE);
  return {
    call: {
      mode: oneOf('mode', values.mode, ['Promote', 'Switchover']),
      option: oneOf('option', values.option, ['Planned', 'Forced']),
      activeRegion: oneOf('active-region', values['active-region'], ['primary', 'secondary']),
      source: matching('source', values.source, SERVER),
      target: matching('target', values.target, SERVER),
    },
    object: matching('object', values.object, /^\/apis\/[^?#]+$/),
  };
}

async function main(args: readonly string[]): Promise<void> {
  const { call, object } = read(args);
  const { KUBERNETES_SERVICE_HOST: host = '', KUBERNETES_SERVICE_PORT: port = '443' } = process.env;
  if (host === '') throw new Error('KUBERNETES_SERVICE_HOST: is missing in the environment; this runs in a pod');
  const origin = `https://${host.includes(':') ? `[${host}]` : host}:${port}`;
  const azure = arm(process.env.ARM_ENDPOINT ?? 'https://management.azure.com');
  const folder = process.env.SERVICE_ACCOUNT_FOLDER ?? SERVICE_ACCOUNT;
  const { did, says } = await failover(call, asked(origin, object, folder), azure);
  console.log(`${did ? 'done' : 'nothing to do'}: ${says}`);
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(`failover: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
});
