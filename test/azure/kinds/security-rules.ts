import { parentId, resourceKey } from '../arm-id.ts';
import type { AzureResource, Simulation } from '../state.ts';

export const securityRuleType = 'Microsoft.Network/networkSecurityGroups/securityRules';

/** The rules of a network security group that Azure applies. */
export const securityRulesOf = (state: Simulation, groupId: string): AzureResource[] =>
  Object.values(state.resources).filter(
    (each) =>
      each.type === securityRuleType &&
      each.phase === 'Ready' &&
      resourceKey(parentId(each.id) ?? '') === resourceKey(groupId),
  );
