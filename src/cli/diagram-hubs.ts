import { HUB } from '../names.ts';
import type { HubPlan } from '../plan/types.ts';
import { type Drawing, frames } from './diagram-arrows.ts';
import { arrow, COLOURS, look, stateLine } from './diagram-look.ts';
import { edge, line, node } from './dot.ts';

/** A hub stands below the regions, and one line for both directions leads to each network that it is peered with. */
export const hubs = (drawing: Drawing): string[] =>
  drawing.plan.hubs.hubs.flatMap((hub) => [hubNode(drawing, hub), ...peerings(drawing, hub)]);

const nodeKey = ({ name }: HubPlan): string => `${HUB}${name}`;

function hubNode({ state }: Drawing, hub: HubPlan): string {
  const first = [...hub.links, ...hub.peerings.map(({ toKey }) => ({ key: toKey }))].map(({ key }) => state(key));
  const shown = first.find(({ ready }) => !ready) ?? { ready: true, says: '' };
  return node(nodeKey(hub), {
    ...look(COLOURS.network, shown),
    label: {
      lines: [
        line('Hub network, yours', 'title'),
        line(hub.network, 'name'),
        line(hub.links.length > 0 ? 'DNS link' : ''),
        line(hub.useRemoteGateways ? 'its gateway is used' : ''),
        stateLine(shown),
      ],
    },
  });
}

const peerings = ({ plan, state }: Drawing, hub: HubPlan): string[] =>
  frames(plan).flatMap(({ site, server, frame }) => {
    const peering = hub.peerings.find((one) => one.site === site);
    if (!peering) return [];
    const ready = state(peering.toKey).ready && state(peering.fromKey).ready;
    return [
      edge(server, nodeKey(hub), {
        ...arrow({ ready, says: '' }, COLOURS.network.color),
        ltail: frame,
        dir: 'both',
        label: '   peering',
      }),
    ];
  });
