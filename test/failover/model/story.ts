import { resourceKey } from '../../azure/arm-id.ts';
import type { Incident } from '../../azure/incidents.ts';
import { isJob } from '../../azure/jobs.ts';
import { type Event as ProviderEvent, step } from '../../azure/simulator.ts';
import { keyOf } from '../../azure/state.ts';
import type { Json } from '../../support/requests.ts';
import { type Failover, failover } from './asked.ts';
import { actsAgain, advice, LOSS, lost, standsBack } from './control-planes.ts';
import { EVERYDAY } from './everyday.ts';
import { providerMoves, type World } from './world.ts';

/** Something that can happen next, and the world after it. */
export interface Happening {
  readonly tells: string;
  /** It happens by itself sooner or later; the others are people and misfortune. */
  readonly byItself: boolean;
  readonly to: () => World;
}

const REGIONS = ['eastus2', 'centralus'] as const;

const RESTORE = { mode: 'PointInTime', pointInTime: '2026-01-01T00:00:00Z' };

/** What people do to the spec. */
const ACTIONS: readonly (readonly [tells: string, change: (world: World) => Json | undefined])[] = [
  [
    'asks for the other region',
    ({ spec }) =>
      failover(spec, ({ activeRegion }) => ({ activeRegion: activeRegion === 'secondary' ? 'primary' : 'secondary' })),
  ],
  [
    'changes between Planned and Forced',
    (world) =>
      isCalled(world)
        ? undefined
        : failover(world.spec, ({ option }) => ({ option: option === 'Forced' ? 'Planned' : 'Forced' })),
  ],
  [
    'changes between Promote and Switchover',
    ({ spec }) =>
      hasVirtualEndpoint(spec)
        ? failover(spec, ({ mode }) => ({ mode: mode === 'Switchover' ? 'Promote' : 'Switchover' }))
        : undefined,
  ],
  [
    'sets cutover to the other value',
    ({ spec }) => failover(spec, ({ cutover }) => ({ cutover: cutover === 'Manual' ? 'Automatic' : 'Manual' })),
  ],
  ['sets reprotect to Manual', ({ spec }) => failover(spec, () => ({ reprotect: 'Manual' }))],
  ['sets reprotect to Now', ({ spec }) => failover(spec, () => ({ reprotect: 'Now' }))],
  ['sets reprotect to Automatic', ({ spec }) => failover(spec, () => ({ reprotect: 'Automatic' }))],
  ['lets former primaries be deleted', ({ spec }) => failover(spec, () => ({ formerPrimary: 'Delete' }))],
  ['keeps former primaries after all', ({ spec }) => failover(spec, () => ({ formerPrimary: 'Retain' }))],
  [
    'retires every server by name',
    ({ spec, status }) => failover(spec, () => ({ retire: servers(status).map(({ name }) => name) })),
  ],
  ...EVERYDAY.map(([tells, change]) => [tells, ({ spec }: World) => change(spec)] as const),
  ['wants what a backup holds', ({ spec }) => ({ ...spec, restore: RESTORE })],
  ['takes the restore back', ({ spec: { restore, ...rest } }) => (restore === undefined ? undefined : rest)],
  [
    'wants the next major version, and agrees to the upgrade',
    ({ spec }) => ({
      ...spec,
      database: { ...(spec.database as Json), version: '18' },
      upgrade: { approvedVersion: '18' },
    }),
  ],
  [
    'wants the old major version after all',
    ({ spec }) =>
      spec.upgrade === undefined ? undefined : { ...spec, database: { ...(spec.database as Json), version: '17' } },
  ],
  [
    'wants backups kept for longer',
    ({ spec }) => ({ ...spec, database: { ...(spec.database as Json), backupRetentionDays: 21 } }),
  ],
  ['makes this control plane a standby', standsBack],
];

/** A call goes on: nobody says then that it was not made, which is what Planned would say. */
const isCalled = ({ sim }: World): boolean =>
  Object.entries(sim.operations).some(
    ([key, { by, target }]) =>
      by === undefined && !key.startsWith('provider:') && /flexibleservers\/[^/]+$/.test(target),
  );

const hasVirtualEndpoint = ({ network }: Json): boolean => network !== undefined;

export const servers = (status: Json): readonly Json[] => (status.servers ?? []) as Json[];
export const failoverOf = (status: Json): Failover => (status.failover ?? {}) as Failover;

/** Everything that can happen in a world, beside a reconcile of the XR. */
export function happenings(world: World): Happening[] {
  const provider = Array.from(
    providerMoves(world),
    ({ event, after }): Happening => ({
      tells: tell(event),
      byItself: true,
      to: () => ({
        ...world,
        sim: event.type === 'run-job' ? step(world.sim, { ...event, asks: stillAsks(world) }) : after(),
      }),
    }),
  );
  const recovery = world.sim.outages.regions.map((region) =>
    incident(world, { what: 'region-recovery', region }, true),
  );
  return [
    ...provider,
    ...recovery,
    ...people(world),
    ...misfortune(world),
    ...calls(world),
    ...actsAgain(world),
    ...advice(world),
  ];
}

