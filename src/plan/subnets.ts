import type { SiteSpec } from '../api/database.ts';
import { keys, type Site, subnetKey, subnetName } from '../names.ts';
import type { ObservedResource } from '../observed/observed.ts';

/**
 * Key of a server's subnet: the one in which it stands, or the one in which it is to be created. They differ when the network had no room
 * for a second subnet then and has it now.
 */
export function subnetOf(
  site: Site,
  generation: number,
  { subnets }: SiteSpec,
  server: ObservedResource | undefined,
): string {
  const id = server?.forProvider.delegatedSubnetId ?? server?.atProvider.delegatedSubnetId;
  if (id !== undefined) return keys.subnet(site, id.toLowerCase().endsWith(`/${subnetName(2)}`) ? 2 : 1);
  return subnetKey(site, generation, subnets.even !== undefined);
}
