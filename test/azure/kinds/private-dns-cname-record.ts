import { lastSegment, parentId, providerId, resourceGroupId } from '../arm-id.ts';
import { numberOf, textOf } from '../json.ts';
import { type KindDefinition, resourceGroupName } from '../kind.ts';
import { zoneType } from './private-dns-zone.ts';

const recordType = `${zoneType}/CNAME`;

export const privateDnsCnameRecord: KindDefinition = {
  kind: 'PrivateDNSCNAMERecord',
  service: 'network',
  clusterVersion: 'v1beta1',
  type: recordType,
  naming: 'external-name',
  references: [resourceGroupName, { field: 'zoneName', kind: 'PrivateDNSZone', service: 'network', by: 'name' }],
  id: (name, params, subscription) =>
    params.resourceGroupName && params.zoneName
      ? providerId(
          resourceGroupId(subscription, textOf(params.resourceGroupName)),
          recordType,
          textOf(params.zoneName),
          name,
        )
      : undefined,
  identifiers: ['resourceGroupName', 'zoneName'],
  defaults: {},
  removable: ['tags'],
  forceNew: [],
  seconds: { create: 5, update: 5, delete: 5 },
  computed: (resource) => ({ fqdn: `${lastSegment(resource.id)}.${lastSegment(parentId(resource.id) ?? '')}.` }),
  rules: [
    {
      id: 'cname-record',
      source: 'provider-upjet-azure CRDs (relative name, lower case); DNS: no CNAME at the apex',
      verified: true,
      on: ['create', 'update'],
      code: 'BadRequest',
      refuse: ({ name, desired }) => {
        if (!/^[a-z0-9_]([a-z0-9_.-]{0,61}[a-z0-9_])?$/.test(name))
          return `'${name}' is not a valid relative record name`;
        if (!/^[a-z0-9_-]+(\.[a-z0-9_-]+)+\.?$/i.test(textOf(desired.record)))
          return `'${textOf(desired.record)}' is not a domain name`;
        const ttl = numberOf(desired.ttl);
        return ttl >= 1 && ttl <= 2_147_483_647 ? undefined : `ttl ${ttl} is not between 1 and 2147483647`;
      },
    },
  ],
};
