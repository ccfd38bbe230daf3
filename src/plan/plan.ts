import type { Database } from '../api/database.ts';
import { groupOf, zoneOf } from '../api/existing.ts';
import type { Region } from '../azure/regions.ts';
import { failover } from '../failover/machine.ts';
import {
  clusterName,
  dnsZoneName,
  fenceParameterId,
  HUB,
  keys,
  labels as labelKeys,
  MANAGED_BY,
  type NameScope,
  namespacedName,
  PRIVATE_LINK_ZONE,
  resourceGroupName,
  storageAccountName,
} from '../names.ts';
import type { Observed, ProviderFields } from '../observed/observed.ts';
import { adminPassword } from './admin-password.ts';
import { dumps } from './dumps.ts';
import { encryption } from './encryption.ts';
import { entra } from './entra.ts';
import { executor } from './executor.ts';
import { firewall } from './firewall.ts';
import { hubs } from './hubs.ts';
import { mayBeThere, unfencedFormers } from './in-service.ts';
import { jobs } from './jobs.ts';
import { keyIdentities } from './key-identities.ts';
import { locks } from './locks.ts';
import { longTerm } from './long-term-backups.ts';
import { monitoring } from './monitoring.ts';
import { objectives } from './objectives.ts';
import { onDemandBackups } from './on-demand-backups.ts';
import { parameters } from './parameters.ts';
import { privateLink } from './private-endpoints.ts';
import { otherProviderConfig } from './provider-configs.ts';
import { servers } from './servers.ts';
import { sites } from './sites.ts';
import { trafficManager } from './traffic-manager.ts';
import type { BackupPlan, EndpointPlan, ManagementPlan, Plan, ServerPlan } from './types.ts';
import { usages } from './usages.ts';
import { virtualEndpoints } from './virtual-endpoints.ts';
import { workloadIdentities } from './workload-identities.ts';
import { zonePlace } from './zones.ts';

/** The Azure name that a resource has, which it keeps whatever the spec or the platform says later, or else the one it would get. */
const kept = (observed: Observed, key: string, planned: string): string =>
  observed.resources.get(key)?.externalName ?? planned;

/**
 * The same for what others stand on: while its own object is missing, what stands on it still names it, and renaming it would move that too.
 */
function keptParent(
  observed: Observed,
  key: string,
  referrers: (of: ProviderFields) => string | undefined,
  planned: string,
): string {
  const own = observed.resources.get(key)?.externalName;
  if (own !== undefined) return own;
  // What somebody else made may stand elsewhere.
  for (const [key, resource] of observed.resources)
    if (
      resource.labels[labelKeys.managedBy] === MANAGED_BY &&
      resource.labels[labelKeys.existing] !== 'true' &&
      !key.startsWith(HUB)
    ) {
      const named = referrers(resource.forProvider);
      if (named !== undefined) return named;
    }
  return planned;
}

/**
 * Decides everything about a database from what was asked for and what is there. Pure: the same arguments give the same plan. `now` is in
 * milliseconds since 1970 and only compared with observed times.
 */
