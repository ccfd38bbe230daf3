import type { AzureKind, Selector } from './managed.ts';
import type { Tags } from './resource-group.ts';

/** network.azure.[m.]upbound.io */
export const VirtualNetwork: AzureKind<{
  location: string;
  resourceGroupName: string;
  addressSpace: readonly string[];
  tags: Tags;
}> = { kind: 'VirtualNetwork', service: 'network', clusterVersion: 'v1beta2', holds: 'foundation' };

export const Subnet: AzureKind<{
  resourceGroupName: string;
  virtualNetworkName: string;
  addressPrefixes: readonly string[];
  serviceEndpoints: readonly string[];
  delegation: readonly { name: string; serviceDelegation: { name: string; actions: readonly string[] } }[];
}> = { kind: 'Subnet', service: 'network', clusterVersion: 'v1beta2', holds: 'foundation' };

export const VirtualNetworkPeering: AzureKind<{
  resourceGroupName: string;
  virtualNetworkName: string;
  remoteVirtualNetworkIdSelector: Selector;
  allowVirtualNetworkAccess: boolean;
  allowForwardedTraffic: boolean;
}> = { kind: 'VirtualNetworkPeering', service: 'network', clusterVersion: 'v1beta1', holds: 'foundation' };

export const PrivateDNSZone: AzureKind<{ resourceGroupName: string; tags: Tags }> = {
  kind: 'PrivateDNSZone',
  service: 'network',
  clusterVersion: 'v1beta2',
  holds: 'foundation',
};

export const PrivateDNSZoneVirtualNetworkLink: AzureKind<{
  resourceGroupName: string;
  privateDnsZoneName: string;
  virtualNetworkIdSelector: Selector;
  registrationEnabled: boolean;
  tags: Tags;
}> = { kind: 'PrivateDNSZoneVirtualNetworkLink', service: 'network', clusterVersion: 'v1beta1', holds: 'foundation' };

/** `nothing`: a record is made again in seconds. It is always asked for, so it never leaves. */
export const PrivateDNSCNAMERecord: AzureKind<{
  resourceGroupName: string;
  zoneName: string;
  /** Host name that the record points at, without a trailing dot. */
  record: string;
  /** Seconds. */
  ttl: number;
  tags: Tags;
}> = { kind: 'PrivateDNSCNAMERecord', service: 'network', clusterVersion: 'v1beta1', holds: 'nothing' };
