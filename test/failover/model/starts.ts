import { ownPassword } from '../../support/other-cluster.ts';
import { type Json, twoRegions } from '../../support/requests.ts';
import { FURNISHED } from './everyday.ts';
import { calm, platform, reconcile, type World } from './world.ts';

/** Reconciles after which the first server is there and its replica is asked for. */
const REPLICA_BEING_MADE = 6;

// People may change to Promote, so what a promotion does to a virtual endpoint is explored with it.
const swap = { mode: 'Switchover', minimumIntervalMinutes: 0 };
const virtual = { network: { virtualEndpoint: { enabled: true } } };
const switchover = { ...twoRegions, ...virtual, failover: swap };
const validated = { ...twoRegions, failover: { validation: { image: 'postgres:18' } } };
// What another control plane can take over has a password that a person brought.
const brought = { ...twoRegions, ...ownPassword };

const byJob = { executor: 'Job', executorIdentity: { clientId: '00000000-0000-0000-0000-000000000001' } };
const probed = { verify: 'Sql', validation: { image: 'postgres:18' } };

const asks = (world: World, spec: Json): World => ({ ...world, spec: { ...world.spec, ...spec } });
const there = { activeRegion: 'secondary' };

/** The platform after so many reconciles more, with no operation in Azure ended. */
function reconciled(world: World, times: number): World {
  let now = world;
  for (let round = 0; round < times; round++) now = calm(reconcile(now).world).world;
  return now;
}

/** Reconciles after which the writer is changing a parameter that restarts it. */
const RESTART_BEGUN = 2;

/** Where stories begin, by what they are about. */
export const STARTS: Readonly<Record<string, (left: World['left']) => readonly World[]>> = {
  promotion: (left) => [
    platform(twoRegions, left),
    platform(twoRegions, left, REPLICA_BEING_MADE),
    platform(validated, left),
  ],
  creation: (left) => [platform(twoRegions, left, 1)],
  'Jobs that call and ask': (left) => [
    asks(platform({ ...twoRegions, failover: byJob }, left), { failover: { ...byJob, ...there, option: 'Forced' } }),
    asks(platform({ ...twoRegions, ...virtual, failover: { ...swap, ...byJob } }, left), {
      failover: { ...swap, ...byJob, ...there },
    }),
    asks(platform({ ...twoRegions, failover: probed }, left), { failover: { ...probed, ...there } }),
  ],
  'policy Orphan': (left) => [platform({ ...brought, deletion: { policy: 'Orphan' } }, left)],
  switchover: (left) => [
    platform(switchover, left),
    platform({ ...switchover, failover: { ...swap, ...there } }, left),
  ],
  'forced call': (left) => [
    platform({ ...twoRegions, failover: { ...there, option: 'Forced', minimumIntervalMinutes: 0 } }, left),
  ],
  'everyday changes': (left) => {
    const furnished = { ...twoRegions, ...FURNISHED };
    const atRest = platform(furnished, left);
    const fewer = { parameters: { ...furnished.parameters, max_connections: '500' } };
    return [
      atRest,
      asks(atRest, { failover: there }),
      reconciled(asks(atRest, { ...fewer, failover: { option: 'Forced' } }), RESTART_BEGUN),
      reconciled(asks(atRest, { highAvailability: { mode: 'ZoneRedundant' } }), 1),
    ];
  },
  'second control plane': (left) => {
    const atRest = platform(brought, left);
    return [
      atRest,
      platform(brought, left, REPLICA_BEING_MADE),
      asks(atRest, { failover: there }),
      asks(atRest, { failover: { ...there, option: 'Forced' } }),
      platform({ ...brought, ...virtual, failover: { ...swap, ...there } }, left),
    ];
  },
};
