import type { Database } from '../api/database.ts';
import type { Problem } from '../api/problem.ts';
import { keys } from '../names.ts';
import type { Observed } from '../observed/observed.ts';

/** azurerm 4.80: every field of a role assignment is force-new, and upjet refuses to replace it. The sentence is that of the XRD. */
export function refusedIdentityChanges({ spec }: Database, { resources }: Observed): Problem[] {
  const asked = spec.failover.executorIdentity?.roleDefinitionId;
  const before = resources.get(keys.workloadRole('failover'))?.forProvider.roleDefinitionId;
  if (asked === undefined || before === undefined || asked.toLowerCase() === before.toLowerCase()) return [];
  return [
    {
      field: 'spec.failover.executorIdentity.roleDefinitionId',
      message:
        'cannot change, because Azure cannot change a role assignment; set executor to Manual and remove executorIdentity first, and write both again once the identity is gone',
    },
  ];
}
