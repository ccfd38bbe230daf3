import { explore } from './explore.ts';
import { STARTS } from './starts.ts';

/**
 * node --import tsx test/failover/model/run.ts ACTIONS MISFORTUNES STATES [START]: explores and prints what was found, as JSON. START is a
 * key of starts.ts.
 */
const [actions = 1, faults = 1, most = 1000] = process.argv.slice(2, 5).map(Number);
const begin = STARTS[process.argv[5] ?? 'promotion'];
if (!begin) throw new Error(`there is no start "${process.argv[5]}"; take one of ${Object.keys(STARTS).join(', ')}`);
console.log(JSON.stringify(explore(begin({ actions, faults }), most), undefined, 1));
