import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Part } from './pairs.ts';
import { STARTS } from './starts.ts';
import { WISHES } from './story.ts';

/*
 * The deeper run: every action of a person with every misfortune, and all pairs of actions, at every step, each pair to its end. Far too
 * long for CI; `npm run model -- --help` tells how to run a part of it.
 */
const HELP = `npm run model -- [--start NAME] [--action TEXT] [--most STATES] [--processes N]

  --start      begins only there: ${Object.keys(STARTS).join(', ')}
  --action     only pairs that begin with actions whose text holds this
  --most       states of one pair after which it is given up; 1000000
  --processes  how many at a time, one for each core; each takes up to 8 GB

Actions: ${WISHES.join('; ')}`;

const { values } = parseArgs({
  options: {
    start: { type: 'string' },
    action: { type: 'string', default: '' },
    most: { type: 'string', default: '1000000' },
    processes: { type: 'string', default: String(availableParallelism()) },
    help: { type: 'boolean' },
  },
});
if (values.help) {
  console.log(HELP);
  process.exit(0);
}

const pairs = fileURLToPath(new URL('./pairs.ts', import.meta.url));
const tasks = Object.keys(STARTS)
  .filter((start) => values.start === undefined || start === values.start)
  .flatMap((start) => WISHES.filter((wish) => wish.includes(values.action)).map((action) => ({ start, action })));
const sum = { parts: 0, states: 0, steps: 0, incomplete: 0, wrong: 0 };

/** One line for each part, and the story of what is wrong. */
function tell(start: string, { tells, seconds, found }: Part): void {
  const { states, transitions, complete, violation, stuck } = found;
  const wrong = violation
    ? [violation.what, ...violation.story]
    : stuck
      ? ['does not come to rest after', ...stuck]
      : undefined;
  sum.parts++;
  sum.states += states;
  sum.steps += transitions;
  if (wrong) sum.wrong++;
  else if (!complete) sum.incomplete++;
  const extent = wrong ? 'WRONG' : complete ? 'all of them' : `not all: the bound is ${values.most}`;
  console.log(`${start}: ${tells}: ${states} states, ${transitions} steps in ${seconds.toFixed(0)} s, ${extent}`);
  if (wrong) console.log(`  ${wrong.join('\n  ')}`);
}

async function explorePairs({ start, action }: (typeof tasks)[number]): Promise<void> {
  const child = spawn(
    process.execPath,
    ['--max-old-space-size=8000', '--import', 'tsx', pairs, start, action, values.most],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  for await (const line of createInterface({ input: child.stdout })) tell(start, JSON.parse(line));
  const code = await ended;
  if (code === 0) return;
  sum.wrong++;
  console.log(`${start}: ${action}: the process ended with ${code}`);
}

const begin = Date.now();
await Promise.all(
  Array.from({ length: Number(values.processes) }, async () => {
    for (let task = tasks.shift(); task; task = tasks.shift()) await explorePairs(task);
  }),
);
console.log(
  `${sum.parts} parts, ${sum.states} states (those that parts have in common are counted in each), ${sum.steps} steps in ${((Date.now() - begin) / 60_000).toFixed(0)} min; ${sum.incomplete} not to their end, ${sum.wrong} wrong`,
);
process.exitCode = sum.wrong > 0 ? 1 : 0;
