import { twoRegions } from '../support/requests.ts';
import { LOSS } from './model/control-planes.ts';
import { explore } from './model/explore.ts';
import { STARTS } from './model/starts.ts';
import { platform } from './model/world.ts';

/** A small part of what test/failover/model.e2e.ts explores. */
it('holds in every state within reach of one action of a person', () => {
  const { states, violation } = explore([platform(twoRegions, { actions: 1, faults: 0 })], 700);
  expect(violation).toBeUndefined();
  expect(states).toBeGreaterThanOrEqual(700);
});

it('holds in every state within reach of a switchover that waits for its call', () => {
  const spec = {
    ...twoRegions,
    network: { virtualEndpoint: { enabled: true } },
    failover: { mode: 'Switchover', activeRegion: 'secondary', minimumIntervalMinutes: 0 },
  };
  const { states, violation } = explore([platform(spec, { actions: 0, faults: 1 })], 300);
  expect(violation).toBeUndefined();
  expect(states).toBeGreaterThanOrEqual(300);
});

it('holds in every state within reach of a forced failover that waits for its call, and of one that is taken back', () => {
  const only = ['asks for the other region', 'changes between Planned and Forced'];
  const { states, violation } = explore(STARTS['forced call']?.({ actions: 2, faults: 0, only }) ?? [], 600);
  expect(violation).toBeUndefined();
  expect(states).toBeGreaterThanOrEqual(600);
});

it('holds where the control plane is lost with everything in it, and another one takes the servers over', () => {
  const left = { actions: 1, faults: 0, only: [LOSS] };
  const [atRest, , asked] = STARTS['second control plane']?.(left) ?? [];
  const { states, violation } = explore(atRest && asked ? [atRest, asked] : [], 600);
  expect(violation).toBeUndefined();
  expect(states).toBeGreaterThanOrEqual(600);
});

it('holds in every order of events from the first call of the function to a platform at rest', () => {
  const { violation, stuck, complete } = explore(STARTS.creation?.({ actions: 0, faults: 0 }) ?? [], 1000);
  expect([violation, stuck, complete]).toEqual([undefined, undefined, true]);
});

it('holds where Jobs make the calls and ask PostgreSQL, and are run again at any time', () => {
  const { states, violation } = explore(STARTS['Jobs that call and ask']?.({ actions: 0, faults: 1 }) ?? [], 600);
  expect(violation).toBeUndefined();
  expect(states).toBeGreaterThanOrEqual(600);
});

it('holds under policy Orphan, where a deletion of the XR leaves all of Azure', () => {
  const { states, violation } = explore(STARTS['policy Orphan']?.({ actions: 1, faults: 0 }) ?? [], 300);
  expect(violation).toBeUndefined();
  expect(states).toBeGreaterThanOrEqual(300);
});

it('holds where a parameter that restarts the writer is being changed, and the writer is lost or failed over from', () => {
  const left = { actions: 1, faults: 1, only: ['asks for the other region'] };
  const [, , changing] = STARTS['everyday changes']?.(left) ?? [];
  expect(changing && Object.keys(changing.sim.operations)).toEqual([expect.stringMatching(/max_connections$/)]);
  const { states, violation } = explore(changing ? [changing] : [], 300);
  expect(violation).toBeUndefined();
  expect(states).toBeGreaterThanOrEqual(300);
});
