import type { AzureKind } from './managed.ts';
import type { Tags } from './resource-group.ts';

/** managedidentity.azure.[m.]upbound.io. Azure's id is written into the external name by the provider; name and place are force-new. */
export const UserAssignedIdentity: AzureKind<{
  name: string;
  location: string;
  resourceGroupName: string;
  tags: Tags;
}> = { kind: 'UserAssignedIdentity', service: 'managedidentity', clusterVersion: 'v1beta1', holds: 'foundation' };
