import type { Database } from '../api/database.ts';
import { keysOf } from '../names.ts';
import type { Observed } from '../observed/observed.ts';

/** Backups on demand that are asked for and are on this server. Azure deletes a server's backups with the server, so it stays. */
export const listedBackups = ({ spec }: Database, { resources }: Observed, server: string): readonly string[] =>
  (spec.backup.onDemand ?? []).filter((name) => resources.has(keysOf.backup(server, name)));
