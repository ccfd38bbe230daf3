import { parentId, resourceKey } from '../arm-id.ts';
import { textOf } from '../json.ts';
import type { AzureResource, Simulation } from '../state.ts';

/** Questions about flexible servers that rules of several kinds ask. */
export const serverType = 'Microsoft.DBforPostgreSQL/flexibleServers';

export const servers = (state: Simulation): AzureResource[] =>
  Object.values(state.resources).filter((each) => each.type === serverType);

const same = (a: string, b: string): boolean => resourceKey(a) === resourceKey(b);

export const serversInSubnet = (state: Simulation, subnetId: string): AzureResource[] =>
  servers(state).filter((each) => same(textOf(each.properties.delegatedSubnetId), subnetId));

export const networkOfSubnet = (subnetId: string): string => parentId(subnetId) ?? '';

export const serversInNetwork = (state: Simulation, networkId: string): AzureResource[] =>
  servers(state).filter((each) => {
    const subnet = textOf(each.properties.delegatedSubnetId);
    return subnet !== '' && same(networkOfSubnet(subnet), networkId);
  });

export const serversWithZone = (state: Simulation, zoneId: string): AzureResource[] =>
  servers(state).filter((each) => same(textOf(each.properties.privateDnsZoneId), zoneId));

/** The source of a replica; empty for a server that is none. */
export const sourceOf = (server: AzureResource): string => textOf(server.properties.sourceServerId);

export const replicasOf = (state: Simulation, serverId: string): AzureResource[] =>
  servers(state).filter((each) => sourceOf(each) !== '' && same(sourceOf(each), serverId));

export const isVirtualEndpoint = (resource: AzureResource): boolean =>
  resource.type === 'Microsoft.DBforPostgreSQL/flexibleServers/virtualEndpoints';

/** Virtual endpoints that name the server as writer or reader. */
export const endpointsOf = (state: Simulation, serverId: string): AzureResource[] =>
  Object.values(state.resources).filter(
    (each) =>
      isVirtualEndpoint(each) &&
      (same(textOf(each.properties.sourceServerId), serverId) ||
        same(textOf(each.properties.replicaServerId), serverId)),
  );

/** Whether a request or operation that ARM accepted runs on the server, or keeps it Updating. */
export const isBusy = (state: Simulation, serverId: string): boolean =>
  Object.values(state.operations).some(
    (each) =>
      each.outcome.ok &&
      !each.queued &&
      (each.target === resourceKey(serverId) || (each.busy ?? []).includes(resourceKey(serverId))),
  );
