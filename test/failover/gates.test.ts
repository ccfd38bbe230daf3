import { readFileSync } from 'node:fs';
import type { Gate } from '../../src/failover/gates.ts';
import { ownPassword } from '../support/other-cluster.ts';
import { type Json, twoRegions } from '../support/requests.ts';
import {
  beforeStandby,
  dependents,
  inLostRegion,
  restoredBesideWriter,
  restoredEarly,
  restoredTwice,
  sizes,
  stillRead,
  twice,
  unequal,
  unreported,
  unvalidated,
  unverified,
} from './gate-properties.ts';
import type { Property } from './model/explore.ts';
import type { World } from './model/world.ts';

const { GATES, shut } = await import('../../src/failover/gates.ts');
let open: Gate | undefined;
// In ES modules jest is not a global.
const { jest: modules } = import.meta as ImportMeta & {
  readonly jest: { unstable_mockModule(path: string, module: () => object): void };
};
modules.unstable_mockModule('../../src/failover/gates.ts', () => ({
  GATES,
  shut: (gate: Gate, closed: boolean) => gate !== open && shut(gate, closed),
}));
const { explore } = await import('./model/explore.ts');
const { failoverOf, happenings } = await import('./model/story.ts');
const { lost } = await import('./model/control-planes.ts');
const { isGoing } = await import('./model/upgrades.ts');
const { calm, inTheEnd, platform, reconcile } = await import('./model/world.ts');
const { forgetAnswers } = await import('./model/answers.ts');
const { pass, step } = await import('../azure/simulator.ts');

const NOTHING = { actions: 0, faults: 0 };
const settled = (spec: object = {}) => platform({ ...twoRegions, ...spec }, NOTHING);
const asks = (world: World, failover: object, actions = 0): World => ({
  ...world,
  spec: { ...world.spec, failover },
  left: { actions, faults: 0, only: ['asks for the other region'] },
});
const there = { activeRegion: 'secondary' };
const happens = (world: World, incident: object): World => ({
  ...world,
  sim: step(world.sim, { type: 'incident', incident } as Parameters<typeof step>[1]),
});
const replica = (world: World): string =>
  Object.values(world.sim.resources).find(({ properties }) => properties.sourceServerId !== undefined)?.id ?? '';
/** Every operation in Azure ends, and no provider has looked. */
const ended = (world: World): World => ({
  ...world,
  sim: Object.keys(world.sim.operations).reduce(
    (sim, operation) => step(sim, { type: 'finish', operation }),
    world.sim,
  ),
});

/** A failover goes on as far as it gets, and a person makes the call; a region that is out stays out. */
function promoted(world: World): World {
  let now = calm(world).world;
  for (let round = 0; round < 20; round++) {
    now = calm(reconcile(now).world).world;
    const call = happenings(now).find(({ tells }) => tells.startsWith('promote '));
    now = calm(call ? call.to() : { ...now, sim: pass(now.sim) }).world;
  }
  return now;
}

const upgrade = { database: { version: '18' }, upgrade: { approvedVersion: '18' } };
const upgraded = (world: World): World => ({ ...world, spec: { ...world.spec, ...upgrade } });

const REMOVED = 'database.platform.io/upgrade-removed-replica';
const annotationsOf = (applied: World['applied']): object => applied['primary-server']?.metadata.annotations ?? {};

/** Goes on until something is so. */
function until(world: World, so: (world: World) => boolean): World {
  let now = calm(world).world;
  for (let round = 0; round < 40; round++) {
    now = calm(reconcile(now).world).world;
    if (so(now)) return now;
    now = calm({ ...now, sim: pass(now.sim) }).world;
  }
  throw new Error('it never comes to that');
}

