import { parentId, resourceKey } from '../arm-id.ts';
import { listOf, objectOf, textOf } from '../json.ts';
import type { AzureResource, Simulation } from '../state.ts';

/** Questions about private endpoints that rules of several kinds ask. */
export const endpointType = 'Microsoft.Network/privateEndpoints';

const same = (a: string, b: string): boolean => resourceKey(a) === resourceKey(b);
const endpoints = (state: Simulation): AzureResource[] =>
  Object.values(state.resources).filter((each) => each.type === endpointType);

export const subnetOfEndpoint = ({ properties }: AzureResource): string => textOf(properties.subnetId);

export const endpointsInSubnet = (state: Simulation, subnetId: string): AzureResource[] =>
  endpoints(state).filter((each) => same(subnetOfEndpoint(each), subnetId));

export const endpointsInNetwork = (state: Simulation, networkId: string): AzureResource[] =>
  endpoints(state).filter((each) => same(parentId(subnetOfEndpoint(each)) ?? '', networkId));

export const endpointsOfServer = (state: Simulation, serverId: string): AzureResource[] =>
  endpoints(state).filter((each) =>
    same(textOf(objectOf(each.properties.privateServiceConnection).privateConnectionResourceId), serverId),
  );

export const zonesOfEndpoint = ({ privateDnsZoneGroup }: AzureResource['properties']): string[] =>
  listOf(objectOf(privateDnsZoneGroup).privateDnsZoneIds).map(textOf);
