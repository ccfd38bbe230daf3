import type { Database } from '../api/database.ts';
import { keys, keysOf, type NameScope, TRAFFIC_MANAGER_DOMAIN, trafficManagerName } from '../names.ts';
import type { Observed } from '../observed/observed.ts';
import { mayNotDelete } from './in-service.ts';
import type { EndpointPlan, ServerPlan, TrafficEndpointPlan, TrafficManagerPlan } from './types.ts';

/**
 * A name in public DNS that leads to the server which the write name points at, and to no other: `write` decides for both. Traffic Manager
 * decides nothing by itself.
 */
export function trafficManager(
  { spec: { network } }: Database,
  { resources }: Observed,
  servers: readonly ServerPlan[],
  write: EndpointPlan,
  scope: NameScope,
): TrafficManagerPlan | undefined {
  const asked = network.trafficManager?.enabled ? network.trafficManager : undefined;
  const existing = resources.get(keys.trafficManager);
  const goes = !asked;
  // Under Orphan it is given the policy Delete first; otherwise it may go at once.
  if (goes && !(existing && mayNotDelete(existing))) return undefined;
  const name = existing?.externalName ?? trafficManagerName(scope);
  // Force-new, so the one that it was made with.
  const relativeName = existing?.forProvider.dnsConfig?.relativeName ?? asked?.relativeName ?? name;
  return {
    name,
    relativeName,
    host: `${relativeName}.${TRAFFIC_MANAGER_DOMAIN}`,
    ttlSeconds: asked?.ttlSeconds ?? network.ttlSeconds,
    goes,
    endpoints: servers.flatMap((server): TrafficEndpointPlan[] => {
      const key = keysOf.trafficEndpoint(server.key);
      const found = resources.get(key);
      const wanted = !goes && isServed(server, write);
      if (!wanted && !(found && mayNotDelete(found))) return [];
      return [
        {
          key,
          server: server.key,
          name: found?.externalName ?? server.name,
          target: server.fqdn,
          priority: trafficPriority(server),
          enabled: server.key === write.server,
          goes: !wanted,
        },
      ];
    }),
  };
}

/** The pair, and whoever the write name points at. What a switchover may have made the replica is not out of the pair yet. */
const isServed = ({ key, role, yieldsTo, retiring }: ServerPlan, write: EndpointPlan): boolean =>
  !retiring && (role === 'Primary' || role === 'Replica' || yieldsTo !== undefined || key === write.server);

/** 1 to 1000, as Azure has it; the same for a server for ever, whatever its role, because no two endpoints may have one at any moment. */
const trafficPriority = ({ site, generation }: ServerPlan): number =>
  ((2 * (generation - 1) + (site === 'primary' ? 0 : 1)) % 1000) + 1;
