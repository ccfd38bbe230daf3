import { parentId, resourceKey } from '../arm-id.ts';
import { isEmpty, numberOf, textOf } from '../json.ts';
import type { KindDefinition } from '../kind.ts';
import { trafficEndpointsOf, trafficEndpointType } from './traffic-manager-lookup.ts';

export const trafficManagerExternalEndpoint: KindDefinition = {
  kind: 'TrafficManagerExternalEndpoint',
  service: 'network',
  clusterVersion: 'v1beta1',
  type: trafficEndpointType,
  naming: 'external-name',
  references: [{ field: 'profileId', kind: 'TrafficManagerProfile', service: 'network', by: 'id' }],
  id: (name, { profileId }) => (profileId ? `${textOf(profileId)}/ExternalEndpoints/${name}` : undefined),
  identifiers: ['profileId'],
  // azurerm 4.80 azurerm_traffic_manager_external_endpoint.
  defaults: { enabled: true, alwaysServeEnabled: false, weight: 1 },
  removable: ['geoMappings', 'customHeader'],
  forceNew: ['subnet'],
  seconds: { create: 5, update: 5, delete: 5 },
  rules: [
    {
      id: 'traffic-endpoint-fields',
      source: 'azurerm 4.80 azurerm_traffic_manager_external_endpoint (priority and weight 1 to 1000, a host name)',
      verified: true,
      on: ['create', 'update'],
      code: 'BadRequest',
      refuse: ({ desired: { target, priority, weight } }) => {
        if (!/^[a-z0-9-]+(\.[a-z0-9-]+)+$/i.test(textOf(target))) return `'${textOf(target)}' is not a host name`;
        const outside = Object.entries({ priority, weight }).find(
          ([, value]) => !isEmpty(value) && (numberOf(value) < 1 || numberOf(value) > 1000),
        );
        return outside && `${outside[0]} ${String(outside[1])} is not between 1 and 1000`;
      },
    },
    {
      id: 'traffic-endpoint-priority-unique',
      source:
        'Microsoft, Traffic Manager REST API (EndpointProperties.priority: no two endpoints can share the same priority value)',
      verified: true,
      on: ['create', 'update'],
      code: 'BadRequest',
      refuse: ({ state, id, desired }) => {
        const other = trafficEndpointsOf(state, parentId(id) ?? '').find(
          (each) => resourceKey(each.id) !== resourceKey(id) && each.properties.priority === desired.priority,
        );
        return other && !isEmpty(desired.priority)
          ? `${other.id} has the priority ${String(desired.priority)} too`
          : undefined;
      },
    },
  ],
};
