import type { Composed } from '../azure/managed.ts';
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
export function admit(wanted: readonly Composed[], observed: Observed): Admission {
  const desired: Composed[] = [];
  const waiting: Waiting[] = [];
  for (const resource of wanted) {
    const missing = missingFor(resource, observed);
    if (missing.length === 0 || observed.resources.has(resource.key)) desired.push(resource);
    else waiting.push({ resource, for: missing });
  }
  return { desired, waiting };
}

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