export function plan(database: Database, observed: Observed, now: number): Plan {
  const { flavour, owner, namespace, platform, spec, primary } = database;
  const group = keptParent(
    observed,
    keys.resourceGroup,
    // Links and names are in the group of their zone, which may be another one.
    ({ resourceGroupName, privateDnsZoneName, zoneName }) =>
      (privateDnsZoneName ?? zoneName) === undefined ? resourceGroupName : undefined,
    (spec.resourceGroup.existing && groupOf(spec.resourceGroup.existing.id)) ??
      spec.resourceGroup.name ??
      resourceGroupName(platform.namingPrefix, owner.namespace, owner.name),
  );
  const scope: NameScope = {
    namespace: owner.namespace,
    name: owner.name,
    resourceGroup: group,
    prefix: platform.namingPrefix,
  };
  const zone = keptParent(
    observed,
    keys.dnsZone,
    // The link of the other zone names that one.
    ({ privateDnsZoneName, zoneName }) =>
      [privateDnsZoneName, zoneName].find((name) => name !== undefined && name !== PRIVATE_LINK_ZONE),
    (spec.network.privateDnsZone && zoneOf(spec.network.privateDnsZone.existing.id)) ??
      spec.network.privateDnsZoneName ??
      dnsZoneName(owner.namespace, owner.name),
  );
  const zoneAt = zonePlace(database, spec.network.privateDnsZone, group);
  const going = failover(database, observed, now);
  const lineage = servers(database, observed, going, scope);
  const unfenced = unfencedFormers(lineage, going.fences, observed);
  const writer = lineage.find(({ role }) => role === 'Primary') as ServerPlan; // failover.ts always gives one
  // One that was made from a backup has the administrator that is in it.
  const login = observed.resources.get(writer.key)?.atProvider.administratorLogin || spec.security.adminUsername;
  const objectName = (key: string, suffix: string): string =>
    observed.resources.get(key)?.name || namespacedName(owner.name, suffix);
  const holder = lineage.find(({ key }) => key === going.names) ?? writer;
  const names = endpoints(database, observed, zone, lineage, holder);
  const link = privateLink(database, observed, lineage, group);
  const storage = backup(database, observed, scope);
  const pairs = virtualEndpoints(database, observed, lineage, going, scope);
  const password = adminPassword(database, observed, lineage, going);
  const dumpNamespace = password.ref.namespace;
  const workloads = workloadIdentities(database, observed, now, { scope, storage, dumpNamespace });
  const calls = executor(database, workloads);
  const identities = keyIdentities(database, observed, now, scope);
  const encrypted = encryption(database, observed, lineage, identities);
  const networks = sites(database, observed, scope, lineage);
  return {
    flavour,
    owner,
    namespace,
    providerConfig:
      otherProviderConfig(database, spec.resourceGroup.existing?.providerConfigRef) ?? platform.providerConfigRef,
    kubernetesProviderConfig: platform.kubernetesProviderConfigRef,
    tags: tags(database),
    resourceGroup: {
      name: group,
      location: primary.region.name,
      existing: spec.resourceGroup.existing !== undefined,
    },
    dnsZone: zone,
    dnsZoneAt: zoneAt,
    networkMode: spec.network.mode,
    privateLink: link,
    firewall: firewall(database, observed, lineage, going.fences),
    sites: networks,
    hubs: hubs(database, observed, { sites: networks, dnsZone: zone, dnsZoneAt: zoneAt, privateLink: link }),
    servers: lineage,
    failover: going,
    observeOnly: going.observeOnly === true,
    unfenced,
    fences: going.fences.map((fence) => ({ ...fence, parameterId: fenceParameter(database, observed, fence.server) })),
    activeRegion: writer.region,
    endpoints: names,
    virtualEndpoints: pairs,
    trafficManager: trafficManager(database, observed, lineage, names.write, scope),
    adminLogin: login,
    adminPassword: password,
    entra: entra(database, observed, lineage),
    encryption: encrypted,
    keyIdentities: identities,
    workloadIdentities: workloads,
    locks: locks(database, observed, lineage, unfenced),
    parameters: parameters(database, observed, lineage, going),
    connectionSecret: objectName(keys.connectionSecret, 'connection'),
    geoRedundantBackup: spec.database.geoRedundantBackup ?? primary.region.geoBackup,
    backup: storage,
    onDemandBackups: onDemandBackups(database, observed, lineage, going),
    longTerm: longTerm(database, observed, scope, lineage, going, now),
    dumps:
      storage &&
      dumps(database, {
        suspended: going.observeOnly === true,
        lineage,
        endpoints: names,
        login,
        password: password.ref,
        storage,
        workloads,
      }),
    executor: calls,
    jobs: jobs(database, observed, {
      servers: lineage,
      failover: going,
      endpoints: names,
      adminLogin: login,
      password: password.ref,
      executor: calls,
    }),
    monitoring: monitoring(
      database,
      observed,
      scope,
      lineage.filter(({ retiring }) => !retiring),
      unfenced,
    ),
    management: management(database, zone, writer),
    objectives: objectives(database, lineage),
    deletion: spec.deletion.policy,
    usages: usages(
      lineage.filter(({ retiring }) => !retiring),
      { mode: spec.network.mode, zone: zoneAt, link, endpoints: pairs.endpoints, encryption: encrypted },
    ),
    protected: spec.deletion.protection ? database.handles : [],
  };
}

