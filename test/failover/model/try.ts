import { explore } from '/work/main/test/failover/model/explore.ts';
import { platform } from '/work/main/test/failover/model/world.ts';
import { twoRegions } from '/work/main/test/support/requests.ts';

const [actions, faults, most] = process.argv.slice(2).map(Number);
const begin = Date.now();
const start = platform(twoRegions as never, { actions, faults });
console.log('start', Date.now() - begin, Object.keys(start.refs).length);
const t = Date.now();
const result = explore([start], most);
console.log(JSON.stringify(result, null, 1), (Date.now() - t) / 1000);
