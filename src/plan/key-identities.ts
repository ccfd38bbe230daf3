import type { Database } from '../api/database.ts';
import { KEY_ROLE } from '../azure/authorization.ts';
import { type KeyUse, keyIdentityName, keys, labels, type NameScope } from '../names.ts';
import type { Observed } from '../observed/observed.ts';
import { isSettledRole } from '../observed/role-age.ts';
import { mayBeThere } from './in-service.ts';
import { roleAssignment } from './role-assignments.ts';
import type { KeyIdentityPlan } from './types.ts';

/**
 * The identities that are made for keys of the user's: one for each region, and another one for the copy of the backups. Azure reads the key
 * when it creates the server, with the identity's right to it, so the server waits until that right is there and old enough. `now` is in
 * milliseconds since 1970.
 */
export function keyIdentities(
  database: Database,
  { resources }: Observed,
  now: number,
  scope: NameScope,
): KeyIdentityPlan[] {
  const { spec, primary, secondary } = database;
  const { encryption } = spec.security;
  const imports = mayBeThere(database);
  const uses: readonly (readonly [KeyUse, string | undefined, string])[] = [
    ['primary', encryption?.primary.keyVaultId, primary.region.name],
    ['secondary', secondary && encryption?.secondary?.keyVaultId, secondary?.region.name ?? ''],
    ['geo-backup', encryption?.geoBackup?.keyVaultId, primary.region.pair ?? primary.region.name],
  ];
  return uses.flatMap(([use, asked, region]): KeyIdentityPlan[] => {
    if (asked === undefined) return [];
    const identity = resources.get(keys.keyIdentity(use));
    const role = resources.get(keys.keyRole(use));
    const name = identity?.forProvider.name ?? nameInUse(resources, use, scope) ?? keyIdentityName(scope, use, region);
    return [
      {
        use,
        name,
        region: identity?.forProvider.location ?? region,
        id: identity?.atProvider.id ?? (imports ? identityId(resources, scope, name) : undefined),
        role: roleAssignment(role, {
          scope: asked,
          principalId: identity?.atProvider.principalId,
          role: KEY_ROLE,
          imports,
        }),
        settled: isSettledRole(role, now),
      },
    ];
  });
}

/** Azure id of an identity, in the subscription of the servers. */
export function identityId(
  resources: Observed['resources'],
  { resourceGroup }: NameScope,
  name: string,
): string | undefined {
  const server = [...resources.values()].find(({ kind }) => kind === 'FlexibleServer');
  const [subscription] = /^\/subscriptions\/[^/]+/.exec(server?.atProvider.id ?? '') ?? [];
  return (
    subscription &&
    `${subscription}/resourceGroups/${resourceGroup}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${name}`
  );
}

/** While an identity's own object is missing, a server still names it. In the resource group of the servers it can only be ours. */
function nameInUse(resources: Observed['resources'], use: KeyUse, { resourceGroup }: NameScope): string | undefined {
  for (const { labels: own, forProvider } of resources.values()) {
    const key = forProvider.customerManagedKey;
    const primary = own[labels.site] === use ? key?.primaryUserAssignedIdentityId : undefined;
    const id = use === 'geo-backup' ? key?.geoBackupUserAssignedIdentityId : primary;
    const [, group, name] = /\/resourceGroups\/([^/]+)\/.*\/userAssignedIdentities\/([^/]+)$/i.exec(id ?? '') ?? [];
    if (group?.toLowerCase() === resourceGroup.toLowerCase()) return name;
  }
  return undefined;
}
