import { lastSegment } from '../arm-id.ts';
import type { Rule } from '../kind.ts';
import { parameterOf } from './server-configuration.ts';
import { replicasOf, sourceOf } from './server-lookup.ts';
import { rule } from './server-rule.ts';

const BLOCKING = /^(timescaledb|postgres_fdw|session_variable|pg_hint_plan|plv8)$/;
const BLOCKING_FROM_17 = /^(age|azure_ai|hll|pg_diskann|pgrouting)$/;

/** When a server may be upgraded in place. */
export const upgradeRules: readonly Rule[] = [
  rule(
    'server-version-with-replicas',
    'Microsoft, major version upgrades (read replicas have to be deleted first)',
    ['update'],
    'MajorVersionUpgradeNotSupported',
    ({ state, change, current }) => {
      if (!current || change.version === undefined || change.version === current.properties.version) return undefined;
      if (sourceOf(current) !== '') return 'a read replica cannot be upgraded by itself';
      return replicasOf(state, current.id).length > 0
        ? 'the major version cannot be upgraded while the server has read replicas'
        : undefined;
    },
  ),
  rule(
    'server-version-extensions',
    'Microsoft, major version upgrades, extension limitations; that what is allowed counts as installed is stricter on purpose',
    ['update'],
    'MajorVersionUpgradePrecheckFailed',
    ({ state, change, current }) => {
      if (!current || change.version === undefined || change.version === current.properties.version) return undefined;
      const found = (parameterOf(state, current.id, 'azure.extensions') ?? '')
        .toLowerCase()
        .split(',')
        .filter((name) => BLOCKING.test(name) || (Number(change.version) >= 17 && BLOCKING_FROM_17.test(name)));
      return found.length > 0
        ? `the check before the upgrade of ${lastSegment(current.id)} failed: ${found.join(', ')}`
        : undefined;
    },
    false,
  ),
];
