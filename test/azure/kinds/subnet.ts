import { parentId, providerId, resourceGroupId, resourceKey } from '../arm-id.ts';
import { containsRange, isCidr, prefixLength, rangesOverlap } from '../cidr.ts';
import { equal, type JsonObject, listOf, objectOf, textOf } from '../json.ts';
import { type KindDefinition, resourceGroupName } from '../kind.ts';
import { endpointsInSubnet } from './private-endpoint-lookup.ts';
import { serversInSubnet, serverType } from './server-lookup.ts';
import { virtualNetworkType } from './virtual-network.ts';

export const subnetType = `${virtualNetworkType}/subnets`;

/** Services to which a subnet is delegated, as `Microsoft.DBforPostgreSQL/flexibleServers`. */
export const delegationsOf = (properties: JsonObject): string[] =>
  listOf(properties.delegation).map((each) => textOf(objectOf(objectOf(each).serviceDelegation).name));

const prefixesOf = (properties: JsonObject): string[] => listOf(properties.addressPrefixes).map(textOf);

export const subnet: KindDefinition = {
  kind: 'Subnet',
  service: 'network',
  clusterVersion: 'v1beta2',
  type: subnetType,
  naming: 'external-name',
  references: [
    resourceGroupName,
    { field: 'virtualNetworkName', kind: 'VirtualNetwork', service: 'network', by: 'name' },
  ],
  id: (name, params, subscription) =>
    params.resourceGroupName && params.virtualNetworkName
      ? providerId(
          resourceGroupId(subscription, textOf(params.resourceGroupName)),
          subnetType,
          textOf(params.virtualNetworkName),
          name,
        )
      : undefined,
  identifiers: ['resourceGroupName', 'virtualNetworkName'],
  defaults: {
    defaultOutboundAccessEnabled: true,
    privateEndpointNetworkPolicies: 'Disabled',
    privateLinkServiceNetworkPoliciesEnabled: true,
  },
  removable: ['delegation', 'serviceEndpoints', 'serviceEndpointPolicyIds'],
  forceNew: [],
  seconds: { create: 10, update: 10, delete: 10 },
  // Azure adds the join action to a delegation that names none (provider-upjet-azure CRDs): a difference for ever unless the spec says it.
  stored: (params) => ({
    properties: {
      ...params,
      ...(params.delegation === undefined
        ? {}
        : {
            delegation: listOf(params.delegation).map((each) => {
              const service = objectOf(objectOf(each).serviceDelegation);
              return {
                ...objectOf(each),
                serviceDelegation: {
                  ...service,
                  actions: service.actions ?? ['Microsoft.Network/virtualNetworks/subnets/join/action'],
                },
              };
            }),
          }),
    },
  }),
  rules: [
    {
      id: 'subnet-name',
      source: 'Microsoft, concepts-networking-private; Microsoft, resource naming rules',
      verified: true,
      on: ['create'],
      code: 'InvalidResourceName',
      refuse: ({ name, desired }) => {
        const reserved = [
          'azurefirewallsubnet',
          'azurefirewallmanagementsubnet',
          'azurebastionsubnet',
          'gatewaysubnet',
        ];
        if (reserved.includes(name.toLowerCase()) && delegationsOf(desired).length > 0) {
          return `the subnet name '${name}' is reserved and cannot be delegated`;
        }
        return /^[A-Za-z0-9][\w.-]{0,79}$/.test(name)
          ? undefined
          : `the subnet name '${name}' must have 1 to 80 characters and begin with a letter or digit`;
      },
    },
    {
      id: 'subnet-in-address-space',
      source: 'ARM NetcfgSubnetRangeOutsideVnet, NetcfgSubnetRangesOverlap',
      verified: true,
      on: ['create', 'update'],
      code: 'NetcfgInvalidSubnet',
      refuse: ({ state, id, desired }) => {
        const network = state.resources[resourceKey(parentId(id) ?? '')];
        const space = listOf(network?.properties.addressSpace).map(textOf);
        const prefixes = prefixesOf(desired);
        if (prefixes.length === 0) return 'the subnet has no address prefix';
        const bad = prefixes.find((prefix) => !isCidr(prefix));
        if (bad !== undefined) return `the address prefix '${bad}' is not a valid CIDR range`;
        const outside = prefixes.find((prefix) => !space.some((range) => containsRange(range, prefix)));
        if (outside !== undefined) return `the range ${outside} lies outside the virtual network (${space.join(', ')})`;
        const siblings = Object.values(state.resources).filter(
          (each) =>
            each.type === subnetType && parentId(each.id) === parentId(id) && resourceKey(each.id) !== resourceKey(id),
        );
        const clash = siblings.find((each) =>
          prefixesOf(each.properties).some((mine) => prefixes.some((theirs) => rangesOverlap(mine, theirs))),
        );
        return clash ? `the range ${prefixes.join(', ')} overlaps the subnet ${clash.id}` : undefined;
      },
    },
    {
      id: 'subnet-delegated-size',
      source: 'Microsoft, concepts-networking-private (min /28)',
      verified: true,
      on: ['create', 'update'],
      code: 'SubnetTooSmall',
      refuse: ({ desired }) => {
        const small = prefixesOf(desired).find((prefix) => prefixLength(prefix) > 28);
        return small !== undefined && delegationsOf(desired).includes(serverType)
          ? `the subnet ${small} is smaller than /28, the least for a subnet delegated to flexible servers`
          : undefined;
      },
    },
    {
      id: 'subnet-in-use-change',
      source: 'Microsoft, concepts-networking-private (not resizable while in use)',
      verified: true,
      on: ['update'],
      code: 'InUseSubnetCannotBeUpdated',
      refuse: ({ state, id, desired, current }) => {
        const [server] = serversInSubnet(state, id);
        if (!server || !current) return undefined;
        const untouched =
          equal(prefixesOf(desired), prefixesOf(current.properties)) &&
          equal(delegationsOf(desired), delegationsOf(current.properties));
        return untouched ? undefined : `the subnet is in use by ${server.id}; its range and delegation cannot change`;
      },
    },
    {
      id: 'subnet-in-use-delete',
      source: 'azurerm, deletion (azurerm #24593 InUseSubnetCannotBeDeleted)',
      verified: true,
      on: ['delete'],
      code: 'InUseSubnetCannotBeDeleted',
      refuse: ({ state, id }) => {
        const [user] = [...serversInSubnet(state, id), ...endpointsInSubnet(state, id)];
        return user ? `the subnet is in use by ${user.id} and cannot be deleted` : undefined;
      },
    },
  ],
};
