import type { Database } from '../api/database.ts';
import { keys } from '../names.ts';
import { isLookedAt, type Observed } from '../observed/observed.ts';
import { creation } from './creation.ts';
import { promotionSent } from './evidence.ts';
import { inOrder, type Link, writerOf } from './lineage.ts';
import type { Failover, Fence, ServerRole } from './types.ts';

/**
 * A control plane that only observes, because another one acts. The write name says who takes writes: the other control plane moves it on
 * evidence, and its target is a single value that every look at Azure overwrites. What the servers' own objects remember is kept.
 */
export function observing(database: Database, observed: Observed, links: readonly Link[]): Failover {
  const expected = creation(database);
  const claimed = writerOf(links)?.key ?? expected.names;
  const target = observed.resources.get(keys.writeRecord)?.atProvider.record;
  const holder = links.find(({ server }) => target !== undefined && server.atProvider.fqdn === target);
  const writer = holder?.key ?? claimed;
  const servers = [
    ...expected.servers
      .filter(() => links.length === 0 || links.every(({ server }) => isLookedAt(server)))
      .filter(({ key }) => links.every((link) => link.key !== key)),
    ...links.map((link) => roleOf(link, writer)),
  ];
  const waits =
    target !== undefined && !holder
      ? `the write name points at ${target}, which is none of the servers that are observed here; list them in spec.adopt.servers`
      : 'another control plane acts; this one only observes until spec.management.role is Active';
  return {
    phase: 'Standby',
    message: waits,
    observeOnly: true,
    servers: servers.sort(inOrder),
    leaving: [],
    witnesses: [],
    jobs: [],
    fences: fencesAsTheyAre(links, observed),
    names: writer,
    writable: holder !== undefined,
    held: true,
    ready: {
      status: 'False',
      reason: 'Standby',
      message: 'this control plane only observes; ask the one that is Active, or set spec.management.role to Active',
    },
    splitBrain: {
      status: 'Unknown',
      reason: 'Standby',
      message: 'this control plane only observes; the one that is Active tells',
    },
  };
}

function roleOf(link: Link, writer: string): ServerRole {
  const { key, site, generation, term, follows, unvalidated } = link;
  const role = key === writer ? 'Primary' : follows === undefined ? 'Former' : 'Replica';
  return { key, site, generation, role, term, follows, unvalidated, promote: promotionSent(link), retiring: false };
}

/** What fences there are, as they stand: an object that is left out would be deleted. */
function fencesAsTheyAre(links: readonly Link[], { resources }: Observed): Fence[] {
  return links.flatMap(({ key }) => {
    const [network, sessions] = [resources.get(keys.networkFence(key)), resources.get(keys.readOnly(key))];
    if (!network && !sessions) return [];
    const nsg = network && nsgOf(network.forProvider.networkSecurityGroupName, resources);
    return [
      {
        server: key,
        network: nsg === undefined ? undefined : { nsg },
        sessions: sessions !== undefined,
        on: network?.forProvider.access === 'Deny' || sessions?.forProvider.value === 'on',
      },
    ];
  });
}

/** Key of the security group of this Azure name. */
const nsgOf = (name: string | undefined, resources: Observed['resources']): string | undefined =>
  [...resources].find(([, { kind, externalName }]) => kind === 'SecurityGroup' && externalName === name)?.[0];
