import type { Database } from '../api/database.ts';
import { generationOf, keys, type Site, siteOf } from '../names.ts';
import { creation } from './creation.ts';
import { type Link, writerOf } from './lineage.ts';
import type { Role } from './types.ts';

/** What somebody says of a server: the user, or the object that remembers it. Whether it is so is another question. */
export interface Claim {
  readonly key: string;
  readonly site: Site;
  readonly generation: number;
  readonly role: Role;
}

/** What spec.adopt says; empty where it says nothing. */
export const listed = ({ spec: { adopt } }: Pick<Database, 'spec'>): readonly Claim[] =>
  (adopt?.servers ?? []).map(({ region, generation, role }) => ({
    key: keys.server(region, generation),
    site: region,
    generation,
    role,
  }));

/** Azure name that spec.adopt gives the server of this key. */
export const listedName = ({ spec: { adopt } }: Pick<Database, 'spec'>, key: string): string | undefined =>
  adopt?.servers.find(({ region, generation }) => keys.server(region, generation) === key)?.externalName;

/** What the servers' own objects remember; empty where none remembers that it takes writes. */
export function remembered(links: readonly Link[]): readonly Claim[] {
  const writer = links.some(({ term }) => term !== undefined) ? writerOf(links) : undefined;
  if (!writer) return [];
  return links.map(({ key, site, generation, follows }) => ({
    key,
    site,
    generation,
    role: key === writer.key ? 'Primary' : follows === writer.key ? 'Replica' : 'Former',
  }));
}

/** A platform as it is before its first failover. */
export const initial = (database: Database): readonly Claim[] =>
  creation(database).servers.map(({ key, role }) => ({ key, site: siteOf(key), generation: generationOf(key), role }));

export const keyOf = (claims: readonly Claim[], role: Role): string | undefined =>
  claims.find((claim) => claim.role === role)?.key;

/**
 * The servers' objects as they are to remember what was found to be so: the how-manieth writer each was, and whom it follows. Before the
 * first failover the writer is the first server of the primary region, and the only one that ever took writes.
 */
export function agreed(links: readonly Link[], claims: readonly Claim[]): Link[] {
  const formers = claims.filter(({ role }) => role === 'Former').map(({ key }) => key);
  const primary = keyOf(claims, 'Primary');
  const moved = primary === keys.server('primary', 1) ? 0 : 1;
  return links.map((link) => {
    const role = claims.find(({ key }) => key === link.key)?.role;
    if (role === 'Primary') return { ...link, term: 1 + formers.length + moved, follows: undefined };
    if (role === 'Replica') return { ...link, term: undefined, follows: primary };
    const nth = formers.indexOf(link.key);
    return { ...link, term: nth < 0 ? undefined : 1 + nth, follows: undefined };
  });
}
