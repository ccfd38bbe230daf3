import type { Composed, Managed, ObjectRef, Usage } from '../azure/managed.ts';
import { keys, usageKey } from '../names.ts';
import type { Plan } from '../plan/types.ts';

/** What keeps others from being deleted too early, or at all. `composed` is everything else of the plan. */
export function usages(plan: Plan, composed: readonly Composed[]): Usage[] {
  const managed = new Map(composed.flatMap((each) => ('azure' in each ? [[each.key, each] as const] : [])));
  return [
    ...plan.usages.flatMap(({ of, by }) => ordering(managed.get(of), managed.get(by))),
    ...plan.protected.map((handle) => protection(plan, handle)),
  ];
}

function ordering(of: Managed | undefined, by: Managed | undefined): Usage[] {
  if (!of || !by) return [];
  return [
    {
      key: usageKey(of.key, by.key),
      why: `keeps ${of.key} until ${by.key} is gone`,
      after: [of.key, by.key],
      of,
      by,
      reason: `${by.key} needs it and is deleted first`,
      replayDeletion: true,
      without: [usageKey(by.key, of.key)],
    },
  ];
}

/** No replay here: lifting the protection must not carry out a deletion that was refused long ago. */
function protection({ owner }: Plan, handle: ObjectRef): Usage {
  const isOwner = handle.kind === owner.kind;
  const whose = isOwner ? '' : ` of ${owner.kind} ${owner.namespace}/${owner.name}`;
  return {
    key: isOwner && owner.kind !== 'XPostgreSQLDatabase' ? keys.claimProtection : keys.protection,
    why: `keeps anybody from deleting ${handle.kind} ${handle.name}`,
    after: [],
    of: handle,
    reason: `spec.deletion.protection${whose} is true; set it to false before you delete`,
    without: [],
  };
}
