import { FlexibleServerConfiguration } from '../azure/dbforpostgresql.ts';
import { type Composed, managed } from '../azure/managed.ts';
import { NO_LATE_INITIALIZE } from '../azure/management-policies.ts';
import { labels } from '../names.ts';
import type { Plan } from '../plan/types.ts';
import { selects } from './selectors.ts';

/**
 * Server parameters. The external name is given, which makes the provider import the parameter instead of writing it, and no
 * LateInitialize is needed to keep the name. Without a value it is only read.
 */
export function parameters(plan: Plan): Composed[] {
  return plan.parameters.settings.map(({ key, server, name, value, goes, id, until }) =>
    managed(FlexibleServerConfiguration, {
      key,
      why: value === undefined ? `reads ${name} of ${server}` : `sets ${name} of ${server}`,
      after: [server],
      until,
      externalName: id,
      labels: { [labels.server]: server },
      managementPolicies: value === undefined ? ['Observe'] : NO_LATE_INITIALIZE,
      deletable: goes,
      forProvider: { name, value, serverIdSelector: selects(server) },
    }),
  );
}
