import type { Composed } from '../azure/managed.ts';
import type { Plan } from '../plan/types.ts';
import { backup } from './backup.ts';
import { endpoints } from './endpoints.ts';
import { management } from './management.ts';
import { network } from './network.ts';
import { parameters } from './parameters.ts';
import { resourceGroup } from './resource-group.ts';
import { adminPassword, connectionSecret } from './secrets.ts';
import { serverAccess } from './server-access.ts';
import { servers } from './servers.ts';

/** Everything that the plan asks for, in the order in which a person would tell it. `data` is the connection Secret's, once known. */
export function resources(plan: Plan, data: Readonly<Record<string, string>> | undefined): Composed[] {
  return [
    ...resourceGroup(plan),
    ...network(plan),
    ...adminPassword(plan),
    ...servers(plan),
    ...serverAccess(plan),
    ...parameters(plan),
    ...endpoints(plan),
    ...connectionSecret(plan, data),
    ...backup(plan),
    ...management(plan),
  ];
}
