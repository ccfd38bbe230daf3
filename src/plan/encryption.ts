import type { Database } from '../api/database.ts';
import { type CustomerManagedKey, isLookedAt, type Observed, type ObservedResource } from '../observed/observed.ts';
import type { EncryptionPlan, ServerPlan } from './types.ts';

/**
 * Keys of the user's. Azure takes them when it creates a server and never again (azurerm: the block is force-new), so a server that exists
 * keeps what it was created with, and one that was created without a key gets none.
 */
export function encryption(
  database: Database,
  observed: Observed,
  servers: readonly ServerPlan[],
): Readonly<Record<string, EncryptionPlan>> {
  return Object.fromEntries(
    servers.flatMap((server) => {
      const existing = observed.resources.get(server.key);
      const wished = wishedKey(database, server);
      const customerManagedKey = existing ? keyOf(existing, wished) : wished;
      return customerManagedKey || wished ? [[server.key, { customerManagedKey, wished }]] : [];
    }),
  );
}

/** What Azure reports is taken over from a server that another control plane made. */
const keyOf = (server: ObservedResource, wished: CustomerManagedKey | undefined): CustomerManagedKey | undefined => {
  if (!isLookedAt(server)) return server.forProvider.customerManagedKey;
  return server.atProvider.id === undefined ? wished : server.atProvider.customerManagedKey;
};

/** The key of a server that is to be created: that of its region, and a second one where its backups are copied to another. */
function wishedKey(
  { spec }: Database,
  { site, created }: Pick<ServerPlan, 'site' | 'created'>,
): CustomerManagedKey | undefined {
  const key = spec.security.encryption?.[site];
  if (!key) return undefined;
  const geoBackup = created?.geoRedundantBackup ? spec.security.encryption?.geoBackup : undefined;
  return {
    keyVaultKeyId: key.keyVaultKeyId,
    primaryUserAssignedIdentityId: key.userAssignedIdentityId,
    ...(geoBackup && {
      geoBackupKeyVaultKeyId: geoBackup.keyVaultKeyId,
      geoBackupUserAssignedIdentityId: geoBackup.userAssignedIdentityId,
    }),
  };
}
