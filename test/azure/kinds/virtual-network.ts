import { providerId, resourceGroupId, resourceKey } from '../arm-id.ts';
import { containsRange, isCidr } from '../cidr.ts';
import { listOf, textOf } from '../json.ts';
import { type KindDefinition, resourceGroupName } from '../kind.ts';
import { endpointsInNetwork } from './private-endpoint-lookup.ts';
import { serversInNetwork } from './server-lookup.ts';

export const virtualNetworkType = 'Microsoft.Network/virtualNetworks';

export const virtualNetwork: KindDefinition = {
  kind: 'VirtualNetwork',
  service: 'network',
  clusterVersion: 'v1beta2',
  type: virtualNetworkType,
  naming: 'external-name',
  references: [resourceGroupName],
  id: (name, { resourceGroupName: group }, subscription) =>
    group ? providerId(resourceGroupId(subscription, textOf(group)), virtualNetworkType, name) : undefined,
  identifiers: ['resourceGroupName'],
  defaults: {},
  removable: ['tags', 'ddosProtectionPlan', 'encryption', 'bgpCommunity'],
  forceNew: ['location', 'edgeZone'],
  seconds: { create: 15, update: 15, delete: 15 },
  computed: (resource) => ({ guid: textOf(resource.hidden.guid) || undefined }),
  rules: [
    {
      id: 'virtual-network-name',
      source: 'Microsoft, resource naming rules',
      verified: true,
      on: ['create'],
      code: 'InvalidResourceName',
      refuse: ({ name }) =>
        /^[A-Za-z0-9][\w.-]{0,62}[A-Za-z0-9_]$/.test(name)
          ? undefined
          : `the virtual network name '${name}' must have 2 to 64 characters`,
    },
    {
      id: 'virtual-network-address-space',
      source: 'ARM InvalidAddressPrefixFormat, InvalidCIDRNotation',
      verified: true,
      on: ['create', 'update'],
      code: 'InvalidAddressPrefixFormat',
      refuse: ({ desired }) => {
        const ranges = listOf(desired.addressSpace).map(textOf);
        const bad = ranges.find((range) => !isCidr(range));
        if (ranges.length === 0) return 'the virtual network has no address space';
        return bad === undefined ? undefined : `the address prefix '${bad}' is not a valid CIDR range`;
      },
    },
    {
      id: 'virtual-network-shrink-below-subnets',
      source: 'ARM InUsePrefixCannotBeDeleted',
      verified: false,
      on: ['update'],
      code: 'InUsePrefixCannotBeDeleted',
      refuse: ({ state, id, desired }) => {
        const ranges = listOf(desired.addressSpace).map(textOf);
        const outside = Object.entries(state.resources).find(
          ([key, each]) =>
            key.startsWith(`${resourceKey(id)}/subnets/`) &&
            listOf(each.properties.addressPrefixes).some(
              (prefix) => !ranges.some((range) => containsRange(range, textOf(prefix))),
            ),
        );
        return outside ? `the subnet ${outside[1].id} lies outside the new address space` : undefined;
      },
    },
    {
      id: 'virtual-network-in-use',
      source: 'azurerm, deletion (servers hold their subnet); ARM InUseSubnetCannotBeDeleted',
      verified: true,
      on: ['delete'],
      code: 'InUseSubnetCannotBeDeleted',
      refuse: ({ state, id }) => {
        const [user] = [...serversInNetwork(state, id), ...endpointsInNetwork(state, id)];
        return user ? `a subnet of the virtual network is in use by ${user.id}` : undefined;
      },
    },
    {
      id: 'virtual-network-linked',
      source: 'azurerm, deletion (zone and link removal); no primary source read, stricter on purpose',
      verified: false,
      on: ['delete'],
      code: 'CannotDeleteResource',
      refuse: ({ state, id }) => {
        const link = Object.values(state.resources).find(
          (each) =>
            each.properties.virtualNetworkId !== undefined &&
            resourceKey(textOf(each.properties.virtualNetworkId)) === resourceKey(id),
        );
        return link ? `the virtual network is linked to a private DNS zone by ${link.id}` : undefined;
      },
    },
  ],
};
