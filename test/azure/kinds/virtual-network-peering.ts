import { isWithin, parentId, providerId, resourceGroupId, resourceKey } from '../arm-id.ts';
import { rangesOverlap } from '../cidr.ts';
import { listOf, textOf } from '../json.ts';
import { type KindDefinition, resourceGroupName } from '../kind.ts';
import type { AzureResource, Simulation } from '../state.ts';
import { virtualNetworkType } from './virtual-network.ts';

export const peeringType = `${virtualNetworkType}/virtualNetworkPeerings`;

const remoteOf = ({ remoteVirtualNetworkId }: AzureResource['properties']): string =>
  resourceKey(textOf(remoteVirtualNetworkId));

/** Peerings of a network. */
const peeringsOf = (state: Simulation, network: string): AzureResource[] =>
  Object.values(state.resources).filter(
    (each) => each.type === peeringType && resourceKey(parentId(each.id) ?? '') === resourceKey(network),
  );

const othersOf = (state: Simulation, id: string): AzureResource[] =>
  peeringsOf(state, parentId(id) ?? '').filter((each) => resourceKey(each.id) !== resourceKey(id));

export const virtualNetworkPeering: KindDefinition = {
  kind: 'VirtualNetworkPeering',
  service: 'network',
  clusterVersion: 'v1beta1',
  type: peeringType,
  naming: 'external-name',
  references: [
    resourceGroupName,
    { field: 'virtualNetworkName', kind: 'VirtualNetwork', service: 'network', by: 'name' },
    { field: 'remoteVirtualNetworkId', kind: 'VirtualNetwork', service: 'network', by: 'id' },
  ],
  id: (name, params, subscription) =>
    params.resourceGroupName && params.virtualNetworkName
      ? providerId(
          resourceGroupId(subscription, textOf(params.resourceGroupName)),
          peeringType,
          textOf(params.virtualNetworkName),
          name,
        )
      : undefined,
  identifiers: ['resourceGroupName', 'virtualNetworkName'],
  defaults: {
    allowVirtualNetworkAccess: true,
    allowForwardedTraffic: false,
    allowGatewayTransit: false,
    useRemoteGateways: false,
    peerCompleteVirtualNetworksEnabled: true,
  },
  removable: [],
  forceNew: ['remoteVirtualNetworkId', 'peerCompleteVirtualNetworksEnabled'],
  echoed: ['triggers'],
  seconds: { create: 10, update: 10, delete: 10 },
  rules: [
    {
      id: 'peering-remote-exists',
      source: 'Microsoft, concepts-networking-private; ARM RemoteVnetNotFound',
      verified: true,
      on: ['create', 'update'],
      code: 'InvalidResourceReference',
      refuse: ({ state, desired }) =>
        state.resources[resourceKey(textOf(desired.remoteVirtualNetworkId))]?.phase === 'Ready'
          ? undefined
          : `the remote virtual network ${textOf(desired.remoteVirtualNetworkId)} was not found`,
    },
    {
      id: 'peering-overlap',
      source: 'Microsoft, concepts-networking-private (non-overlapping CIDRs); ARM VnetAddressSpacesOverlap',
      verified: true,
      on: ['create', 'update'],
      code: 'VnetAddressSpacesOverlap',
      refuse: ({ state, id, desired }) => {
        const local = listOf(state.resources[resourceKey(parentId(id) ?? '')]?.properties.addressSpace).map(textOf);
        const remote = listOf(
          state.resources[resourceKey(textOf(desired.remoteVirtualNetworkId))]?.properties.addressSpace,
        ).map(textOf);
        const clash = local.find((mine) => remote.some((theirs) => rangesOverlap(mine, theirs)));
        return clash ? `the address space ${clash} overlaps that of the remote virtual network` : undefined;
      },
    },
    {
      id: 'peering-once',
      source: 'ARM AnotherPeeringAlreadyReferencesRemoteVnet',
      verified: true,
      on: ['create'],
      code: 'AnotherPeeringAlreadyReferencesRemoteVnet',
      refuse: ({ state, id, desired }) => {
        const other = othersOf(state, id).find(({ properties }) => remoteOf(properties) === remoteOf(desired));
        return other ? `the peering ${other.id} already references that remote virtual network` : undefined;
      },
    },
    {
      id: 'peering-remote-gateway',
      source: 'ARM RemoteVnetHasNoGateways (terraform #30569)',
      verified: true,
      on: ['create', 'update'],
      code: 'RemoteVnetHasNoGateways',
      // A subnet of this name stands for the gateway in it.
      refuse: ({ state, desired }) =>
        desired.useRemoteGateways !== true ||
        Object.keys(state.resources).some((key) => isWithin(key, `${remoteOf(desired)}/subnets/gatewaysubnet`))
          ? undefined
          : 'the peering cannot use remote gateways, because the remote virtual network has none',
    },
    {
      id: 'peering-gateway-transit',
      source: 'Microsoft, VPN gateway transit for peering (the side with the gateway allows it first); code made up',
      verified: false,
      on: ['create', 'update'],
      code: 'RemotePeeringForbidsGatewayTransit',
      refuse: ({ state, id, desired }) =>
        desired.useRemoteGateways !== true ||
        peeringsOf(state, textOf(desired.remoteVirtualNetworkId)).some(
          ({ properties }) =>
            remoteOf(properties) === resourceKey(parentId(id) ?? '') && properties.allowGatewayTransit === true,
        )
          ? undefined
          : 'the peering cannot use remote gateways, because the remote peering does not allow gateway transit',
    },
    {
      id: 'peering-one-remote-gateway',
      source: 'azurerm_virtual_network_peering ("Only one peering can have this flag set to true"); code made up',
      verified: false,
      on: ['create', 'update'],
      code: 'OnlyOneRemoteGateway',
      refuse: ({ state, id, desired }) => {
        const other = othersOf(state, id).find(({ properties }) => properties.useRemoteGateways === true);
        return other && desired.useRemoteGateways === true ? `${other.id} uses remote gateways already` : undefined;
      },
    },
  ],
};
