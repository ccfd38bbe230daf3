import type { Database } from '../api/database.ts';
import { subscriptionOf } from '../api/existing.ts';
import type { Problem } from '../api/problem.ts';
import { keys } from '../names.ts';
import type { Observed } from '../observed/observed.ts';
import type { Plan } from '../plan/types.ts';

/**
 * The provider takes the subscription from its configuration, whatever an id says: with another one than the id's it finds a namesake, or
 * nothing. A namesake is refused before a server stands on it. Once there is one, the group's configuration cannot change: the provider
 * would look for the servers elsewhere and make empty ones.
 */
export const refusedSubscriptions = (database: Database, plan: Plan, observed: Observed): Problem[] =>
  plan.servers.some(({ key }) => observed.resources.has(key))
    ? moved(database, plan, observed)
    : namesakes(database.spec, plan, observed);

function moved({ platform }: Database, { resourceGroup, providerConfig }: Plan, { resources }: Observed): Problem[] {
  const before = resources.get(keys.resourceGroup)?.providerConfig?.name;
  const now = providerConfig.name;
  // Another name of the platform's own configuration is the platform's business.
  const others = platform.otherProviderConfigRefs.map(({ name }) => name);
  if (!resourceGroup.existing || before === undefined || before === now) return [];
  if (!others.includes(before) && !others.includes(now)) return [];
  return [
    {
      field: 'spec.resourceGroup.existing.providerConfigRef',
      message: `cannot change from "${before}" to "${now}", because Azure cannot move a server to another subscription`,
    },
  ];
}

function namesakes(
  { regions, resourceGroup, network }: Database['spec'],
  { providerConfig, dnsZoneAt, privateLink, sites }: Plan,
  { resources }: Observed,
): Problem[] {
  const parts = [
    [keys.resourceGroup, 'spec.resourceGroup', resourceGroup.existing?.id, undefined],
    [keys.dnsZone, 'spec.network.privateDnsZone', network.privateDnsZone?.existing.id, dnsZoneAt],
    [keys.privateLinkZone, 'spec.network.privateLinkZone', network.privateLinkZone?.existing.id, privateLink?.at],
    ...sites.map(
      ({ site, vnet }) =>
        [keys.vnet(site), `spec.regions.${site}.subnet`, regions[site]?.subnet?.existing.id, vnet] as const,
    ),
  ] as const;
  return parts.flatMap(([key, field, id, part]) => {
    const found = resources.get(key);
    // Through another configuration than the one that is asked for now it says nothing.
    if (!id || found?.providerConfig?.name !== (part?.providerConfig ?? providerConfig).name) return [];
    const [meant, seen] = [subscriptionOf(id), subscriptionOf(found.atProvider.id ?? '')];
    if (seen === undefined || seen === meant) return [];
    return [
      {
        field: `${field}.existing.id`,
        message: `is in subscription ${meant}, but the provider found one of this name in ${seen}, where its configuration looks; name a configuration for ${meant} in providerConfigRef beside it`,
      },
    ];
  });
}
