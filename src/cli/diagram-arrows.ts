import { keys, type Site } from '../names.ts';
import type { EndpointPlan, Plan } from '../plan/types.ts';
import { arrow, COLOURS } from './diagram-look.ts';
import { row, standbyKey, standbyOf } from './diagram-servers.ts';
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
    edge(key, endpoint.server, { ...arrow(state(key), COLOURS.name.color), label: '  points at' });
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
  if (!plan.dnsZoneAt.links) return []; // the networks are linked by somebody else
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
export const frames = ({ sites, servers }: Plan) =>
  sites.flatMap(({ site, composed }) => {
    const server = servers.find((one) => one.site === site);
    return server
      ? [{ site, server: composed.length === 0 ? inNetwork(site) : server.key, frame: frameName(networkFrame(site)) }]
      : [];
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
  const order = row(plan);
  const rightwards = order.indexOf(from) < order.indexOf(to);
  const [left, right] = rightwards ? [from, to] : [to, from];
  return edge(left, right, {
    ...arrow(state, COLOURS.Primary.color),
    dir: rightwards ? 'forward' : 'back',
    ...attributes,
  });
}
