import { twoRegions } from '../../support/requests.ts';
import { explore } from './explore.ts';
import { platform } from './world.ts';

/** Reconciles after which the first server is there and its replica is asked for. */
const REPLICA_BEING_MADE = 6;

// People may change to Promote, so what a promotion does to a virtual endpoint is explored with it.
const swap = { mode: 'Switchover', minimumIntervalMinutes: 0 };
const switchover = { ...twoRegions, network: { virtualEndpoint: { enabled: true } }, failover: swap };
const validated = { ...twoRegions, failover: { validation: { image: 'postgres:18' } } };

/** node --import tsx test/failover/model/run.ts ACTIONS MISFORTUNES STATES [switchover]: explores and prints what was found, as JSON. */
const [actions = 1, faults = 1, most = 1000] = process.argv.slice(2, 5).map(Number);
const left = { actions, faults };
const starts =
  process.argv[5] === 'switchover'
    ? [platform(switchover, left), platform({ ...switchover, failover: { ...swap, activeRegion: 'secondary' } }, left)]
    : [platform(twoRegions, left), platform(twoRegions, left, REPLICA_BEING_MADE), platform(validated, left)];
console.log(JSON.stringify(explore(starts, most), undefined, 1));
