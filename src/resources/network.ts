import { BROUGHT, ExistingPrivateDNSZone, ExistingSubnet, ExistingVirtualNetwork } from '../azure/existing.ts';
import { type Composed, managed } from '../azure/managed.ts';
import {
  PrivateDNSZone,
  PrivateDNSZoneVirtualNetworkLink,
  Subnet,
  VirtualNetwork,
  VirtualNetworkPeering,
} from '../azure/network.ts';
import { keys, labels } from '../names.ts';
import type { Plan, SitePlan, SubnetPlan } from '../plan/types.ts';
import { privateLinkLink, privateLinkZone } from './private-endpoints.ts';
import { security } from './security.ts';
import { selects } from './selectors.ts';

export function network(plan: Plan): Composed[] {
  return [
    dnsZone(plan),
    ...privateLinkZone(plan),
    ...plan.sites.flatMap((site) => [
      vnet(plan, site),
      ...site.composed.flatMap((each) => [subnet(plan, site, each), ...security(plan, site, each)]),
      ...dnsLink(plan, site),
      ...privateLinkLink(plan, site),
      ...peering(plan, site),
    ]),
  ];
}

/** One zone for both regions: a network can be linked only once to zones of the same name. */
function dnsZone(plan: Plan): Composed {
  if (plan.dnsZoneAt.existing)
    return managed(ExistingPrivateDNSZone, {
      key: keys.dnsZone,
      why: 'your zone for the names, only looked at',
      after: [],
      externalName: plan.dnsZone,
      ...BROUGHT,
      providerConfig: plan.dnsZoneAt.providerConfig,
      forProvider: { resourceGroupName: plan.dnsZoneAt.resourceGroup },
    });
  return managed(PrivateDNSZone, {
    key: keys.dnsZone,
    why: 'names the servers and the endpoints inside the networks',
    after: [keys.resourceGroup],
    externalName: plan.dnsZone,
    forProvider: { resourceGroupName: plan.resourceGroup.name, tags: plan.tags },
  });
}

function vnet(plan: Plan, { site, region, role, vnet }: SitePlan): Composed {
  if (vnet.existing)
    return managed(ExistingVirtualNetwork, {
      key: keys.vnet(site),
      why: `your network in ${region}, only looked at`,
      after: [],
      externalName: vnet.name,
      managementPolicies: BROUGHT.managementPolicies,
      labels: { ...BROUGHT.labels, role, [labels.site]: site },
      providerConfig: vnet.providerConfig,
      forProvider: { resourceGroupName: vnet.resourceGroup },
    });
  return managed(VirtualNetwork, {
    key: keys.vnet(site),
    why: `private network of ${region}`,
    after: [keys.resourceGroup],
    externalName: vnet.name,
    labels: { role, [labels.site]: site },
    forProvider: {
      location: region,
      resourceGroupName: plan.resourceGroup.name,
      addressSpace: [vnet.cidr],
      tags: plan.tags,
    },
  });
}

function subnet(plan: Plan, { site, region, role, vnet }: SitePlan, { ordinal, cidr, name }: SubnetPlan): Composed {
  if (vnet.existing)
    return managed(ExistingSubnet, {
      key: keys.subnet(site, ordinal),
      why: `your subnet in ${region}, only looked at`,
      after: [keys.vnet(site)],
      externalName: name,
      managementPolicies: BROUGHT.managementPolicies,
      labels: { ...BROUGHT.labels, role, [labels.site]: site },
      providerConfig: vnet.providerConfig,
      forProvider: { resourceGroupName: vnet.resourceGroup, virtualNetworkName: vnet.name },
    });
  const of = plan.networkMode === 'VNetIntegration' ? 'delegated to the servers' : 'holds the endpoints of the servers';
  return managed(Subnet, {
    key: keys.subnet(site, ordinal),
    why: `${of} of ${ordinal === 1 ? 'odd' : 'even'} generation in ${region}`,
    after: [keys.vnet(site)],
    externalName: name,
    labels: { role, [labels.site]: site },
    forProvider: {
      resourceGroupName: plan.resourceGroup.name,
      virtualNetworkName: vnet.name,
      addressPrefixes: [cidr],
      ...(plan.networkMode === 'VNetIntegration' ? DELEGATED : { privateEndpointNetworkPolicies: SECURED }),
    },
  });
}

/** What a subnet needs in which servers stand. */
const DELEGATED = {
  // Azure recommends it: backups and WAL archiving go to storage.
  serviceEndpoints: ['Microsoft.Storage'],
  delegation: [
    {
      name: 'fs',
      serviceDelegation: {
        name: 'Microsoft.DBforPostgreSQL/flexibleServers',
        // Azure adds this action; left out, it would be a difference for ever.
        actions: ['Microsoft.Network/virtualNetworks/subnets/join/action'],
      },
    },
  ],
};

/** A fence is a security rule (Microsoft, disable-private-endpoint-network-policy). */
const SECURED = 'NetworkSecurityGroupEnabled';

function dnsLink({ dnsZone, dnsZoneAt, tags }: Plan, { site, region, role, vnet, dnsLink }: SitePlan): Composed[] {
  if (!dnsZoneAt.links) return [];
  return [
    managed(PrivateDNSZoneVirtualNetworkLink, {
      key: keys.dnsLink(site),
      why: `lets ${region} resolve the zone`,
      after: [keys.dnsZone, keys.vnet(site)],
      // In a zone that others use too, a link has the name of its network.
      externalName: dnsZoneAt.existing ? vnet.name : dnsLink,
      labels: { role, [labels.site]: site },
      providerConfig: dnsZoneAt.providerConfig,
      forProvider: {
        resourceGroupName: dnsZoneAt.resourceGroup,
        privateDnsZoneName: dnsZone,
        virtualNetworkIdSelector: selects(keys.vnet(site)),
        registrationEnabled: false,
        tags,
      },
    }),
  ];
}

/** Each direction is an object of its own in Azure; replication needs both. */
function peering(plan: Plan, { site, vnet, peering }: SitePlan): Composed[] {
  if (!peering) return [];
  return [
    managed(VirtualNetworkPeering, {
      key: keys.peering(site),
      why: `carries ${plan.networkMode === 'VNetIntegration' ? 'replication' : 'clients'} from the ${site} to the ${peering.to} network`,
      after: [keys.vnet(site), keys.vnet(peering.to)],
      externalName: peering.name,
      labels: { [labels.site]: site },
      forProvider: {
        resourceGroupName: plan.resourceGroup.name,
        virtualNetworkName: vnet.name,
        remoteVirtualNetworkIdSelector: selects(keys.vnet(peering.to)),
        allowVirtualNetworkAccess: true,
        allowForwardedTraffic: false,
      },
    }),
  ];
}
