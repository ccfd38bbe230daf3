import {
  FlexibleServer,
  FlexibleServerConfiguration,
  LookedAtServer,
  ServerWitness,
} from '../azure/dbforpostgresql.ts';
import { type Composed, managed } from '../azure/managed.ts';
import { NO_LATE_INITIALIZE, OBSERVE_ONLY } from '../azure/management-policies.ts';
import { annotations, keys, labels } from '../names.ts';
import type { Plan, ServerPlan } from '../plan/types.ts';
import { LEFT_ALONE } from './left-alone.ts';
import { selects } from './selectors.ts';

/**
 * Without LateInitialize: it would copy zones, high availability, tier and source into forProvider and so make them desired, which blocks
 * the server after a failover (seen live). Nothing is lost, because the external name is ours.
 */
const POLICIES = NO_LATE_INITIALIZE;
const ROLES = { Primary: 'primary', Replica: 'secondary', Former: 'former', Restored: 'restored' } as const;
const WHY = {
  Primary: 'takes writes',
  Replica: 'follows the primary',
  Former: 'took writes before',
  Restored: 'is made from a backup, to take writes',
} as const;

export function servers(plan: Plan): Composed[] {
  // A look that has to be taken anew is left out for one pass.
  const asked = plan.servers.filter(({ key }) => !plan.failover.leaving.includes(key));
  return asked.map((server) => (server.lookedAt ? lookedAt(plan, server) : whole(plan, server)));
}

const whole = (plan: Plan, server: ServerPlan): Composed =>
  managed(FlexibleServer, {
    key: server.key,
    why: `${WHY[server.role]} in ${server.region}`,
    after: [...waits(plan, server), ...(plan.encryption[server.key]?.standsOn ?? [])],
    until: plan.encryption[server.key]?.until,
    externalName: server.name,
    labels: {
      role: ROLES[server.role],
      replica: server.role === 'Replica' ? 'true' : undefined,
      autoscaling: server.autoGrow ? 'enabled' : 'disabled',
      [labels.site]: server.site,
      [labels.generation]: String(server.generation),
    },
    annotations: {
      [annotations.term]: server.term === undefined ? undefined : String(server.term),
      [annotations.unvalidated]: server.unvalidated === undefined ? undefined : String(server.unvalidated),
      [annotations.follows]: server.follows,
      [annotations.yieldsTo]: server.yieldsTo,
      [annotations.called]: server.called ? 'true' : undefined,
      [annotations.source]: server.source,
      [annotations.restores]: server.restores,
      [annotations.restored]: server.restored,
      [annotations.observeOnly]: plan.observeOnly ? 'true' : undefined,
      [annotations.upgrade]: server.upgrade?.begun,
      [annotations.removedReplica]: server.upgrade?.removedReplica,
      [annotations.upgradeFailed]: server.upgrade?.failed,
      [annotations.upgradeBackups]: server.upgrade?.backups ? String(server.upgrade.backups) : undefined,
      [annotations.zoneReached]: server.zones.reached,
      'management.platform.io/autoscale-enabled': String(server.autoGrow),
      'management.platform.io/backup-enabled': server.role === 'Primary' ? 'true' : undefined,
      'management.platform.io/failover-candidate': server.role === 'Replica' ? 'true' : undefined,
      'management.platform.io/promotion-priority': server.role === 'Replica' ? '1' : undefined,
    },
    // Nothing is ever asked of a former writer, or of one that is to become a replica, but its fence, which has objects of its own, and its end.
    managementPolicies: server.role === 'Former' || server.yieldsTo !== undefined ? LEFT_ALONE : POLICIES,
    deletable: server.retiring,
    initProvider: {
      zone: server.zones.zone,
      highAvailability: server.zones.initial,
      sourceServerId: server.madeFrom?.source ?? server.switchoverProof,
      ...fromBackup(server),
    },
    forProvider: {
      location: server.region,
      resourceGroupName: plan.resourceGroup.name,
      createMode: server.madeFrom?.createMode ?? (server.source === undefined ? undefined : 'Replica'),
      replicationRole: server.promote ? 'None' : undefined,
      sourceServerIdSelector: server.source === undefined ? undefined : selects(server.source),
      version: server.madeFrom?.settled === false ? undefined : server.version,
      skuName: server.size,
      storageMb: server.storageMb,
      storageTier: server.storageTier,
      autoGrowEnabled: server.autoGrow,
      zone: server.zones.exchanged,
      highAvailability: server.zones.enforced,
      backupRetentionDays: server.retentionDays,
      geoRedundantBackupEnabled: server.madeFrom ? undefined : server.created?.geoRedundantBackup,
      ...login(plan, server),
      authentication: plan.entra.authentication[server.key],
      ...customerKey(plan, server),
      maintenanceWindow: server.maintenanceWindow,
      ...integration(plan, server),
      publicNetworkAccessEnabled: plan.networkMode === 'Public',
      tags: plan.tags,
    },
    connectionSecret: server.password,
  });

