import type { Flavour, Owner } from '../api/database.ts';
import type { SubnetRanges } from '../api/subnets.ts';
import type { PostgreSQLSpec } from '../api/types.generated.ts';
import type { RestoreMode } from '../azure/dbforpostgresql.ts';
import type { ObjectRef, ProviderConfig, SecretRef } from '../azure/managed.ts';
import type { DeletionPolicy } from '../azure/management-policies.ts';
import type { Tags } from '../azure/resource-group.ts';
import type { Standby } from '../failover/standby.ts';
import type { Failover, Fence, Role, UpgradeMemory } from '../failover/types.ts';
import type { KeyUse, Site, SubnetOrdinal, WorkloadUse } from '../names.ts';
import type { CustomerManagedKey } from '../observed/observed.ts';
import type { Shortfall } from './objectives.ts';

/**
 * Every decision about one database, as plain data: printed by `render --explain`, read by the builders, which decide nothing. It is in one
 * file because it is one document: what one builder reads of a server, the next one reads of its network.
 */
export interface Plan {
  readonly flavour: Flavour;
  readonly owner: Owner;
  /** Namespace of composed namespaced objects. */
  readonly namespace: string;
  readonly providerConfig: ProviderConfig;
  readonly kubernetesProviderConfig: ProviderConfig;
  readonly tags: Tags;
  /** `existing`: somebody else made it. */
  readonly resourceGroup: { readonly name: string; readonly location: string; readonly existing: boolean };
  readonly dnsZone: string;
  /** Where that zone is. */
  readonly dnsZoneAt: ZonePlace;
  readonly networkMode: NetworkMode;
  /** Present with network mode PrivateEndpoint. */
  readonly privateLink?: PrivateLinkPlan;
  /** Empty but with network mode Public. */
  readonly firewall: readonly FirewallRulePlan[];
  readonly sites: readonly SitePlan[];
  readonly hubs: HubsPlan;
  /** Every server, in the order of region and generation. */
  readonly servers: readonly ServerPlan[];
  readonly failover: Failover;
  /** Nothing in Azure is created, changed or deleted from here: another control plane acts. */
  readonly observeOnly: boolean;
  /** Keys of former writers of which nothing is asked yet but their fence; see in-service.ts. */
  readonly unfenced: readonly string[];
  /** What keeps clients away from former writers, and lets them back. */
  readonly fences: readonly FencePlan[];
  /** Region that takes writes. */
  readonly activeRegion: string;
  readonly endpoints: { readonly write: EndpointPlan; readonly read: EndpointPlan };
  readonly virtualEndpoints: VirtualEndpointsPlan;
  /** Absent until asked for. */
  readonly trafficManager?: TrafficManagerPlan;
  readonly adminLogin: string;
  readonly adminPassword: AdminPasswordPlan;
  readonly entra: EntraPlan;
  /** Keys of the user's, by key of the server; see encryption.ts. */
  readonly encryption: Readonly<Record<string, EncryptionPlan>>;
  readonly keyIdentities: readonly KeyIdentityPlan[];
  readonly workloadIdentities: WorkloadIdentitiesPlan;
  readonly locks: readonly LockPlan[];
  readonly parameters: ParametersPlan;
  /** Name of the Secret with connection details (namespaced flavour). */
  readonly connectionSecret: string;
  /** Automatic backups are to be copied to the paired region. */
  readonly geoRedundantBackup: boolean;
  readonly backup?: BackupPlan;
  readonly monitoring: MonitoringPlan;
  readonly onDemandBackups: OnDemandBackupsPlan;
  readonly longTerm?: LongTermPlan;
  readonly dumps?: DumpPlan;
  /** Absent when a person makes the calls. */
  readonly executor?: ExecutorPlan;
  /** Jobs of the failover that is under way. */
  readonly jobs: readonly JobPlan[];
  readonly management?: ManagementPlan;
  /** What rules out the objectives; absent without any. */
  readonly objectives?: readonly Shortfall[];
  readonly deletion: DeletionPolicy;
  /** Pairs of keys: `of` cannot be deleted before `by` is gone. */
  readonly usages: readonly UsagePlan[];
  /** Objects that nobody can delete now. */
  readonly protected: readonly ObjectRef[];
}