/** Whether the XR still asks for writes elsewhere than they are, by a Job. */
const stillAsks = ({ spec, status }: World): boolean => {
  const { activeRegion = 'primary', executor, mode, option } = (spec.failover ?? {}) as Failover;
  const region = activeRegion === 'secondary' ? 'centralus' : 'eastus2';
  return executor === 'Job' && (option === 'Forced' || mode === 'Switchover') && status.activeRegion !== region;
};

/** Everything that people may do, as a story tells it. */
export const WISHES: readonly string[] = [...ACTIONS.map(([what]) => what), LOSS];

function people(world: World): Happening[] {
  const { actions, only } = world.left;
  if (actions === 0) return [];
  const may = (what: string): boolean => only === undefined || only.includes(what);
  const left = (what: string): World['left'] => ({
    ...world.left,
    actions: actions - 1,
    ...(only ? { only: only.filter((_, index) => index !== only.indexOf(what)) } : {}),
  });
  const gone = may(LOSS) ? lost(world) : undefined;
  return [
    ...ACTIONS.flatMap(([what, change]): Happening[] => {
      const spec = may(what) ? change(world) : undefined;
      if (spec === undefined || JSON.stringify(spec) === JSON.stringify(world.spec)) return [];
      return [{ tells: `a person ${what}`, byItself: false, to: () => ({ ...world, spec, left: left(what) }) }];
    }),
    ...(gone ? [{ tells: `a person ${LOSS}`, byItself: false, to: () => ({ ...gone, left: left(LOSS) }) }] : []),
  ];
}

function misfortune(world: World): Happening[] {
  if (world.left.faults === 0) return [];
  const left = { ...world.left, faults: world.left.faults - 1 };
  const struck = { ...world, left };
  const fails = Object.keys(world.sim.operations)
    .filter((operation) => !world.sim.operations[operation]?.queued)
    .map(
      (operation): Happening => ({
        tells: `fails: ${operation.split('/').slice(-2).join('/')}`,
        byItself: false,
        to: () => ({ ...struck, sim: step(world.sim, { type: 'fail', operation }) }),
      }),
    );
  const outages = REGIONS.filter((region) => !world.sim.outages.regions.includes(region)).map((region) =>
    incident(struck, { what: 'region-outage', region }, false),
  );
  const zones = Object.values(world.sim.resources)
    .filter(({ type, properties }) => type.endsWith('/flexibleServers') && properties.highAvailability !== undefined)
    .map(({ id }) => incident(struck, { what: 'failover', id }, false));
  const jobs = Object.values(world.sim.objects).flatMap(({ object: { apiVersion, kind, metadata } }): Happening[] => {
    if (!isJob({ apiVersion, kind })) return [];
    const { name, namespace } = metadata;
    const events = {
      [`fails: Job ${name}`]: {
        type: 'run-job',
        key: keyOf({ apiVersion, kind, name, namespace }),
        failure: 'made up',
      },
      [`somebody deletes Job ${name}, so that it runs again`]: {
        type: 'delete',
        ref: { apiVersion, kind, name, namespace },
      },
    } as const;
    return Object.entries(events).map(([tells, event]) => ({
      tells,
      byItself: false,
      to: () => ({ ...struck, sim: step(world.sim, event) }),
    }));
  });
  return [
    ...fails,
    ...jobs,
    ...outages,
    ...zones,
    {
      tells: 'the provider restarts',
      byItself: false,
      to: () => ({ ...struck, sim: step(world.sim, { type: 'restart-provider' }) }),
    },
    { tells: 'the status of the XR is lost', byItself: false, to: () => ({ ...struck, status: {} }) },
  ];
}

/** A person makes the call that the status shows, but for one that people have said will not be made. */
function calls(world: World): Happening[] {
  const { call } = failoverOf(world.status);
  const asked = (world.spec.failover ?? {}) as Failover;
  if (asked.mode !== 'Switchover' && asked.option !== 'Forced') return [];
  const id = typeof call === 'string' ? /azure\.com(\/[^?]+)\?/.exec(call)?.[1] : undefined;
  // One call at a time.
  if (id === undefined || Object.values(world.sim.operations).some(({ target }) => target === resourceKey(id)))
    return [];
  const mode = String(call).includes('"promoteMode":"Switchover"') ? 'switchover' : 'standalone';
  const option = String(call).includes('"promoteOption":"Planned"') ? 'planned' : 'forced';
  return [incident(world, { what: 'promote', id, mode, option }, false)];
}

export const incident = (world: World, what: Incident, byItself: boolean): Happening => ({
  tells: Object.values(what)
    .join(' ')
    .replace(/\/subscriptions\S*\//, ''),
  byItself,
  to: () => ({ ...world, sim: step(world.sim, { type: 'incident', incident: what }) }),
});

function tell(event: ProviderEvent): string {
  if (event.type === 'reconcile') return `the provider looks at ${event.key.split('/').at(-1)}`;
  if (event.type === 'run-job') return `goes on: Job ${event.key.split('/').at(-1)}`;
  return event.type === 'finish' ? `ends: ${event.operation.split('/').slice(-2).join('/')}` : event.type;
}
