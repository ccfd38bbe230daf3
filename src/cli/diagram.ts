import type { Phase } from '../failover/types.ts';
import { keys, type Site } from '../names.ts';
import type { SitePlan } from '../plan/types.ts';
import { arrows, type Drawing, inNetwork, type Name, names, networkFrame, ZONE } from './diagram-arrows.ts';
import { privateEndpointNodes, privateLinks, publicNames } from './diagram-endpoints.ts';
import { hubs } from './diagram-hubs.ts';
import { COLOURS, GREY, look, stateLine } from './diagram-look.ts';
import { columns, row, serverNodes, stacked } from './diagram-servers.ts';
import { states, zoneOf } from './diagram-state.ts';
import { cluster, digraph, edge, type Line, leftToRight, line, node } from './dot.ts';
import { FONT } from './graphviz.ts';
import type { Pass } from './passes.ts';

interface OfPass extends Drawing {
  readonly pass: Pass;
}

/** The topology of one pass as DOT text: what there is solid, what is not ready yet dashed. */
export function diagram(pass: Pass): string {
  const { decision } = pass.answer;
  if (!decision) return ''; // a pass without a decision is never returned: `pass` refuses it
  const { plan } = decision;
  const drawing: OfPass = { plan, pass, state: states(pass) };
  return digraph(
    {
      graph: {
        fontname: FONT,
        fontsize: 12,
        bgcolor: 'white',
        pad: 0.3,
        nodesep: 0.4,
        ranksep: 0.55,
        newrank: 'true',
        compound: 'true',
        labelloc: 't',
        labeljust: 'l',
        label: heading(drawing),
      },
      node: { fontname: FONT, fontsize: 10, shape: 'box', style: 'rounded,filled', margin: '0.12,0.08' },
      edge: { fontname: FONT, fontsize: 9, color: GREY, fontcolor: GREY, arrowsize: 0.8 },
    },
    [
      applications(drawing),
      zone(drawing),
      ...plan.sites.map((site) => region(drawing, site)),
      ...hubs(drawing),
      ...publicNames(drawing),
      ...arrows(drawing),
      ...privateLinks(drawing),
      ...stacked(plan),
      leftToRight(row(plan)),
    ],
  );
}

/** In these the picture says it all. */
const AT_REST: readonly Phase[] = ['Stable', 'Unprotected', 'Reprotecting'];

function heading({ plan, pass, state }: OfPass): { readonly lines: readonly Line[] } {
  const { kind, metadata } = pass.world.composite.xr;
  const object = [metadata.namespace, metadata.name].filter((part) => part !== undefined).join('/');
  const group = state(keys.resourceGroup);
  return {
    lines: [
      line(`${kind} ${object}`, 'title'),
      line(`resource group ${plan.resourceGroup.name}${group.says && `: ${group.says}`}`, 'plain', GREY),
      line(AT_REST.includes(plan.failover.phase) ? '' : `phase ${plan.failover.phase}`, 'plain', GREY),
      line('dashed: not ready yet', 'plain', GREY),
    ],
  };
}

function applications({ plan }: Drawing): string {
  const secret = plan.flavour === 'namespaced' ? `Secret ${plan.connectionSecret}` : 'connection details of the XR';
  return node('applications', {
    ...COLOURS.applications,
    label: { lines: [line('Applications', 'title'), line(secret)] },
  });
}

function zone({ plan, state }: Drawing): string {
  const zoneState = state(keys.dnsZone);
  const name = ({ key, verb, endpoint: { label, ttlSeconds } }: Name): string =>
    node(key, {
      ...look(COLOURS.name, state(key)),
      label: {
        lines: [
          line(verb === 'write' ? 'Write name' : 'Read name', 'title'),
          line(label, 'name'),
          line(`CNAME, ${ttlSeconds} s`),
          stateLine(state(key)),
        ],
      },
    });
  const [left, right] = names(plan);
  return cluster(ZONE, { ...look(COLOURS.zone, zoneState), label: '' }, [
    name(left),
    node(keys.dnsZone, {
      shape: 'plain',
      style: '',
      label: { lines: [line('Private DNS zone', 'title'), line(plan.dnsZone, 'name'), stateLine(zoneState)] },
    }),
    name(right),
    leftToRight([left.key, keys.dnsZone, right.key]),
  ]);
}

