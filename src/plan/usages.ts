import { keys } from '../names.ts';
import type { NetworkMode, PrivateLinkPlan, ServerPlan, UsagePlan, ZonePlace } from './types.ts';

/**
 * Crossplane deletes everything at once when its object is deleted, and calls no function then: what has to outlive what is said beforehand.
 * A server in a network stands on its subnet (Azure: InUseSubnetCannotBeDeleted), its link and the zone, a private endpoint on its subnet,
 * and a primary is not deleted while it has replicas. The rest needs no Usage: a network with a used subnet, a zone with links and a
 * resource group that is not empty are refused by Azure or the provider, and the provider tries again.
 */
export function usages(
  servers: readonly ServerPlan[],
  mode: NetworkMode,
  zone: ZonePlace,
  link: PrivateLinkPlan | undefined,
): UsagePlan[] {
  const writer = servers.find(({ role }) => role === 'Primary');
  const network = ({ site, subnet }: ServerPlan): string[] =>
    mode === 'VNetIntegration' ? [subnet, ...(zone.links ? [keys.dnsLink(site)] : []), keys.dnsZone] : [];
  return [
    ...servers.flatMap((server) => [
      ...(server.role === 'Replica' && writer ? [{ of: writer.key, by: server.key }] : []),
      ...network(server).map((of) => ({ of, by: server.key })),
    ]),
    ...(link?.endpoints ?? []).filter(({ goes }) => !goes).map(({ key, subnet }) => ({ of: subnet, by: key })),
  ];
}
