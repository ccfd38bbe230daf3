import { type Cidr, parseCidr } from '../cidr.ts';
import { PRIVATE_LINK_ZONE } from '../names.ts';
import { zoneOf } from './existing.ts';
import { fine, type Rule, refuse } from './rule.ts';

/** Rules over the way into the servers. */
const RULES = 'spec.network.firewallRules';

/** CEL. */
const firewallWithPublicOnly: Rule = ({ spec: { network } }) => [
  ...(network.mode !== 'Public' && network.firewallRules.length > 0
    ? refuse(
        RULES,
        'work with spec.network.mode Public only, and the other modes let nobody in from outside; remove them',
      )
    : fine),
  ...(network.mode !== 'Public' && network.allowAzureServices
    ? refuse(
        'spec.network.allowAzureServices',
        'works with spec.network.mode Public only, and the other modes let nobody in from outside; set it to false',
      )
    : fine),
];

/** CEL. Azure lets nobody in without a rule. */
const someClient: Rule = ({ spec: { network } }) =>
  network.mode === 'Public' && network.firewallRules.length === 0 && !network.allowAzureServices
    ? refuse(RULES, 'are empty, so nobody could connect; add a rule, or set spec.network.allowAzureServices to true')
    : fine;

/** CEL. */
const publicWithoutSubnets: Rule = ({ spec: { network, regions } }) =>
  network.mode === 'Public' &&
  [regions.primary, regions.secondary].some((region) => region?.subnetCidr ?? region?.nextSubnetCidr ?? region?.subnet)
    ? refuse(
        'spec.network.mode',
        'is Public, which has no subnets; remove subnetCidr, nextSubnetCidr and subnet from spec.regions',
      )
    : fine;

/** CEL. */
const distinctFirewallRules: Rule = ({ spec: { network } }) => {
  const names = network.firewallRules.map(({ name }) => name);
  return [
    ...(new Set(names).size < names.length ? refuse(RULES, 'hold one name twice; keep one of the entries') : fine),
    ...(names.includes('azure-services')
      ? refuse(
          RULES,
          'have a rule azure-services, which is the name of the rule of spec.network.allowAzureServices; choose another name',
        )
      : fine),
  ];
};

const address = (text: string): number | undefined => parseCidr(`${text}/32`)?.base;
const MOST: Cidr['base'] = 2 ** 24;

/** Azure: a rule goes from a lower to a higher address, and 0.0.0.0 means something else. */
const firewallRanges: Rule = ({ spec: { network } }) =>
  network.firewallRules.flatMap(({ name, startAddress, endAddress }) => {
    const [start, end] = [address(startAddress), address(endAddress)];
    if (start === undefined || end === undefined)
      return refuse(
        RULES,
        `"${name}" goes from "${startAddress}" to "${endAddress}", which are not two IPv4 addresses; write them as 203.0.113.8`,
      );
    if (start > end)
      return refuse(
        RULES,
        `"${name}" ends at "${endAddress}", before its beginning "${startAddress}"; exchange the two`,
      );
    if (start < MOST)
      return refuse(
        RULES,
        `"${name}" begins at "${startAddress}", and nobody has an address that begins with 0; for Azure's services set spec.network.allowAzureServices, for others give their addresses`,
      );
    return end - start >= MOST
      ? refuse(
          RULES,
          `"${name}" from "${startAddress}" to "${endAddress}" is more than a /8 and so opens the servers to much of the internet; give the addresses of your clients`,
        )
      : fine;
  });

/** CEL. */
const subnetOfYourOwn: Rule = ({ spec: { regions } }) =>
  (['primary', 'secondary'] as const).flatMap((site) =>
    regions[site]?.subnet && (regions[site]?.subnetCidr ?? regions[site]?.nextSubnetCidr)
      ? refuse(
          `spec.regions.${site}.subnet`,
          'exists and has its own range; remove subnetCidr and nextSubnetCidr beside it',
        )
      : fine,
  );

/** CEL. */
const groupOfYourOwn: Rule = ({ spec: { network, resourceGroup } }) => [
  ...(resourceGroup.existing && resourceGroup.name !== undefined
    ? refuse(
        'spec.resourceGroup.name',
        'is given beside existing, whose id has the name already; remove one of the two',
      )
    : fine),
  ...(resourceGroup.existing && network.mode === 'PrivateEndpoint' && !network.privateLinkZone
    ? refuse(
        'spec.resourceGroup.existing',
        'needs spec.network.privateLinkZone with mode PrivateEndpoint, because that zone has one name for all databases of a group; name a zone of yours there, or remove existing',
      )
    : fine),
];

/** CEL. */
const zonesOfYourOwn: Rule = ({ spec: { network } }) => {
  const { privateDnsZone, privateLinkZone } = network;
  const zone = 'spec.network.privateDnsZone';
  return [
    ...(privateLinkZone && network.mode !== 'PrivateEndpoint'
      ? refuse('spec.network.privateLinkZone', 'works with spec.network.mode PrivateEndpoint only; remove it')
      : fine),
    ...(privateDnsZone && network.privateDnsZoneName !== undefined
      ? refuse(
          'spec.network.privateDnsZoneName',
          'is given beside privateDnsZone, whose id has the name already; remove one of the two',
        )
      : fine),
    ...(privateDnsZone && zoneOf(privateDnsZone.existing.id) === PRIVATE_LINK_ZONE
      ? refuse(zone, "is the zone of the private endpoints' own records; name another zone of yours")
      : fine),
    // A record of that name that somebody else made would be taken over.
    ...(privateDnsZone && (network.writeEndpointName === 'write' || network.readEndpointName === 'read')
      ? refuse(
          zone,
          'may hold the names of other databases; set writeEndpointName and readEndpointName to names of this one, as orders-write and orders-read',
        )
      : fine),
  ];
};

export const networkRules: readonly Rule[] = [
  zonesOfYourOwn,
  subnetOfYourOwn,
  groupOfYourOwn,
  firewallWithPublicOnly,
  someClient,
  publicWithoutSubnets,
  distinctFirewallRules,
  firewallRanges,
];
