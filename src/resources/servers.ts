import { FlexibleServer } from '../azure/dbforpostgresql.ts';
import { type Composed, managed } from '../azure/managed.ts';
import { keys, labels } from '../names.ts';
import type { Plan, ServerPlan } from '../plan/types.ts';
import { selects } from './selectors.ts';

/**
 * Without LateInitialize: it would copy zones, high availability, tier and source into forProvider and so make them desired, which blocks
 * the server after a failover (seen live). Nothing is lost, because the external name is ours.
 */
const POLICIES = ['Observe', 'Create', 'Update', 'Delete'];

export function servers(plan: Plan): Composed[] {
  return plan.servers.map((server) =>
    managed(FlexibleServer, {
      key: server.key,
      why: server.role === 'Primary' ? `takes writes in ${server.region}` : `follows the primary in ${server.region}`,
      after: waits(plan, server),
      externalName: server.name,
      labels: {
        role: server.role === 'Primary' ? 'primary' : 'secondary',
        replica: server.role === 'Replica' ? 'true' : undefined,
        autoscaling: server.autoGrow ? 'enabled' : 'disabled',
        [labels.site]: server.site,
        [labels.generation]: String(server.generation),
      },
      annotations: {
        'management.platform.io/autoscale-enabled': String(server.autoGrow),
        'management.platform.io/backup-enabled': server.role === 'Primary' ? 'true' : undefined,
        'management.platform.io/failover-candidate': server.role === 'Replica' ? 'true' : undefined,
        'management.platform.io/promotion-priority': server.role === 'Replica' ? '1' : undefined,
      },
      managementPolicies: POLICIES,
      initProvider: {
        zone: server.zones.zone,
        highAvailability: server.zones.initial,
        sourceServerId: server.switchoverProof,
      },
      forProvider: {
        location: server.region,
        resourceGroupName: plan.resourceGroup.name,
        createMode: server.source === undefined ? undefined : 'Replica',
        sourceServerIdSelector: server.source === undefined ? undefined : selects(server.source),
        version: server.version,
        skuName: server.size,
        storageMb: server.storageMb,
        storageTier: server.storageTier,
        autoGrowEnabled: server.autoGrow,
        highAvailability: server.zones.enforced,
        backupRetentionDays: server.created?.retentionDays,
        geoRedundantBackupEnabled: server.created?.geoRedundantBackup,
        ...login(plan, server),
        authentication: plan.entra.authentication[server.key],
        ...customerKey(plan, server),
        maintenanceWindow: server.maintenanceWindow,
        delegatedSubnetIdSelector: selects(keys.subnet(server.site)),
        privateDnsZoneIdSelector: selects(keys.dnsZone),
        publicNetworkAccessEnabled: false,
        tags: plan.tags,
      },
      connectionSecret: server.created !== undefined,
    }),
  );
}

/** No reference orders the zone link, the peerings or a settled primary, so the servers wait for them here. */
function waits(plan: Plan, server: ServerPlan): string[] {
  const own = [keys.subnet(server.site), keys.dnsZone, keys.dnsLink(server.site)];
  const { used, target } = plan.adminPassword;
  if (server.source === undefined) return used && target !== undefined ? [target, ...own] : own;
  return [...own, ...plan.sites.filter(({ peering }) => peering).map(({ site }) => keys.peering(site)), server.source];
}

/** The administrator's login and password, which a replica takes from its source. */
function login({ adminPassword }: Plan, { key, created }: ServerPlan) {
  const ref = adminPassword.refs[key];
  if (!ref || !adminPassword.used) return {};
  return {
    administratorLogin: created?.login,
    administratorPasswordSecretRef: ref,
    autoGeneratePassword: adminPassword.generated ? true : undefined,
  };
}

/** The user's own key, and the identities that may use it. */
function customerKey({ encryption }: Plan, { key }: ServerPlan) {
  const own = encryption[key]?.customerManagedKey;
  if (!own) return {};
  const identityIds = [own.primaryUserAssignedIdentityId, own.geoBackupUserAssignedIdentityId].flatMap(
    (id) => id ?? [],
  );
  return { identity: { type: 'UserAssigned' as const, identityIds }, customerManagedKey: own };
}
