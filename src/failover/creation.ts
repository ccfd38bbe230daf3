import type { Database } from '../api/database.ts';
import { generationOf, keys, siteOf } from '../names.ts';
import { noSplitBrain } from './fence.ts';
import { inOrder, type Link } from './lineage.ts';
import { firstRestore } from './restore.ts';
import type { Failover, ServerRole } from './types.ts';

/** What is observed does not tell what is safe, so nothing is changed. */
export class Doubt extends Error {}

/** Nothing exists yet: writes begin in the primary region, on an empty server or on one that is made from a backup. */
export function creation(database: Database): Failover {
  const { secondary } = database;
  const writer: ServerRole = {
    key: keys.server('primary', 1),
    site: 'primary',
    generation: 1,
    role: 'Primary',
    term: 1,
    ...firstRestore(database),
    promote: false,
    retiring: false,
  };
  const replica: ServerRole = {
    key: keys.server('secondary', 1),
    site: 'secondary',
    generation: 1,
    role: 'Replica',
    follows: writer.key,
    restored: writer.restored,
    promote: false,
    retiring: false,
  };
  const waits = { status: 'False', reason: 'Creating', message: 'the servers are being created' } as const;
  return {
    phase: 'Unprotected',
    message: 'the servers are being created',
    servers: secondary ? [writer, replica] : [writer],
    leaving: [],
    witnesses: [],
    jobs: [],
    fences: [],
    names: writer.key,
    writable: true,
    held: false,
    ready: waits,
    splitBrain: noSplitBrain,
  };
}

/**
 * The object of the server that takes writes is missing. Before the first failover it is asked for again, which adopts the server. After
 * one, asking could make an empty server, or a replica of a former writer.
 */
export function withoutWriter(database: Database, links: readonly Link[], missing: string): Failover {
  if (links.some(({ term }) => (term ?? 1) > 1) || generationOf(missing) > 1 || siteOf(missing) !== 'primary')
    throw new Doubt(
      `the object of ${missing}, which takes writes, is missing from the cluster; restore it from a backup with its annotations, because another server must not take its place`,
    );
  const begun = creation(database);
  return {
    ...begun,
    servers: begun.servers
      .filter(({ key }) => !links.some((link) => link.key === key))
      .concat(links.map(roleOf))
      .sort(inOrder),
    ready: { status: 'False', reason: 'WriterMissing', message: `the object of ${missing} is missing` },
  };
}

const roleOf = ({ server, ...remembered }: Link): ServerRole => ({
  ...remembered,
  role: remembered.follows === undefined ? 'Former' : 'Replica',
  promote: server.forProvider.replicationRole === 'None',
  retiring: false,
});
