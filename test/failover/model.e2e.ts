import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Exploration } from './model/explore.ts';

const run = fileURLToPath(new URL('./model/run.ts', import.meta.url));

/** Distinct states in each of the two explorations from a promotion: together with the others' more than 100,000. */
const BOUND = 30_000;
/** In each of the others. */
const SMALLER = 12_000;

/** Explores in a process of its own. `npm run model` explores all pairs of actions to their end. */
async function exploration(actions: number, faults: number, most: number, start = 'promotion'): Promise<Exploration> {
  const begin = Date.now();
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--max-old-space-size=6000', '--import', 'tsx', run, String(actions), String(faults), String(most), start],
    { maxBuffer: 1 << 24 },
  );
  const found: Exploration = JSON.parse(stdout);
  const seconds = ((Date.now() - begin) / 1000).toFixed(0);
  console.log(
    `${actions} actions and ${faults} misfortunes: ${found.states} states from ${start}, ${found.transitions} steps in ${seconds} s, ${found.complete ? 'all of them' : `not all: the bound is ${most}`}`,
  );
  return found;
}

/** The whole story of what is wrong, one step a line. */
const told = ({ violation, stuck }: Exploration): string =>
  violation
    ? [violation.what, ...violation.story].join('\n  ')
    : stuck
      ? ['does not come to rest after', ...stuck].join('\n  ')
      : '';

describe('failover, in every order of events', { concurrency: true, timeout: 20 * 60_000 }, () => {
  it('holds with one action of a person and one misfortune, at every step', async () => {
    const found = await exploration(1, 1, BOUND);
    assert.equal(told(found), '');
    assert.ok(found.complete || found.states >= BOUND);
  });

  for (const start of ['switchover', 'forced call', 'second control plane', 'everyday changes'])
    it(`holds from ${start}, with one action of a person and one misfortune`, async () => {
      const found = await exploration(1, 1, SMALLER, start);
      assert.equal(told(found), '');
      assert.ok(found.complete || found.states >= SMALLER);
    });

  it('holds with two actions of people', async () => {
    const found = await exploration(2, 0, BOUND);
    assert.equal(told(found), '');
    assert.ok(found.complete || found.states >= BOUND);
  });
});
