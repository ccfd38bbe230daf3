import type { Composed } from '../azure/managed.ts';
import { keys, labels } from '../names.ts';
import type { Observed } from '../observed/observed.ts';

export interface Waiting {
  readonly resource: Composed;
  /** Keys that are not ready yet. */
  readonly for: readonly string[];
}

export interface Admission {
  /** To be desired: what exists, and what may be created now. */
  readonly desired: readonly Composed[];
  readonly waiting: readonly Waiting[];
}

/**
 * Decides what is desired now. What exists is always desired, whatever has become of the things it once waited for: leaving it out would
 * delete it. What does not exist yet waits until everything it stands on works and nothing is being refused there.
 */
export function admit(
  wanted: readonly Composed[],
  observed: Observed,
  /** Keys of servers that another control plane made, while they are looked at: nothing else is made before they are known. */
  adopting: readonly string[] = [],
): Admission {
  const desired: Composed[] = [];
  const waiting: Waiting[] = [];
  for (const resource of wanted) {
    const missing = adopting.length === 0 ? missingFor(resource, observed) : isLook(resource) ? [] : adopting;
    if (missing.length === 0 || observed.resources.has(resource.key)) desired.push(resource);
    else waiting.push({ resource, for: missing });
  }
  return { desired, waiting };
}

/** What tells whether another control plane's servers are what they are said to be. */
const isLook = (resource: Composed): boolean =>
  'azure' in resource &&
  (resource.azure.kind === 'FlexibleServer' ||
    resource.labels?.[labels.witness] === 'true' ||
    resource.key === keys.writeRecord);

/** A Usage takes what exists, whether it works or not: a deletion may come before it ever does. */
function missingFor(resource: Composed, { resources }: Observed): string[] {
  if ('of' in resource)
    return [
      ...resource.after.filter((key) => !resources.has(key)),
      ...resource.without.filter((key) => resources.has(key)),
    ];
  const unready = resource.after.filter((key) => {
    const found = resources.get(key);
    return !found?.ready || !found.synced;
  });
  return [...new Set([...unready, ...(resource.until ?? [])])];
}
