import type { Flavour, Owner } from '../api/database.ts';
import type { SubnetRanges } from '../api/subnets.ts';
import type { ObjectRef, SecretRef } from '../azure/managed.ts';
import type { DeletionPolicy } from '../azure/management-policies.ts';
import type { Tags } from '../azure/resource-group.ts';
import type { Standby } from '../failover/standby.ts';
import type { Failover, Fence, Role } from '../failover/types.ts';
import type { Site, SubnetOrdinal } from '../names.ts';
import type { CustomerManagedKey } from '../observed/observed.ts';

/** Every decision about one database, as plain data: printed by `render --explain`, read by the builders, which decide nothing. */
export interface Plan {
  readonly flavour: Flavour;
  readonly owner: Owner;
  /** Namespace of composed namespaced objects. */
  readonly namespace: string;
  readonly providerConfig: { readonly kind: string; readonly name: string };
  readonly kubernetesProviderConfig: { readonly kind: string; readonly name: string };
  readonly tags: Tags;
  readonly resourceGroup: { readonly name: string; readonly location: string };
  readonly dnsZone: string;
  readonly sites: readonly SitePlan[];
  /** Every server, in the order of region and generation. */
  readonly servers: readonly ServerPlan[];
  readonly failover: Failover;
  /** Nothing in Azure is created, changed or deleted from here: another control plane acts. */
  readonly observeOnly: boolean;
  /** What keeps clients away from former writers, and lets them back. */
  readonly fences: readonly FencePlan[];
  /** Region that takes writes. */
  readonly activeRegion: string;
  readonly endpoints: { readonly write: EndpointPlan; readonly read: EndpointPlan };
  readonly adminLogin: string;
  readonly adminPassword: AdminPasswordPlan;
  readonly entra: EntraPlan;
  /** Keys of the user's, by key of the server; see encryption.ts. */
  readonly encryption: Readonly<Record<string, EncryptionPlan>>;
  readonly locks: readonly LockPlan[];
  readonly parameters: ParametersPlan;
  /** Name of the Secret with connection details (namespaced flavour). */
  readonly connectionSecret: string;
  readonly backup?: BackupPlan;
  readonly monitoring: MonitoringPlan;
  readonly dumps?: DumpPlan;
  readonly management?: ManagementPlan;
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

export interface UsagePlan {
  readonly of: string;
  readonly by: string;
}

export interface SitePlan {
  readonly site: Site;
  readonly region: string;
  /** Follows the server that takes writes; informative. */
  readonly role: 'primary' | 'secondary';
  readonly vnet: { readonly name: string; readonly cidr: string };
  /** IPv4 ranges of the delegated subnets; without `even` all servers share the first. */
  readonly subnets: SubnetRanges;
  /** The delegated subnets that there are, or are to be. */
  readonly composed: readonly SubnetPlan[];
  readonly dnsLink: string;
  readonly peering?: { readonly name: string; readonly to: Site };
}

/** A delegated subnet, and the network security group of its own. */
export interface SubnetPlan {
  readonly ordinal: SubnetOrdinal;
  /** ARM id, once Azure has it. */
  readonly id?: string;
  /** IPv4 range. */
  readonly cidr: string;
  /** Azure name of the security group. */
  readonly nsg: string;
}

/** One server of the lineage: never replaced, only followed by another generation. */
export interface ServerPlan {
  readonly key: string;
  readonly site: Site;
  readonly generation: number;
  /** Key of the delegated subnet in which it stands. */
  readonly subnet: string;
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
  /** replicationRole None is asked for. */
  readonly promote: boolean;
  /** On its way out: nothing new stands on it. */
  readonly retiring: boolean;
  /** Its object only looks at the server: it says nothing that could be asked for. */
  readonly lookedAt: boolean;
  readonly version: string;
  readonly size: string;
  readonly storageMb: number;
  readonly storageTier: string;
  readonly autoGrow: boolean;
  readonly zones: ZonePlan;
  /** What a server was created with. Absent on one that was made as a replica, which takes all of these from its source. */
  readonly created?: { readonly login: string; readonly geoRedundantBackup: boolean };
  /** Days. Absent while it replicates. */
  readonly retentionDays?: number;
  /** The administrator's password is set on it. */
  readonly password: boolean;
  /** UTC; dayOfWeek 0 is Sunday. Absent: Azure chooses. The server that takes writes only. */
  readonly maintenanceWindow?: { readonly dayOfWeek: number; readonly startHour: number; readonly startMinute: number };
  /** initProvider.sourceServerId of a server that was not made as a replica; absent until it exists. */
  readonly switchoverProof?: string;
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

export interface EncryptionPlan {
  /** What the server has, or is to be created with. */
  readonly customerManagedKey?: CustomerManagedKey;
  /** What is asked for; another one than it has is refused. */
  readonly wished?: CustomerManagedKey;
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

export interface BackupPlan {
  readonly accountName: string;
  readonly replication: string;
  readonly containerName: string;
  readonly softDeleteDays: number;
  readonly tags: Tags;
}

/** Logical dumps: a CronJob beside the password's Secret, and how long Azure keeps what it uploads. */
export interface DumpPlan {
  readonly via: 'Native' | 'Object';
  /** No Job begins. */
  readonly suspended: boolean;
  readonly namespace: string;
  readonly cronJob: string;
  readonly serviceAccount: string;
  readonly clientId: string;
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
