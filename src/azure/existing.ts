import { labels } from '../names.ts';
import type { AzureKind } from './managed.ts';

/**
 * What somebody else made, looked at through an object that never changes it: these fields, and the external name, are all that its id
 * needs. `foundation`: servers stand on it.
 */
export const ExistingResourceGroup: AzureKind<object> = {
  kind: 'ResourceGroup',
  service: '',
  clusterVersion: 'v1beta1',
  holds: 'foundation',
};

export const ExistingVirtualNetwork: AzureKind<{ resourceGroupName: string }> = {
  kind: 'VirtualNetwork',
  service: 'network',
  clusterVersion: 'v1beta2',
  holds: 'foundation',
};

export const ExistingSubnet: AzureKind<{ resourceGroupName: string; virtualNetworkName: string }> = {
  kind: 'Subnet',
  service: 'network',
  clusterVersion: 'v1beta2',
  holds: 'foundation',
};

export const ExistingPrivateDNSZone: AzureKind<{ resourceGroupName: string }> = {
  kind: 'PrivateDNSZone',
  service: 'network',
  clusterVersion: 'v1beta2',
  holds: 'foundation',
};

/**
 * Nothing is sent, and nothing is deleted with the object. The label tells it from what a Standby looks at, which its own control plane made.
 */
export const BROUGHT = { managementPolicies: ['Observe'], labels: { [labels.existing]: 'true' } } as const;
