import { parentId, providerId, resourceGroupId, resourceKey } from '../arm-id.ts';
import { isCidr } from '../cidr.ts';
import { isEmpty, type JsonObject, listOf, numberOf, textOf } from '../json.ts';
import { type KindDefinition, resourceGroupName } from '../kind.ts';
import { securityRuleType } from './security-rules.ts';

const tags = ['*', 'VirtualNetwork', 'Internet', 'AzureLoadBalancer', 'Storage', 'AzureActiveDirectory'];
const isPort = (text: string): boolean =>
  text === '*' || /^\d{1,5}(-\d{1,5})?$/.test(text)
    ? text.split('-').every((port) => Number(port) < 65536 || port === '*')
    : false;

/** What ARM finds wrong with one side of a rule. */
function sideProblem(side: 'source' | 'destination', properties: JsonObject): string | undefined {
  const one = (field: string): string => textOf(properties[`${side}${field}`]);
  const many = (field: string): string[] => listOf(properties[`${side}${field}`]).map(textOf);
  for (const field of ['AddressPrefix', 'PortRange'])
    if (isEmpty(one(field)) === isEmpty(many(`${field}${field === 'AddressPrefix' ? 'es' : 's'}`)))
      return `exactly one of ${side}${field} and its plural must be given`;
  const address = one('AddressPrefix');
  if (address !== '' && !tags.includes(address) && !isCidr(address))
    return `'${address}' is no range and no service tag`;
  const bad = many('AddressPrefixes').find((each) => !isCidr(each));
  if (bad !== undefined) return `'${bad}' is no range; a list of prefixes takes no service tags`;
  const ports = [one('PortRange'), ...many('PortRanges')].filter((each) => each !== '');
  const port = ports.find((each) => !isPort(each));
  return port === undefined ? undefined : `'${port}' is not a port or a range of ports`;
}

export const securityRule: KindDefinition = {
  kind: 'SecurityRule',
  service: 'network',
  clusterVersion: 'v1beta1',
  type: securityRuleType,
  naming: 'external-name',
  references: [
    resourceGroupName,
    { field: 'networkSecurityGroupName', kind: 'SecurityGroup', service: 'network', by: 'name' },
  ],
  id: (name, { resourceGroupName: group, networkSecurityGroupName: parent }, subscription) =>
    group && parent
      ? providerId(resourceGroupId(subscription, textOf(group)), securityRuleType, textOf(parent), name)
      : undefined,
  identifiers: ['resourceGroupName', 'networkSecurityGroupName'],
  defaults: {},
  removable: [
    'description',
    'sourceAddressPrefix',
    'sourceAddressPrefixes',
    'destinationAddressPrefix',
    'destinationAddressPrefixes',
    'sourcePortRange',
    'sourcePortRanges',
    'destinationPortRange',
    'destinationPortRanges',
  ],
  forceNew: [],
  seconds: { create: 10, update: 10, delete: 10 },
  rules: [
    {
      id: 'security-rule-fields',
      source:
        'azurerm, azurerm_network_security_rule; ARM SecurityRuleInvalidAddressPrefix, SecurityRuleInvalidPortRange',
      verified: true,
      on: ['create', 'update'],
      code: 'InvalidRequestFormat',
      refuse: ({ desired }) => {
        if (!['Allow', 'Deny'].includes(textOf(desired.access))) return `access '${textOf(desired.access)}' is unknown`;
        if (!['Inbound', 'Outbound'].includes(textOf(desired.direction)))
          return `direction '${textOf(desired.direction)}' is unknown`;
        if (!['Tcp', 'Udp', 'Icmp', 'Esp', 'Ah', '*'].includes(textOf(desired.protocol)))
          return `protocol '${textOf(desired.protocol)}' is unknown`;
        if (textOf(desired.description).length > 140) return 'the description has more than 140 characters';
        return sideProblem('source', desired) ?? sideProblem('destination', desired);
      },
    },
    {
      id: 'security-rule-priority',
      source: 'Microsoft, network-security-groups-overview (100 to 4096)',
      verified: true,
      on: ['create', 'update'],
      code: 'SecurityRuleInvalidPriority',
      refuse: ({ desired: { priority } }) =>
        Number.isInteger(priority) && numberOf(priority) >= 100 && numberOf(priority) <= 4096
          ? undefined
          : `the priority ${String(priority)} lies outside 100 to 4096`,
    },
    {
      id: 'security-rule-priority-unique',
      source:
        'Microsoft, network-security-groups-overview (no two rules of one priority and direction); ARM SecurityRuleConflict',
      verified: true,
      on: ['create', 'update'],
      code: 'SecurityRuleConflict',
      refuse: ({ state, id, desired }) => {
        const other = Object.values(state.resources).find(
          (each) =>
            each.type === securityRuleType &&
            resourceKey(each.id) !== resourceKey(id) &&
            resourceKey(parentId(each.id) ?? '') === resourceKey(parentId(id) ?? '') &&
            each.properties.direction === desired.direction &&
            each.properties.priority === desired.priority,
        );
        return other ? `the rule ${other.id} has the same priority and direction` : undefined;
      },
    },
  ],
};