export interface FencePlan extends Fence {
  /** Azure id of the parameter that is its half in the server, where another control plane may have set it. */
  readonly parameterId?: string;
}

/** How clients and Azure reach the servers. */
export type NetworkMode = PostgreSQLSpec['network']['mode'];

/** Clients of one server; see firewall.ts. */
export interface FirewallRulePlan {
  readonly key: string;
  /** Key of the server. */
  readonly server: string;
  readonly name: string;
  readonly startAddress: string;
  readonly endAddress: string;
  /** It is given the policy Delete, and goes once it has it. */
  readonly goes: boolean;
}

/** Where a zone is; `existing`: somebody else made it. */
export interface ZonePlace {
  readonly resourceGroup: string;
  readonly existing: boolean;
  /** Whether the networks are linked to it from here. */
  readonly links: boolean;
  /** Of its subscription, where that is another one. */
  readonly providerConfig?: ProviderConfig;
}

/** Networks of the platform team's that ours are joined to; see hubs.ts. */
export interface HubsPlan {
  readonly hubs: readonly HubPlan[];
  /** What is no longer asked for, and is given the policy Delete before it leaves. */
  readonly going: readonly GoingHubPart[];
  /** Keys of what is no longer asked for: it may leave. */
  readonly leaving: readonly string[];
}

export interface HubPlan {
  /** By which keys and Azure names here tell it. */
  readonly name: string;
  /** ARM id. */
  readonly id: string;
  /** Azure name, and its resource group. */
  readonly network: string;
  readonly resourceGroup: string;
  readonly providerConfig?: ProviderConfig;
  readonly peerings: readonly HubPeeringPlan[];
  /** Zones of ours that are linked to it. */
  readonly links: readonly { readonly key: string; readonly zoneKey: string; readonly zone: string }[];
  readonly useRemoteGateways: boolean;
  readonly allowForwardedTraffic: boolean;
}

export interface HubPeeringPlan {
  readonly site: Site;
  /** Azure name of our network. */
  readonly network: string;
  readonly toKey: string;
  readonly fromKey: string;
  /** Azure name of the hub's side; absent until the id of our network is known. */
  readonly fromName?: string;
}

export interface GoingHubPart {
  readonly key: string;
  readonly kind: 'VirtualNetworkPeering' | 'PrivateDNSZoneVirtualNetworkLink';
  readonly providerConfig?: ProviderConfig;
  readonly resourceGroup: string;
  /** What it is in: a network, or a zone. */
  readonly parent: string;
}

/** Private endpoints, and the zone in which Azure writes their addresses; see private-endpoints.ts. */
export interface PrivateLinkPlan {
  readonly zone: string;
  readonly at: ZonePlace;
  readonly endpoints: readonly PrivateEndpointPlan[];
}

export interface PrivateEndpointPlan {
  readonly key: string;
  /** Key of the server. */
  readonly server: string;
  readonly site: Site;
  readonly region: string;
  /** Key of its subnet. */
  readonly subnet: string;
  readonly name: string;
  /** It is given the policy Delete, and goes once it has it. */
  readonly goes: boolean;
  /** ARM id of the server; absent until it is known. */
  readonly serverId?: string;
  /** ARM ids of the zones that get its address; empty until they are known. */
  readonly zoneIds: readonly string[];
}

export interface UsagePlan {
  readonly of: string;
  readonly by: string;
}

