import { clients } from '../api/clients.ts';
import type { Database } from '../api/database.ts';
import type { Fence } from '../failover/types.ts';
import { keysOf } from '../names.ts';
import type { Observed } from '../observed/observed.ts';
import { mayNotDelete } from './in-service.ts';
import type { FirewallRulePlan, ServerPlan } from './types.ts';

/** Which clients reach the servers; empty but with network mode Public. A fence takes them away, because Azure has no rule that denies. */
export function firewall(
  { spec }: Database,
  observed: Observed,
  servers: readonly ServerPlan[],
  fences: readonly Fence[],
): FirewallRulePlan[] {
  if (spec.network.mode !== 'Public') return [];
  return servers.flatMap((server) => {
    const closed = server.retiring || fences.some((fence) => fence.server === server.key && fence.on);
    const wanted = closed
      ? []
      : clients(spec.network).map((rule) => ({
          ...rule,
          key: keysOf.firewallRule(server.key, rule.name),
          server: server.key,
          goes: false,
        }));
    return [...wanted, ...going(observed, server).filter(({ key }) => wanted.every((rule) => rule.key !== key))];
  });
}

/** Rules that could not leave Azure as they are: they are given the policy Delete first. */
function going(observed: Observed, server: ServerPlan): FirewallRulePlan[] {
  const prefix = keysOf.firewallRule(server.key);
  return [...observed.resources].flatMap(([key, resource]) => {
    const { startIpAddress, endIpAddress } = resource.forProvider;
    if (!key.startsWith(prefix) || !mayNotDelete(resource) || !startIpAddress || !endIpAddress) return [];
    const name = resource.externalName ?? key.slice(prefix.length);
    return [{ key, server: server.key, name, startAddress: startIpAddress, endAddress: endIpAddress, goes: true }];
  });
}
