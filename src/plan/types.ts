import type { Flavour, Owner } from '../api/database.ts';
import type { SecretRef } from '../azure/managed.ts';
import type { Tags } from '../azure/resource-group.ts';
import type { Site } from '../names.ts';
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
  readonly servers: readonly ServerPlan[];
  /** Region that takes writes. */
  readonly activeRegion: string;
  readonly endpoints: { readonly write: EndpointPlan; readonly read: EndpointPlan };
  readonly adminPassword: AdminPasswordPlan;
  readonly entra: EntraPlan;
  /** Keys of the user's, by key of the server; see encryption.ts. */
  readonly encryption: Readonly<Record<string, EncryptionPlan>>;
  readonly locks: readonly LockPlan[];
  readonly parameters: ParametersPlan;
  /** Name of the Secret with connection details (namespaced flavour). */
  readonly connectionSecret: string;
  readonly backup?: BackupPlan;
  readonly management?: ManagementPlan;
}

export interface SitePlan {
  readonly site: Site;
  readonly region: string;
  /** Follows the server that takes writes; informative. */
  readonly role: 'primary' | 'secondary';
  readonly vnet: { readonly name: string; readonly cidr: string };
  /** IPv4 range of the delegated subnet. */
  readonly subnet: string;
  readonly dnsLink: string;
  readonly peering?: { readonly name: string; readonly to: Site };
}

/** One server of the lineage: never replaced, only followed by another generation. */
export interface ServerPlan {
  readonly key: string;
  readonly site: Site;
  readonly generation: number;
  readonly name: string;
  /** What Azure reports, or what it will be. */
  readonly fqdn: string;
  readonly region: string;
  readonly role: 'Primary' | 'Replica';
  /** Key of the server that it was made from. */
  readonly source?: string;
  readonly version: string;
  readonly size: string;
  readonly storageMb: number;
  readonly storageTier: string;
  readonly autoGrow: boolean;
  readonly zones: ZonePlan;
  /** Absent on a replica, which takes all of these from its source. */
  readonly created?: {
    readonly login: string;
    readonly retentionDays: number;
    readonly geoRedundantBackup: boolean;
  };
  /** UTC; dayOfWeek 0 is Sunday. Absent: Azure chooses. The server that takes writes only. */
  readonly maintenanceWindow?: { readonly dayOfWeek: number; readonly startHour: number; readonly startMinute: number };
  /** initProvider.sourceServerId of a server that was not made as a replica; absent until it exists. */
  readonly switchoverProof?: string;
}

/** The administrator's password; see admin-password.ts. */
export interface AdminPasswordPlan {
  readonly generated: boolean;
  /** False where the servers have no administrator login: created for Microsoft Entra logins alone. */
  readonly used: boolean;
  /** By key of the server: the Secret that its password is taken from. */
  readonly refs: Readonly<Record<string, SecretRef>>;
  /** Secrets of generated passwords. */
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
  /** Azure id of the lock, once Azure has given it. */
  readonly id?: string;
  /** Azure id of the server; absent until it is known. */
  readonly scope?: string;
}

export interface Standby {
  readonly mode: 'ZoneRedundant' | 'SameZone';
  /** Absent in regions without zones. */
  readonly standbyAvailabilityZone?: string;
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

export interface ManagementPlan {
  readonly via: 'Native' | 'Object';
  readonly rbac: 'Role' | 'ClusterRole';
  readonly name: string;
  /** Name of the cluster-scoped objects. */
  readonly clusterName: string;
  readonly settings: Readonly<Record<string, string>>;
}
