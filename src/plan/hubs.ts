import type { Database } from '../api/database.ts';
import { groupOf, networkOf } from '../api/existing.ts';
import { HUB, hubName, hubPeeringName, keys, keysOf, labels as labelKeys, MANAGED_BY } from '../names.ts';
import type { Observed, ObservedResource } from '../observed/observed.ts';
import { mayNotDelete } from './in-service.ts';
import { otherProviderConfig } from './provider-configs.ts';
import type { GoingHubPart, HubPlan, HubsPlan, Plan, SitePlan } from './types.ts';

type Around = Pick<Plan, 'sites' | 'dnsZone' | 'dnsZoneAt' | 'privateLink'>;

/**
 * Peerings between the networks that are made here and the hubs, and links of the zones that are made here to them. A network or a zone of
 * the user's is joined to a hub by its owner: Azure refuses a second peering or link of the same two, and other databases use it too.
 */
export function hubs(database: Database, observed: Observed, around: Around): HubsPlan {
  const planned = (database.spec.network.hubs ?? []).map((hub) => one(database, observed, hub, around));
  const kept = new Set(
    planned.flatMap(({ peerings, links }) => [
      ...peerings.flatMap(({ toKey, fromKey }) => [toKey, fromKey]),
      ...links.map(({ key }) => key),
    ]),
  );
  const others = [...observed.resources].filter(
    ([key, { labels }]) => key.startsWith(HUB) && labels[labelKeys.managedBy] === MANAGED_BY && !kept.has(key),
  );
  return {
    hubs: planned,
    going: others.flatMap(([key, resource]) => going(key, resource)),
    leaving: others.map(([key]) => key),
  };
}

type Hub = NonNullable<Database['spec']['network']['hubs']>[number];

function one(
  database: Database,
  observed: Observed,
  { virtualNetworkId: id, region, peering, link, useRemoteGateways, allowForwardedTraffic, providerConfigRef }: Hub,
  { sites, dnsZone, dnsZoneAt, privateLink }: Around,
): HubPlan {
  const name = hubName(networkOf(id), id);
  const zones = [
    ...(dnsZoneAt.existing ? [] : [{ key: keysOf.hubLink(name), zoneKey: keys.dnsZone, zone: dnsZone }]),
    ...(privateLink && !privateLink.at.existing
      ? [{ key: keysOf.hubPrivateLinkLink(name), zoneKey: keys.privateLinkZone, zone: privateLink.zone }]
      : []),
  ];
  const peered = ({ site, vnet }: SitePlan): boolean =>
    peering && !vnet.existing && (region === undefined || region === site);
  return {
    name,
    id,
    network: networkOf(id),
    resourceGroup: groupOf(id),
    providerConfig: otherProviderConfig(database, providerConfigRef),
    peerings: sites.filter(peered).map(({ site, vnet }) => {
      const fromKey = keysOf.fromHub(name, site);
      const vnetId = observed.resources.get(keys.vnet(site))?.atProvider.id;
      return {
        site,
        network: vnet.name,
        toKey: keysOf.toHub(name, site),
        fromKey,
        fromName:
          observed.resources.get(fromKey)?.externalName ??
          (vnetId === undefined ? undefined : hubPeeringName(vnet.name, vnetId)),
      };
    }),
    links: link ? zones : [],
    useRemoteGateways,
    allowForwardedTraffic,
  };
}

/** What could not leave Azure as it is: it is given the policy Delete first. */
function going(key: string, resource: ObservedResource): GoingHubPart[] {
  const { kind, forProvider, providerConfig } = resource;
  const parent = forProvider.virtualNetworkName ?? forProvider.privateDnsZoneName;
  if (kind !== 'VirtualNetworkPeering' && kind !== 'PrivateDNSZoneVirtualNetworkLink') return [];
  if (!mayNotDelete(resource) || parent === undefined) return [];
  return [{ key, kind, providerConfig, resourceGroup: forProvider.resourceGroupName ?? '', parent }];
}
