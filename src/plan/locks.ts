import type { Database } from '../api/database.ts';
import { keysOf, LOCK_NAME } from '../names.ts';
import type { Observed } from '../observed/observed.ts';
import { mayBeThere, mayNotDelete, takesChanges } from './in-service.ts';
import type { LockPlan, ServerPlan } from './types.ts';

/** One lock for each server, never for the DNS zone or the resource group, whose lock the zone would inherit. */
export function locks(
  database: Database,
  observed: Observed,
  servers: readonly ServerPlan[],
  /** Keys of servers that keep what they have. */
  unfenced: readonly string[],
): LockPlan[] {
  const imports = mayBeThere(database);
  return servers.flatMap((server) => {
    const key = keysOf.lock(server.key);
    const existing = observed.resources.get(key);
    // What stands on a server goes before it.
    const asked = database.spec.security.lock === 'CanNotDelete' && !server.retiring;
    const held = existing !== undefined && unfenced.includes(server.key);
    const wanted = held || (asked && (existing !== undefined || takesChanges(server) || imports));
    if (!wanted && !(existing && mayNotDelete(existing))) return [];
    // Force-new: what it was made for, it keeps.
    const scope = existing?.forProvider.scope ?? observed.resources.get(server.key)?.atProvider.id;
    return [
      {
        key,
        server: server.key,
        goes: !wanted,
        id: existing?.atProvider.id ?? (imports && scope ? lockId(scope) : undefined),
        scope,
      },
    ];
  });
}

/** azurerm 4.80 azurerm_management_lock. */
const lockId = (scope: string): string => `${scope}/providers/Microsoft.Authorization/locks/${LOCK_NAME}`;
