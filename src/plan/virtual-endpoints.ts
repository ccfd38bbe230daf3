import type { Database } from '../api/database.ts';
import type { Failover } from '../failover/types.ts';
import {
  annotations,
  generationOf,
  keysOf,
  labels,
  MANAGED_BY,
  type NameScope,
  virtualEndpointName,
} from '../names.ts';
import type { Observed, ObservedResource } from '../observed/observed.ts';
import { mayBeThere, mayNotDelete, writesMove } from './in-service.ts';
import type { ServerPlan, VirtualEndpointPlan, VirtualEndpointsPlan } from './types.ts';

const HOST = (name: string, role: 'writer' | 'reader'): string => `${name}.${role}.postgres.database.azure.com`;

/**
 * The virtual endpoint of the pair that there is. It belongs to two servers, whichever of them takes writes: Azure moves its names in a
 * switchover. Once one of them is a server of its own, the endpoint would go on naming the former writer, so it leaves; another one, with a
 * key and a name of its own, comes when the old one is gone and there is a replica again.
 */
export function virtualEndpoints(
  database: Database,
  observed: Observed,
  servers: readonly ServerPlan[],
  going: Pick<Failover, 'phase'>,
  scope: NameScope,
): VirtualEndpointsPlan {
  const { spec } = database;
  const idOf = (server: string): string | undefined => observed.resources.get(server)?.atProvider.id;
  const writer = servers.find(({ role }) => role === 'Primary');
  const replica = servers.find(({ role, retiring }) => role === 'Replica' && !retiring);
  const existing = [...observed.resources].filter(([, found]) => isVirtualEndpoint(found));
  const broken = existing.filter(([, found]) => membersOf(found).some((member) => isOut(servers, member)));
  const leaving = broken.map(([key]) => key);
  const whole = existing.filter(([key]) => !leaving.includes(key));
  const planned = (key: string, found: ObservedResource | undefined, name: string): VirtualEndpointPlan[] => {
    const source = found?.annotations[annotations.source] ?? writer?.key;
    const reader = found?.annotations[annotations.reader] ?? replica?.key;
    if (source === undefined || reader === undefined) return [];
    const named = found?.forProvider.name ?? name;
    return [
      {
        key,
        name: named,
        source,
        reader,
        writeHost: HOST(named, 'writer'),
        readHost: HOST(named, 'reader'),
        id: found?.atProvider.id ?? (mayBeThere(database) ? endpointId(named, idOf(source), idOf(reader)) : undefined),
        goes: leaving.includes(key),
        // Azure has one endpoint for each primary, and to make it keeps the primary busy.
        until: [...leaving, ...(writesMove(going) ? [source] : [])],
      },
    ];
  };
  const kept = whole.flatMap(([key, found]) => planned(key, found, ''));
  // Crossplane shows nothing that is on its way out, so one that Azure would keep stays, and its condition says what it waits for.
  const isLocked = (found: ObservedResource): boolean =>
    observed.resources.has(keysOf.lock(found.annotations[annotations.source] ?? ''));
  const endpoints = broken
    .filter(([, found]) => mayNotDelete(found) || isLocked(found))
    .flatMap(([key, found]) => planned(key, found, ''));
  const asked = spec.network.virtualEndpoint?.enabled === true;
  if (!asked) return { asked, endpoints, leaving };
  if (kept.length > 0 || !writer || !replica) return { asked, endpoints: [...kept, ...endpoints], leaving };
  const generation = generationOf(writer.key) + generationOf(replica.key) - 1;
  const key = keysOf.virtualEndpoint(generation);
  const made = leaving.includes(key) ? [] : planned(key, undefined, virtualEndpointName(scope, generation));
  return { asked, endpoints: [...made, ...endpoints], leaving };
}

/** azurerm 4.80 azurerm_postgresql_flexible_server_virtual_endpoint: of both members, because a switchover moves it from the one to the other. */
const endpointId = (name: string, ...members: readonly (string | undefined)[]): string | undefined =>
  members.includes(undefined) ? undefined : members.map((server) => `${server}/virtualEndpoints/${name}`).join('|');

const isVirtualEndpoint = ({ kind, labels: own }: ObservedResource): boolean =>
  kind === 'FlexibleServerVirtualEndpoint' && own[labels.managedBy] === MANAGED_BY;

const membersOf = ({ annotations: own }: ObservedResource): string[] =>
  [own[annotations.source], own[annotations.reader]].flatMap((member) => member ?? []);

/**
 * Whether a server neither takes writes nor follows the one that does, or is on its way out. One that is not there tells nothing, and one that
 * a switchover may have made the replica is not out yet.
 */
const isOut = (servers: readonly ServerPlan[], member: string): boolean =>
  servers.some(
    ({ key, role, yieldsTo, retiring }) =>
      key === member && ((role === 'Former' && yieldsTo === undefined) || retiring),
  );
