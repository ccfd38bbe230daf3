import { resourceKey } from '../arm-id.ts';
import { type JsonObject, textOf } from '../json.ts';
import type { KindDefinition } from '../kind.ts';
import { type AzureResource, type Simulation, withEntry } from '../state.ts';

/** Id of the network security group of a subnet, empty when it has none. */
export const securityGroupOf = (subnet: AzureResource | undefined): string =>
  textOf(subnet?.hidden.networkSecurityGroupId);

const write = (state: Simulation, id: string, group: string): Simulation => {
  const subnet = state.resources[resourceKey(id)];
  if (!subnet) return state;
  const { networkSecurityGroupId: _, ...rest } = subnet.hidden;
  const hidden = group === '' ? rest : { ...rest, networkSecurityGroupId: group };
  return { ...state, resources: withEntry(state.resources, resourceKey(id), { ...subnet, hidden }) };
};

const put = (id: string, group: JsonObject | null) => [
  { method: 'PUT' as const, id, body: { networkSecurityGroup: group } },
];

/** Not a resource of Azure's but a field of the subnet, whose id it bears (azurerm 4.80 network). */
export const subnetSecurityAssociation: KindDefinition = {
  kind: 'SubnetNetworkSecurityGroupAssociation',
  service: 'network',
  clusterVersion: 'v1beta1',
  type: 'Microsoft.Network/virtualNetworks/subnets/networkSecurityGroup',
  naming: 'assigned',
  references: [
    { field: 'subnetId', kind: 'Subnet', service: 'network', by: 'id' },
    { field: 'networkSecurityGroupId', kind: 'SecurityGroup', service: 'network', by: 'id' },
  ],
  id: (_name, { subnetId }) => (subnetId ? textOf(subnetId) : undefined),
  identifiers: [],
  defaults: {},
  removable: [],
  forceNew: ['subnetId', 'networkSecurityGroupId'],
  seconds: { create: 10, update: 10, delete: 10 },
  implicit: (state, id) => {
    const subnet = state.resources[resourceKey(id)];
    const group = securityGroupOf(subnet);
    return subnet && group !== ''
      ? { ...subnet, properties: { subnetId: subnet.id, networkSecurityGroupId: group }, hidden: {} }
      : undefined;
  },
  commit: (state, id, effect) => write(state, id, textOf(effect.set?.networkSecurityGroupId)),
  planCreate: (id, { networkSecurityGroupId }) => ({
    requests: put(id, { id: textOf(networkSecurityGroupId) }),
    effect: { set: { networkSecurityGroupId } },
  }),
  planDelete: ({ id }) => ({ requests: put(id, null), effect: { unset: ['networkSecurityGroupId'] } }),
  rules: [
    {
      id: 'association-ends',
      source: 'azurerm 4.80 network; Microsoft, network-security-group-how-it-works (one region)',
      verified: true,
      on: ['create'],
      code: 'InvalidResourceReference',
      refuse: ({ state, id, desired }) => {
        const subnet = state.resources[resourceKey(id)];
        const group = state.resources[resourceKey(textOf(desired.networkSecurityGroupId))];
        if (subnet?.phase !== 'Ready') return `the subnet ${id} was not found`;
        if (group?.phase !== 'Ready')
          return `the network security group ${textOf(desired.networkSecurityGroupId)} was not found`;
        return group.region === subnet.region
          ? undefined
          : `the network security group is in ${group.region}, the subnet in ${subnet.region}`;
      },
    },
    {
      id: 'association-one-group',
      source: 'azurerm 4.80 network (a subnet that has a network security group must be imported)',
      verified: true,
      on: ['create'],
      code: 'provider',
      refuse: ({ state, id }) =>
        securityGroupOf(state.resources[resourceKey(id)]) === ''
          ? undefined
          : `a resource with the ID "${id}" already exists - to be managed via Terraform this resource needs to be imported into the State`,
    },
  ],
};
