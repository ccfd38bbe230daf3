import { begin } from './arm.ts';
import { lastSegment, resourceKey } from './arm-id.ts';
import { locksOver } from './general-rules.ts';
import { type JsonObject, objectOf, omit, textOf } from './json.ts';
import { flexibleServer } from './kinds/flexible-server.ts';
import { servers, serverType } from './kinds/server-lookup.ts';
import { definitionOfType } from './kinds.ts';
import { normaliseRegion } from './regions.ts';
import { swapZones } from './replication.ts';
import type { AzureResource, Simulation } from './state.ts';

/** What happens in Azure without the provider: people at the portal, executors of ARM calls, broken zones and regions. */
export type Incident =
  /** DELETE by somebody else; the same rules hold. */
  | { readonly what: 'delete'; readonly id: string }
  /** A setting changed by somebody else, or by Azure, as auto-grow raises storageMb. Takes effect at once. */
  | { readonly what: 'change'; readonly id: string; readonly set?: JsonObject; readonly unset?: readonly string[] }
  /** Primary and standby of a server change places. */
  | { readonly what: 'failover'; readonly id: string }
  /** The promote call of `az postgres flexible-server replica promote`, on the replica. */
  | {
      readonly what: 'promote';
      readonly id: string;
      readonly mode: 'standalone' | 'switchover';
      readonly option: 'planned' | 'forced';
    }
  | { readonly what: 'region-outage' | 'region-recovery'; readonly region: string }
  | { readonly what: 'zone-outage' | 'zone-recovery'; readonly region: string; readonly zone: string };

/** Lets an incident happen. Requests that ARM refuses show in `sent` with their refusal. */
export function happen(state: Simulation, incident: Incident): Simulation {
  switch (incident.what) {
    case 'delete':
      return remove(state, incident.id);
    case 'change':
      return change(state, incident.id, incident.set ?? {}, incident.unset ?? []);
    case 'failover': {
      const server = state.resources[resourceKey(incident.id)];
      return server && canFailOver(state, server) ? swapZones(state, resourceKey(incident.id)) : state;
    }
    case 'promote':
      return promote(state, incident.id, incident.mode, incident.option === 'forced');
    case 'region-outage':
      return regionOutage(state, normaliseRegion(incident.region), true);
    case 'region-recovery':
      return regionOutage(state, normaliseRegion(incident.region), false);
    case 'zone-outage':
    case 'zone-recovery':
      return zoneOutage(state, normaliseRegion(incident.region), incident.zone, incident.what === 'zone-outage');
  }
}

function remove(state: Simulation, id: string): Simulation {
  const resource = state.resources[resourceKey(id)];
  const definition = resource && definitionOfType(resource.type);
  if (!definition) return state;
  return begin(state, {
    definition,
    verb: 'delete',
    id: resource.id,
    requests: [{ method: 'DELETE', id: resource.id }],
    change: {},
    effect: { delete: true },
    seconds: definition.seconds.delete,
  }).state;
}

function change(state: Simulation, id: string, set: JsonObject, unset: readonly string[]): Simulation {
  const resource = state.resources[resourceKey(id)];
  if (!resource) {
    const definition = definitionOfType(definitionTypeOfConfiguration(id));
    return definition?.commit?.(state, id, { set }) ?? state;
  }
  const changed = { ...resource, properties: omit({ ...resource.properties, ...set }, unset) };
  return { ...state, resources: { ...state.resources, [resourceKey(id)]: changed } };
}

const definitionTypeOfConfiguration = (id: string): string =>
  /\/configurations\/[^/]+$/.test(id) ? `${serverType}/configurations` : '';

/** Microsoft, reliability-postgresql-flexible-server: a lock over the private DNS zone keeps the failover from rewriting the server's record. */
export function canFailOver(state: Simulation, server: AzureResource): boolean {
  const ha = objectOf(server.properties.highAvailability);
  if (server.phase !== 'Ready' || textOf(ha.standbyAvailabilityZone) === '') return false;
  if (state.options.without.includes('failover-locked-zone')) return true;
  const zone = textOf(server.properties.privateDnsZoneId);
  return zone === '' || locksOver(state, zone).length === 0;
}

function promote(state: Simulation, id: string, mode: 'standalone' | 'switchover', forced: boolean): Simulation {
  const target = state.resources[resourceKey(id)];
  if (!target) return state;
  const source = textOf(target.properties.sourceServerId);
  const body = {
    replicationRole: mode === 'switchover' ? 'Primary' : 'None',
    replica: { promoteMode: mode, promoteOption: forced ? 'forced' : 'planned' },
  };
  return begin(state, {
    definition: flexibleServer,
    verb: 'update',
    promotion: mode === 'switchover' ? 'switchover' : 'promote',
    forced,
    id: target.id,
    requests: [{ method: 'PATCH', id: target.id, body }],
    change: {},
    effect: mode === 'switchover' ? { switchover: true } : { promote: true },
    seconds: forced ? 120 : 180,
    ...(source === '' ? {} : { busy: [resourceKey(source)] }),
  }).state;
}

const mark = (state: Simulation, concerned: (server: AzureResource) => boolean, available: boolean): Simulation => {
  const changed = servers(state).filter((each) => concerned(each) && each.hidden.available !== available);
  if (changed.length === 0) return state;
  const entries = changed.map(
    (each) => [resourceKey(each.id), { ...each, hidden: { ...each.hidden, available } }] as const,
  );
  return { ...state, resources: { ...state.resources, ...Object.fromEntries(entries) } };
};

function regionOutage(state: Simulation, region: string, begins: boolean): Simulation {
  const others = state.outages.regions.filter((each) => each !== region);
  const next = { ...state, outages: { ...state.outages, regions: begins ? [...others, region].sort() : others } };
  return mark(
    next,
    (server) =>
      server.region === region &&
      (begins || !next.outages.zones.includes(`${region}/${textOf(server.properties.zone)}`)),
    !begins,
  );
}

function zoneOutage(state: Simulation, region: string, zone: string, begins: boolean): Simulation {
  const name = `${region}/${zone}`;
  const others = state.outages.zones.filter((each) => each !== name);
  let next: Simulation = { ...state, outages: { ...state.outages, zones: begins ? [...others, name].sort() : others } };
  if (!begins)
    return mark(
      next,
      (server) => server.region === region && server.properties.zone === zone && !next.outages.regions.includes(region),
      true,
    );
  for (const server of servers(next)) {
    if (server.region !== region || server.properties.zone !== zone) continue;
    const standby = textOf(objectOf(server.properties.highAvailability).standbyAvailabilityZone);
    const saved = standby !== zone && !next.outages.zones.includes(`${region}/${standby}`) && canFailOver(next, server);
    if (saved) next = swapZones(next, resourceKey(server.id));
    else next = mark(next, (each) => each.id === server.id, false);
  }
  return next;
}

/** A short text for a story: what happened to what. */
export const tell = (incident: Incident): string =>
  'id' in incident
    ? `${incident.what} ${lastSegment(incident.id)}`
    : `${incident.what} ${incident.region}${'zone' in incident ? ` zone ${incident.zone}` : ''}`;
