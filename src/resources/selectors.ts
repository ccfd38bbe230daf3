import type { Selector } from '../azure/managed.ts';
import { keys, labels, type Site, subnetOrdinal } from '../names.ts';
import type { Plan } from '../plan/types.ts';

/** Selects the composed resource of this key. The provider resolves it once and keeps the result. */
export const selects = (key: string): Selector => ({
  matchControllerRef: true,
  matchLabels: { [labels.component]: key },
});

/** Key of what secures a server's subnet, before anything stands in it; none where the subnet is somebody else's. */
export const associationOf = (
  { sites }: Plan,
  { site, subnet }: { readonly site: Site; readonly subnet: string },
): string[] =>
  sites.some((each) => each.site === site && each.vnet.existing)
    ? []
    : [keys.nsgAssociation(site, subnetOrdinal(subnet))];
