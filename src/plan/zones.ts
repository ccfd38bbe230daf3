import type { Database } from '../api/database.ts';
import { groupOf } from '../api/existing.ts';
import { type ConfigName, otherProviderConfig } from './provider-configs.ts';
import type { ZonePlace } from './types.ts';

interface OwnZone {
  readonly existing: { readonly id: string; readonly link: boolean; readonly providerConfigRef?: ConfigName };
}

/** Where a zone is: in the group of the database, or where somebody else made it. */
export const zonePlace = (database: Database, own: OwnZone | undefined, resourceGroup: string): ZonePlace =>
  own
    ? {
        resourceGroup: groupOf(own.existing.id),
        existing: true,
        links: own.existing.link,
        providerConfig: otherProviderConfig(database, own.existing.providerConfigRef),
      }
    : { resourceGroup, existing: false, links: true };