export interface SitePlan {
  readonly site: Site;
  readonly region: string;
  /** Follows the server that takes writes; informative. */
  readonly role: 'primary' | 'secondary';
  /** `existing`: somebody else made it, with its one subnet. */
  readonly vnet: {
    readonly name: string;
    readonly cidr: string;
    readonly resourceGroup: string;
    readonly existing: boolean;
    /** Of its subscription, where that is another one. */
    readonly providerConfig?: ProviderConfig;
  };
  /** IPv4 ranges of the subnets of servers or of their endpoints; without `even` all share the first. */
  readonly subnets: SubnetRanges;
  /** Those subnets that there are, or are to be; none with network mode Public. */
  readonly composed: readonly SubnetPlan[];
  readonly dnsLink: string;
  readonly peering?: { readonly name: string; readonly to: Site };
}

/** A subnet that is delegated to servers, or holds their endpoints, and the network security group of its own. */
export interface SubnetPlan {
  readonly ordinal: SubnetOrdinal;
  /** ARM id, once Azure has it. */
  readonly id?: string;
  readonly name: string;
  /** IPv4 range. */
  readonly cidr: string;
  /** Azure name of the security group. Absent where the subnet, and with it its group, is somebody else's. */
  readonly nsg?: string;
}

/** One server of the lineage: never replaced, only followed by another generation. */
export interface ServerPlan {
  readonly key: string;
  readonly site: Site;
  readonly generation: number;
  /** Key of the subnet in which it stands, or its private endpoint. */
  readonly subnet: string;
  /** Keys of what has to be there before it. */
  readonly ground: readonly string[];
  readonly name: string;
  /** What Azure reports, or what it will be. */
  readonly fqdn: string;
  readonly region: string;
  readonly role: Role;
  /** Key of the server that it was made from, for ever: Azure forgets it at a promotion, the provider refuses to. */
  readonly source?: string;
  /** What its own object remembers; see names.ts. */
  readonly term?: number;
  readonly follows?: string;
  readonly unvalidated?: number;
  readonly yieldsTo?: string;
  /** The call that promotes it may have been made. */
  readonly called?: boolean;
  /** replicationRole None is asked for. */
  readonly promote: boolean;
  /** On its way out: nothing new stands on it. */
  readonly retiring: boolean;
  /** Its object only looks at the server: it says nothing that could be asked for. */
  readonly lookedAt: boolean;
  /** PostgreSQL major version; decided with the failovers, so that nothing is upgraded before its turn. */
  readonly version: string;
  readonly upgrade?: UpgradeMemory;
  readonly size: string;
  readonly storageMb: number;
  readonly storageTier: string;
  readonly autoGrow: boolean;
  readonly zones: ZonePlan;
  /** What a server was created with. One that was made as a replica takes it from its source. */
  readonly created?: {
    /** Absent on one that was made from a backup, which has the logins in it, and on one that a switchover made a replica. */
    readonly login?: string;
    readonly geoRedundantBackup: boolean;
  };
  /** The backup that it was made from; see restored-servers.ts. */
  readonly madeFrom?: RestoredPlan;
  /** What its own object remembers of spec.restore; see names.ts. */
  readonly restores?: string;
  readonly restored?: string;
  /** Days. Absent while it replicates. */
  readonly retentionDays?: number;
  /** The administrator's password is set on it. */
  readonly password: boolean;
  /** UTC; dayOfWeek 0 is Sunday. Absent: Azure chooses. The server that takes writes only. */
  readonly maintenanceWindow?: { readonly dayOfWeek: number; readonly startHour: number; readonly startMinute: number };
  /** initProvider.sourceServerId of a server that was not made as a replica; absent until it exists. */
  readonly switchoverProof?: string;
}

export interface RestoredPlan {
  readonly createMode: RestoreMode;
  /** Azure id of the server whose backup it is, and RFC 3339; absent where its object has lost them. */
  readonly source?: string;
  readonly time?: string;
  /** Azure has it, with the version that is asked for; before, nothing is asked that could change what the backup has. */
  readonly settled: boolean;
  /** The administrator's password is to be set on it, once there is one. */
  readonly takesPassword: boolean;
}

