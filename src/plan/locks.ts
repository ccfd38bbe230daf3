import type { Database } from '../api/database.ts';
import { keysOf } from '../names.ts';
import type { Observed } from '../observed/observed.ts';
import { mayNotDelete, takesChanges } from './in-service.ts';
import type { LockPlan, ServerPlan } from './types.ts';

/** One lock for each server, never for the DNS zone or the resource group, whose lock the zone would inherit. */
export function locks({ spec }: Database, observed: Observed, servers: readonly ServerPlan[]): LockPlan[] {
  return servers.flatMap((server) => {
    const key = keysOf.lock(server.key);
    const existing = observed.resources.get(key);
    // What stands on a server goes before it.
    const asked = spec.security.lock === 'CanNotDelete' && !server.retiring;
    const wanted = asked && (existing !== undefined || takesChanges(server));
    if (!wanted && !(existing && mayNotDelete(existing))) return [];
    return [
      {
        key,
        server: server.key,
        goes: !wanted,
        id: existing?.atProvider.id,
        // Force-new: what it was made for, it keeps.
        scope: existing?.forProvider.scope ?? observed.resources.get(server.key)?.atProvider.id,
      },
    ];
  });
}
