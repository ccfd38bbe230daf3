/**
 * What Azure offers where, for the public cloud. Sources: Microsoft's list of region pairs; the tables "zone-redundant high availability"
 * and "geo-redundant backup" of Azure Database for PostgreSQL Flexible Server (December 2025).
 */
export interface Region {
  /** As ARM writes it: lower case, no spaces. */
  readonly name: string;
  /** The region to which GRS storage and geo-redundant backup copy. */
  readonly pair?: string;
  /** Availability zones, and so zone-redundant high availability of flexible servers. */
  readonly zones: boolean;
  readonly geoBackup: boolean;
}

const PAIRS: readonly (readonly [string, string])[] = [
  ['australiaeast', 'australiasoutheast'],
  ['australiasoutheast', 'australiaeast'],
  ['australiacentral', 'australiacentral2'],
  ['australiacentral2', 'australiacentral'],
  ['brazilsouth', 'southcentralus'],
  ['brazilsoutheast', 'brazilsouth'],
  ['canadacentral', 'canadaeast'],
  ['canadaeast', 'canadacentral'],
  ['centralindia', 'southindia'],
  ['southindia', 'centralindia'],
  ['westindia', 'southindia'],
  ['centralus', 'eastus2'],
  ['eastus2', 'centralus'],
  ['eastasia', 'southeastasia'],
  ['southeastasia', 'eastasia'],
  ['eastus', 'westus'],
  ['westus', 'eastus'],
  ['westus2', 'westcentralus'],
  ['westcentralus', 'westus2'],
  ['westus3', 'eastus'],
  ['northcentralus', 'southcentralus'],
  ['southcentralus', 'northcentralus'],
  ['francecentral', 'francesouth'],
  ['francesouth', 'francecentral'],
  ['germanywestcentral', 'germanynorth'],
  ['germanynorth', 'germanywestcentral'],
  ['japaneast', 'japanwest'],
  ['japanwest', 'japaneast'],
  ['koreacentral', 'koreasouth'],
  ['koreasouth', 'koreacentral'],
  ['northeurope', 'westeurope'],
  ['westeurope', 'northeurope'],
  ['norwayeast', 'norwaywest'],
  ['norwaywest', 'norwayeast'],
  ['southafricanorth', 'southafricawest'],
  ['southafricawest', 'southafricanorth'],
  ['swedencentral', 'swedensouth'],
  ['swedensouth', 'swedencentral'],
  ['switzerlandnorth', 'switzerlandwest'],
  ['switzerlandwest', 'switzerlandnorth'],
  ['uaenorth', 'uaecentral'],
  ['uaecentral', 'uaenorth'],
  ['uksouth', 'ukwest'],
  ['ukwest', 'uksouth'],
];

const UNPAIRED = [
  'austriaeast',
  'belgiumcentral',
  'chilecentral',
  'denmarkeast',
  'indonesiacentral',
  'israelcentral',
  'italynorth',
  'malaysiawest',
  'mexicocentral',
  'newzealandnorth',
  'polandcentral',
  'qatarcentral',
  'spaincentral',
];

const WITHOUT_ZONE_REDUNDANCY = new Set([
  'australiacentral',
  'australiacentral2',
  'australiasoutheast',
  'brazilsoutheast',
  'canadaeast',
  'francesouth',
  'germanynorth',
  'japanwest',
  'koreasouth',
  'northcentralus',
  'norwaywest',
  'southafricawest',
  'southindia',
  'switzerlandwest',
  'swedensouth',
  'uaecentral',
  'ukwest',
  'westcentralus',
  'westindia',
  'westus',
]);

/** Paired regions that have no geo-redundant backup all the same. */
const WITHOUT_GEO_BACKUP = new Set(['australiacentral2', 'brazilsouth', 'brazilsoutheast', 'westus3']);

const REGIONS: ReadonlyMap<string, Region> = new Map(
  [...PAIRS, ...UNPAIRED.map((name) => [name, undefined] as const)].map(([name, pair]) => [
    name,
    {
      name,
      pair,
      zones: !WITHOUT_ZONE_REDUNDANCY.has(name),
      geoBackup: pair !== undefined && !WITHOUT_GEO_BACKUP.has(name),
    },
  ]),
);

/** `East US 2` and `eastus2` are the same region: azurerm's location.Normalize does this too. */
export const normaliseRegion = (name: string): string => name.toLowerCase().replaceAll(' ', '');

/** The region of this name in any spelling; a name in `additional` counts as unpaired and with zones. */
export function findRegion(name: string, additional: readonly string[]): Region | undefined {
  const normal = normaliseRegion(name);
  return (
    REGIONS.get(normal) ?? (additional.includes(normal) ? { name: normal, zones: true, geoBackup: false } : undefined)
  );
}

export const regionNames = (): string[] => [...REGIONS.keys()].sort();
