import { listOf, objectOf, textOf } from './json.ts';
import type { KubernetesObject } from './state.ts';

/** crossplane-runtime defaultSupportedManagementPolicies. */
const supportedPolicies = [
  '*',
  'Create Delete LateInitialize Observe Update',
  'Observe',
  '',
  'Create Delete Observe Update',
  'Create LateInitialize Observe Update',
  'Create Observe Update',
  'Create Delete LateInitialize Observe',
  'Create LateInitialize Observe',
  'Create Delete Observe',
  'Create Observe',
  'Delete Observe',
  'Observe Update',
  'LateInitialize Observe',
  'LateInitialize Observe Update',
];

/** What the management policies of an object allow. */
export interface Policies {
  readonly names: readonly string[];
  readonly paused: boolean;
  readonly observeOnly: boolean;
  readonly error?: string;
  readonly allows: (action: 'Create' | 'Update' | 'Delete' | 'LateInitialize') => boolean;
}

/** The management policies of an object; a cluster-scoped one also has its deletion policy. */
export function policiesOf(object: KubernetesObject): Policies {
  const spec = objectOf(object.spec);
  const names = spec.managementPolicies === undefined ? ['*'] : listOf(spec.managementPolicies).map(textOf);
  const id = [...new Set(names)].sort().join(' ');
  const orphan = spec.deletionPolicy === 'Orphan';
  return {
    names,
    paused: names.length === 0,
    observeOnly: id === 'Observe',
    ...(supportedPolicies.includes(id)
      ? {}
      : {
          error: `\`spec.managementPolicies\` is set to a value([${names.join(' ')}]) which is not supported. Check docs for supported policies`,
        }),
    // NewLegacyManagementPoliciesResolver: the deletion policy counts only under `*`; a policy that names Delete deletes.
    allows: (action) => (names.includes('*') ? !(action === 'Delete' && orphan) : names.includes(action)),
  };
}
