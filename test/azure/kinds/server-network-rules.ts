import { lastSegment, parentId, resourceKey } from '../arm-id.ts';
import { isEmpty, type JsonObject, textOf } from '../json.ts';
import type { Rule } from '../kind.ts';
import type { Simulation } from '../state.ts';
import { linkType } from './private-dns-zone.ts';
import { networkOfSubnet, serversInSubnet, serverType } from './server-lookup.ts';
import { found, haMode, rule, written } from './server-rule.ts';
import { delegationsOf } from './subnet.ts';
import { peeringType } from './virtual-network-peering.ts';

/** Subnet, private DNS zone and public access of a server. */
export const networkRules: readonly Rule[] = [
  rule(
    'server-subnet',
    'Microsoft, concepts-networking-private (exists, delegated, exclusive, same region)',
    ['create'],
    'InvalidDelegatedSubnet',
    ({ state, desired, region }) => {
      const id = textOf(desired.delegatedSubnetId);
      if (id === '') return undefined;
      const subnet = found(state, id);
      if (subnet?.phase !== 'Ready') return `the delegated subnet ${id} does not exist`;
      const delegations = delegationsOf(subnet.properties);
      if (delegations.length !== 1 || delegations[0] !== serverType)
        return `the subnet ${id} is not delegated to ${serverType} alone`;
      return subnet.region === region ? undefined : `the subnet is in ${subnet.region}, the server in ${region}`;
    },
  ),
  rule(
    'server-subnet-addresses',
    'Microsoft, reliability-postgresql-flexible-server; Microsoft, concepts-networking-private (five reserved, four for a server with high availability); counts without HA are inferred',
    ['create'],
    'SubnetFull',
    ({ state, desired }) => {
      const subnet = found(state, desired.delegatedSubnetId);
      if (!subnet) return undefined;
      const prefixes = Array.isArray(subnet.properties.addressPrefixes)
        ? subnet.properties.addressPrefixes.map(textOf)
        : [];
      const size = prefixes.reduce((sum, prefix) => sum + 2 ** (32 - Number(prefix.split('/')[1])) - 5, 0);
      const need = (properties: JsonObject): number => (haMode(properties) === '' ? 2 : 4);
      const used = serversInSubnet(state, subnet.id).reduce((sum, each) => sum + need(each.properties), 0);
      return used + need(desired) <= size ? undefined : `the subnet ${subnet.id} has no free addresses`;
    },
    false,
  ),
  rule('server-private-needs-zone', 'azurerm 4.80 postgres', ['create'], 'PrivateDnsZoneRequired', ({ desired }) => {
    if (isEmpty(desired.delegatedSubnetId) === isEmpty(desired.privateDnsZoneId)) return undefined;
    return isEmpty(desired.privateDnsZoneId)
      ? 'a server in a subnet needs privateDnsZoneId'
      : 'privateDnsZoneId needs delegatedSubnetId';
  }),
  rule(
    'server-private-not-public',
    'azurerm 4.80 postgres',
    written,
    'ConflictingPublicNetworkAccessAndVirtualNetworkConfiguration',
    ({ desired }) =>
      !isEmpty(desired.delegatedSubnetId) && desired.publicNetworkAccessEnabled !== false
        ? 'public network access must be disabled on a server in a virtual network'
        : undefined,
  ),
  rule(
    'server-zone-name',
    'Microsoft, private DNS zones (azurerm #24549 PrivateDnsZoneNameNotValid)',
    ['create'],
    'PrivateDnsZoneNameNotValid',
    ({ state, desired, name }) => {
      const id = textOf(desired.privateDnsZoneId);
      if (id === '') return undefined;
      if (found(state, id)?.phase !== 'Ready') return `the private DNS zone ${id} does not exist`;
      const zone = lastSegment(id).toLowerCase();
      if (!zone.endsWith('.postgres.database.azure.com') && zone !== 'postgres.database.azure.com')
        return `the zone ${zone} does not end in .postgres.database.azure.com`;
      return zone === `${name}.postgres.database.azure.com` ? `the zone ${zone} has the name of the server` : undefined;
    },
  ),
  rule(
    'server-needs-zone-link',
    'Microsoft, private DNS zones (create the link first; docs say that Azure no longer checks), stricter on purpose',
    ['create'],
    'PrivateDnsZoneNotLinked',
    ({ state, desired }) => {
      const zone = textOf(desired.privateDnsZoneId);
      if (zone === '' || isEmpty(desired.delegatedSubnetId)) return undefined;
      const vnet = resourceKey(networkOfSubnet(textOf(desired.delegatedSubnetId)));
      const linked = Object.values(state.resources).some(
        (each) =>
          each.type === linkType &&
          each.phase === 'Ready' &&
          resourceKey(parentId(each.id) ?? '') === resourceKey(zone) &&
          resourceKey(textOf(each.properties.virtualNetworkId)) === vnet,
      );
      return linked ? undefined : `the zone ${zone} is not linked to the server's virtual network`;
    },
    false,
  ),
  rule(
    'server-zone-change-with-ha',
    'azurerm 4.80 postgres; Microsoft, private DNS zones',
    ['update'],
    'PrivateDnsZoneCannotChange',
    ({ change, current }) =>
      change.privateDnsZoneId !== undefined && haMode(current?.properties ?? {}) !== ''
        ? 'the private DNS zone cannot change while high availability is on'
        : undefined,
  ),
];

/** Whether the networks of two delegated subnets are one, or peered in both directions. */
export const connected = (state: Simulation, fromSubnet: string, toSubnet: string): boolean => {
  const [from, to] = [networkOfSubnet(fromSubnet), networkOfSubnet(toSubnet)].map(resourceKey);
  if (from === to) return true;
  const peered = (a: string | undefined, b: string | undefined): boolean =>
    Object.values(state.resources).some(
      (each) =>
        each.type === peeringType &&
        each.phase === 'Ready' &&
        resourceKey(parentId(each.id) ?? '') === a &&
        resourceKey(textOf(each.properties.remoteVirtualNetworkId)) === b,
    );
  return peered(from, to) && peered(to, from);
};
