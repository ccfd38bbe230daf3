import { isIPv4 } from 'node:net';
import { parentId, resourceKey } from '../arm-id.ts';
import { textOf } from '../json.ts';
import type { KindDefinition } from '../kind.ts';
import { serverType } from './server-lookup.ts';

const toNumber = (address: string): number => address.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0);

export const flexibleServerFirewallRule: KindDefinition = {
  kind: 'FlexibleServerFirewallRule',
  service: 'dbforpostgresql',
  clusterVersion: 'v1beta1',
  type: `${serverType}/firewallRules`,
  naming: 'external-name',
  references: [{ field: 'serverId', kind: 'FlexibleServer', service: 'dbforpostgresql', by: 'id' }],
  id: (name, { serverId }) => (serverId ? `${textOf(serverId)}/firewallRules/${name}` : undefined),
  identifiers: ['serverId'],
  defaults: {},
  removable: [],
  forceNew: [],
  seconds: { create: 20, update: 20, delete: 20 },
  rules: [
    {
      id: 'firewall-rule-fields',
      source: 'provider-upjet-azure CRDs (name 1-128 of A-Za-z0-9_-, IPv4 range)',
      verified: true,
      on: ['create', 'update'],
      code: 'InvalidParameterValue',
      refuse: ({ name, desired }) => {
        if (!/^[\w-]{1,128}$/.test(name)) return `'${name}' is not a valid firewall rule name`;
        const [start, end] = [textOf(desired.startIpAddress), textOf(desired.endIpAddress)];
        if (!isIPv4(start) || !isIPv4(end)) return `'${start}' to '${end}' is not a range of IPv4 addresses`;
        return toNumber(start) <= toNumber(end)
          ? undefined
          : `the start address ${start} lies above the end address ${end}`;
      },
    },
    {
      id: 'firewall-rule-private-server',
      source:
        'provider-upjet-azure CRDs; Microsoft, concepts-networking-private (not valid on VNet-integrated servers)',
      verified: true,
      on: ['create', 'update'],
      code: 'OperationNotAllowedOnPrivateServer',
      refuse: ({ state, id }) =>
        state.resources[resourceKey(parentId(id) ?? '')]?.properties.delegatedSubnetId
          ? 'firewall rules are not supported on a server in a virtual network'
          : undefined,
    },
  ],
};
