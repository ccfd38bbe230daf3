import type { Database } from '../api/database.ts';
import { keys, type Site, subnetKey, subnetName } from '../names.ts';
import type { Observed, ObservedResource } from '../observed/observed.ts';

/** A server, as far as its place needs it. */
export interface Placed {
  readonly key: string;
  readonly site: Site;
  readonly generation: number;
}

/**
 * Key of the subnet of a server or of its private endpoint: the one in which it stands, or the one in which it is to be created. They differ
 * when the network had no room for a second subnet then and has it now.
 */
export function subnetOf(database: Database, { resources }: Observed, { key, site, generation }: Placed): string {
  const standing = resources.get(database.spec.network.mode === 'PrivateEndpoint' ? keys.privateEndpoint(key) : key);
  const { forProvider = {}, atProvider = {} }: Partial<ObservedResource> = standing ?? {};
  const id =
    forProvider.delegatedSubnetId ?? atProvider.delegatedSubnetId ?? forProvider.subnetId ?? atProvider.subnetId;
  if (id !== undefined) return keys.subnet(site, id.toLowerCase().endsWith(`/${subnetName(2)}`) ? 2 : 1);
  const { subnets } = (site === 'secondary' && database.secondary) || database.primary;
  return subnetKey(site, generation, subnets.even !== undefined);
}
