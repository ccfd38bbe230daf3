/** What is named by its ARM id, because somebody else made it. */
export interface ExistingSubnet {
  readonly resourceGroup: string;
  readonly vnet: string;
  readonly subnet: string;
}

/** The part of an ARM id after this segment. The schema has checked the id. */
const after = (id: string, segment: string): string => new RegExp(`/${segment}/([^/]+)`).exec(id)?.[1] ?? '';

export const groupOf = (id: string): string => after(id, 'resourceGroups');

export const zoneOf = (id: string): string => after(id, 'privateDnsZones');

export const serverNameOf = (id: string): string => after(id, 'flexibleServers');

export const existingSubnet = (id: string): ExistingSubnet => ({
  resourceGroup: groupOf(id),
  vnet: after(id, 'virtualNetworks'),
  subnet: after(id, 'subnets'),
});
