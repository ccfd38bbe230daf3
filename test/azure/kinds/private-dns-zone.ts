import { lastSegment, parentId, providerId, resourceGroupId, resourceKey } from '../arm-id.ts';
import { textOf } from '../json.ts';
import { type KindDefinition, resourceGroupName } from '../kind.ts';
import { serversWithZone } from './server-lookup.ts';

export const zoneType = 'Microsoft.Network/privateDnsZones';
export const linkType = `${zoneType}/virtualNetworkLinks`;

export const privateDnsZone: KindDefinition = {
  kind: 'PrivateDNSZone',
  service: 'network',
  clusterVersion: 'v1beta2',
  type: zoneType,
  naming: 'external-name',
  references: [resourceGroupName],
  id: (name, { resourceGroupName: group }, subscription) =>
    group ? providerId(resourceGroupId(subscription, textOf(group)), zoneType, name) : undefined,
  identifiers: ['resourceGroupName'],
  defaults: {},
  removable: ['tags'],
  forceNew: [],
  seconds: { create: 30, update: 30, delete: 30 },
  computed: () => ({ numberOfRecordSets: 1 }),
  rules: [
    {
      id: 'dns-zone-name',
      source: 'ARM private DNS: 2 to 34 labels of letters, digits, hyphen, underscore',
      verified: true,
      on: ['create'],
      code: 'BadRequest',
      refuse: ({ name }) =>
        /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?){1,33}$/i.test(name) &&
        name.length <= 253
          ? undefined
          : `'${name}' is not a valid private DNS zone name`,
    },
    {
      id: 'dns-zone-has-links',
      source: 'ARM private DNS: CannotDeleteResource while virtual network links are nested',
      verified: true,
      on: ['delete'],
      code: 'CannotDeleteResource',
      refuse: ({ state, id }) => {
        const link = Object.values(state.resources).find(
          (each) => each.type === linkType && resourceKey(parentId(each.id) ?? '') === resourceKey(id),
        );
        return link ? `the zone has nested resources: virtual network link '${lastSegment(link.id)}'` : undefined;
      },
    },
    {
      id: 'dns-zone-in-use',
      source: 'azurerm, deletion (zone removal under a live server); ARM would allow it, stricter on purpose',
      verified: false,
      on: ['delete'],
      code: 'CannotDeleteResource',
      refuse: ({ state, id }) => {
        const [server] = serversWithZone(state, id);
        return server ? `the zone holds the record of ${server.id}` : undefined;
      },
    },
  ],
};
