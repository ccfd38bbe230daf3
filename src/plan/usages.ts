import { keys } from '../names.ts';
import type { Plan, ServerPlan, UsagePlan } from './types.ts';

/**
 * Crossplane deletes everything at once when its object is deleted, and calls no function then: what has to outlive what is said beforehand.
 * A server stands on its subnet (Azure: InUseSubnetCannotBeDeleted), its link and the zone, and a primary is not deleted while it has
 * replicas. A server whose key cannot be read any more is inaccessible, so the identity and its right stay too. The rest needs no Usage: a network with a used subnet, a zone with links and a resource group that is not empty are refused by
 * Azure or the provider, and the provider tries again.
 */
export function usages(servers: readonly ServerPlan[], encryption: Plan['encryption']): UsagePlan[] {
  const writer = servers.find(({ role }) => role === 'Primary');
  return servers.flatMap(({ key, site, subnet, role }) => [
    ...(role === 'Replica' && writer ? [{ of: writer.key, by: key }] : []),
    ...[subnet, keys.dnsLink(site), keys.dnsZone, ...(encryption[key]?.standsOn ?? [])].map((of) => ({ of, by: key })),
  ]);
}