/** The administrator's password; see admin-password.ts. */
export interface AdminPasswordPlan {
  readonly generated: boolean;
  /** Where the password that works is read. */
  readonly ref: SecretRef;
  /** By key of each server that has a password: the Secret that it is taken from. */
  readonly refs: Readonly<Record<string, SecretRef>>;
  /** Secrets of generated passwords. They stay when the user brings a Secret later. */
  readonly secrets: readonly PasswordSecret[];
  /** Keys of Secrets whose password works nowhere any more. */
  readonly retired: readonly string[];
  /** Key of the Secret that the server which takes writes is to follow. Generated passwords only. */
  readonly target?: string;
  /** The Secret whose password Azure has; `rotated` once that was asked for. Generated passwords only. */
  readonly working?: PasswordSecret & { readonly rotated: boolean };
}

export interface PasswordSecret {
  readonly key: string;
  readonly name: string;
}

/** Microsoft Entra logins; see entra.ts. */
export interface EntraPlan {
  /** By key of the server. Absent: never asked for, so that Azure's default holds. */
  readonly authentication: Readonly<Record<string, AuthenticationPlan>>;
  /** Whether passwords work as logins. */
  readonly passwords: boolean;
  readonly administrators: readonly AdministratorPlan[];
}

export interface AuthenticationPlan {
  readonly activeDirectoryAuthEnabled: boolean;
  readonly passwordAuthEnabled: boolean;
  /** Azure refuses it while Entra authentication is off. */
  readonly tenantId?: string;
}

export interface AdministratorPlan {
  readonly key: string;
  /** Key of the server. */
  readonly server: string;
  readonly serverName: string;
  readonly tenantId: string;
  readonly objectId: string;
  readonly principalName: string;
  readonly principalType: string;
  /** It is given the policy Delete, and goes once it has it. */
  readonly goes: boolean;
  readonly after: readonly string[];
  readonly until: readonly string[];
}

/** Server parameters; see parameters.ts. */
export interface ParametersPlan {
  readonly settings: readonly ParameterPlan[];
  /** Changes that have not arrived in Azure. */
  readonly pending: readonly PendingParameter[];
}

export interface ParameterPlan {
  readonly key: string;
  /** Key of the server. */
  readonly server: string;
  readonly name: string;
  /** Absent: it is only read. */
  readonly value?: string;
  /** It is given the policy Delete, and is reset once it has it. */
  readonly goes: boolean;
  /** Azure id; absent until the server's is known. */
  readonly id?: string;
  readonly until: readonly string[];
}

export interface PendingParameter {
  readonly server: string;
  readonly name: string;
  /** How status.pendingRestarts names the restart that it causes; absent: none. */
  readonly restart?: string;
}

/** What tells one role assignment in Azure from all others; see role-assignments.ts. */
export interface RoleAssignmentPlan {
  /** Azure id of what it is on; absent until it is known. */
  readonly scope?: string;
  /** Of the identity that it is given to; absent until it is known. */
  readonly principalId?: string;
  /** A GUID; absent until scope and principal are known. */
  readonly name?: string;
  /** Azure id, by which it is found again: once it has one, or where it may be there already. */
  readonly id?: string;
}

/** An identity that is made for a key of the user's, and its right to use it. */
export interface KeyIdentityPlan {
  readonly use: KeyUse;
  readonly name: string;
  readonly region: string;
  /** Azure id of the identity; absent until Azure has it. */
  readonly id?: string;
  /** On the key vault. */
  readonly role: RoleAssignmentPlan;
  /** False while the right is too new to rely on. */
  readonly settled: boolean;
}

/** Identities for what runs in this cluster; see workload-identities.ts. */
export interface WorkloadIdentitiesPlan {
  readonly identities: readonly WorkloadIdentityPlan[];
  /** Keys of what may go when nobody asks for it. */
  readonly released: readonly string[];
}

