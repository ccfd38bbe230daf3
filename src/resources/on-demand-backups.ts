import { FlexibleServerBackup } from '../azure/dbforpostgresql.ts';
import { type Composed, managed } from '../azure/managed.ts';
import { labels } from '../names.ts';
import type { Plan } from '../plan/types.ts';
import { policiesOn } from './left-alone.ts';
import { selects } from './selectors.ts';

/** With LateInitialize: Azure assigns the external name. */
const TAKING = ['Observe', 'Create', 'Delete', 'LateInitialize'];
/** Azure drops a backup when its retention is over. With Create, another one would be taken under its name. */
const TAKEN = ['Observe', 'Delete'];

export const onDemandBackups = (plan: Plan): Composed[] =>
  plan.onDemandBackups.backups.map(({ key, name, server, taken, id, after, until }) =>
    managed(FlexibleServerBackup, {
      key,
      why: `a full backup of ${server}, taken once`,
      after,
      until,
      externalName: id,
      labels: { [labels.server]: server },
      managementPolicies: policiesOn(plan, server, taken ? TAKEN : TAKING),
      forProvider: { serverIdSelector: selects(server), name },
    }),
  );
