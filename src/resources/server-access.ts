import { FlexibleServerActiveDirectoryAdministrator } from '../azure/dbforpostgresql.ts';
import { type Composed, managed } from '../azure/managed.ts';
import { labels } from '../names.ts';
import type { Plan } from '../plan/types.ts';

/** No LateInitialize: the external name follows from the parameters, and there is nothing to copy. */
const POLICIES = ['Observe', 'Create', 'Update', 'Delete'];

/** Who administers the servers. */
export function serverAccess(plan: Plan): Composed[] {
  return plan.entra.administrators.map((administrator) =>
    managed(FlexibleServerActiveDirectoryAdministrator, {
      key: administrator.key,
      why: `lets ${administrator.principalName} administer ${administrator.serverName}`,
      after: administrator.after,
      until: administrator.until,
      labels: { [labels.server]: administrator.server },
      managementPolicies: POLICIES,
      forProvider: {
        resourceGroupName: plan.resourceGroup.name,
        serverName: administrator.serverName,
        tenantId: administrator.tenantId,
        objectId: administrator.objectId,
        principalName: administrator.principalName,
        principalType: administrator.principalType,
      },
    }),
  );
}
