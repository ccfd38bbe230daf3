import { parentId, providerId, resourceGroupId, resourceKey } from '../arm-id.ts';
import { rangesOverlap } from '../cidr.ts';
import { listOf, textOf } from '../json.ts';
import { type KindDefinition, resourceGroupName } from '../kind.ts';
import { virtualNetworkType } from './virtual-network.ts';

export const peeringType = `${virtualNetworkType}/virtualNetworkPeerings`;

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
  ],
};