export interface WorkloadIdentityPlan {
  readonly use: WorkloadUse;
  /** What is left of it is given the policy Delete, and goes once it has it. */
  readonly goes: boolean;
  /** `id`: Azure id; absent until Azure has it. */
  readonly identity?: { readonly name: string; readonly region: string; readonly id?: string };
  /** `parentId`: Azure id of the identity; absent until Azure has it. */
  readonly credential?: { readonly parentId?: string; readonly issuer: string; readonly subject: string };
  readonly role?: WorkloadRolePlan;
  /** What the ServiceAccount names; absent until Azure has the identity. */
  readonly clientId?: string;
  /** Its right is there, and old enough to rely on. */
  readonly settled: boolean;
}

export interface WorkloadRolePlan extends RoleAssignmentPlan {
  readonly roleDefinitionName?: string;
  readonly roleDefinitionId?: string;
  /** Key of what it is on; absent where it goes. */
  readonly on?: string;
}

export interface EncryptionPlan {
  /** What the server has, or is to be created with. */
  readonly customerManagedKey?: CustomerManagedKey;
  /** What is asked for; another one than it has is refused. */
  readonly wished?: CustomerManagedKey;
  /** Keys of what is made for the server's keys: it is created after them, and deleted before. */
  readonly standsOn: readonly string[];
  /** Those of them that are there, but not to be relied on yet. */
  readonly until: readonly string[];
}

/** A management lock on one server. */
export interface LockPlan {
  readonly key: string;
  /** Key of the server. */
  readonly server: string;
  /** It is given the policy Delete, and goes once it has it. */
  readonly goes: boolean;
  /** Azure id of the lock, once Azure has given it. */
  readonly id?: string;
  /** Azure id of the server; absent until it is known. */
  readonly scope?: string;
}

/** Where zones and high availability stand in the spec; see high-availability.ts. */
export interface ZonePlan {
  readonly zone?: string;
  readonly initial?: Standby;
  readonly enforced?: Standby;
  /** In forProvider for as long as a zone failover is asked for; see zone-move.ts. */
  readonly exchanged?: string;
  /** What spec.highAvailability.activeZone said when the server that takes writes was seen there. */
  readonly reached?: string;
  /** What a person is to know of a zone failover that is asked for. */
  readonly told?: string;
}

export interface EndpointPlan {
  /** Label inside the zone. */
  readonly label: string;
  readonly host: string;
  /** Key of the server that the name points at. */
  readonly server: string;
  /** Host name of that server. */
  readonly target: string;
  readonly ttlSeconds: number;
}

/** Azure's own names for a pair of servers; see virtual-endpoints.ts. */
export interface VirtualEndpointsPlan {
  readonly asked: boolean;
  readonly endpoints: readonly VirtualEndpointPlan[];
  /** Keys of those whose servers are no pair any more. */
  readonly leaving: readonly string[];
}

export interface VirtualEndpointPlan {
  readonly key: string;
  /** Azure name. */
  readonly name: string;
  /** Key of the server that took writes when it was made, and of its replica then. A switchover changes neither. */
  readonly source: string;
  readonly reader: string;
  readonly writeHost: string;
  readonly readHost: string;
  /** Azure id, once Azure has given it. */
  readonly id?: string;
  /** It is given the policy Delete, and goes once it has it. */
  readonly goes: boolean;
  readonly until: readonly string[];
}

/** A name in public DNS; see traffic-manager.ts. */
export interface TrafficManagerPlan {
  /** Azure name of the profile. */
  readonly name: string;
  readonly relativeName: string;
  readonly host: string;
  readonly ttlSeconds: number;
  /** It is given the policy Delete, and goes once it has it. */
  readonly goes: boolean;
  /** At most one of them is enabled. */
  readonly endpoints: readonly TrafficEndpointPlan[];
}

export interface TrafficEndpointPlan {
  readonly key: string;
  /** Key of the server. */
  readonly server: string;
  readonly name: string;
  /** Host name of the server. */
  readonly target: string;
  readonly priority: number;
  /** Writes belong to that server. */
  readonly enabled: boolean;
  /** It is given the policy Delete, and goes once it has it. */
  readonly goes: boolean;
}

