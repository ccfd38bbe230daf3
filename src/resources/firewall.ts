import { FlexibleServerFirewallRule } from '../azure/dbforpostgresql.ts';
import { type Composed, managed } from '../azure/managed.ts';
import { NO_LATE_INITIALIZE } from '../azure/management-policies.ts';
import { labels } from '../names.ts';
import type { Plan } from '../plan/types.ts';
import { selects } from './selectors.ts';

/** No LateInitialize: the external name is ours, and there is nothing to copy. */
const POLICIES = NO_LATE_INITIALIZE;

export const firewall = (plan: Plan): Composed[] =>
  plan.firewall.map(({ key, server, name, startAddress, endAddress, goes }) =>
    managed(FlexibleServerFirewallRule, {
      key,
      why: `lets ${name} connect to ${server}`,
      after: [server],
      externalName: name,
      deletable: goes,
      managementPolicies: POLICIES,
      labels: { [labels.server]: server },
      forProvider: { serverIdSelector: selects(server), startIpAddress: startAddress, endIpAddress: endAddress },
    }),
  );
