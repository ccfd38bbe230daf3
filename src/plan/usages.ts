import { keys } from '../names.ts';
import type { NetworkMode, PrivateLinkPlan, ServerPlan, UsagePlan, VirtualEndpointPlan } from './types.ts';

/**
 * Crossplane deletes everything at once when its object is deleted, and calls no function then: what has to outlive what is said beforehand.
 * A server in a network stands on its subnet (Azure: InUseSubnetCannotBeDeleted), its link and the zone, a private endpoint on its subnet,
 * and a primary is not deleted while it has replicas. A virtual endpoint stands on both of its servers. The rest needs no Usage: a network
 * with a used subnet, a zone with links and a resource group that is not empty are refused by Azure or the provider, and the provider tries
 * again.
 */
export function usages(
  servers: readonly ServerPlan[],
  mode: NetworkMode,
  link: PrivateLinkPlan | undefined,
  endpoints: readonly VirtualEndpointPlan[],
): UsagePlan[] {
  const writer = servers.find(({ role }) => role === 'Primary');
  const network = ({ site, subnet }: ServerPlan): string[] =>
    mode === 'VNetIntegration' ? [subnet, keys.dnsLink(site), keys.dnsZone] : [];
  return [
    ...servers.flatMap((server) => [
      ...(server.role === 'Replica' && writer ? [{ of: writer.key, by: server.key }] : []),
      ...network(server).map((of) => ({ of, by: server.key })),
    ]),
    ...(link?.endpoints ?? []).filter(({ goes }) => !goes).map(({ key, subnet }) => ({ of: subnet, by: key })),
    ...endpoints
      .filter(({ goes }) => !goes)
      .flatMap(({ key, source, reader }) => [source, reader].map((of) => ({ of, by: key }))),
  ];
}
