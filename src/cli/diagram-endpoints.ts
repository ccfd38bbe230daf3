import { keys } from '../names.ts';
import type { PrivateLinkPlan, ServerPlan } from '../plan/types.ts';
import { type Drawing, networkFrame } from './diagram-arrows.ts';
import { arrow, COLOURS, GREY, look, stateLine } from './diagram-look.ts';
import type { State } from './diagram-state.ts';
import { edge, frameName, type Line, leftToRight, line, node } from './dot.ts';

/** The private endpoints in a subnet. */
export const privateEndpointNodes = (
  { endpoints }: PrivateLinkPlan,
  subnet: string,
  state: (key: string) => State,
): string[] =>
  endpoints
    .filter((endpoint) => endpoint.subnet === subnet)
    .map(({ key, name }) =>
      node(key, {
        ...look(COLOURS.network, state(key)),
        label: { lines: [line('Private endpoint', 'title'), line(name, 'name'), stateLine(state(key))] },
      }),
    );

/**
 * The way from each private endpoint to its server, which is in no network. Written outside of any frame, because a frame takes in both
 * ends, and drawn from the edge of the network, whose titles stand below the endpoint.
 */
export function privateLinks({ plan: { privateLink, servers }, state }: Drawing): string[] {
  if (!privateLink) return []; // the servers are in networks, or public
  const inOrder = servers.flatMap(({ key }) => privateLink.endpoints.filter(({ server }) => server === key));
  return [
    ...inOrder.map(({ key, server, site }) =>
      edge(key, server, {
        ...arrow(state(key), COLOURS.network.color),
        ltail: frameName(networkFrame(site)),
        label: '   private link',
      }),
    ),
    leftToRight(inOrder.map(({ key }) => key)),
  ];
}

/** Names in public DNS beside those of the zone, and where they lead, as a legend: arrows of their own would turn the regions around. */
export function publicNames({ plan, state }: Drawing): string[] {
  const lines = [...virtualEndpointLines({ plan, state }), ...trafficManagerLines({ plan, state })];
  if (lines.length === 0) return [];
  const all = [line('Names in public DNS', 'title'), ...lines];
  return [
    node('public-names', { ...COLOURS.applications, label: { lines: all } }),
    leftToRight(['applications', 'public-names']),
  ];
}

const leadsTo = (servers: readonly ServerPlan[], role: ServerPlan['role']): Line[] =>
  servers.filter((server) => server.role === role).map(({ name }) => line(`leads to ${name}`, 'plain', GREY));

const virtualEndpointLines = ({ plan: { virtualEndpoints, servers }, state }: Drawing): Line[] =>
  virtualEndpoints.endpoints
    .filter(({ goes }) => !goes)
    .flatMap(({ key, name }) => [
      line(`virtual endpoint ${name}.writer`, 'name'),
      ...leadsTo(servers, 'Primary'),
      line(`virtual endpoint ${name}.reader`, 'name'),
      ...leadsTo(servers, 'Replica'),
      stateLine(state(key)),
    ]);

function trafficManagerLines({ plan: { trafficManager, servers }, state }: Drawing): Line[] {
  if (!trafficManager || trafficManager.goes) return []; // nobody asks for it
  const targets = trafficManager.endpoints.filter(({ enabled }) => enabled).map(({ server }) => server);
  return [
    line(trafficManager.host, 'name'),
    ...servers
      .filter(({ key }) => targets.includes(key))
      .map(({ name }) => line(`leads to ${name}, CNAME, ${trafficManager.ttlSeconds} s`, 'plain', GREY)),
    stateLine(state(keys.trafficManager)),
  ];
}
