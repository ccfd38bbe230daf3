import type { Database } from '../api/database.ts';
import { keys } from '../names.ts';
import { isLookedAt, type Observed } from '../observed/observed.ts';
import { type Claim, initial, keyOf, listed, remembered } from './claims.ts';
import { promotionSent } from './evidence.ts';
import { inOrder, type Link } from './lineage.ts';
import type { Failover, Fence, ServerRole } from './types.ts';
import { memoryOf } from './upgrade.ts';

/**
 * A control plane that only observes, because another one acts. The write name says who takes writes: the other control plane moves it on
 * evidence, and its target is a single value that every look at Azure overwrites. What the servers' own objects remember is kept.
 */
export function observing(
  database: Database,
  observed: Observed,
  links: readonly Link[],
  claims: readonly Claim[] = claimed(database, links),
): Failover {
  const target = observed.resources.get(keys.writeRecord)?.atProvider.record;
  const holder = links.find(({ server }) => target !== undefined && server.atProvider.fqdn === target);
  const writer = holder?.key ?? keyOf(claims, 'Primary') ?? '';
  const servers = [
    ...claims
      .filter(({ key }) => links.every((link) => link.key !== key))
      .map((claim) => expected(claim, writer, keyOf(claims, 'Primary'))),
    ...links.map((link) => roleOf(link, writer, claims)),
  ];
  const closed = holder !== undefined && isFenced(holder, observed);
  const waits =
    target !== undefined && !holder
      ? `the write name points at ${target}, which is none of the servers that are observed here; list them in spec.adopt.servers`
      : `another control plane acts; this one only observes until spec.management.role is Active${closed ? `; ${holder.key}, at which the write name points, is fenced` : ''}`;
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
    writable: holder !== undefined && !closed,
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

/** The user's list; without one what the objects remember, or a platform as it is before its first failover. */
function claimed(database: Database, links: readonly Link[]): readonly Claim[] {
  const views = [listed(database), remembered(links), initial(database)];
  return views.find((claims) => claims.length > 0) ?? [];
}

/** A server of which there is no object here yet. */
function expected({ key, site, generation, role }: Claim, writer: string, primary: string | undefined): ServerRole {
  return {
    key,
    site,
    generation,
    role: key === writer ? 'Primary' : role === 'Primary' ? 'Former' : role,
    follows: role === 'Replica' ? primary : undefined,
    promote: false,
    retiring: false,
  };
}

function roleOf(link: Link, writer: string, claims: readonly Claim[]): ServerRole {
  const { server, ...remembered } = link;
  const claim = claims.find(({ key }) => key === link.key)?.role;
  const role = link.key === writer ? 'Primary' : claim === 'Replica' ? 'Replica' : 'Former';
  // What an object remembers is kept; one that has only looked remembers nothing yet.
  const source = isLookedAt(server) && claim === 'Replica' ? keyOf(claims, 'Primary') : link.follows;
  return {
    ...remembered,
    role,
    follows: source,
    promote: promotionSent(link),
    upgrade: memoryOf(link),
    retiring: false,
  };
}

/** Whether clients are kept away by a fence of which there is an object here, as Azure has it: a failover was under way. */
const isFenced = ({ key }: Link, { resources }: Observed): boolean =>
  resources.get(keys.readOnly(key))?.atProvider.value === 'on' ||
  resources.get(keys.networkFence(key))?.atProvider.access === 'Deny';

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
