import { GoingLink, GoingPeering, HubLink, HubPeering } from '../azure/hubs.ts';
import { type Composed, managed } from '../azure/managed.ts';
import { keys, labels } from '../names.ts';
import type { GoingHubPart, HubPeeringPlan, HubPlan, Plan } from '../plan/types.ts';
import { selects } from './selectors.ts';

/** Our networks and zones, joined to networks of the platform team's. Of those nothing is changed but the peerings in them. */
export const hubs = (plan: Plan): Composed[] => [
  ...plan.hubs.hubs.flatMap((hub) => [
    ...hub.peerings.flatMap((peering) => [fromHub(hub, peering), toHub(plan, hub, peering)]),
    ...links(plan, hub),
  ]),
  ...plan.hubs.going.map(going),
];

/** It comes first: Azure lets nobody use a gateway that the other side does not offer (Microsoft, VPN gateway transit for peering). */
const fromHub = (hub: HubPlan, { site, fromKey, fromName }: HubPeeringPlan): Composed =>
  managed(HubPeering, {
    key: fromKey,
    why: `carries clients from the hub ${hub.network} to the ${site} network`,
    after: [keys.vnet(site)],
    until: fromName === undefined ? [keys.vnet(site)] : [],
    externalName: fromName,
    labels: { [labels.site]: site },
    providerConfig: hub.providerConfig,
    forProvider: {
      resourceGroupName: hub.resourceGroup,
      virtualNetworkName: hub.network,
      remoteVirtualNetworkIdSelector: selects(keys.vnet(site)),
      allowVirtualNetworkAccess: true,
      // Our networks forward nothing.
      allowForwardedTraffic: false,
      allowGatewayTransit: hub.useRemoteGateways,
      useRemoteGateways: false,
    },
  });

const toHub = (plan: Plan, hub: HubPlan, { site, network, toKey, fromKey }: HubPeeringPlan): Composed =>
  managed(HubPeering, {
    key: toKey,
    why: `carries answers from the ${site} network to the hub ${hub.network}`,
    after: [keys.vnet(site), fromKey],
    externalName: hub.name,
    labels: { [labels.site]: site },
    forProvider: {
      resourceGroupName: plan.resourceGroup.name,
      virtualNetworkName: network,
      remoteVirtualNetworkId: hub.id,
      allowVirtualNetworkAccess: true,
      allowForwardedTraffic: hub.allowForwardedTraffic,
      allowGatewayTransit: false,
      useRemoteGateways: hub.useRemoteGateways,
    },
  });

const links = ({ resourceGroup, tags }: Plan, hub: HubPlan): Composed[] =>
  hub.links.map(({ key, zoneKey, zone }) =>
    managed(HubLink, {
      key,
      why: `lets the hub ${hub.network} resolve ${zoneKey === keys.dnsZone ? 'the zone' : 'the private endpoints'}`,
      after: [zoneKey],
      externalName: hub.name,
      forProvider: {
        resourceGroupName: resourceGroup.name,
        privateDnsZoneName: zone,
        virtualNetworkId: hub.id,
        registrationEnabled: false,
        tags,
      },
    }),
  );

const POLICIES = ['Observe', 'Delete'];

function going({ key, kind, providerConfig, resourceGroup, parent }: GoingHubPart): Composed {
  const shared = {
    key,
    why: 'is no longer asked for, and is taken out of Azure',
    after: [],
    deletable: true,
    managementPolicies: POLICIES,
    providerConfig,
  };
  return kind === 'VirtualNetworkPeering'
    ? managed(GoingPeering, {
        ...shared,
        forProvider: { resourceGroupName: resourceGroup, virtualNetworkName: parent },
      })
    : managed(GoingLink, { ...shared, forProvider: { resourceGroupName: resourceGroup, privateDnsZoneName: parent } });
}
