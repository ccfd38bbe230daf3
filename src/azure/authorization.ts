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

/** Reads a key and wraps others with it, of every key in the vault; it cannot export or change one (Microsoft, Azure built-in roles). */
export const KEY_ROLE = 'Key Vault Crypto Service Encryption User';

/** Reads, writes and deletes blobs, and gives no right to the account (Microsoft, Azure built-in roles). */
export const DUMP_ROLE = 'Storage Blob Data Contributor';

/**
 * Azure's id is written into the external name by the provider; every field is force-new (azurerm 4.80 azurerm_role_assignment). The CRD has
 * no reference for the scope and the principal.
 */
export const RoleAssignment: AzureKind<{
  /** A GUID. */
  name?: string;
  scope?: string;
  principalId?: string;
  principalType: 'ServicePrincipal';
  /** A built-in role. */
  roleDefinitionName?: string;
  /** Azure id of any role, where that is not given by name. */
  roleDefinitionId?: string;
  /** Microsoft Entra ID knows a new identity only after a while; azurerm would look for it there first. */
  skipServicePrincipalAadCheck: true;
}> = { kind: 'RoleAssignment', service: 'authorization', clusterVersion: 'v1beta1', holds: 'foundation' };
