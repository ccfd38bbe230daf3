import { lastSegment, parentId, providerId, resourceGroupId, resourceKey } from '../arm-id.ts';
import { textOf } from '../json.ts';
import { type KindDefinition, resourceGroupName } from '../kind.ts';
import { linkType } from './private-dns-zone.ts';
import { networkOfSubnet, serversWithZone } from './server-lookup.ts';

export const privateDnsZoneVirtualNetworkLink: KindDefinition = {
  kind: 'PrivateDNSZoneVirtualNetworkLink',
  service: 'network',
  clusterVersion: 'v1beta1',
  type: linkType,
  naming: 'external-name',
  references: [
    resourceGroupName,
    { field: 'privateDnsZoneName', kind: 'PrivateDNSZone', service: 'network', by: 'name' },
    { field: 'virtualNetworkId', kind: 'VirtualNetwork', service: 'network', by: 'id' },
  ],
  id: (name, params, subscription) =>
    params.resourceGroupName && params.privateDnsZoneName
      ? providerId(
          resourceGroupId(subscription, textOf(params.resourceGroupName)),
          linkType,
          textOf(params.privateDnsZoneName),
          name,
        )
      : undefined,
  identifiers: ['resourceGroupName', 'privateDnsZoneName'],
  defaults: { registrationEnabled: false },
  removable: ['tags'],
  forceNew: ['virtualNetworkId'],
  seconds: { create: 30, update: 30, delete: 30 },
  rules: [
    {
      id: 'dns-link-network-exists',
      source: 'ARM private DNS: the virtual network of a link must exist',
      verified: true,
      on: ['create'],
      code: 'BadRequest',
      refuse: ({ state, desired }) =>
        state.resources[resourceKey(textOf(desired.virtualNetworkId))]
          ? undefined
          : `the virtual network ${textOf(desired.virtualNetworkId)} does not exist`,
    },
    {
      id: 'dns-link-zone-name-once',
      source: 'Microsoft, private DNS zones (a network links a zone name only once)',
      verified: true,
      on: ['create'],
      code: 'Conflict',
      refuse: ({ state, id, desired }) => {
        const zone = lastSegment(parentId(id) ?? '').toLowerCase();
        const clash = Object.values(state.resources).find(
          (each) =>
            each.type === linkType &&
            resourceKey(each.id) !== resourceKey(id) &&
            resourceKey(textOf(each.properties.virtualNetworkId)) === resourceKey(textOf(desired.virtualNetworkId)) &&
            lastSegment(parentId(each.id) ?? '').toLowerCase() === zone,
        );
        return clash ? `the virtual network is already linked to a zone named '${zone}' by ${clash.id}` : undefined;
      },
    },
    {
      id: 'dns-link-resolution-policy',
      source: 'provider-upjet-azure CRDs; Microsoft, private DNS zones (NxDomainRedirect for privatelink zones only)',
      verified: true,
      on: ['create', 'update'],
      code: 'BadRequest',
      refuse: ({ id, desired }) =>
        desired.resolutionPolicy === 'NxDomainRedirect' && !lastSegment(parentId(id) ?? '').startsWith('privatelink.')
          ? 'the resolution policy NxDomainRedirect is for privatelink zones only'
          : undefined,
    },
    {
      id: 'dns-link-in-use',
      source: 'azurerm, deletion (link removal under a live server); ARM would allow it, stricter on purpose',
      verified: false,
      on: ['delete'],
      code: 'CannotDeleteResource',
      refuse: ({ state, id, current }) => {
        const network = resourceKey(textOf(current?.properties.virtualNetworkId));
        const server = serversWithZone(state, parentId(id) ?? '').find(
          (each) => resourceKey(networkOfSubnet(textOf(each.properties.delegatedSubnetId))) === network,
        );
        return server ? `${server.id} resolves its name through this link` : undefined;
      },
    },
  ],
};
