import type { Composed } from '../azure/managed.ts';
import type { Plan } from '../plan/types.ts';
import { backup } from './backup.ts';
import { dumps } from './dumps.ts';
import { endpoints } from './endpoints.ts';
import { executor } from './executor.ts';
import { fences } from './fence.ts';
import { firewall } from './firewall.ts';
import { hubs } from './hubs.ts';
import { jobs } from './jobs.ts';
import { keyIdentities } from './key-identities.ts';
import { longTermBackups } from './long-term-backups.ts';
import { management } from './management.ts';
import { monitoring } from './monitoring.ts';
import { network } from './network.ts';
import { onDemandBackups } from './on-demand-backups.ts';
import { parameters } from './parameters.ts';
import { privateEndpoints } from './private-endpoints.ts';
import { resourceGroup } from './resource-group.ts';
import { adminPassword, connectionSecret } from './secrets.ts';
import { serverAccess } from './server-access.ts';
import { servers, witnesses } from './servers.ts';
import { trafficManager } from './traffic-manager.ts';
import { usages } from './usages.ts';
import { workloadIdentities } from './workload-identities.ts';

/** Everything that the plan asks for, in the order in which a person would tell it. `data` is the connection Secret's, once known. */
export function resources(plan: Plan, data: Readonly<Record<string, string>> | undefined): Composed[] {
  const composed = [
    ...resourceGroup(plan),
    ...network(plan),
    ...hubs(plan),
    ...adminPassword(plan),
    ...keyIdentities(plan),
    ...servers(plan),
    ...privateEndpoints(plan),
    ...firewall(plan),
    ...witnesses(plan),
    ...fences(plan),
    ...serverAccess(plan),
    ...parameters(plan),
    ...endpoints(plan),
    ...trafficManager(plan),
    ...connectionSecret(plan, data),
    ...backup(plan),
    ...onDemandBackups(plan),
    ...longTermBackups(plan),
    ...workloadIdentities(plan),
    ...dumps(plan),
    ...executor(plan),
    ...jobs(plan),
    ...monitoring(plan),
    ...management(plan),
  ];
  return [...composed, ...usages(plan, composed)];
}