/** The replica is being deleted for an upgrade, and core has forgotten it, as it does once it has asked for a deletion. */
const forgotten = (): World => until(upgraded(settled()), (now) => isGoing(now, 'secondary-server'));
/** A person has made the call that the status shows, and Azure is done with it. */
function callMade(): World {
  const shown = until(
    asks(settled(), { ...there, option: 'Forced' }),
    ({ status }) => failoverOf(status).call !== undefined,
  );
  return ended(happens(shown, { what: 'promote', id: replica(shown), mode: 'standalone', option: 'forced' }));
}
const restore = { mode: 'PointInTime', pointInTime: '2026-01-01T00:00:00Z' };
const executorIdentity = { clientId: '00000000-0000-0000-0000-000000000001' };
const virtual = { network: { virtualEndpoint: { enabled: true } } };
const swap = { mode: 'Switchover', minimumIntervalMinutes: 0 };
/** Another control plane takes over, and its list says that writes are where they were before the last failover. */
function listedWrongly(): World {
  const world = lost(inTheEnd(asks(settled(ownPassword), there))) ?? settled();
  const { servers: right } = world.spec.adopt as { servers: readonly Json[] };
  const wrong = right
    .filter(({ role }) => role !== 'Replica')
    .map((one) => ({ ...one, role: one.role === 'Primary' ? 'Replica' : 'Primary' }));
  return { ...world, spec: { ...world.spec, failover: {}, adopt: { servers: wrong } } };
}

