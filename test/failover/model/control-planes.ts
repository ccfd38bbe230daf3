import { resourceKey } from '../../azure/arm-id.ts';
import { textOf } from '../../azure/json.ts';
import { parameterOf } from '../../azure/kinds/server-configuration.ts';
import { step } from '../../azure/simulator.ts';
import { type AzureResource, keyOf, refOf, type Simulation } from '../../azure/state.ts';
import { ownSecret } from '../../support/other-cluster.ts';
import type { Json } from '../../support/requests.ts';
import { failover } from './asked.ts';
import type { Happening } from './story.ts';
import type { World } from './world.ts';

/*
 * A second control plane. Either this one is lost with everything in it, and another one takes the servers over from a list; or it stands
 * back for a while and acts again.
 */

/** An entry of spec.adopt.servers. */
interface Listed {
  readonly region: 'primary' | 'secondary';
  readonly externalName: string;
  readonly generation: number;
  readonly role: 'Primary' | 'Replica' | 'Former';
}

export const LOSS = 'takes the servers over on another control plane, because this one is lost with everything in it';

const REGIONS = { primary: 'eastus2', secondary: 'centralus' } as const;

export const roleOf = ({ management }: Json): unknown => ((management ?? {}) as Json).role ?? 'Active';

/** With a generated password there is nothing that another control plane could be given. */
const bringsPassword = ({ security }: Json): boolean => ((security ?? {}) as Json).adminPasswordSecretRef !== undefined;

export const standsBack = ({ spec }: World): Json | undefined =>
  bringsPassword(spec) && roleOf(spec) === 'Active' ? { ...spec, management: { role: 'Standby' } } : undefined;

/** Standing back ends whenever a person wants it to. */
export function actsAgain(world: World): Happening[] {
  if (roleOf(world.spec) === 'Active') return [];
  const { management: _, ...spec } = world.spec;
  return [{ tells: 'a person makes this control plane active again', byItself: false, to: () => ({ ...world, spec }) }];
}

const told = ({ adopt }: Json): readonly Listed[] | undefined => (adopt as { servers?: readonly Listed[] })?.servers;

export const listed = ({ spec }: Pick<World, 'spec'>): readonly Listed[] => told(spec) ?? [];

/** The XR as `render --export` prints it: the list, and writes where they are. */
function withList(spec: Json, servers: readonly Listed[]): Json {
  const writer = servers.find(({ role }) => role === 'Primary')?.region ?? 'primary';
  return { ...failover(spec, () => ({ activeRegion: writer })), adopt: { servers } };
}

/**
 * The XR on another control plane, with the list that this one's status gave last. Azure goes on with what it has accepted; objects, status,
 * and whatever waited inside the provider are gone. Undefined while there is no list.
 */
export function lost(world: World): World | undefined {
  const servers = told(world.status);
  if (!servers || !bringsPassword(world.spec)) return undefined;
  const { management: _, ...spec } = world.spec;
  const secret = keyOf(refOf(ownSecret));
  const only = <T>(record: Readonly<Record<string, T>>): Record<string, T> =>
    Object.fromEntries(Object.entries(record).filter(([key]) => key === secret));
  const sim = step(world.sim, { type: 'restart-provider' });
  return {
    ...world,
    sim: { ...sim, objects: only(sim.objects), incarnations: only(sim.incarnations) },
    spec: withList(spec, servers),
    status: {},
    refs: {},
    applied: {},
  };
}

