import { objectOf, textOf } from '../json.ts';
import type { KindDefinition } from '../kind.ts';
import { accountType } from './storage-account.ts';

export const storageManagementPolicy: KindDefinition = {
  kind: 'ManagementPolicy',
  service: 'storage',
  clusterVersion: 'v1beta2',
  type: `${accountType}/managementPolicies`,
  // One per account; upjet derives the id from the account's (config/externalname.go) and reads no external name.
  naming: 'external-name',
  references: [{ field: 'storageAccountId', kind: 'Account', service: 'storage', by: 'id' }],
  id: (_name, { storageAccountId }) =>
    storageAccountId ? `${textOf(storageAccountId)}/managementPolicies/default` : undefined,
  identifiers: ['storageAccountId'],
  defaults: {},
  removable: ['rule'],
  forceNew: [],
  seconds: { create: 5, update: 5, delete: 5 },
  rules: [
    {
      id: 'storage-policy-rule',
      source: 'Microsoft, Blob Storage lifecycle management policy structure',
      verified: true,
      on: ['create', 'update'],
      code: 'InvalidRequestPropertyValue',
      refuse: ({ desired }) => {
        const rules = Array.isArray(desired.rule) ? desired.rule.map(objectOf) : [];
        const names = rules.map(({ name }) => textOf(name));
        if (new Set(names).size !== names.length) return 'rule names are unique within a policy';
        const nameless = names.find((name) => !/^[A-Za-z0-9_-]{1,256}$/.test(name));
        if (nameless !== undefined) return `'${nameless}' is not a rule name`;
        const idle = rules.find(({ actions }) => Object.keys(objectOf(actions)).length === 0);
        return idle ? `rule '${textOf(idle.name)}' has no action` : undefined;
      },
    },
  ],
};
