import type { Problem } from '../api/problem.ts';
import type { Composed } from '../azure/managed.ts';
import { labels, MANAGED_BY } from '../names.ts';
import type { Observed, ObservedResource } from '../observed/observed.ts';
import { holds } from './kinds.ts';

/** Of Azure Backup: a vault, and what is in it. */
const VAULT_KINDS = /^Backup(Vault|Policy|Instance)/;
/** Keys of what the vaults may do. */
const VAULT_ROLES = /-(backup-vault-reader|long-term-role)$/;
const VAULTS = 'cannot be switched off, because the vaults hold backups; keep it on';

/** What a person changed to make a resource unwanted, by the beginning of its key. */
const CAUSES: readonly (readonly [string, string, string])[] = [
  [
    'secondary-',
    'spec.regions.secondary',
    'cannot be removed, because the server there holds data; delete the XPostgreSQLDatabase instead, or keep the region',
  ],
  [
    'primary-peering',
    'spec.regions.secondary',
    'cannot be removed, because the server there holds data; delete the XPostgreSQLDatabase instead, or keep the region',
  ],
  [
    'virtual-endpoint',
    'spec.network.virtualEndpoint.enabled',
    "cannot be switched off, because applications may use the endpoint's names; delete the XPostgreSQLDatabase instead, or keep it on",
  ],
  [
    'backup-',
    'spec.backup.storage.enabled',
    'cannot be switched off, because the account holds backups; delete the XPostgreSQLDatabase instead, or keep it on',
  ],
];

/**
 * Crossplane deletes what is observed and not desired. A resource of ours that nobody wants any more may go, unless it holds data or
 * something that holds data stands on it: then the change is refused. A kind that this version does not know was composed by a newer one,
 * and nobody here can tell what it holds, so it is refused too. `released` names what may go all the same: servers that the spec said may
 * go, Secrets whose password works nowhere any more, and virtual endpoints whose servers are no pair any more.
 */
export function refusedLeavers(
  wanted: readonly Composed[],
  desiredBefore: ReadonlySet<string>,
  observed: Observed,
  released: readonly string[] = [],
): Problem[] {
  const keep = new Set([...released, ...wanted.map(({ key }) => key), ...desiredBefore]);
  const problems = new Map<string, Problem>();
  for (const [key, resource] of observed.resources) {
    if (keep.has(key) || !isOurs(resource) || holds(resource) === 'nothing' || isWitness(resource)) continue;
    const problem = reason(key, resource);
    problems.set(`${problem.field}: ${problem.message}`, problem);
  }
  return [...problems.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, problem]) => problem);
}

/** Other functions of the pipeline compose resources too; theirs are not ours to judge. */
export const isOurs = (resource: ObservedResource): boolean => resource.labels[labels.managedBy] === MANAGED_BY;

/** Looks at a server that another object manages; without the policy Delete nothing is deleted with it. */
const isWitness = ({ labels: own, policies }: ObservedResource): boolean =>
  own[labels.witness] === 'true' && policies.length === 1 && policies[0] === 'Observe';

function reason(key: string, resource: ObservedResource): Problem {
  if (VAULT_KINDS.test(resource.kind) || VAULT_ROLES.test(key))
    return { field: 'spec.backup.longTerm.enabled', message: VAULTS };
  const cause = CAUSES.find(([prefix]) => key.startsWith(prefix));
  if (cause) return { field: cause[1], message: cause[2] };
  return holds(resource) === undefined
    ? {
        field: 'spec',
        message: `${resource.kind} "${key}" was composed by a newer version of this function, which knows what it holds; install that version again`,
      }
    : {
        field: 'spec',
        message: `${resource.kind} "${key}" is no longer asked for, but it holds data or carries what does; undo the change`,
      };
}
