import type { Database } from '../api/database.ts';
import type { Problem } from '../api/problem.ts';
import { blocking } from '../azure/upgrade-extensions.ts';
import type { Observed } from '../observed/observed.ts';
import type { Plan } from '../plan/types.ts';

/**
 * A higher version that nobody has agreed to, or to which Azure would not upgrade. Once an upgrade has begun, or has failed, nothing is
 * refused any more: a refusal would keep the replica from being made again. A control plane that only observes upgrades nothing.
 */
export function refusedVersions({ spec }: Database, plan: Plan, observed: Observed): Problem[] {
  const writer = plan.servers.find(({ role }) => role === 'Primary');
  const found = observed.resources.get(writer?.key ?? '');
  const has = found?.atProvider.version ?? found?.forProvider.version;
  const { version } = spec.database;
  const { begun, removedReplica, failed } = plan.failover.upgrade?.remembers ?? {};
  const goesOn = [begun, removedReplica, failed].some((memory) => memory !== undefined);
  if (has === undefined || Number(version) <= Number(has) || goesOn || plan.failover.upgrade === undefined) return [];
  // The XRD has it too.
  if (spec.upgrade?.approvedVersion !== version)
    return [
      {
        field: 'spec.database.version',
        message:
          'is another major version, to which Azure upgrades the server in place, with no way back and no replica meanwhile; to agree to that, set spec.upgrade.approvedVersion to the same version',
      },
    ];
  const blockers = blocking(spec.extensions ?? [], version);
  if (blockers.length === 0) return [];
  const them = blockers.length > 1 ? 'them' : 'it';
  return [
    {
      field: 'spec.extensions',
      message: `Azure does not upgrade a server with ${blockers.join(', ')} to version ${version}; drop ${them} in every database, and take ${them} out of the list until the upgrade is over`,
    },
  ];
}
