import type { AzureKind } from './managed.ts';

/**
 * authorization.azure.[m.]upbound.io. Azure's id is written into the external name by the provider; every field is force-new (azurerm 4.80
 * azurerm_management_lock). A ReadOnly lock would stop the provider's own updates.
 */
export const ManagementLock: AzureKind<{
  name: string;
  lockLevel: 'CanNotDelete';
  /** Azure id of what is locked. The provider's own reference resolves to resource groups only. */
  scope?: string;
  notes: string;
}> = { kind: 'ManagementLock', service: 'authorization', clusterVersion: 'v1beta1', holds: 'nothing' };

/** Azure's id is written into the external name by the provider; every field is force-new (azurerm 4.80 azurerm_role_assignment). */
export const RoleAssignment: AzureKind<{
  /** Azure id. No reference resolves to it. */
  scope?: string;
  /** Of the identity. No reference resolves to it. */
  principalId?: string;
  principalType: 'ServicePrincipal';
  roleDefinitionName: string;
  /** A fresh identity is not in every replica of Microsoft Entra ID yet. */
  skipServicePrincipalAadCheck: true;
}> = { kind: 'RoleAssignment', service: 'authorization', clusterVersion: 'v1beta1', holds: 'nothing' };
