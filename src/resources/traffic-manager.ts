import { type Composed, managed } from '../azure/managed.ts';
import { NO_LATE_INITIALIZE } from '../azure/management-policies.ts';
import { TrafficManagerExternalEndpoint, TrafficManagerProfile } from '../azure/traffic-manager.ts';
import { keys, labels } from '../names.ts';
import type { Plan } from '../plan/types.ts';
import { selects } from './selectors.ts';

/** No LateInitialize: the external names are ours, and there is nothing to copy. */
const POLICIES = NO_LATE_INITIALIZE;

/**
 * Always Serve stands on every endpoint, with every network mode: Azure then sends no probes to it (Microsoft, Traffic Manager REST API,
 * EndpointProperties.alwaysServe: "probing for endpoint health will be disabled"). A probe comes from the internet, so it never gets to a
 * private server, and a firewall of a public one turns it away; and where it does get through it sees an open port, which the replica has
 * as well, and not who takes writes. That is told by `enabled` alone: one that is disabled is in no answer (Microsoft, Traffic Manager
 * endpoint monitoring).
 */
export function trafficManager({ trafficManager: traffic, resourceGroup, tags }: Plan): Composed[] {
  if (!traffic) return []; // nobody asked for it
  return [
    managed(TrafficManagerProfile, {
      key: keys.trafficManager,
      why: 'a public name that leads to the server which takes writes',
      after: [keys.resourceGroup],
      externalName: traffic.name,
      deletable: traffic.goes,
      managementPolicies: POLICIES,
      forProvider: {
        resourceGroupName: resourceGroup.name,
        trafficRoutingMethod: 'Priority',
        dnsConfig: { relativeName: traffic.relativeName, ttl: traffic.ttlSeconds },
        monitorConfig: { protocol: 'TCP', port: 5432 },
        tags,
      },
    }),
    ...traffic.endpoints.map(({ key, server, name, target, priority, enabled, goes }) =>
      managed(TrafficManagerExternalEndpoint, {
        key,
        why: `leads that name to ${server} while writes belong there`,
        after: [keys.trafficManager, server],
        externalName: name,
        deletable: goes,
        managementPolicies: POLICIES,
        labels: { [labels.server]: server },
        forProvider: {
          profileIdSelector: selects(keys.trafficManager),
          target,
          priority,
          enabled,
          alwaysServeEnabled: true,
        },
      }),
    ),
  ];
}
