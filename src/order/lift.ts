import type { Composed, Usage } from '../azure/managed.ts';
import type { Observed } from '../observed/observed.ts';
import { isOurs } from './leave.ts';

/**
 * Usages that nobody asks for any more. One that names a user would stay for as long as that user exists, also after Crossplane has deleted
 * it, and keep what it protects (core v2.3.4, usage/reconciler.go): so it first loses its user, and with it the replay of an old deletion,
 * and leaves once that is observed. They leave before what they protect may leave.
 */
export function lifted(
  wanted: readonly Composed[],
  desiredBefore: ReadonlySet<string>,
  observed: Observed,
  namespace: string,
): Usage[] {
  const keep = new Set([...wanted.map(({ key }) => key), ...desiredBefore]);
  return [...observed.resources].flatMap(([key, resource]) => {
    if (keep.has(key) || !isOurs(resource) || !resource.usage?.by) return [];
    return [
      {
        key,
        why: 'is no longer needed, and lets go before it leaves',
        after: [],
        of: { ...resource.usage.of, namespace: resource.kind === 'Usage' ? namespace : undefined },
        reason: 'no longer needed',
        without: [],
      },
    ];
  });
}