/** Id of a server's parameter that makes its sessions read-only. */
function fenceParameter(database: Database, observed: Observed, server: string): string | undefined {
  const id = observed.resources.get(server)?.atProvider.id;
  return mayBeThere(database) && id ? fenceParameterId(id) : undefined;
}

/** Azure compares tag names without case; the later source wins. Sorted, so that the order of the input does not show. */
function tags({ owner, platform, spec }: Database, purpose: Plan['tags'] = {}): Plan['tags'] {
  const own = {
    'managed-by': 'crossplane',
    database: [owner.namespace, owner.name].filter((part) => part !== '').join('/'),
    ...purpose,
  };
  const byName = new Map(
    [own, platform.tags, spec.tags].flatMap(Object.entries<string>).map((tag) => [tag[0].toLowerCase(), tag]),
  );
  return Object.fromEntries([...byName.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, tag]) => tag));
}

function endpoints(
  { spec: { network } }: Database,
  observed: Observed,
  zone: string,
  lineage: readonly ServerPlan[],
  /** Where the names belong: the server that takes writes, or until they move the one before it. */
  holder: ServerPlan,
): Plan['endpoints'] {
  // The read name leaves a replica before that goes.
  const replica = lineage.find(({ role, retiring }) => role === 'Replica' && !retiring);
  const endpoint = (key: string, planned: string, server: ServerPlan): EndpointPlan => {
    const label = kept(observed, key, planned);
    return { label, host: `${label}.${zone}`, server: server.key, target: server.fqdn, ttlSeconds: network.ttlSeconds };
  };
  // Once the read name points at the replica it stays there: a moment in which the replica is not Ready must not move clients.
  const reads =
    replica &&
    ((observed.resources.get(replica.key)?.ready &&
      (network.mode !== 'PrivateEndpoint' || observed.resources.get(keys.privateEndpoint(replica.key))?.ready)) ||
      observed.resources.get(keys.readRecord)?.forProvider.record === replica.fqdn);
  return {
    write: endpoint(keys.writeRecord, network.writeEndpointName, holder),
    read: endpoint(keys.readRecord, network.readEndpointName, reads ? replica : holder),
  };
}

function backup(database: Database, observed: Observed, scope: NameScope): BackupPlan | undefined {
  const { spec, primary } = database;
  const { enabled, replication, containerName, softDeleteDays } = spec.backup.storage;
  if (!enabled) return undefined;
  const existing = observed.resources.get(keys.backupAccount)?.forProvider.accountReplicationType;
  return {
    accountName: kept(observed, keys.backupAccount, storageAccountName(scope)),
    replication: existing ?? replication ?? defaultReplication(primary.region),
    containerName: kept(observed, keys.backupContainer, containerName),
    softDeleteDays,
    tags: tags(database, { purpose: 'postgresql-backups', automation: 'enabled' }),
  };
}

function defaultReplication({ pair, zones }: Region): string {
  if (pair !== undefined) return 'GRS';
  return zones ? 'ZRS' : 'LRS';
}

function management(
  { flavour, owner, namespace, spec, secondary }: Database,
  zone: string,
  writer: ServerPlan,
): ManagementPlan | undefined {
  if (!spec.management.enabled) return undefined;
  return {
    via: flavour === 'cluster' ? 'Object' : 'Native',
    rbac: spec.management.rbac,
    name: namespacedName(owner.name, 'management'),
    clusterName: clusterName(namespace, owner.name, 'management'),
    settings: {
      'active-region': writer.region,
      'autoscaling-enabled': String(spec.database.autoGrow),
      'backup-enabled': 'true',
      'backup-retention-days': String(spec.database.backupRetentionDays),
      'failover-enabled': String(secondary !== undefined),
      'read-endpoint': `${spec.network.readEndpointName}.${zone}`,
      'write-endpoint': `${spec.network.writeEndpointName}.${zone}`,
    },
  };
}
