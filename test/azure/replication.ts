import { lastSegment, resourceKey } from './arm-id.ts';
import { objectOf, omit, textOf } from './json.ts';
import { endpointsOf, replicasOf, sourceOf } from './kinds/server-lookup.ts';
import { type AzureResource, type ResourceKey, type Simulation, withEntry } from './state.ts';

const update = (
  state: Simulation,
  key: ResourceKey,
  change: (resource: AzureResource) => AzureResource,
): Simulation => {
  const resource = state.resources[key];
  return resource ? { ...state, resources: { ...state.resources, [key]: change(resource) } } : state;
};

/** Primary and standby of a server with high availability change places. */
export const swapZones = (state: Simulation, key: ResourceKey): Simulation =>
  update(state, key, (server) => {
    const ha = objectOf(server.properties.highAvailability);
    const zone = ha.standbyAvailabilityZone ?? server.properties.zone;
    return {
      ...server,
      properties: {
        ...server.properties,
        zone,
        highAvailability: { ...ha, standbyAvailabilityZone: server.properties.zone },
      },
    };
  });

/** The replica becomes a server of its own; the reader of the old pair's virtual endpoint falls back to the primary (Microsoft, concepts-read-replicas). */
export function leaveReplication(state: Simulation, key: ResourceKey): Simulation {
  const server = state.resources[key];
  if (!server) return state;
  const endpoints = endpointsOf(state, server.id).filter(
    (each) => resourceKey(textOf(each.properties.replicaServerId)) === key,
  );
  const next = update(state, key, (each) => ({ ...each, properties: omit(each.properties, ['sourceServerId']) }));
  return endpoints.reduce(
    (sum, endpoint) =>
      update(sum, resourceKey(endpoint.id), (each) => ({
        ...each,
        properties: { ...each.properties, replicaServerId: each.properties.sourceServerId },
      })),
    next,
  );
}

/** Roles reverse: the old primary, without high availability, and the other replicas follow the new one; the endpoint moves under it. */
export function switchRoles(state: Simulation, key: ResourceKey): Simulation {
  const target = state.resources[key];
  const source = target && state.resources[resourceKey(sourceOf(target))];
  if (!target || !source) return state;
  let next = state;
  for (const replica of replicasOf(state, source.id)) {
    next = update(next, resourceKey(replica.id), (each) => ({
      ...each,
      properties: { ...each.properties, sourceServerId: target.id },
    }));
  }
  next = update(next, key, (each) => ({ ...each, properties: omit(each.properties, ['sourceServerId']) }));
  next = update(next, resourceKey(source.id), (each) => ({
    ...each,
    properties: { ...omit(each.properties, ['highAvailability']), sourceServerId: target.id },
  }));
  for (const endpoint of endpointsOf(state, source.id)) {
    const id = `${target.id}/virtualEndpoints/${lastSegment(endpoint.id)}`;
    const moved: AzureResource = {
      ...endpoint,
      id,
      properties: { ...endpoint.properties, sourceServerId: target.id, replicaServerId: source.id },
    };
    next = {
      ...next,
      resources: { ...withEntry(next.resources, resourceKey(endpoint.id), undefined), [resourceKey(id)]: moved },
    };
  }
  return next;
}
