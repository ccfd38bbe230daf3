import type { AzureKind } from './managed.ts';
import type { Tags } from './resource-group.ts';

/** managedidentity.azure.[m.]upbound.io. Azure's id is written into the external name by the provider; name and place are force-new. */
export const UserAssignedIdentity: AzureKind<{
  name: string;
  location: string;
  resourceGroupName: string;
  tags: Tags;
}> = { kind: 'UserAssignedIdentity', service: 'managedidentity', clusterVersion: 'v1beta1', holds: 'foundation' };

/** For whom Microsoft Entra ID takes tokens of a cluster (Microsoft, Workload identity federation). */
export const TOKEN_AUDIENCE = 'api://AzureADTokenExchange';

/**
 * The external name is ours. azurerm 4.80 has the identity as `parent_id` and, newer, as `user_assigned_identity_id`; provider-upjet-azure
 * 2.7 makes the Terraform id from `parent_id` alone (config/externalname.go), so only that one works (its issue 1298 says more). An id and
 * no reference, because the provider resolves references for both.
 */
export const FederatedIdentityCredential: AzureKind<{
  parentId?: string;
  issuer: string;
  subject: string;
  audience: readonly [string];
}> = { kind: 'FederatedIdentityCredential', service: 'managedidentity', clusterVersion: 'v1beta1', holds: 'nothing' };
