import type { Database } from '../api/database.ts';
import { keys, PRIVATE_LINK_ZONE, privateEndpointName } from '../names.ts';
import type { Observed } from '../observed/observed.ts';
import { mayNotDelete, takesChanges } from './in-service.ts';
import type { PrivateLinkPlan, ServerPlan } from './types.ts';
import { zonePlace } from './zones.ts';

/** One private endpoint for each server, in a subnet of its region; absent with another network mode. */
export function privateLink(
  database: Database,
  observed: Observed,
  servers: readonly ServerPlan[],
  resourceGroup: string,
): PrivateLinkPlan | undefined {
  const { spec } = database;
  if (spec.network.mode !== 'PrivateEndpoint') return undefined;
  const zoneId = observed.resources.get(keys.privateLinkZone)?.atProvider.id;
  return {
    zone: PRIVATE_LINK_ZONE,
    at: zonePlace(database, spec.network.privateLinkZone, resourceGroup),
    endpoints: servers.flatMap((server) => {
      const key = keys.privateEndpoint(server.key);
      const existing = observed.resources.get(key);
      // What stands on a server goes before it.
      const wanted = !server.retiring && (existing !== undefined || takesChanges(server));
      if (!wanted && !(existing && mayNotDelete(existing))) return [];
      const { privateServiceConnection, privateDnsZoneGroup } = existing?.forProvider ?? {};
      const own = privateDnsZoneGroup?.privateDnsZoneIds;
      return [
        {
          key,
          server: server.key,
          site: server.site,
          region: server.region,
          subnet: server.subnet,
          name: existing?.externalName ?? privateEndpointName(server.name),
          goes: !wanted,
          // Force-new: what it was made for, it keeps.
          serverId:
            privateServiceConnection?.privateConnectionResourceId ?? observed.resources.get(server.key)?.atProvider.id,
          zoneIds: own && own.length > 0 ? own : zoneId === undefined ? [] : [zoneId],
        },
      ];
    }),
  };
}
