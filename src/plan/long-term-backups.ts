import type { Database } from '../api/database.ts';
import type { Region } from '../azure/regions.ts';
import type { Failover } from '../failover/types.ts';
import { backupVaultName, keys, keysOf, type NameScope } from '../names.ts';
import type { Observed } from '../observed/observed.ts';
import { isSettledRole } from '../observed/role-age.ts';
import { mayBeThere, writesMove } from './in-service.ts';
import { roleAssignment } from './role-assignments.ts';
import type { LongTermPlan, ServerPlan, VaultPlan, VaultRolePlan } from './types.ts';

/** Built-in roles that Azure Backup needs (Microsoft, back up Azure Database for PostgreSQL flexible server; azurerm's own example). */
const READER = 'Reader';
const BACKUP = 'PostgreSQL Flexible Server Long Term Retention Backup Role';

/**
 * Weekly backups into a vault of the server's own region, because Azure Backup takes no other. Both regions have one from the beginning, so
 * that after a failover only the new writer has to be added. A server that has been added stays so: what it has in the vault is kept.
 */
export function longTerm(
  database: Database,
  observed: Observed,
  scope: NameScope,
  servers: readonly ServerPlan[],
  going: Pick<Failover, 'phase'>,
  now: number,
): LongTermPlan | undefined {
  const asked = database.spec.backup.longTerm;
  if (!asked?.enabled) return undefined;
  const { immutability, retentionMonths, dayOfWeek, hour } = asked;
  const found = (key: string) => observed.resources.get(key);
  const imports = mayBeThere(database);
  const role = (
    key: string,
    given: { readonly role: string; readonly on: string; readonly vault: string },
  ): VaultRolePlan => {
    const { on, vault } = given;
    const assignment = roleAssignment(found(key), {
      scope: found(on)?.atProvider.id,
      principalId: found(vault)?.atProvider.identity?.principalId,
      role: given.role,
      imports,
    });
    const unknown = assignment.scope === undefined || assignment.principalId === undefined;
    return { ...given, ...assignment, key, until: unknown ? [vault] : [] };
  };
  const sites = [
    ['primary', database.primary],
    ...(database.secondary ? [['secondary', database.secondary] as const] : []),
  ] as const;
  const vaults = sites.map(([site, { region }]): VaultPlan => {
    const key = keys.backupVault(site);
    return {
      key,
      name: found(key)?.externalName ?? backupVaultName(scope, region.name),
      region: region.name,
      redundancy: found(key)?.forProvider.redundancy ?? asked.redundancy ?? defaultRedundancy(region),
      immutability,
      policy: keys.backupPolicy(site),
      reader: role(keys.backupVaultReader(site), { role: READER, on: keys.resourceGroup, vault: key }),
    };
  });
  const instances = servers
    .filter(({ key, role, retiring }) => !retiring && (role === 'Primary' || found(keysOf.longTermBackup(key))))
    .map((server) => {
      const vault = keys.backupVault(server.site);
      const own = role(keysOf.longTermRole(server.key), { role: BACKUP, on: server.key, vault });
      const unsettled = [own.key, keys.backupVaultReader(server.site)].filter(
        (role) => found(role) && !isSettledRole(found(role), now),
      );
      return {
        key: keysOf.longTermBackup(server.key),
        server: server.key,
        name: server.name,
        region: server.region,
        vault,
        policy: keys.backupPolicy(server.site),
        role: own,
        after: [server.key, keys.backupPolicy(server.site), keys.backupVaultReader(server.site), own.key],
        until: [...unsettled, ...(writesMove(going) ? [server.key] : [])],
      };
    });
  return {
    vaults,
    // 7 January 2024 was a Sunday.
    interval: `R/2024-01-${String(7 + DAYS.indexOf(dayOfWeek)).padStart(2, '0')}T${String(hour).padStart(2, '0')}:00:00+00:00/P1W`,
    retention: `P${retentionMonths}M`,
    instances,
    released: servers
      .filter(({ retiring }) => retiring)
      .flatMap(({ key }) => [keysOf.longTermBackup(key), keysOf.longTermRole(key)]),
    waits: instances.some(({ key, until }) => until.length > 0 && !found(key)),
  };
}

const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

function defaultRedundancy({ pair, zones }: Region): string {
  if (pair !== undefined) return 'GeoRedundant';
  return zones ? 'ZoneRedundant' : 'LocallyRedundant';
}
