import {
  BackupInstancePostgreSQLFlexibleServer,
  BackupPolicyPostgreSQLFlexibleServer,
  BackupVault,
} from '../azure/dataprotection.ts';
import { type Composed, managed } from '../azure/managed.ts';
import { NO_LATE_INITIALIZE } from '../azure/management-policies.ts';
import { BACKUP_POLICY_NAME, keys, labels } from '../names.ts';
import type { LongTermPlan, Plan, VaultRolePlan } from '../plan/types.ts';
import { policiesOn } from './left-alone.ts';
import { roleAssignment } from './role-assignments.ts';
import { selects } from './selectors.ts';

/** No LateInitialize: the external names are ours, and there is nothing to copy. */
const POLICIES = NO_LATE_INITIALIZE;

export const longTermBackups = (plan: Plan): Composed[] =>
  plan.longTerm ? [...vaults(plan, plan.longTerm), ...instances(plan, plan.longTerm)] : [];

const vaults = (plan: Plan, { vaults, interval, retention }: LongTermPlan): Composed[] =>
  vaults.flatMap(({ key, name, region, redundancy, immutability, policy, reader }) => [
    managed(BackupVault, {
      key,
      why: `keeps the long-term backups of ${region}`,
      after: [keys.resourceGroup],
      externalName: name,
      managementPolicies: POLICIES,
      forProvider: {
        location: region,
        resourceGroupName: plan.resourceGroup.name,
        datastoreType: 'VaultStore',
        redundancy,
        immutability,
        softDelete: 'On',
        identity: { type: 'SystemAssigned' },
        tags: plan.tags,
      },
    }),
    managed(BackupPolicyPostgreSQLFlexibleServer, {
      key: policy,
      why: 'says when a backup goes there, and how long it stays',
      after: [key],
      externalName: BACKUP_POLICY_NAME,
      managementPolicies: POLICIES,
      forProvider: {
        vaultIdSelector: selects(key),
        backupRepeatingTimeIntervals: [interval],
        defaultRetentionRule: { lifeCycle: [{ dataStoreType: 'VaultStore', duration: retention }] },
      },
    }),
    assignment(reader),
  ]);

const instances = (plan: Plan, { instances }: LongTermPlan): Composed[] =>
  instances.flatMap(({ key, server, name, region, vault, policy, role, after, until }) => [
    assignment(role, server),
    managed(BackupInstancePostgreSQLFlexibleServer, {
      key,
      why: `backs up ${server} into the vault`,
      after,
      until,
      externalName: name,
      labels: { [labels.server]: server },
      managementPolicies: policiesOn(plan, server, POLICIES),
      forProvider: {
        location: region,
        serverIdSelector: selects(server),
        vaultIdSelector: selects(vault),
        backupPolicyIdSelector: selects(policy),
      },
    }),
  ]);

const assignment = (plan: VaultRolePlan, server?: string): Composed => {
  const { key, role, on, vault, until } = plan;
  return roleAssignment(
    plan,
    { roleDefinitionName: role },
    {
      key,
      why: `gives the vault the role ${role} on ${on}`,
      after: [on, vault],
      until,
      labels: { [labels.server]: server },
    },
  );
};
