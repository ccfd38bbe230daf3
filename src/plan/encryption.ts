import type { Database } from '../api/database.ts';
import { type KeyUse, keys } from '../names.ts';
import { type CustomerManagedKey, isLookedAt, type Observed, type ObservedResource } from '../observed/observed.ts';
import type { EncryptionPlan, KeyIdentityPlan, ServerPlan } from './types.ts';

/**
 * Keys of the user's. Azure takes them when it creates a server and never again (azurerm: the block is force-new), so a server that exists
 * keeps what it was created with, and one that was created without a key gets none.
 */
export function encryption(
  database: Database,
  observed: Observed,
  servers: readonly ServerPlan[],
  identities: readonly KeyIdentityPlan[],
): Readonly<Record<string, EncryptionPlan>> {
  return Object.fromEntries(
    servers.flatMap((server) => {
      const existing = observed.resources.get(server.key);
      const has = existing && keyOf(existing);
      const wished = wishedKey(database, server, identities, has);
      const customerManagedKey = existing && isKnown(existing) ? has : wished;
      if (!customerManagedKey && !wished) return [];
      const made = identities.filter(({ use }) => usesOf(server).includes(use));
      const roles = made.filter(({ settled }) => !settled).map(({ use }) => keys.keyRole(use));
      const standsOn = made.flatMap(({ use }) => [keys.keyIdentity(use), keys.keyRole(use)]);
      return [[server.key, { customerManagedKey, wished, standsOn, until: roles }]];
    }),
  );
}

/** What Azure reports is taken over from a server that another control plane made. */
const keyOf = (server: ObservedResource): CustomerManagedKey | undefined =>
  isLookedAt(server) ? server.atProvider.customerManagedKey : server.forProvider.customerManagedKey;

const isKnown = (server: ObservedResource): boolean => !isLookedAt(server) || server.atProvider.id !== undefined;

/** That of its region, and a second one where its backups are copied to another. */
const usesOf = ({ site, created }: Pick<ServerPlan, 'site' | 'created'>): KeyUse[] =>
  created?.geoRedundantBackup ? [site, 'geo-backup'] : [site];

/** The key of a server that is to be created, or that was. */
function wishedKey(
  { spec }: Database,
  server: Pick<ServerPlan, 'site' | 'created'>,
  identities: readonly KeyIdentityPlan[],
  has: CustomerManagedKey | undefined,
): CustomerManagedKey | undefined {
  const key = spec.security.encryption?.[server.site];
  if (!key) return undefined;
  /** The user's, or the one that is made. Its name tells it where its own object is missing for a moment. */
  const identity = (use: KeyUse, given: string | undefined, before: string | undefined): string | undefined => {
    const made = identities.find((each) => each.use === use);
    if (given !== undefined || !made) return given;
    return before?.toLowerCase().endsWith(`/userassignedidentities/${made.name.toLowerCase()}`) ? before : made.id;
  };
  const geoBackup = usesOf(server).includes('geo-backup') ? spec.security.encryption?.geoBackup : undefined;
  return {
    keyVaultKeyId: key.keyVaultKeyId,
    primaryUserAssignedIdentityId: identity(
      server.site,
      key.userAssignedIdentityId,
      has?.primaryUserAssignedIdentityId,
    ),
    ...(geoBackup && {
      geoBackupKeyVaultKeyId: geoBackup.keyVaultKeyId,
      geoBackupUserAssignedIdentityId: identity(
        'geo-backup',
        geoBackup.userAssignedIdentityId,
        has?.geoBackupUserAssignedIdentityId,
      ),
    }),
  };
}