function region(drawing: OfPass, site: SitePlan): string {
  const { plan } = drawing;
  const active = site.region === plan.activeRegion;
  // Where the resource group stands, which is where the account is made.
  const holdsBackup = site.region === plan.resourceGroup.location;
  return cluster(
    site.site,
    {
      ...COLOURS.region,
      style: 'rounded,filled',
      label: { lines: [line(site.region, 'title'), line(active ? 'takes writes' : 'stands by')] },
    },
    [network(drawing, site), ...outside(drawing, site), ...(holdsBackup ? backup(drawing, site.site) : [])],
  );
}

/** Servers that are in no network: below their private endpoints, or above the network of their clients. */
function outside({ plan, pass, state }: OfPass, { site, composed }: SitePlan): string[] {
  if (composed.length > 0 && !plan.privateLink) return [];
  const servers = plan.servers.filter((server) => server.site === site);
  return [
    ...servers.flatMap((server) => serverNodes(server, state(server.key), zoneOf(pass, server.name))),
    ...(composed.length > 0 ? [] : servers.map(({ key }) => edge(key, inNetwork(site), { style: 'invis' }))),
  ];
}

function network({ plan, pass, state }: OfPass, { site, vnet, composed, dnsLink, peering }: SitePlan): string {
  const vnetState = state(keys.vnet(site));
  return cluster(
    networkFrame(site),
    {
      ...look(COLOURS.network, vnetState),
      label: {
        lines: [
          line(`Virtual network ${vnet.cidr}`, 'title'),
          line(vnet.name, 'name'),
          line(`DNS link ${dnsLink}${peering ? `, peering ${peering.name}` : ''}`),
          stateLine(vnetState),
        ],
      },
    },
    composed.length === 0
      ? [node(inNetwork(site), { ...COLOURS.applications, label: { lines: [line('Clients')] } })]
      : composed.map(({ ordinal, cidr }) => {
          const key = keys.subnet(site, ordinal);
          const subnetState = state(key);
          return cluster(
            key,
            {
              ...look(COLOURS.subnet, subnetState),
              label: {
                lines: [
                  line(`${plan.privateLink ? 'Private endpoints, subnet' : 'Delegated subnet'} ${cidr}`, 'plain'),
                  stateLine(subnetState),
                ],
              },
            },
            plan.privateLink
              ? privateEndpointNodes(plan.privateLink, key, state)
              : plan.servers
                  .filter((server) => server.subnet === key)
                  .flatMap((server) => serverNodes(server, state(server.key), zoneOf(pass, server.name))),
          );
        }),
  );
}

/** Below its region's server. */
function backup({ plan, state }: Drawing, site: Site): string[] {
  if (!plan.backup) return []; // switched off
  const server = columns(plan)
    .flat()
    .findLast((server) => server.site === site);
  const { accountName, containerName, replication } = plan.backup;
  const account = state(keys.backupAccount);
  const container = state(keys.backupContainer);
  const shown = account.ready ? container : account;
  const { dumps } = plan;
  return [
    node(keys.backupAccount, {
      ...look(COLOURS.backup, shown),
      label: {
        lines: [
          line('Backup storage', 'title'),
          line(accountName, 'name'),
          line(`${replication}, container ${containerName}`),
          line(dumps ? `dumps at ${dumps.schedule} UTC, kept for ${dumps.retentionDays} days` : ''),
          stateLine(shown),
        ],
      },
    }),
    ...(server ? [edge(server.key, keys.backupAccount, { style: 'invis' })] : []),
  ];
}
