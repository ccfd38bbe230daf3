import { keys } from '../names.ts';
import type { ServerPlan, UsagePlan, VirtualEndpointPlan } from './types.ts';

/**
 * Crossplane deletes everything at once when its object is deleted, and calls no function then: what has to outlive what is said beforehand.
 * A server stands on its subnet (Azure: InUseSubnetCannotBeDeleted), its link and the zone, and a primary is not deleted while it has
 * replicas. A virtual endpoint stands on both of its servers. The rest needs no Usage: a network with a used subnet, a zone with links and a resource group that is not empty are refused by
 * Azure or the provider, and the provider tries again. So is a primary before its replicas: while a switchover may swap the two, no Usage says
 * which of them is which, because the wrong one would keep both for ever.
 */
export function usages(servers: readonly ServerPlan[], endpoints: readonly VirtualEndpointPlan[]): UsagePlan[] {
  const writer = servers.find(({ role }) => role === 'Primary');
  const ofServers = servers.flatMap(({ key, site, subnet, role }) => [
    ...(role === 'Replica' && writer && writer.yieldsTo === undefined ? [{ of: writer.key, by: key }] : []),
    ...[subnet, keys.dnsLink(site), keys.dnsZone].map((of) => ({ of, by: key })),
  ]);
  const staying = endpoints.filter(({ goes }) => !goes);
  return [
    ...ofServers,
    ...staying.flatMap(({ key, source, reader }) => [source, reader].map((of) => ({ of, by: key }))),
  ];
}
