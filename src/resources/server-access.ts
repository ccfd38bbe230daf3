import { ManagementLock } from '../azure/authorization.ts';
import { FlexibleServerActiveDirectoryAdministrator } from '../azure/dbforpostgresql.ts';
import { type Composed, managed } from '../azure/managed.ts';
import { NO_LATE_INITIALIZE } from '../azure/management-policies.ts';
import { LOCK_NAME, labels } from '../names.ts';
import type { Plan } from '../plan/types.ts';
import { policiesOn } from './left-alone.ts';

/** No LateInitialize: the external name follows from the parameters, and there is nothing to copy. */
const POLICIES = NO_LATE_INITIALIZE;

/** Who administers the servers, and what keeps people from deleting them. */
export const serverAccess = (plan: Plan): Composed[] => [...administrators(plan), ...locks(plan)];

function administrators(plan: Plan): Composed[] {
  return plan.entra.administrators.map((administrator) =>
    managed(FlexibleServerActiveDirectoryAdministrator, {
      key: administrator.key,
      why: `lets ${administrator.principalName} administer ${administrator.serverName}`,
      after: administrator.after,
      until: administrator.until,
      labels: { [labels.server]: administrator.server },
      managementPolicies: policiesOn(plan, administrator.server, POLICIES),
      deletable: administrator.goes,
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

/**
 * On the servers alone. A lock on the resource group would be inherited by the DNS zone, and a zone failover has to rewrite a record there
 * (Azure: reliability of flexible servers).
 */
function locks(plan: Plan): Composed[] {
  const { name, namespace } = plan.owner;
  return plan.locks.map(({ key, server, goes, id, scope }) =>
    managed(ManagementLock, {
      key,
      why: `keeps anybody from deleting ${server}`,
      after: [server],
      until: scope === undefined ? [server] : [],
      externalName: id,
      managementPolicies: policiesOn(plan, server),
      deletable: goes,
      labels: { [labels.server]: server },
      forProvider: {
        name: LOCK_NAME,
        lockLevel: 'CanNotDelete',
        scope,
        notes: `Belongs to the database ${[namespace, name].filter((part) => part !== '').join('/')}: spec.security.lock`,
      },
    }),
  );
}
