import { BROUGHT, ExistingPrivateDNSZone } from '../azure/existing.ts';
import { type Composed, managed } from '../azure/managed.ts';
import { NO_LATE_INITIALIZE } from '../azure/management-policies.ts';
import { PrivateDNSZone, PrivateDNSZoneVirtualNetworkLink, PrivateEndpoint } from '../azure/network.ts';
import { keys, labels } from '../names.ts';
import type { Plan, SitePlan } from '../plan/types.ts';
import { policiesOn } from './left-alone.ts';
import { associationOf, selects } from './selectors.ts';

/** Azure writes the addresses of the endpoints into it. The applications' names are in the other zone. */
export function privateLinkZone({ privateLink, resourceGroup, tags }: Plan): Composed[] {
  if (!privateLink) return [];
  const { zone, at } = privateLink;
  if (at.existing)
    return [
      managed(ExistingPrivateDNSZone, {
        key: keys.privateLinkZone,
        why: 'your zone for the addresses of private endpoints, only looked at',
        after: [],
        externalName: zone,
        ...BROUGHT,
        providerConfig: at.providerConfig,
        forProvider: { resourceGroupName: at.resourceGroup },
      }),
    ];
  return [
    managed(PrivateDNSZone, {
      key: keys.privateLinkZone,
      why: 'holds the addresses of the private endpoints',
      after: [keys.resourceGroup],
      externalName: zone,
      forProvider: { resourceGroupName: resourceGroup.name, tags },
    }),
  ];
}

export function privateLinkLink(plan: Plan, { site, region, vnet, dnsLink }: SitePlan): Composed[] {
  if (!plan.privateLink?.at.links) return [];
  const { zone, at } = plan.privateLink;
  return [
    managed(PrivateDNSZoneVirtualNetworkLink, {
      key: keys.privateLinkLink(site),
      why: `lets ${region} resolve the private endpoints`,
      after: [keys.privateLinkZone, keys.vnet(site)],
      externalName: at.existing ? vnet.name : dnsLink,
      labels: { [labels.site]: site },
      providerConfig: at.providerConfig,
      forProvider: {
        resourceGroupName: at.resourceGroup,
        privateDnsZoneName: zone,
        virtualNetworkIdSelector: selects(keys.vnet(site)),
        registrationEnabled: false,
        tags: plan.tags,
      },
    }),
  ];
}

/** No LateInitialize: the external name is ours, and there is nothing to copy. */
const POLICIES = NO_LATE_INITIALIZE;

/** The way into each server (Microsoft, concepts-networking-private-link: one endpoint for each, replicas included). */
export const privateEndpoints = (plan: Plan): Composed[] =>
  (plan.privateLink?.endpoints ?? []).map(({ key, server, site, region, subnet, name, goes, serverId, zoneIds }) =>
    managed(PrivateEndpoint, {
      key,
      why: `lets clients in the networks reach ${server}`,
      after: [
        server,
        subnet,
        ...associationOf(plan, { site, subnet }),
        keys.privateLinkZone,
        ...(plan.privateLink?.at.links ? [keys.privateLinkLink(site)] : []),
      ],
      until: [...(serverId === undefined ? [server] : []), ...(zoneIds.length === 0 ? [keys.privateLinkZone] : [])],
      externalName: name,
      deletable: goes,
      managementPolicies: policiesOn(plan, server, POLICIES),
      labels: { [labels.site]: site, [labels.server]: server },
      forProvider: {
        location: region,
        resourceGroupName: plan.resourceGroup.name,
        subnetIdSelector: selects(subnet),
        privateServiceConnection: {
          name,
          isManualConnection: false,
          privateConnectionResourceId: serverId,
          subresourceNames: ['postgresqlServer'],
        },
        privateDnsZoneGroup: { name: 'default', privateDnsZoneIds: zoneIds },
        tags: plan.tags,
      },
    }),
  );
