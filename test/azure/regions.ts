/**
 * What Azure offers where. Kept apart from the tables of the function on purpose: the simulator is the other opinion.
 * Source: Microsoft, reliability-postgresql-flexible-server; Microsoft, concepts-backup-restore; Microsoft, region pairs (Microsoft's lists of December 2025).
 */
const paired =
  'australiaeast australiasoutheast australiacentral australiacentral2 brazilsouth brazilsoutheast canadacentral canadaeast centralindia southindia westindia centralus eastus2 eastasia southeastasia eastus westus westus2 westcentralus westus3 northcentralus southcentralus francecentral francesouth germanywestcentral germanynorth japaneast japanwest koreacentral koreasouth northeurope westeurope norwayeast norwaywest southafricanorth southafricawest swedencentral swedensouth switzerlandnorth switzerlandwest uaenorth uaecentral uksouth ukwest'.split(
    ' ',
  );
const unpaired =
  'austriaeast belgiumcentral chilecentral denmarkeast indonesiacentral israelcentral italynorth malaysiawest mexicocentral newzealandnorth polandcentral qatarcentral spaincentral'.split(
    ' ',
  );
const withoutZoneRedundancy =
  'australiacentral australiacentral2 australiasoutheast brazilsoutheast canadaeast francesouth germanynorth japanwest koreasouth northcentralus norwaywest southafricawest southindia swedensouth switzerlandwest uaecentral ukwest westcentralus westindia westus'.split(
    ' ',
  );
const withoutGeoBackup =
  'australiacentral2 austriaeast belgiumcentral brazilsouth brazilsoutheast chilecentral denmarkeast indonesiacentral israelcentral italynorth malaysiawest mexicocentral newzealandnorth polandcentral qatarcentral spaincentral westus3'.split(
    ' ',
  );

/** azurerm location.Normalize: `East US 2` is `eastus2`. */
export const normaliseRegion = (name: string): string => name.toLowerCase().replaceAll(' ', '');

export const isRegion = (name: string): boolean => paired.includes(name) || unpaired.includes(name);
export const isPaired = (name: string): boolean => paired.includes(name);
export const hasZones = (name: string): boolean => isRegion(name) && !withoutZoneRedundancy.includes(name);
export const hasGeoBackup = (name: string): boolean => isRegion(name) && !withoutGeoBackup.includes(name);
