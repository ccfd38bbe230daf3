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
  serviceEndpoints?: readonly string[];
  /** Azure's default is that security rules do not hold for private endpoints. */
  privateEndpointNetworkPolicies?: 'NetworkSecurityGroupEnabled';
  delegation?: readonly { name: string; serviceDelegation: { name: string; actions: readonly string[] } }[];
}> = { kind: 'Subnet', service: 'network', clusterVersion: 'v1beta2', holds: 'foundation' };

/**
 * The way into one server. `nothing`: it holds no data and is made again in minutes. Subnet and connection are force-new (azurerm 4.80
 * azurerm_private_endpoint).
 */
export const PrivateEndpoint: AzureKind<{
  location: string;
  resourceGroupName: string;
  subnetIdSelector: Selector;
  privateServiceConnection: {
    name: string;
    isManualConnection: false;
    privateConnectionResourceId?: string;
    subresourceNames: readonly string[];
  };
  privateDnsZoneGroup: { name: string; privateDnsZoneIds: readonly string[] };
  tags: Tags;
}> = { kind: 'PrivateEndpoint', service: 'network', clusterVersion: 'v1beta2', holds: 'nothing' };

/** Without inline rules: azurerm lets them fight with SecurityRule objects. */
export const SecurityGroup: AzureKind<{ location: string; resourceGroupName: string; tags: Tags }> = {
  kind: 'SecurityGroup',
  service: 'network',
  clusterVersion: 'v1beta1',
  holds: 'foundation',
};

/** Exactly one of each pair of prefix fields; the plural ones take no service tags. */
export interface SecurityRuleFields {
  resourceGroupName: string;
  networkSecurityGroupNameSelector: Selector;
  description: string;
  direction: 'Inbound' | 'Outbound';
  access: 'Allow' | 'Deny';
  /** 100 to 4096, unique per group and direction; the lowest that matches decides. */
  priority: number;
  protocol: 'Tcp';
  sourceAddressPrefix?: string;
  sourceAddressPrefixes?: readonly string[];
  sourcePortRange: string;
  destinationAddressPrefix?: string;
  destinationAddressPrefixes?: readonly string[];
  destinationPortRanges: readonly string[];
}

export const SecurityRule: AzureKind<SecurityRuleFields> = {
  kind: 'SecurityRule',
  service: 'network',
  clusterVersion: 'v1beta1',
  holds: 'nothing',
};

/** Its Azure id is that of the subnet, and Azure assigns it. */
export const SubnetNetworkSecurityGroupAssociation: AzureKind<{
  subnetIdSelector: Selector;
  networkSecurityGroupIdSelector: Selector;
}> = {
  kind: 'SubnetNetworkSecurityGroupAssociation',
  service: 'network',
  clusterVersion: 'v1beta1',
  holds: 'foundation',
};

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
