import type { AzureKind, Selector } from './managed.ts';
import type { Tags } from './resource-group.ts';

/**
 * What joins a hub network to ours. `nothing`, unlike the same kinds between our own networks and zones: no server stands on it, and it is
 * made again in seconds.
 */
export const HubPeering: AzureKind<{
  resourceGroupName: string;
  virtualNetworkName: string;
  /** Exactly one of the two. It is force-new (azurerm 4.80 azurerm_virtual_network_peering). */
  remoteVirtualNetworkId?: string;
  remoteVirtualNetworkIdSelector?: Selector;
  allowVirtualNetworkAccess: boolean;
  allowForwardedTraffic: boolean;
  /** Of the side that has the gateway, and of the side that uses it. */
  allowGatewayTransit: boolean;
  useRemoteGateways: boolean;
}> = { kind: 'VirtualNetworkPeering', service: 'network', clusterVersion: 'v1beta1', holds: 'nothing' };

export const HubLink: AzureKind<{
  resourceGroupName: string;
  privateDnsZoneName: string;
  virtualNetworkId: string;
  registrationEnabled: boolean;
  tags: Tags;
}> = { kind: 'PrivateDNSZoneVirtualNetworkLink', service: 'network', clusterVersion: 'v1beta1', holds: 'nothing' };

/** The same once nobody asks for it any more: these fields, and the external name, are all that its id needs. */
export const GoingPeering: AzureKind<{ resourceGroupName: string; virtualNetworkName: string }> = {
  kind: 'VirtualNetworkPeering',
  service: 'network',
  clusterVersion: 'v1beta1',
  holds: 'nothing',
};

export const GoingLink: AzureKind<{ resourceGroupName: string; privateDnsZoneName: string }> = {
  kind: 'PrivateDNSZoneVirtualNetworkLink',
  service: 'network',
  clusterVersion: 'v1beta1',
  holds: 'nothing',
};
