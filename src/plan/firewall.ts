import { clients, NOBODY } from '../api/clients.ts';
import type { Database } from '../api/database.ts';
import type { Fence } from '../failover/types.ts';
import { keysOf } from '../names.ts';
import type { Observed } from '../observed/observed.ts';
import { mayNotDelete } from './in-service.ts';
import type { FirewallRulePlan, ServerPlan } from './types.ts';

/**
 * Which clients reach the servers; empty but with network mode Public. A fence leads every rule to an address that nobody has, because Azure
 * has no rule that denies, and because Crossplane shows a resource that leaves no more from the moment in which it asks for its deletion: only
 * a rule that stays can tell that it lets nobody in.
 */
export function firewall(
  { spec }: Database,
  observed: Observed,
  servers: readonly ServerPlan[],
  fences: readonly Fence[],
): FirewallRulePlan[] {
  if (spec.network.mode !== 'Public') return [];
  return servers.flatMap((server) => {
    if (fences.some((fence) => fence.server === server.key && fence.on) && !server.retiring)
      return existing(observed, server).map((rule) => ({
        ...rule,
        startAddress: NOBODY,
        endAddress: NOBODY,
        goes: false,
      }));
    const wanted = server.retiring
      ? []
      : clients(spec.network).map((rule) => ({
          ...rule,
          key: keysOf.firewallRule(server.key, rule.name),
          server: server.key,
          goes: false,
        }));
    const going = existing(observed, server).filter(
      ({ key, goes }) => goes && wanted.every((rule) => rule.key !== key),
    );
    return [...wanted, ...going];
  });
}

/** Rules that are there. `goes`: it could not leave Azure as it is, and is given the policy Delete first. */
function existing(observed: Observed, server: ServerPlan): FirewallRulePlan[] {
  const prefix = keysOf.firewallRule(server.key);
  return [...observed.resources].flatMap(([key, resource]) => {
    const { startIpAddress, endIpAddress } = resource.forProvider;
    if (!key.startsWith(prefix) || !startIpAddress || !endIpAddress) return [];
    const name = resource.externalName ?? key.slice(prefix.length);
    const goes = mayNotDelete(resource);
    return [{ key, server: server.key, name, startAddress: startIpAddress, endAddress: endIpAddress, goes }];
  });
}