/** For each gate a beginning from which its absence shows, and how. */
const ROWS: Record<Gate, { readonly from: () => World; readonly shows: RegExp; readonly also?: Property }> = {
  'replica-ready': {
    from: () => platform(twoRegions, NOTHING, 6),
    shows: /FailoverReady is True, and there is no replica/,
  },
  'former-retained': {
    from: () => asks(inTheEnd(asks(inTheEnd(asks(settled(), there)), {})), there),
    shows: /two former primaries/,
  },
  'witness-before': {
    from: () => {
      const world = settled();
      const id = replica(world);
      return asks(ended(happens(world, { what: 'promote', id, mode: 'standalone', option: 'planned' })), there);
    },
    shows: /follows nobody/,
  },
  'fence-confirmed': { from: () => asks(settled(), there), shows: /still takes writes/ },
  'operation-ended': {
    from: () => asks(settled(), { ...there, option: 'Forced', executor: 'Job', executorIdentity }),
    shows: /before the Job that promotes it is over/,
    also: unreported,
  },
  'sql-verified': {
    from: () => asks(settled(), { ...there, verify: 'Sql', validation: { image: 'postgres:18' } }),
    shows: /before PostgreSQL has said so/,
    also: unverified,
  },
  'equal-pair': {
    from: () => {
      const world = settled({ ...virtual, failover: swap });
      const larger = { ...world, spec: { ...world.spec, database: { size: 'GP_Standard_D4ds_v5' } } };
      return asks(
        until(larger, (now) => sizes(now).size > 1),
        { ...swap, ...there },
      );
    },
    shows: /a switchover is called for, and the servers differ/,
    also: unequal,
  },
  validated: {
    from: () => asks(settled(), { ...there, validation: { image: 'postgres:18' } }),
    shows: /is made before a write has arrived/,
    also: unvalidated,
  },
  'one-at-a-time': {
    from: () => {
      const world = settled({ ...virtual, failover: swap });
      return asks(promoted(asks(world, { ...swap, ...there, cutover: 'Manual' })), { ...swap, cutover: 'Manual' });
    },
    shows: /a failover begins, and the write name is still elsewhere/,
    also: twice,
  },
  'former-left-alone': {
    from: () => {
      const world = promoted(
        asks(happens(settled(), { what: 'region-outage', region: 'eastus2' }), { ...there, option: 'Forced' }),
      );
      return happens(
        { ...world, spec: { ...world.spec, parameters: { work_mem: '8192' } } },
        { what: 'region-recovery', region: 'eastus2' },
      );
    },
    shows: /is asked of .* before its fence/,
  },
  'witness-after': {
    from: () => asks(settled(), { ...there, option: 'Forced' }),
    shows: /which is a replica/,
  },
  'call-not-made': { from: () => asks(callMade(), {}), shows: /Stable, but the replica does not follow the writer/ },
  'cutover-asked': { from: () => asks(settled(), { ...there, cutover: 'Manual' }), shows: /cutover is Manual/ },
  'open-again': { from: () => asks(settled(), there, 1), shows: /is Ready, and applications cannot write/ },
  'region-answers': {
    from: () =>
      promoted(asks(happens(settled(), { what: 'region-outage', region: 'eastus2' }), { ...there, option: 'Forced' })),
    shows: /does not answer/,
    also: inLostRegion,
  },
  'standby-before-replica': {
    from: () => asks(settled({ highAvailability: { mode: 'ZoneRedundant' } }), there),
    shows: /before the writer has its standby/,
    also: beforeStandby,
  },
  'upgrade-from-rest': {
    from: () => upgraded(asks(settled(), there)),
    shows: /an upgrade begins, and a failover is asked for/,
  },
  'upgrade-backup': { from: () => upgraded(settled()), shows: /without a backup of its own/ },
  'replica-gone': { from: forgotten, shows: /server-version-with-replicas/ },
  'no-failover-in-upgrade': {
    from: () =>
      asks(
        until(upgraded(settled()), ({ applied }) => REMOVED in annotationsOf(applied)),
        there,
      ),
    shows: /a failover begins in the middle of an upgrade/,
  },
  'restore-once': {
    // It is over, the servers of before are gone, and spec.restore still stands there.
    from: () => inTheEnd({ ...settled(), spec: { ...twoRegions, restore, failover: { formerPrimary: 'Delete' } } }),
    shows: /made from a backup twice/,
    also: restoredTwice,
  },
  'restored-ready': {
    from: () => ({ ...settled(), spec: { ...twoRegions, restore } }),
    shows: /takes writes before it is restored/,
    also: restoredEarly,
  },
  'restore-fenced': {
    from: () => ({ ...settled(), spec: { ...twoRegions, restore } }),
    shows: /takes writes while another does/,
    also: restoredBesideWriter,
  },
  'pair-before-deletion': {
    from: () => asks(settled(), { ...there, formerPrimary: 'Delete' }),
    shows: /primary-server-read-only leaves while its server is there/,
  },
  'dependents-first': {
    from: () => asks(inTheEnd(asks(settled(), there)), { ...there, formerPrimary: 'Delete' }),
    shows: /leaves, and .* is there/,
    also: dependents,
  },
  'read-name-first': {
    from: () => upgraded(settled()),
    shows: /leaves, and the read name is there/,
    also: stillRead,
  },
  'adoption-agreed': {
    from: listedWrongly,
    shows: /the write name is asked for on .*, which is still read-only/,
  },
};

const MOST = 3000;

afterEach(() => {
  open = undefined;
  forgetAnswers();
});

describe.each(Object.keys(GATES) as Gate[])('%s', (gate) => {
  const { from, shows, also } = ROWS[gate];

  it('is missed: without it there is a story in which something goes wrong, and with it there is none of that length', () => {
    const start = from();
    open = gate;
    forgetAnswers();
    const { violation, states } = explore([start], MOST, also);
    expect(violation?.what).toMatch(shows);
    process.stdout.write(`without ${gate}: ${[violation?.what, ...(violation?.story ?? [])].join('\n  ')}\n`);
    open = undefined;
    forgetAnswers();
    expect(explore([start], states, also).violation).toBeUndefined();
  });

  it('stands in the table of the guide', () => {
    const guide = readFileSync(new URL('../../docs/failover.md', import.meta.url), 'utf8');
    expect(guide.split('\n').filter((line) => line.startsWith('| `'))).toContain(`| \`${gate}\` | ${GATES[gate]} |`);
  });
});
