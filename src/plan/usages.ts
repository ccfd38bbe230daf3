import { keys } from '../names.ts';
import type {
  NetworkMode,
  Plan,
  PrivateLinkPlan,
  ServerPlan,
  UsagePlan,
  VirtualEndpointPlan,
  ZonePlace,
} from './types.ts';

/** What a server stands on beside its source. */
interface Ground extends Pick<Plan, 'encryption'> {
  readonly mode: NetworkMode;
  readonly zone: ZonePlace;
  readonly link: PrivateLinkPlan | undefined;
  readonly endpoints: readonly VirtualEndpointPlan[];
}

/**
 * Crossplane deletes everything at once when its object is deleted, and calls no function then: what has to outlive what is said beforehand.
 * A server in a network stands on its subnet (Azure: InUseSubnetCannotBeDeleted), its link and the zone, a private endpoint on its subnet,
 * and a primary is not deleted while it has replicas. A virtual endpoint stands on both of its servers. A server whose key cannot be read
 * any more is inaccessible, so the identity and its right stay too. The rest needs no Usage: a network with a used subnet, a zone with links
 * and a resource group that is not empty are refused by Azure or the provider, and the provider tries again. So is a primary before its
 * replicas: while a switchover may swap the two, no Usage says which of them is which, because the wrong one would keep both for ever.
 */
export function usages(
  servers: readonly ServerPlan[],
  { mode, zone, link, endpoints, encryption }: Ground,
): UsagePlan[] {
  const writer = servers.find(({ role }) => role === 'Primary');
  const network = ({ site, subnet }: ServerPlan): string[] =>
    mode === 'VNetIntegration' ? [subnet, ...(zone.links ? [keys.dnsLink(site)] : []), keys.dnsZone] : [];
  return [
    ...servers.flatMap((server) => [
      ...(server.role === 'Replica' && writer && writer.yieldsTo === undefined
        ? [{ of: writer.key, by: server.key }]
        : []),
      ...[...network(server), ...(encryption[server.key]?.standsOn ?? [])].map((of) => ({ of, by: server.key })),
    ]),
    ...(link?.endpoints ?? []).filter(({ goes }) => !goes).map(({ key, subnet }) => ({ of: subnet, by: key })),
    ...endpoints
      .filter(({ goes }) => !goes)
      .flatMap(({ key, source, reader }) => [source, reader].map((of) => ({ of, by: key }))),
  ];
}
