import type { Database } from '../api/database.ts';
import { KEY_ROLE } from '../azure/authorization.ts';
import { type KeyUse, keyIdentityName, keys, type NameScope, roleAssignmentName } from '../names.ts';
import type { Observed, ObservedResource } from '../observed/observed.ts';
import { millisecondsOf } from '../observed/time.ts';
import type { KeyIdentityPlan } from './types.ts';

/** Microsoft, Troubleshoot Azure RBAC: a role assignment can take up to ten minutes to take effect. */
const PROPAGATION_MILLISECONDS = 600_000;

/**
 * The identities that are made for keys of the user's: one for each region, and another one for the copy of the backups. Azure reads the key
 * when it creates the server, with the identity's right to it, so the server waits until that right is there and old enough. `now` is in
 * milliseconds since 1970.
 */
export function keyIdentities(
  { spec, primary, secondary }: Database,
  { resources }: Observed,
  now: number,
  scope: NameScope,
): KeyIdentityPlan[] {
  const { encryption } = spec.security;
  const uses: readonly (readonly [KeyUse, string | undefined, string])[] = [
    ['primary', encryption?.primary.keyVaultId, primary.region.name],
    ['secondary', secondary && encryption?.secondary?.keyVaultId, secondary?.region.name ?? ''],
    ['geo-backup', encryption?.geoBackup?.keyVaultId, primary.region.pair ?? primary.region.name],
  ];
  return uses.flatMap(([use, asked, region]): KeyIdentityPlan[] => {
    if (asked === undefined) return [];
    const identity = resources.get(keys.keyIdentity(use));
    const role = resources.get(keys.keyRole(use));
    // Force-new: what they were made with, they keep.
    const vaultId = role?.forProvider.scope ?? asked;
    const principalId = role?.forProvider.principalId ?? identity?.atProvider.principalId;
    return [
      {
        use,
        name: identity?.forProvider.name ?? keyIdentityName(scope, use, region),
        region: identity?.forProvider.location ?? region,
        id: identity?.atProvider.id,
        vaultId,
        principalId,
        roleName: role?.forProvider.name ?? (principalId && roleAssignmentName(vaultId, principalId, KEY_ROLE)),
        roleId: role?.atProvider.id,
        settled: isSettled(role, now),
      },
    ];
  });
}

function isSettled(role: ObservedResource | undefined, now: number): boolean {
  const ready = role?.conditions.find(({ type, status }) => type === 'Ready' && status === 'True');
  const since = millisecondsOf(ready?.lastTransitionTime);
  return ready !== undefined && (Number.isNaN(since) || now - since >= PROPAGATION_MILLISECONDS);
}
