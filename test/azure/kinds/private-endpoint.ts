import { lastSegment, providerId, resourceGroupId } from '../arm-id.ts';
import { isEmpty, listOf, objectOf, textOf } from '../json.ts';
import { type KindDefinition, resourceGroupName } from '../kind.ts';
import { endpointType, zonesOfEndpoint } from './private-endpoint-lookup.ts';
import { serverType } from './server-lookup.ts';
import { found, rule, written } from './server-rule.ts';
import { delegationsOf } from './subnet.ts';

export const privateEndpoint: KindDefinition = {
  kind: 'PrivateEndpoint',
  service: 'network',
  clusterVersion: 'v1beta2',
  type: endpointType,
  naming: 'external-name',
  references: [resourceGroupName, { field: 'subnetId', kind: 'Subnet', service: 'network', by: 'id' }],
  id: (name, { resourceGroupName: group }, subscription) =>
    group ? providerId(resourceGroupId(subscription, textOf(group)), endpointType, name) : undefined,
  identifiers: ['resourceGroupName'],
  defaults: {},
  removable: ['tags', 'privateDnsZoneGroup'],
  // azurerm 4.80 azurerm_private_endpoint.
  forceNew: ['location', 'subnetId', 'privateServiceConnection', 'customNetworkInterfaceName'],
  seconds: { create: 60, update: 30, delete: 30 },
  rules: [
    rule(
      'private-endpoint-name',
      'Microsoft, resource naming rules (2 to 64 characters)',
      ['create'],
      'InvalidResourceName',
      ({ name }) =>
        /^[A-Za-z0-9][\w.-]{0,78}\w$/.test(name) ? undefined : `the private endpoint name '${name}' is not valid`,
    ),
    rule(
      'private-endpoint-subnet',
      'Microsoft, private-endpoint-overview (same region as its network); a delegated subnet takes nothing else (Microsoft, concepts-networking-private)',
      ['create'],
      'PrivateEndpointSubnetInvalid',
      ({ state, desired, region }) => {
        const subnet = found(state, desired.subnetId);
        if (subnet?.phase !== 'Ready') return `the subnet ${textOf(desired.subnetId)} does not exist`;
        const [service] = delegationsOf(subnet.properties);
        if (service !== undefined) return `the subnet ${subnet.id} is delegated to ${service}`;
        return subnet.region === region
          ? undefined
          : `the subnet is in ${subnet.region}, the private endpoint in ${region}`;
      },
    ),
    rule(
      'private-endpoint-server',
      'Microsoft, concepts-networking-private-link (not for a server in a virtual network; subresource postgresqlServer)',
      ['create'],
      'PrivateLinkResourceInvalid',
      ({ state, desired }) => {
        const connection = objectOf(desired.privateServiceConnection);
        const server = found(state, connection.privateConnectionResourceId);
        if (server?.type !== serverType || server.phase !== 'Ready')
          return `the server ${textOf(connection.privateConnectionResourceId)} does not exist or is not ready`;
        if (!isEmpty(server.properties.delegatedSubnetId))
          return `the server ${server.id} is in a virtual network and takes no private endpoint`;
        const parts = listOf(connection.subresourceNames).map(textOf);
        return parts.length === 1 && parts[0] === 'postgresqlServer'
          ? undefined
          : `a flexible server has the subresource postgresqlServer, not '${parts.join(', ')}'`;
      },
    ),
    rule(
      'private-endpoint-zone',
      'Microsoft, private-endpoint-dns (the zone of PostgreSQL); ARM takes any zone, stricter on purpose',
      written,
      'PrivateDnsZoneGroupInvalid',
      ({ state, desired }) => {
        for (const id of zonesOfEndpoint(desired)) {
          if (found(state, id)?.phase !== 'Ready') return `the private DNS zone ${id} does not exist`;
          if (lastSegment(id) !== 'privatelink.postgres.database.azure.com')
            return `nobody looks for the address in the zone ${lastSegment(id)}`;
        }
        return undefined;
      },
      false,
    ),
  ],
};
