import { keys, type Site } from '../names.ts';
import type { EndpointPlan, Plan } from '../plan/types.ts';
import { arrow, COLOURS } from './diagram-look.ts';
import { columns, row, standbyKey, standbyOf } from './diagram-servers.ts';
import type { State } from './diagram-state.ts';
import { edge, frameName } from './dot.ts';

/** What a picture is drawn from. Holds no secret: none is part of a plan. */
export interface Drawing {
  readonly plan: Plan;
  readonly state: (key: string) => State;
}

/** Ids of frames at which arrows end. */
export const ZONE = 'zone';
export const networkFrame = (site: Site): string => `${site}-network`;
/** What stands in a network that holds no server. */
export const inNetwork = (site: Site): string => `${site}-clients`;

/** Where a client gets to a server: at its private endpoint, or at the server itself. */
const doorOf = ({ privateLink }: Plan, server: string): string =>
  privateLink?.endpoints.find((endpoint) => endpoint.server === server)?.key ?? server;

export interface Name {
  readonly key: string;
  readonly verb: 'write' | 'read';
  readonly endpoint: EndpointPlan;
}

/** The two names, left and right as the regions that they point at, so that arrows do not cross. */
export function names({ endpoints: { write, read }, sites, servers }: Plan): readonly [Name, Name] {
  const writes: Name = { key: keys.writeRecord, verb: 'write', endpoint: write };
  const reads: Name = { key: keys.readRecord, verb: 'read', endpoint: read };
  const place = ({ endpoint }: Name): number => {
    const target = servers.find(({ key }) => key === endpoint.server);
    return sites.findIndex(({ site }) => site === target?.site);
  };
  return place(writes) <= place(reads) ? [writes, reads] : [reads, writes];
}

export function arrows({ plan, state }: Drawing): string[] {
  const [left, right] = names(plan);
  const points = ({ key, endpoint }: Name): string =>
    edge(key, doorOf(plan, endpoint.server), { ...arrow(state(key), COLOURS.name.color), label: '  points at' });
  return [
    edge('applications', left.key, { label: `${left.verb}   ` }),
    edge('applications', keys.dnsZone, { style: 'invis', weight: 20 }),
    edge('applications', right.key, { label: `   ${right.verb}` }),
    points(left),
    points(right),
    ...dnsLinks({ plan, state }),
    ...dumps({ plan, state }),
    ...peering({ plan, state }),
    ...plan.servers.flatMap((server) =>
      standbyOf(server)
        ? [replicates(plan, server.key, standbyKey(server), state(server.key), { label: 'synchronous' })]
        : [],
    ),
    ...plan.servers.flatMap(({ key, follows: source }) =>
      source === undefined ? [] : [replicates(plan, source, key, state(key), { penwidth: 2, label: BETWEEN_REGIONS })],
    ),
  ];
}

/**
 * From the server at which the name points that the dumps are made from. Drawn from the frame around it, whose titles stand below it: its
 * region, or its network where the storage stands in the same region.
 */
function dumps({ plan: { dumps, endpoints, servers, resourceGroup }, state }: Drawing): string[] {
  if (!dumps) return []; // nobody asks for dumps
  const { server: key } = dumps.record === keys.readRecord ? endpoints.read : endpoints.write;
  return servers
    .filter((server) => server.key === key)
    .map(({ site, region }) =>
      edge(key, keys.backupAccount, {
        ...arrow(state(keys.dumpCronJob), COLOURS.backup.color),
        ltail: frameName(region === resourceGroup.location ? networkFrame(site) : site),
        label: '   logical dumps',
      }),
    );
}

function dnsLinks({ plan, state }: Drawing): string[] {
  // Linked by somebody else; and where the servers are public the network stands below them, so that its text alone says it.
  if (!plan.dnsZoneAt.links || plan.sites.some(({ composed }) => composed.length === 0)) return [];
  return frames(plan).map(({ site, server, frame }) =>
    edge(keys.dnsZone, server, {
      ...arrow(state(keys.dnsLink(site)), COLOURS.zone.color),
      ltail: frameName(ZONE),
      lhead: frame,
      dir: 'none',
      label: '   DNS link',
    }),
  );
}

/** Graphviz draws an arrow to a frame as one to a node in it, cut off at the frame. */
export const frames = (plan: Plan) =>
  plan.sites.flatMap(({ site, composed }, index) => {
    const server = columns(plan)[index]?.[0];
    if (!server) return [];
    const inside = composed.length === 0 ? inNetwork(site) : doorOf(plan, server.key);
    return [{ site, server: inside, frame: frameName(networkFrame(site)) }];
  });

/** One line for both directions, between the frames of the networks. */
function peering({ plan, state }: Drawing): string[] {
  const [one, other] = frames(plan);
  if (!one || !other || plan.sites.every(({ peering }) => !peering)) return [];
  const ready = plan.sites.every(({ site, peering }) => !peering || state(keys.peering(site)).ready);
  return [
    edge(one.server, other.server, {
      ...arrow({ ready, says: '' }, COLOURS.network.color),
      ltail: one.frame,
      lhead: other.frame,
      dir: 'both',
      label: 'peering',
    }),
  ];
}

/** Its blanks keep the regions apart: Graphviz reserves a label's width between the servers, and three frames on each side need some of it. */
const BETWEEN_REGIONS = '        asynchronous        \nreplication';

/** Drawn from left to right whatever the direction, because an arrow to the left would turn the regions around. */
function replicates(plan: Plan, from: string, to: string, state: State, attributes: object): string {
  const order = [...row(plan), ...columns(plan).flatMap((column) => column.map(({ key }) => key))];
  const rightwards = order.indexOf(from) < order.indexOf(to);
  const [left, right] = rightwards ? [from, to] : [to, from];
  return edge(left, right, {
    ...arrow(state, COLOURS.Primary.color),
    dir: rightwards ? 'forward' : 'back',
    ...attributes,
  });
}
