import type { Database } from '../api/database.ts';
import { serverNameOf } from '../api/existing.ts';
import type { Problem } from '../api/problem.ts';
import type { Observed } from '../observed/observed.ts';
import type { Plan } from '../plan/types.ts';

/** Restores that cannot be carried out, compared with what is observed. */
export const refusedRestores = (database: Database, plan: Plan, observed: Observed): Problem[] => [
  ...itself(database, plan, observed),
  ...ofNothing(database, plan, observed),
];

/** The provider would find the server, take it for the one that it is to make, and restore nothing. */
function itself({ spec: { restore } }: Database, { servers }: Plan, { resources }: Observed): Problem[] {
  if (restore?.sourceServerId === undefined || restore.mode === 'Dropped') return [];
  const name = serverNameOf(restore.sourceServerId);
  const same = servers.some((server) => server.name === name && !resources.has(server.key));
  return same
    ? [
        {
          field: 'spec.restore.sourceServerId',
          message: `"${name}" is the name that the restored server would get; give this object another name, or another spec.resourceGroup.name`,
        },
      ]
    : [];
}

/** Without a source it is the server that takes writes. */
function ofNothing({ spec: { restore } }: Database, { servers }: Plan, { resources }: Observed): Problem[] {
  const exists = servers.some(({ key }) => resources.has(key));
  return restore && restore.sourceServerId === undefined && !exists
    ? [
        {
          field: 'spec.restore.sourceServerId',
          message:
            'is missing, and there is no server yet whose backup it could be; give the id of one, or remove spec.restore',
        },
      ]
    : [];
}