/**
 * What an imported replica was made as stands there from the first look on: the provider takes it for what it last applied, and would send it
 * as a change otherwise (upjet 2.4, Connect: an empty Terraform state is filled with the parameters).
 */
function lookedAt(plan: Plan, server: ServerPlan): Composed {
  return managed(LookedAtServer, {
    key: server.key,
    why: `looks at a server in ${server.region} that another control plane made`,
    after: [],
    externalName: server.name,
    labels: { [labels.site]: server.site, [labels.generation]: String(server.generation) },
    annotations: {
      [annotations.term]: server.term === undefined ? undefined : String(server.term),
      [annotations.follows]: server.follows,
      [annotations.source]: server.source,
      [annotations.observeOnly]: plan.observeOnly ? 'true' : undefined,
    },
    managementPolicies: OBSERVE_ONLY,
    forProvider: {
      resourceGroupName: plan.resourceGroup.name,
      createMode: server.source === undefined ? undefined : 'Replica',
      administratorPasswordSecretRef: server.password ? plan.adminPassword.refs[server.key] : undefined,
    },
    connectionSecret: server.password,
  });
}

/**
 * Sent when it is created, and no difference for the provider afterwards. Another version than the backup's would upgrade the server, so
 * it stands here alone until Azure reports the same one.
 */
const fromBackup = ({ madeFrom, version, created }: ServerPlan) =>
  madeFrom && {
    pointInTimeRestoreTimeInUtc: madeFrom.time,
    version: madeFrom.settled ? undefined : version,
    geoRedundantBackupEnabled: created?.geoRedundantBackup,
  };

/** No reference orders what a server stands on, the peerings or a settled primary, so the servers wait for them here. */
function waits(plan: Plan, server: ServerPlan): string[] {
  const { ground } = server;
  const { target } = plan.adminPassword;
  if (server.source === undefined) return server.password && target !== undefined ? [target, ...ground] : [...ground];
  // Without a network of their own, servers replicate over Azure's.
  const integrated = plan.networkMode === 'VNetIntegration';
  const peerings = integrated ? plan.sites.filter(({ peering }) => peering).map(({ site }) => keys.peering(site)) : [];
  // While a replica is made its source is busy, so the source's clients are let in first.
  const clients = plan.firewall.filter((rule) => rule.server === server.source).map(({ key }) => key);
  return [...ground, ...peerings, server.source, ...clients];
}

/** Where a server stands, if it stands in a network. */
const integration = ({ networkMode }: Plan, { subnet }: ServerPlan) =>
  networkMode === 'VNetIntegration'
    ? { delegatedSubnetIdSelector: selects(subnet), privateDnsZoneIdSelector: selects(keys.dnsZone) }
    : {};

/** Fresh looks at servers: observe-only, so that nothing is sent and nothing is deleted with them. */
export const witnesses = (plan: Plan): Composed[] =>
  plan.failover.witnesses.flatMap(({ key, server, externalName, parameterId }) => {
    const name = externalName ?? plan.servers.find((each) => each.key === server)?.name;
    if (name === undefined) return [];
    if (parameterId !== undefined)
      return [
        managed(FlexibleServerConfiguration, {
          key,
          why: `tells whether ${server} is fenced`,
          after: [],
          externalName: parameterId,
          labels: { [labels.witness]: 'true' },
          managementPolicies: OBSERVE_ONLY,
          forProvider: { name: 'default_transaction_read_only', serverIdSelector: selects(server) },
        }),
      ];
    return [
      managed(ServerWitness, {
        key,
        why: `tells what Azure has of ${server} now`,
        after: [],
        externalName: name,
        labels: { [labels.witness]: 'true' },
        managementPolicies: ['Observe'],
        forProvider: { resourceGroupName: plan.resourceGroup.name },
      }),
    ];
  });

/** The administrator's login and password, which a replica takes from its source. */
function login({ adminPassword }: Plan, { key, created, password }: ServerPlan) {
  if (!password) return {};
  return {
    administratorLogin: created?.login,
    administratorPasswordSecretRef: adminPassword.refs[key],
    // Also on a promoted one: its deletion would wait for ever for a Secret that is collected before it (upjet connects to delete).
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
