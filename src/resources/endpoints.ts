import { type Composed, managed } from '../azure/managed.ts';
import { PrivateDNSCNAMERecord } from '../azure/network.ts';
import { annotations, keys, MANAGED_BY } from '../names.ts';
import type { EndpointPlan, Plan } from '../plan/types.ts';

/** The applications' stable names. Their targets follow from the plan alone, so nothing but a new plan ever moves them. */
export function endpoints(plan: Plan): Composed[] {
  return [
    record(plan, keys.writeRecord, plan.endpoints.write, 'where applications write'),
    record(plan, keys.readRecord, plan.endpoints.read, 'where applications read'),
  ];
}

function record(plan: Plan, key: string, endpoint: EndpointPlan, why: string): Composed {
  const way = (plan.privateLink?.endpoints ?? [])
    .filter(({ server }) => server === endpoint.server)
    .map(({ key }) => key);
  return managed(PrivateDNSCNAMERecord, {
    key,
    why,
    after: [keys.dnsZone, endpoint.server, ...way],
    externalName: endpoint.label,
    annotations: {
      [annotations.server]: endpoint.server,
      'management.platform.io/managed-by': MANAGED_BY,
      'management.platform.io/update-on-failover': 'true',
    },
    forProvider: {
      resourceGroupName: plan.dnsZoneAt.resourceGroup,
      zoneName: plan.dnsZone,
      record: endpoint.target,
      ttl: endpoint.ttlSeconds,
      tags: plan.tags,
    },
  });
}
