import { twoRegions } from '../../support/requests.ts';
import { explore } from './explore.ts';
import { platform } from './world.ts';

const [actions = 1, faults = 1, most = 1000] = process.argv.slice(2).map(Number);
const begin = Date.now();
const start = platform(twoRegions, { actions, faults });
const result = explore([start], most);
console.log(JSON.stringify(result, null, 1), (Date.now() - begin) / 1000);
