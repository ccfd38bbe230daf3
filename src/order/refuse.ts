import type { Database } from '../api/database.ts';
import { groupOf, zoneOf } from '../api/existing.ts';
import type { Problem } from '../api/problem.ts';
import { normaliseRegion } from '../azure/regions.ts';
import { keys, labels } from '../names.ts';
import type { Observed, ObservedResource } from '../observed/observed.ts';
import type { NetworkMode, Plan } from '../plan/types.ts';

/**
 * Changes that Azure cannot make. The API server refuses them by comparing with the old object (CEL, oldSelf); the function has no old
 * object, so it compares with what is observed. The sentences are those of the XRD.
 */
export function refusedChanges({ spec, primary, secondary }: Database, plan: Plan, observed: Observed): Problem[] {
  const problems: Problem[] = [];
  const refuse = (changed: boolean, field: string, message: string): void => {
    if (changed) problems.push({ field, message });
  };
  const found = (key: string) => observed.resources.get(key);
  /** True when something is observed and it differs from what is asked for. */
  const differs = <T>(observed: T | undefined, asked: T | undefined): boolean =>
    observed !== undefined && asked !== undefined && observed !== asked;

  const server = found(keys.server('primary', 1));
  const writer = found(plan.servers.find(({ role }) => role === 'Primary')?.key ?? '');
  refuse(
    differs(writer && modeOf(writer), spec.network.mode),
    'spec.network.mode',
    'cannot change, because Azure decides the way into a server when it creates it; create another XPostgreSQLDatabase and move the data',
  );
  for (const [site, region] of [
    ['primary', primary.region.name],
    ['secondary', secondary?.region.name],
  ] as const) {
    const place = found(keys.server(site, 1))?.forProvider.location ?? found(keys.vnet(site))?.forProvider.location;
    refuse(
      differs(place === undefined ? undefined : normaliseRegion(place), region),
      `spec.regions.${site}.name`,
      'cannot change, because Azure cannot move a server to another region; create another XPostgreSQLDatabase there',
    );
  }
  const group = found(keys.resourceGroup);
  refuse(
    group !== undefined &&
      (isBrought(group) !== plan.resourceGroup.existing ||
        differs(group.externalName, spec.resourceGroup.existing && groupOf(spec.resourceGroup.existing.id))),
    'spec.resourceGroup.existing',
    'cannot change, because Azure cannot move a server to another resource group',
  );
  const zones = [
    [keys.dnsZone, 'privateDnsZone', 'cannot change, because applications and servers use the zone'],
    [
      keys.privateLinkZone,
      'privateLinkZone',
      'cannot change, because the addresses of the private endpoints are in it',
    ],
  ] as const;
  for (const [key, field, message] of zones) {
    const [zone, wished] = [found(key), spec.network[field]?.existing.id];
    if (!zone) continue;
    refuse(
      isBrought(zone) !== (wished !== undefined) ||
        differs(zone.externalName, wished && zoneOf(wished)) ||
        differs(zone.forProvider.resourceGroupName, wished && groupOf(wished)),
      `spec.network.${field}`,
      message,
    );
  }
  for (const [site, place] of [
    ['primary', primary],
    ['secondary', secondary],
  ] as const) {
    const [vnet, subnet] = [found(keys.vnet(site)), found(keys.subnet(site))];
    if (!place || !vnet) continue;
    refuse(
      isBrought(vnet) !== (place.existing !== undefined) ||
        differs(vnet.externalName, place.existing?.vnet) ||
        differs(vnet.forProvider.resourceGroupName, place.existing?.resourceGroup) ||
        differs(subnet?.externalName, place.existing?.subnet),
      `spec.regions.${site}.subnet`,
      'cannot change, because Azure cannot move a server to another network',
    );
  }
  for (const { site, vnet, subnets } of plan.sites) {
    if (vnet.existing) continue;
    refuse(
      differs(found(keys.vnet(site))?.forProvider.addressSpace?.[0], vnet.cidr),
      `spec.regions.${site}.cidr`,
      'cannot change, because Azure cannot move a server to another network',
    );
    // A changed network has been refused already, and its derived subnets differ only because of it.
    if ((found(keys.vnet(site))?.forProvider.addressSpace?.[0] ?? vnet.cidr) !== vnet.cidr) continue;
    const resized = 'cannot change, because Azure cannot resize a subnet that a server uses';
    const [first, second] = ([1, 2] as const).map((each) => range(found(keys.subnet(site, each))));
    refuse(differs(first, subnets.odd), `spec.regions.${site}.subnetCidr`, resized);
    // Until the second subnet exists, its range is free; it follows the first one's where it is not given.
    refuse(
      !differs(first, subnets.odd) && second !== undefined && second !== subnets.even,
      `spec.regions.${site}.nextSubnetCidr`,
      resized,
    );
  }
  refuse(
    differs(plan.resourceGroup.name, spec.resourceGroup.name),
    'spec.resourceGroup.name',
    'cannot change, because Azure cannot move a server to another resource group',
  );
  refuse(
    differs(plan.dnsZone, spec.network.privateDnsZoneName),
    'spec.network.privateDnsZoneName',
    'cannot change, because applications and servers use the zone',
  );
  refuse(
    differs(found(keys.writeRecord)?.externalName, spec.network.writeEndpointName),
    'spec.network.writeEndpointName',
    'cannot change, because applications use the name',
  );
  refuse(
    differs(found(keys.readRecord)?.externalName, spec.network.readEndpointName),
    'spec.network.readEndpointName',
    'cannot change, because applications use the name',
  );
  refuse(
    spec.network.trafficManager?.enabled === true &&
      differs(
        found(keys.trafficManager)?.forProvider.dnsConfig?.relativeName,
        spec.network.trafficManager.relativeName,
      ),
    'spec.network.trafficManager.relativeName',
    'cannot change, because applications use the name; set enabled to false, and to true with another name once the profile is gone',
  );
  refuse(
    differs(server?.forProvider.geoRedundantBackupEnabled, spec.database.geoRedundantBackup),
    'spec.database.geoRedundantBackup',
    'cannot change, because Azure decides it when it creates the server',
  );
  const confidential = (size: string): boolean => /^(GP_Standard_DC|MO_Standard_EC)/.test(size);
  refuse(
    writer?.forProvider.skuName !== undefined &&
      confidential(writer.forProvider.skuName) !== confidential(spec.database.size),
    'spec.database.size',
    'cannot change between a confidential size (DC, EC) and another, because Azure refuses it',
  );
  refuse(
    differs(server?.forProvider.administratorLogin, spec.security.adminUsername),
    'spec.security.adminUsername',
    'cannot change, because Azure sets it when it creates the server',
  );
  refuse(
    server?.forProvider.administratorLogin !== undefined &&
      server.forProvider.autoGeneratePassword !== true &&
      plan.adminPassword.generated,
    'spec.security.adminPasswordSecretRef',
    'cannot be removed later, because the server has the password of that Secret; change the password inside it instead',
  );
  refuse(
    !plan.adminPassword.generated &&
      plan.adminPassword.secrets.some(({ name }) => name === plan.adminPassword.ref.name) &&
      plan.namespace === plan.adminPassword.ref.namespace,
    'spec.security.adminPasswordSecretRef.name',
    `"${plan.adminPassword.ref.name}" is the Secret with the generated password, which is deleted with this object; name a copy of it`,
  );
  refuse(
    differs(found(keys.backupAccount)?.forProvider.accountReplicationType, spec.backup.storage.replication),
    'spec.backup.storage.replication',
    'cannot change, because Azure would have to create another account',
  );
  refuse(
    differs(found(keys.backupContainer)?.externalName, spec.backup.storage.containerName),
    'spec.backup.storage.containerName',
    'cannot change, because the container holds backups',
  );
  // Azure: ARM PrivateDnsZoneNameNotValid (azurerm #24549).
  for (const { fqdn } of plan.servers)
    refuse(
      plan.dnsZone === fqdn,
      'spec.network.privateDnsZoneName',
      `"${fqdn}" is the host name of a server; put another label before .postgres.database.azure.com`,
    );
  return problems;
}

/** Whether somebody else made it. */
const isBrought = ({ labels: own }: ObservedResource): boolean => own[labels.existing] === 'true';

/** How a server that exists is reached; undefined when nothing tells. */
function modeOf({ forProvider }: ObservedResource): NetworkMode | undefined {
  const { delegatedSubnetId, delegatedSubnetIdSelector, publicNetworkAccessEnabled } = forProvider;
  if (delegatedSubnetId !== undefined || delegatedSubnetIdSelector !== undefined) return 'VNetIntegration';
  if (publicNetworkAccessEnabled === undefined) return undefined;
  return publicNetworkAccessEnabled ? 'Public' : 'PrivateEndpoint';
}

const range = (subnet: ObservedResource | undefined): string | undefined => subnet?.forProvider.addressPrefixes?.[0];
