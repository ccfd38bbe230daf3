import type { Database } from '../api/database.ts';
import { DUMP_ROLE } from '../azure/authorization.ts';
import { keys, type NameScope, namespacedName, type WorkloadUse, workloadIdentityName } from '../names.ts';
import type { Observed } from '../observed/observed.ts';
import { isSettledRole } from '../observed/role-age.ts';
import { mayBeThere, mayNotDelete } from './in-service.ts';
import { identityId } from './key-identities.ts';
import { roleAssignment } from './role-assignments.ts';
import type { BackupPlan, DumpPlan, WorkloadIdentitiesPlan, WorkloadIdentityPlan, WorkloadRolePlan } from './types.ts';

interface Around {
  readonly scope: NameScope;
  /** Where the dumps go; absent without storage. */
  readonly storage: BackupPlan | undefined;
  /** Where the pods of the dumps run. */
  readonly dumpNamespace: string;
}

/** What an identity is made for. */
interface Wanted {
  readonly namespace: string;
  /** Key of what its role is on, and that one's Azure id, once it is known. */
  readonly on: string;
  readonly scope: string | undefined;
  readonly role: Pick<WorkloadRolePlan, 'roleDefinitionName' | 'roleDefinitionId'>;
}

const USES: readonly WorkloadUse[] = ['dump', 'failover'];

/**
 * Identities for what runs in this cluster, where the user gives the cluster's issuer and no identity: of the dumps, and of the Job that
 * makes the call of a failover. Each has one federated credential, for one ServiceAccount, and one role. Nothing stands on them, so they go
 * when nobody asks for them; also under Orphan, where a forgotten one would keep its rights. `now` is in milliseconds since 1970.
 */
export function workloadIdentities(
  database: Database,
  { resources }: Observed,
  now: number,
  around: Around,
): WorkloadIdentitiesPlan {
  const { owner, primary, spec } = database;
  const issuer = spec.management.workloadIdentity?.issuerUrl;
  const imports = mayBeThere(database);
  const identities = USES.flatMap((use): WorkloadIdentityPlan[] => {
    const wanted = issuer === undefined ? undefined : wish(use, database, resources, around);
    const identity = resources.get(keys.workloadIdentity(use));
    const role = resources.get(keys.workloadRole(use));
    const credential = resources.get(keys.workloadCredential(use));
    const lingers = { identity: identity && mayNotDelete(identity), role: role && mayNotDelete(role) };
    if (!wanted && !lingers.identity && !lingers.role) return [];
    const name = identity?.forProvider.name ?? workloadIdentityName(around.scope, use);
    const id = identity?.atProvider.id ?? (imports ? identityId(resources, around.scope, name) : undefined);
    const given = wanted?.role ?? definition(use, role?.forProvider.roleDefinitionId);
    return [
      {
        use,
        goes: !wanted,
        identity:
          wanted || lingers.identity
            ? { name, region: identity?.forProvider.location ?? primary.region.name, id }
            : undefined,
        credential:
          wanted && issuer !== undefined
            ? {
                parentId: credential?.forProvider.parentId ?? id,
                issuer,
                subject: `system:serviceaccount:${wanted.namespace}:${namespacedName(owner.name, use)}`,
              }
            : undefined,
        role:
          wanted || lingers.role
            ? {
                ...given,
                on: wanted?.on,
                ...roleAssignment(role, {
                  scope: wanted?.scope,
                  principalId: identity?.atProvider.principalId,
                  role: given.roleDefinitionId ?? given.roleDefinitionName ?? '',
                  imports,
                }),
              }
            : undefined,
        clientId: identity?.atProvider.clientId,
        settled: identity?.atProvider.clientId !== undefined && isSettledRole(role, now),
      },
    ];
  });
  return {
    identities,
    released: USES.flatMap((use) => [keys.workloadIdentity(use), keys.workloadCredential(use), keys.workloadRole(use)]),
  };
}

/** What an identity would be made for, or undefined where nobody asks for one or the user has given one. */
function wish(
  use: WorkloadUse,
  { namespace, spec }: Database,
  resources: Observed['resources'],
  { storage, dumpNamespace }: Around,
): Wanted | undefined {
  const idOf = (key: string): string | undefined => resources.get(key)?.atProvider.id;
  if (use === 'dump') {
    const { enabled, clientId } = spec.backup.logical;
    if (!enabled || clientId !== undefined || !storage) return undefined;
    const account = idOf(keys.backupAccount);
    return {
      namespace: dumpNamespace,
      on: keys.backupContainer,
      scope: account && `${account}/blobServices/default/containers/${storage.containerName}`,
      role: definition(use),
    };
  }
  const { executor, executorIdentity: { clientId, roleDefinitionId } = {} } = spec.failover;
  if (executor !== 'Job' || clientId !== undefined || roleDefinitionId === undefined) return undefined;
  return {
    namespace,
    on: keys.resourceGroup,
    scope: idOf(keys.resourceGroup),
    role: definition(use, resources.get(keys.workloadRole(use))?.forProvider.roleDefinitionId ?? roleDefinitionId),
  };
}

/** Dumps have a role that is built in. For the call of a failover Azure has none that is small enough. */
const definition = (use: WorkloadUse, id?: string): Wanted['role'] =>
  use === 'dump' ? { roleDefinitionName: DUMP_ROLE } : { roleDefinitionId: id };

/** The identity that is made for this use, while it is asked for. */
export const identityFor = (
  { identities }: WorkloadIdentitiesPlan,
  use: WorkloadUse,
): WorkloadIdentityPlan | undefined => identities.find((each) => each.use === use && !each.goes);

/** What stands on an identity: keys of all of it, and of what it cannot rely on yet. Nothing where the user has given one. */
export function rests(made: WorkloadIdentityPlan | undefined): Pick<DumpPlan, 'standsOn' | 'until'> {
  if (!made) return { standsOn: [], until: [] };
  const standsOn = [keys.workloadIdentity(made.use), keys.workloadCredential(made.use), keys.workloadRole(made.use)];
  return { standsOn, until: made.settled ? [] : [keys.workloadRole(made.use)] };
}