export interface BackupPlan {
  readonly accountName: string;
  readonly replication: string;
  readonly containerName: string;
  readonly softDeleteDays: number;
  readonly tags: Tags;
}

/** Backups on demand; see on-demand-backups.ts. */
export interface OnDemandBackupsPlan {
  readonly backups: readonly OnDemandBackupPlan[];
  /** Keys of those that are no longer listed, and may go. */
  readonly released: readonly string[];
}

export interface OnDemandBackupPlan {
  readonly key: string;
  readonly name: string;
  /** Key of the server of which it is. */
  readonly server: string;
  /** Azure has taken it: it is never taken again. */
  readonly taken: boolean;
  /** Azure id, once Azure has given it. */
  readonly id?: string;
  /** It is the reason why its server is not deleted. */
  readonly keepsServer: boolean;
  readonly after: readonly string[];
  readonly until: readonly string[];
}

/** Long-term backups; see long-term-backups.ts. */
export interface LongTermPlan {
  readonly vaults: readonly VaultPlan[];
  /** ISO 8601, repeating. */
  readonly interval: string;
  /** ISO 8601 duration. */
  readonly retention: string;
  readonly instances: readonly VaultedServerPlan[];
  /** Keys of what may leave the cluster with its server. In Azure it stays. */
  readonly released: readonly string[];
  /** A server waits for time to pass. */
  readonly waits: boolean;
}

export interface VaultPlan {
  readonly key: string;
  readonly name: string;
  readonly region: string;
  readonly redundancy: string;
  readonly immutability: 'Disabled' | 'Unlocked';
  /** Key of the policy. */
  readonly policy: string;
  readonly reader: VaultRolePlan;
}

/** A role that a vault's identity has on something. */
export interface VaultRolePlan extends RoleAssignmentPlan {
  readonly key: string;
  readonly role: string;
  /** Key of what it is on. */
  readonly on: string;
  /** Key of the vault. */
  readonly vault: string;
  readonly until: readonly string[];
}

/** A server that is backed up into the vault of its region. */
export interface VaultedServerPlan {
  readonly key: string;
  /** Key of the server. */
  readonly server: string;
  /** Azure name of the server, and of its part of the vault. */
  readonly name: string;
  readonly region: string;
  readonly vault: string;
  readonly policy: string;
  readonly role: VaultRolePlan;
  readonly after: readonly string[];
  readonly until: readonly string[];
}

/** Logical dumps: a CronJob beside the password's Secret, and how long Azure keeps what it uploads. */
export interface DumpPlan {
  readonly via: 'Native' | 'Object';
  /** No Job begins. */
  readonly suspended: boolean;
  readonly namespace: string;
  readonly cronJob: string;
  readonly serviceAccount: string;
  /** Absent until Azure has the identity that is made for it. */
  readonly clientId?: string;
  /** Keys of what is made for it in Azure, and those of them that it cannot rely on yet. */
  readonly standsOn: readonly string[];
  readonly until: readonly string[];
  /** Five cron fields, UTC. */
  readonly schedule: string;
  /** Empty: every database. */
  readonly databases: readonly string[];
  /** Has pg_dump. */
  readonly image: string;
  /** Has the upload. */
  readonly uploadImage: string;
  readonly volumeSizeGB: number;
  readonly storageClassName?: string;
  readonly retentionDays: number;
  readonly deadlineHours: number;
  /** The name that it dumps from, and the key of its record. */
  readonly host: string;
  readonly record: string;
  readonly login: string;
  readonly password: SecretRef;
  readonly containerUrl: string;
  /** Of the dumps inside the container. */
  readonly folder: string;
}

/** A Job of a failover. */
export interface JobPlan {
  readonly key: string;
  readonly via: 'Native' | 'Object';
  readonly namespace: string;
  readonly name: string;
  /** Keys of what it stands on. */
  readonly after: readonly string[];
  readonly until: readonly string[];
  /** spec.template of the Job that is there: nobody can change it. */
  readonly template?: Readonly<Record<string, unknown>>;
  readonly work: ProbeWork | CallWork;
}

