import { type Exploration, explore } from './explore.ts';
import { STARTS } from './starts.ts';
import { WISHES } from './story.ts';
import type { World } from './world.ts';

/** What one part of the deeper run has found. */
export interface Part {
  readonly tells: string;
  readonly seconds: number;
  readonly found: Exploration;
}

/**
 * node --import tsx test/failover/model/pairs.ts START ACTION MOST: explores one action of a person with every misfortune, and then with each
 * action that comes after it in the list, in both orders. Prints a line of JSON for each; the parts share what they have in common.
 */
const [start = '', action = '', most] = process.argv.slice(2);
const nothing: World['left'] = { actions: 0, faults: 0 };
const worlds = STARTS[start]?.(nothing) ?? [];

function part(tells: string, left: World['left']): void {
  const begin = Date.now();
  const found = explore(
    worlds.map((world) => ({ ...world, left })),
    Number(most),
  );
  const line: Part = { tells, seconds: (Date.now() - begin) / 1000, found };
  console.log(JSON.stringify(line));
}

part(`${action}, and one misfortune`, { actions: 1, faults: 1, only: [action] });
for (const other of WISHES.slice(WISHES.indexOf(action)))
  part(other === action ? `${action}, twice` : `${action}; ${other}`, { actions: 2, faults: 0, only: [action, other] });
