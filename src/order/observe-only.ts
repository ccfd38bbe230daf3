import type { Problem } from '../api/problem.ts';
import type { Composed } from '../azure/managed.ts';
import type { Observed } from '../observed/observed.ts';
import { isOurs } from './leave.ts';

/** Kubernetes objects that act on something outside of this cluster, which another control plane does. */
const ACTING = new Set(['CronJob', 'DatadogMonitor']);

/**
 * What a control plane that only observes asks for. What exists stays. Anew it composes what it can look at, which has an external name that
 * is known, and what is this cluster's own.
 */
export const observable = (wanted: readonly Composed[], observed: Observed): readonly Composed[] =>
  wanted.filter((resource) => {
    if (observed.resources.has(resource.key)) return true;
    if ('azure' in resource) return resource.externalName !== undefined;
    return !('manifest' in resource) || !ACTING.has(resource.manifest.kind);
  });

/** Leaving an object out deletes what it stands for, unless the provider may only look at it. */
export const refusedDeletions = (wanted: readonly Composed[], observed: Observed): Problem[] => {
  const keep = new Set(wanted.map(({ key }) => key));
  return [...observed.resources].flatMap(([key, resource]) => {
    const { apiVersion, policies, deleting } = resource;
    const looks = policies.length === 1 && policies[0] === 'Observe';
    if (keep.has(key) || deleting || looks || !isOurs(resource) || !apiVersion.includes('upbound.io/')) return [];
    return [
      {
        field: 'spec.management.role',
        message: `Standby, but the rest of the spec no longer asks for "${key}", which would be deleted in Azure; undo that change until the role has taken effect`,
      },
    ];
  });
};
