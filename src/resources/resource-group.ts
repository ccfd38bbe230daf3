import { BROUGHT, ExistingResourceGroup } from '../azure/existing.ts';
import { type Composed, managed } from '../azure/managed.ts';
import { ResourceGroup } from '../azure/resource-group.ts';
import { keys } from '../names.ts';
import type { Plan } from '../plan/types.ts';

export function resourceGroup(plan: Plan): Composed[] {
  if (plan.resourceGroup.existing)
    return [
      managed(ExistingResourceGroup, {
        key: keys.resourceGroup,
        why: 'your resource group, only looked at',
        after: [],
        externalName: plan.resourceGroup.name,
        ...BROUGHT,
        forProvider: {},
      }),
    ];
  return [
    managed(ResourceGroup, {
      key: keys.resourceGroup,
      why: 'holds everything in Azure',
      after: [],
      externalName: plan.resourceGroup.name,
      forProvider: { location: plan.resourceGroup.location, tags: plan.tags },
    }),
  ];
}
