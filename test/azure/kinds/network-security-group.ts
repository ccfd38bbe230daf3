import { providerId, resourceGroupId, resourceKey } from '../arm-id.ts';
import { isEmpty, textOf } from '../json.ts';
import { type KindDefinition, resourceGroupName } from '../kind.ts';
import { subnetType } from './subnet.ts';
import { securityGroupOf } from './subnet-security-association.ts';

const securityGroupType = 'Microsoft.Network/networkSecurityGroups';

export const securityGroup: KindDefinition = {
  kind: 'SecurityGroup',
  service: 'network',
  clusterVersion: 'v1beta1',
  type: securityGroupType,
  naming: 'external-name',
  references: [resourceGroupName],
  id: (name, { resourceGroupName: group }, subscription) =>
    group ? providerId(resourceGroupId(subscription, textOf(group)), securityGroupType, name) : undefined,
  identifiers: ['resourceGroupName'],
  defaults: {},
  removable: ['tags'],
  forceNew: ['location'],
  seconds: { create: 10, update: 10, delete: 10 },
  rules: [
    {
      id: 'security-group-name',
      source: 'Microsoft, resource naming rules',
      verified: true,
      on: ['create'],
      code: 'InvalidResourceName',
      refuse: ({ name }) =>
        /^[A-Za-z0-9]([\w.-]{0,78}\w)?$/.test(name)
          ? undefined
          : `the network security group name '${name}' must have 1 to 80 characters of A-Za-z0-9._- and end with no dot or hyphen`,
    },
    {
      id: 'security-group-inline-rules',
      source:
        'azurerm, azurerm_network_security_group (inline rules and azurerm_network_security_rule overwrite each other); stricter on purpose',
      verified: false,
      on: ['create', 'update'],
      code: 'provider',
      refuse: ({ change }) =>
        isEmpty(change.securityRule)
          ? undefined
          : 'rules stand inline, and overwrite those that are objects of their own',
    },
    {
      id: 'security-group-in-use',
      source: 'ARM InUseNetworkSecurityGroupCannotBeDeleted',
      verified: true,
      on: ['delete'],
      code: 'InUseNetworkSecurityGroupCannotBeDeleted',
      refuse: ({ state, id }) => {
        const user = Object.values(state.resources).find(
          (each) => each.type === subnetType && resourceKey(securityGroupOf(each)) === resourceKey(id),
        );
        return user ? `the network security group is used by ${user.id} and cannot be deleted` : undefined;
      },
    },
  ],
};
