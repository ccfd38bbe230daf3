import type { Database, SiteSpec } from '../api/database.ts';
import {
  dnsLinkName,
  keys,
  type NameScope,
  nsgName,
  nsgRuleKey,
  peeringName,
  SECURITY_RULES,
  type Site,
  type SubnetOrdinal,
  subnetName,
  vnetName,
} from '../names.ts';
import type { Observed } from '../observed/observed.ts';
import { otherProviderConfig } from './provider-configs.ts';
import type { ServerPlan, SitePlan, SubnetPlan } from './types.ts';

/** The networks of the regions, with the subnets that `servers` stand in. */
export function sites(
  database: Database,
  observed: Observed,
  scope: NameScope,
  servers: readonly ServerPlan[],
): SitePlan[] {
  const { primary, secondary, spec } = database;
  // Servers with public access stand in no network; the two networks resolve the names.
  const isPublic = spec.network.mode === 'Public';
  const site = (name: Site, of: SiteSpec, peer?: { site: Site; region: string }): SitePlan => ({
    site: name,
    region: of.region.name,
    role: servers.some((server) => server.site === name && server.role === 'Primary') ? 'primary' : 'secondary',
    vnet: {
      name: of.existing?.vnet ?? vnet(name, of.region.name, observed, scope),
      cidr: of.cidr,
      resourceGroup: of.existing?.resourceGroup ?? scope.resourceGroup,
      existing: of.existing !== undefined,
      providerConfig: otherProviderConfig(database, spec.regions[name]?.subnet?.existing.providerConfigRef),
    },
    subnets: of.subnets,
    composed: isPublic ? [] : composed(name, of, observed, scope, servers),
    dnsLink: dnsLinkName(of.region.name),
    peering: peer && !isPublic && !of.existing ? { name: peeringName(peer.region), to: peer.site } : undefined,
  });
  if (!secondary) return [site('primary', primary)];
  return [
    site('primary', primary, { site: 'secondary', region: secondary.region.name }),
    site('secondary', secondary, { site: 'primary', region: primary.region.name }),
  ];
}

const vnet = (site: Site, region: string, observed: Observed, scope: NameScope): string =>
  observed.resources.get(keys.vnet(site))?.externalName ??
  observed.resources.get(keys.subnet(site))?.forProvider.virtualNetworkName ??
  vnetName(scope, region);

/** The second subnet comes with the first server that needs it and then stays, since another one will. */
function composed(
  site: Site,
  { region, subnets, existing }: SiteSpec,
  observed: Observed,
  scope: NameScope,
  servers: readonly ServerPlan[],
): SubnetPlan[] {
  const subnet = (ordinal: SubnetOrdinal, cidr: string): SubnetPlan => ({
    ordinal,
    cidr,
    name: existing?.subnet ?? subnetName(ordinal),
    id: observed.resources.get(keys.subnet(site, ordinal))?.atProvider.id,
    nsg: existing ? undefined : securityGroup(site, ordinal, region.name, observed, scope),
  });
  if (existing) return [subnet(1, subnets.odd)];
  const key = keys.subnet(site, 2);
  const second = observed.resources.get(key);
  const even = subnets.even ?? second?.forProvider.addressPrefixes?.[0];
  // Its parts come one after another; once one is there, all stay, whether the server that they came for still can be made or not.
  const begun = [key, keys.nsg(site, 2), keys.nsgAssociation(site, 2)].some((part) => observed.resources.has(part));
  const needed = begun || servers.some((server) => server.subnet === key);
  return [subnet(1, subnets.odd), ...(even !== undefined && needed ? [subnet(2, even)] : [])];
}

/** As a network's name: while its own object is missing, its rules still name it. */
function securityGroup(
  site: Site,
  ordinal: SubnetOrdinal,
  region: string,
  { resources }: Observed,
  scope: NameScope,
): string {
  const own = resources.get(keys.nsg(site, ordinal))?.externalName;
  if (own !== undefined) return own;
  const named = SECURITY_RULES.map(
    (rule) => resources.get(nsgRuleKey(site, ordinal, rule))?.forProvider.networkSecurityGroupName,
  );
  return named.find((name) => name !== undefined) ?? nsgName(scope, region, ordinal);
}