/** What a person does whom phase Adopting tells to: without limit, because every story may need it. */
export function advice(world: World): Happening[] {
  const { phase, message = '' } = (world.status.failover ?? {}) as { phase?: string; message?: string };
  if (phase !== 'Adopting' || roleOf(world.spec) === 'Standby') return [];
  const right = listOf(world.sim);
  const told = (tells: string, to: () => World): Happening => ({ tells: `a person ${tells}`, byItself: false, to });
  if (right && /(correct|list the servers in) spec\.adopt\.servers/.test(message) && !isSame(right, listed(world)))
    return [told('corrects the list of servers', () => ({ ...world, spec: withList(world.spec, right) }))];
  if (servers(world.sim).length === 0 && message.includes('correct spec.adopt.servers')) {
    const { adopt: _, ...spec } = world.spec;
    return [told('takes the list out, because Azure has no server', () => ({ ...world, spec }))];
  }
  const primary = serverNamed(world.sim, listed(world).find(({ role }) => role === 'Primary')?.externalName);
  if (primary && message.includes('set the parameter to off by hand')) {
    const id = `${primary.id}/configurations/default_transaction_read_only`;
    const incident = { what: 'change', id, set: { value: 'off' } } as const;
    return [
      told('opens the server by hand', () => ({ ...world, sim: step(world.sim, { type: 'incident', incident }) })),
    ];
  }
  if (!primary || !message.includes('promote the replica by hand')) return [];
  return failsOver(world, primary).map(({ tells, to }) => told(tells, to));
}

/** The writer's region is lost together with the control plane. */
function failsOver(world: World, primary: AzureResource): { readonly tells: string; readonly to: () => World }[] {
  const { sim } = world;
  if (!sim.outages.regions.includes(textOf(primary.region))) return [];
  const right = listOf(sim);
  if (right && right.find(({ role }) => role === 'Primary')?.externalName !== nameOf(primary))
    return [{ tells: 'lists the promoted server', to: () => ({ ...world, spec: withList(world.spec, right) }) }];
  const replica = servers(sim).find(({ properties }) => follows(properties.sourceServerId, primary));
  if (!replica || Object.values(sim.operations).some(({ target }) => target === resourceKey(replica.id))) return [];
  const incident = { what: 'promote', id: replica.id, mode: 'standalone', option: 'forced' } as const;
  return [
    {
      tells: `promotes ${nameOf(replica)} by hand`,
      to: () => ({ ...world, sim: step(sim, { type: 'incident', incident }) }),
    },
  ];
}

const nameOf = ({ id }: AzureResource): string => textOf(id.split('/').at(-1));

const servers = (sim: Simulation): readonly AzureResource[] =>
  Object.values(sim.resources).filter(({ type, phase }) => type.endsWith('/flexibleServers') && phase !== 'Deleting');

const serverNamed = (sim: Simulation, name: string | undefined): AzureResource | undefined =>
  servers(sim).find((server) => nameOf(server) === name);

const follows = (source: unknown, server: AzureResource): boolean =>
  typeof source === 'string' && resourceKey(source) === resourceKey(server.id);

const isSame = (one: readonly Listed[], other: readonly Listed[]): boolean => {
  const text = (list: readonly Listed[]): string[] =>
    list.map(({ region, externalName, generation, role }) => `${region} ${externalName} ${generation} ${role}`).sort();
  return JSON.stringify(text(one)) === JSON.stringify(text(other));
};

/**
 * The list as a person reads it from Azure: the server that takes writes is one that replicates from nobody and answers, best the one at
 * which the write name points, and with an open one before one that is fenced. Undefined where there is none.
 */
function listOf(sim: Simulation): readonly Listed[] | undefined {
  const there = servers(sim);
  const name = Object.values(sim.resources).find(({ id }) => id.endsWith('/CNAME/write'))?.properties.record;
  const rank = (server: AzureResource): number =>
    (sim.outages.regions.includes(textOf(server.region)) ? 0 : 4) +
    (parameterOf(sim, server.id, 'default_transaction_read_only') === 'on' ? 0 : 2) +
    (name === `${nameOf(server)}.postgres.database.azure.com` ? 1 : 0);
  const [writer] = there
    .filter(({ properties }) => properties.sourceServerId === undefined)
    .sort((a, b) => rank(b) - rank(a));
  if (!writer) return undefined;
  return there.map((server): Listed => {
    const replicates = follows(server.properties.sourceServerId, writer);
    return {
      region: server.region === REGIONS.secondary ? 'secondary' : 'primary',
      externalName: nameOf(server),
      generation: Number(/-g(\d+)-/.exec(nameOf(server))?.[1] ?? 1),
      role: server === writer ? 'Primary' : replicates ? 'Replica' : 'Former',
    };
  });
}