/** Looks at a server with PostgreSQL's own client. */
export interface ProbeWork {
  readonly does: 'Validate' | 'Verify';
  readonly image: string;
  /** The name that it connects to. */
  readonly host: string;
  /** Host of the server that it has to arrive at by that name. */
  readonly target?: string;
  readonly login: string;
  readonly password: SecretRef;
}

/** Makes the Azure call that the provider does not offer. */
export interface CallWork {
  readonly does: 'Call';
  readonly image: string;
  readonly serviceAccount: string;
  readonly arguments: readonly string[];
}

/** Who makes the Azure calls of a failover. */
export interface ExecutorPlan {
  readonly via: 'Native' | 'Object';
  readonly namespace: string;
  readonly serviceAccount: string;
  /** As of the dumps. */
  readonly clientId?: string;
  readonly standsOn: readonly string[];
  readonly until: readonly string[];
  readonly role: 'Role' | 'ClusterRole';
  readonly roleName: string;
  /** Path in the Kubernetes API of the object that asks for a failover. */
  readonly object: string;
}

export interface ManagementPlan {
  readonly via: 'Native' | 'Object';
  readonly rbac: 'Role' | 'ClusterRole';
  readonly name: string;
  /** Name of the cluster-scoped objects. */
  readonly clusterName: string;
  readonly settings: Readonly<Record<string, string>>;
}

/** What watches the servers. Empty lists and absent parts where nothing was asked for. */
export interface MonitoringPlan {
  /** The workspace that is made here. It holds logs, so it stays although they are no longer sent. */
  readonly workspace?: {
    readonly name: string;
    readonly location: string;
    readonly retentionDays: number;
    readonly dailyQuotaGB?: number;
  };
  readonly logs?: LogsPlan;
  /** The action group that is made here. */
  readonly actionGroup?: { readonly name: string; readonly shortName: string; readonly emails: readonly string[] };
  /** ARM ids of all action groups that are told; ours is among them once Azure has it. */
  readonly actionGroupIds: readonly string[];
  readonly alerts: readonly AlertPlan[];
  readonly datadogMonitors: readonly DatadogMonitorPlan[];
}

export interface LogsPlan {
  /** ARM id of the workspace that takes them; absent until Azure has it. */
  readonly workspaceId?: string;
  /** Whether that workspace is made here. */
  readonly own: boolean;
  readonly categories: readonly string[];
  readonly metrics: boolean;
  readonly settings: readonly DiagnosticsPlan[];
}

/** What sends the logs of one server. */
export interface DiagnosticsPlan {
  readonly key: string;
  /** Key of the server. */
  readonly server: string;
  /** ARM id of the server; absent until Azure has it. */
  readonly serverId?: string;
  /** The id under which the provider knows the setting; absent until it has made it. */
  readonly id?: string;
}

/** One metric alert on one server, for the role that it has now. */
export interface AlertPlan {
  readonly key: string;
  readonly name: string;
  readonly server: string;
  readonly serverId?: string;
  /** A sentence for whoever is woken by it. */
  readonly says: string;
  readonly metric: string;
  readonly aggregation: 'Average' | 'Maximum' | 'Total';
  readonly operator: 'GreaterThan' | 'LessThan';
  readonly threshold: number;
  readonly windowMinutes: 5 | 15;
  readonly severity: 0 | 1 | 2 | 3;
}

export interface DatadogMonitorPlan {
  readonly key: string;
  readonly server: string;
  readonly via: 'Native' | 'Object';
  /** Name of the Kubernetes object. */
  readonly name: string;
  readonly title: string;
  readonly message: string;
  readonly query: string;
  readonly threshold: number;
  /** 1 is the worst. */
  readonly priority: number;
  readonly tags: readonly string[];
}
