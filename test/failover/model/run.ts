import { twoRegions } from '../../support/requests.ts';
import { explore } from './explore.ts';
import { platform } from './world.ts';

/** Reconciles after which the first server is there and its replica is asked for. */
const REPLICA_BEING_MADE = 6;

/** node --import tsx test/failover/model/run.ts ACTIONS MISFORTUNES STATES: explores and prints what was found, as JSON. */
const [actions = 1, faults = 1, most = 1000] = process.argv.slice(2).map(Number);
const settled = platform(twoRegions, { actions, faults });
const beingMade = platform(twoRegions, { actions, faults }, REPLICA_BEING_MADE);
const validated = platform({ ...twoRegions, failover: { validation: { image: 'postgres:18' } } }, { actions, faults });
console.log(JSON.stringify(explore([settled, beingMade, validated], most), undefined, 1));
