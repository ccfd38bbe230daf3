/** What is named by its ARM id, because somebody else made it. */
export interface ExistingSubnet {
  readonly resourceGroup: string;
  readonly vnet: string;
  readonly subnet: string;
}

/** The part of an ARM id after this segment. The schema has checked the id. */
const after = (id: string, segment: string): string => new RegExp(`/${segment}/([^/]+)`).exec(id)?.[1] ?? '';

/** In lower case, as a GUID is compared; undefined for what is no id of Azure's. */
export const subscriptionOf = (id: string): string | undefined =>
  /^\/subscriptions\/([0-9a-f-]{36})(\/|$)/i.exec(id)?.[1]?.toLowerCase();

export const groupOf = (id: string): string => after(id, 'resourceGroups');

export const networkOf = (id: string): string => after(id, 'virtualNetworks');

export const zoneOf = (id: string): string => after(id, 'privateDnsZones');

export const serverNameOf = (id: string): string => after(id, 'flexibleServers');

export const existingSubnet = (id: string): ExistingSubnet => ({
  resourceGroup: groupOf(id),
  vnet: networkOf(id),
  subnet: after(id, 'subnets'),
});
