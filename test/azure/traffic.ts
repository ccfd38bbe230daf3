import { parentId, resourceKey } from './arm-id.ts';
import { containsRange, isCidr } from './cidr.ts';
import { listOf, numberOf, textOf } from './json.ts';
import { linkType } from './kinds/private-dns-zone.ts';
import { endpointsOfServer, subnetOfEndpoint, zonesOfEndpoint } from './kinds/private-endpoint-lookup.ts';
import { securityRulesOf } from './kinds/security-rules.ts';
import { securityGroupOf } from './kinds/subnet-security-association.ts';
import type { AzureResource, Simulation } from './state.ts';

/** The other end of a connection, inside this virtual network or one peered with it; without a range, any client there. */
interface Peer {
  readonly range?: string;
}

const rangesOf = (subnet: AzureResource): string[] => listOf(subnet.properties.addressPrefixes).map(textOf);

const fits = (prefix: string, range: string | undefined): boolean =>
  prefix === '*' ||
  prefix === 'VirtualNetwork' ||
  (range !== undefined && isCidr(prefix) && containsRange(prefix, range));

const side = (rule: AzureResource, name: 'source' | 'destination', range: string | undefined): boolean =>
  [
    textOf(rule.properties[`${name}AddressPrefix`]),
    ...listOf(rule.properties[`${name}AddressPrefixes`]).map(textOf),
  ].some((prefix) => fits(prefix, range));

const toPort = ({ properties }: AzureResource, port: number): boolean =>
  [textOf(properties.destinationPortRange), ...listOf(properties.destinationPortRanges).map(textOf)].some((range) => {
    const [from = '', to = from] = range.split('-');
    return range === '*' || (from !== '' && Number(from) <= port && port <= Number(to));
  });

/**
 * Whether the security group of a subnet lets a new TCP connection pass: the rule of the lowest priority that matches decides, and after
 * all of them Azure's own, which allow everything inside the virtual network (Microsoft, network-security-groups-overview).
 */
function passes(
  state: Simulation,
  subnet: AzureResource,
  direction: 'Inbound' | 'Outbound',
  peer: Peer,
  port: number,
): boolean {
  const own = rangesOf(subnet)[0];
  const [source, destination] = direction === 'Inbound' ? [peer.range, own] : [own, peer.range];
  const deciding = securityRulesOf(state, securityGroupOf(subnet))
    .filter(
      ({ properties }) => properties.direction === direction && ['Tcp', '*'].includes(textOf(properties.protocol)),
    )
    .sort((a, b) => numberOf(a.properties.priority) - numberOf(b.properties.priority))
    .find((rule) => side(rule, 'source', source) && side(rule, 'destination', destination) && toPort(rule, port));
  return deciding?.properties.access !== 'Deny';
}

const subnetOf = (state: Simulation, id: string): AzureResource | undefined => {
  const subnet = state.resources[resourceKey(id)];
  return subnet?.phase === 'Ready' ? subnet : undefined;
};

/**
 * Whether a client in the virtual network, or in one peered with it, can open a connection to a server in the subnet. `client` is its
 * address; without one it stands in none of the ranges that rules name.
 */
export function reachable(state: Simulation, subnetId: string, port: number, client?: string): boolean {
  const subnet = subnetOf(state, subnetId);
  return subnet !== undefined && passes(state, subnet, 'Inbound', client ? { range: `${client}/32` } : {}, port);
}

/**
 * Whether a client in a virtual network reaches a server by its private endpoint: the network is linked to the zone that has its address, and
 * the security rules of the endpoint's subnet let it pass, where they hold for endpoints at all
 * (Microsoft, disable-private-endpoint-network-policy).
 */
export function reachableByEndpoint(state: Simulation, serverId: string, networkId: string, port: number): boolean {
  const linked = (zone: string): boolean =>
    Object.values(state.resources).some(
      (each) =>
        each.type === linkType &&
        each.phase === 'Ready' &&
        resourceKey(parentId(each.id) ?? '') === resourceKey(zone) &&
        resourceKey(textOf(each.properties.virtualNetworkId)) === resourceKey(networkId),
    );
  return endpointsOfServer(state, serverId).some((endpoint) => {
    const subnet = subnetOf(state, subnetOfEndpoint(endpoint));
    const policies = textOf(subnet?.properties.privateEndpointNetworkPolicies);
    const secured = policies === 'Enabled' || policies === 'NetworkSecurityGroupEnabled';
    return (
      endpoint.phase === 'Ready' &&
      subnet !== undefined &&
      zonesOfEndpoint(endpoint.properties).some(linked) &&
      (!secured || passes(state, subnet, 'Inbound', {}, port))
    );
  });
}

/** Whether a server in one subnet can open a connection to a server in another, or in the same. */
export function serversTalk(state: Simulation, fromId: string, toId: string, port: number): boolean {
  const [from, to] = [subnetOf(state, fromId), subnetOf(state, toId)];
  if (!from || !to) return false;
  const range = (of: AzureResource): Peer => ({ range: rangesOf(of)[0] ?? '' });
  return passes(state, from, 'Outbound', range(to), port) && passes(state, to, 'Inbound', range(from), port);
}
