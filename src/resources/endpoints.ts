import { FlexibleServerVirtualEndpoint } from '../azure/dbforpostgresql.ts';
import { type Composed, managed } from '../azure/managed.ts';
import { PrivateDNSCNAMERecord } from '../azure/network.ts';
import { annotations, keys, MANAGED_BY } from '../names.ts';
import type { EndpointPlan, Plan } from '../plan/types.ts';
import { selects } from './selectors.ts';

/** The applications' stable names. Their targets follow from the plan alone, so nothing but a new plan ever moves them. */
export function endpoints(plan: Plan): Composed[] {
  return [
    record(plan, keys.writeRecord, plan.endpoints.write, 'where applications write'),
    record(plan, keys.readRecord, plan.endpoints.read, 'where applications read'),
    ...virtualEndpoints(plan),
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
    providerConfig: plan.dnsZoneAt.providerConfig,
    forProvider: {
      resourceGroupName: plan.dnsZoneAt.resourceGroup,
      zoneName: plan.dnsZone,
      record: endpoint.target,
      ttl: endpoint.ttlSeconds,
      tags: plan.tags,
    },
  });
}

/**
 * Without Update: its members stay what they were when it was made. Azure moves its names in a switchover, after which no update works
 * (azurerm #27796), and points its read name at the primary once the replica is promoted, which an update would try to undo.
 */
const POLICIES = ['Observe', 'Create', 'Delete'];

const virtualEndpoints = ({ virtualEndpoints: { endpoints } }: Plan): Composed[] =>
  endpoints.map(({ key, name, source, reader, id, goes, until }) =>
    managed(FlexibleServerVirtualEndpoint, {
      key,
      why: `Azure's own names for ${source} and ${reader}, whichever takes writes`,
      after: [source, reader],
      until,
      // Azure assigns it; without it a provider that restarts would make the endpoint again (seen live).
      externalName: id,
      managementPolicies: POLICIES,
      deletable: goes,
      annotations: { [annotations.source]: source, [annotations.reader]: reader },
      forProvider: {
        name,
        type: 'ReadWrite',
        sourceServerIdSelector: selects(source),
        replicaServerIdSelector: selects(reader),
      },
    }),
  );
