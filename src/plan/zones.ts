import { groupOf } from '../api/existing.ts';
import type { ZonePlace } from './types.ts';

/** Where a zone is: in the group of the database, or where somebody else made it. */
export const zonePlace = (
  own: { readonly existing: { readonly id: string; readonly link: boolean } } | undefined,
  resourceGroup: string,
): ZonePlace =>
  own
    ? { resourceGroup: groupOf(own.existing.id), existing: true, links: own.existing.link }
    : { resourceGroup, existing: false, links: true };
