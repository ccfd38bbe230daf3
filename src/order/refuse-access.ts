import type { Problem } from '../api/problem.ts';
import { keysOf } from '../names.ts';
import { type CustomerManagedKey, isLookedAt, type Observed } from '../observed/observed.ts';
import type { Plan } from '../plan/types.ts';

const ENTRA = 'spec.security.entra';

/** Changes of who may log in that Azure cannot make. As in refuse.ts, the sentences are those of the XRD where it has them too. */
export function refusedAccessChanges(plan: Plan, observed: Observed): Problem[] {
  const problems = new Map<string, string>();
  const wanted = new Set(plan.entra.administrators.filter(({ goes }) => !goes).map(({ key }) => key));
  for (const { key, tenantId, objectId, principalName, principalType } of plan.entra.administrators) {
    const before = observed.resources.get(key)?.forProvider;
    if (!before) continue;
    if (before.tenantId !== tenantId)
      problems.set(
        `${ENTRA}.tenantId`,
        'cannot change, because the administrators belong to their tenant; remove them, set enabled to false, and begin again',
      );
    // azurerm: every field of an administrator is force-new, and upjet refuses to replace it.
    else if (before.principalName !== principalName || before.principalType !== principalType)
      problems.set(
        `${ENTRA}.administrators`,
        `"${objectId}" cannot change from ${before.principalType} "${before.principalName}", because Azure cannot rename an administrator; remove the entry, and add it again once it is gone`,
      );
  }
  for (const { server, key: lock } of plan.locks.filter(({ goes }) => !goes)) {
    const prefix = keysOf.administrator(server, '');
    // Azure: a lock is inherited by what belongs to the resource, so the deletion would be refused for ever.
    for (const [key, administrator] of observed.resources)
      if (key.startsWith(prefix) && !wanted.has(key) && !administrator.deleting && observed.resources.has(lock))
        problems.set(
          `${ENTRA}.administrators`,
          `"${key.slice(prefix.length)}" cannot be removed while spec.security.lock is CanNotDelete, because the lock covers what belongs to the server; set spec.security.lock to None`,
        );
  }
  for (const server of plan.servers) {
    const { customerManagedKey, wished } = plan.encryption[server.key] ?? {};
    if (observed.resources.has(server.key) && !sameKey(customerManagedKey, wished))
      problems.set(
        'spec.security.encryption',
        'cannot change, because Azure decides the keys when it creates a server; make a new version of the key in its vault instead',
      );
  }
  const loginless = plan.servers.some(({ key, created }) => {
    const server = observed.resources.get(key);
    return (
      created?.login !== undefined &&
      server &&
      !isLookedAt(server) &&
      server.forProvider.administratorLogin === undefined
    );
  });
  // azurerm: administrator_login cannot be added in place without a new creation mode.
  if (plan.entra.passwords && loginless)
    problems.set(
      `${ENTRA}.passwordAuthentication`,
      'cannot be switched on later, because the server was created without an administrator login; create another XPostgreSQLDatabase and move the data',
    );
  return [...problems].map(([field, message]) => ({ field, message }));
}

const sameKey = (one: CustomerManagedKey = {}, other: CustomerManagedKey = {}): boolean =>
  one.keyVaultKeyId === other.keyVaultKeyId &&
  one.primaryUserAssignedIdentityId === other.primaryUserAssignedIdentityId &&
  one.geoBackupKeyVaultKeyId === other.geoBackupKeyVaultKeyId &&
  one.geoBackupUserAssignedIdentityId === other.geoBackupUserAssignedIdentityId;
