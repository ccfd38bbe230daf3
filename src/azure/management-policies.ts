import type { ObservedResource } from '../observed/observed.ts';
import type { Managed } from './managed.ts';

/** What becomes of everything in Azure when the database is deleted. */
export type DeletionPolicy = 'Delete' | 'Orphan';

/** A look, and nothing else. */
export const OBSERVE_ONLY = ['Observe'];

/** Everything but copying into `forProvider` what Azure has set by itself; each builder that uses it says what that would do. */
export const NO_LATE_INITIALIZE = ['Observe', 'Create', 'Update', 'Delete'];

// What the provider takes `*` for.
const ALL = [...NO_LATE_INITIALIZE, 'LateInitialize'];

/**
 * The management policies of a resource; undefined means `*`. Under Orphan nothing may be deleted: without Delete no DELETE is sent, and
 * `deletionPolicy` of the cluster flavour counts only under `*` (crossplane-runtime, LegacyManagementPoliciesResolver). What holds data may
 * not be created either once it is there: a server that somebody deletes in Azure would come back empty under its old name, and Ready (seen
 * live). That stays so for good, also while the resource is not Ready. While another control plane acts, everything is only observed.
 */
export function managementPolicies(
  { azure, managementPolicies: given, deletable }: Managed,
  { deletion, observeOnly }: { readonly deletion: DeletionPolicy; readonly observeOnly: boolean },
  observed: ObservedResource | undefined,
): readonly string[] | undefined {
  if (observeOnly) return OBSERVE_ONLY;
  if (deletion === 'Delete' || deletable) return given;
  const created = observed?.ready === true || observed?.mayCreate === false;
  const kept = (given ?? ALL).filter((policy) => policy !== 'Delete');
  return azure.holds === 'data' && created ? kept.filter((policy) => policy !== 'Create') : kept;
}
