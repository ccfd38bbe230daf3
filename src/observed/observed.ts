import type { RunFunctionRequest } from '@crossplane-org/function-sdk-typescript';
import { list, number, object, text } from './json.ts';
import { conditions, PickedResource } from './picked-resource.ts';

/** What is read of observed resources: facts, not objects. A field that a controller has not written is absent. */
export interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
  /** The generation of the spec that it speaks of. Conditions that upjet itself writes have none. */
  readonly observedGeneration?: number;
  /** RFC 3339. */
  readonly lastTransitionTime?: string;
}

export interface HighAvailability {
  readonly mode?: string;
  readonly standbyAvailabilityZone?: string;
}

export interface Authentication {
  readonly activeDirectoryAuthEnabled?: boolean;
  readonly passwordAuthEnabled?: boolean;
  readonly tenantId?: string;
}

export interface CustomerManagedKey {
  readonly keyVaultKeyId?: string;
  readonly primaryUserAssignedIdentityId?: string;
  readonly geoBackupKeyVaultKeyId?: string;
  readonly geoBackupUserAssignedIdentityId?: string;
}

/** The fields of forProvider, initProvider and atProvider that decisions are made from. */
export interface ProviderFields {
  readonly id?: string;
  readonly fqdn?: string;
  readonly location?: string;
  readonly record?: string;
  readonly zone?: string;
  readonly skuName?: string;
  readonly version?: string;
  readonly storageMb?: number;
  readonly storageTier?: string;
  readonly createMode?: string;
  /** `None` once a promotion was asked for. */
  readonly replicationRole?: string;
  readonly backupRetentionDays?: number;
  /** Of a backup on demand: when Azure had it whole. */
  readonly completedTime?: string;
  /** Of a server parameter. */
  readonly value?: string;
  /** Of a network security rule: `Allow` or `Deny`. */
  readonly access?: string;
  readonly sourceServerId?: string;
  readonly pointInTimeRestoreTimeInUtc?: string;
  readonly administratorLogin?: string;
  readonly autoGeneratePassword?: boolean;
  readonly autoGrowEnabled?: boolean;
  readonly resourceGroupName?: string;
  readonly virtualNetworkName?: string;
  readonly delegatedSubnetId?: string;
  readonly delegatedSubnetIdSelector?: object;
  readonly publicNetworkAccessEnabled?: boolean;
  /** Of a firewall rule. */
  readonly startIpAddress?: string;
  readonly endIpAddress?: string;
  /** Of a private endpoint. */
  readonly subnetId?: string;
  readonly privateServiceConnection?: { readonly privateConnectionResourceId?: string };
  readonly privateDnsZoneGroup?: { readonly privateDnsZoneIds?: readonly string[] };
  readonly networkSecurityGroupName?: string;
  readonly privateDnsZoneName?: string;
  readonly zoneName?: string;
  /** Of a Traffic Manager profile. */
  readonly dnsConfig?: { readonly relativeName?: string };
  readonly geoRedundantBackupEnabled?: boolean;
  readonly highAvailability?: HighAvailability;
  readonly maintenanceWindow?: { readonly dayOfWeek: number; readonly startHour: number; readonly startMinute: number };
  readonly accountReplicationType?: string;
  readonly addressSpace?: readonly string[];
  readonly addressPrefixes?: readonly string[];
  readonly targetResourceId?: string;
  readonly logAnalyticsWorkspaceId?: string;
  readonly scopes?: readonly string[];
  readonly action?: readonly { readonly actionGroupId?: string }[];
  readonly retentionInDays?: number;
  readonly dailyQuotaGb?: number;
  readonly authentication?: Authentication;
  readonly administratorPasswordSecretRef?: {
    readonly namespace?: string;
    readonly name?: string;
    readonly key?: string;
  };
  readonly customerManagedKey?: CustomerManagedKey;
  readonly scope?: string;
  readonly principalId?: string;
  /** Of an identity. */
  readonly clientId?: string;
  /** Of a federated credential: the identity. */
  readonly parentId?: string;
  readonly roleDefinitionId?: string;
  /** Of a vault. */
  readonly redundancy?: string;
  readonly identity?: { readonly principalId?: string };
  /** Of a backup instance. */
  readonly protectionState?: string;
  /** Of a policy of a vault. */
  readonly backupRepeatingTimeIntervals?: readonly string[];
  readonly defaultRetentionRule?: { readonly lifeCycle?: readonly { readonly duration?: string }[] };
  readonly name?: string;
  readonly objectId?: string;
  readonly principalName?: string;
  readonly principalType?: string;
  readonly tenantId?: string;
}

export interface ObservedResource {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Those of this project. */
  readonly annotations: Readonly<Record<string, string>>;
  readonly externalName?: string;
  readonly generation?: number;
  /** RFC 3339. */
  readonly created?: string;
  readonly deleting: boolean;
  readonly conditions: readonly Condition[];
  /** Exists and works: condition Ready of a managed resource, existence of an object that has no conditions. */
  readonly ready: boolean;
  /** False while the provider or Azure refuses a change. */
  readonly synced: boolean;
  /** Synced or LastAsyncOperation is False; its message says why. */
  readonly failing: boolean;
  /** Whether the provider may create it. Of anything but a managed resource this says nothing. */
  readonly mayCreate: boolean;
  /**
   * The provider may not create it, and would have to. Ready stays True then, and the provider says that an update would replace the
   * resource (provider-upjet-azure, seen live with [Observe, Update]).
   */
  readonly lost: boolean;
  /** What a Usage or ClusterUsage keeps from being deleted, and whether something uses that. */
  readonly usage?: { readonly of: UsedObject; readonly by: boolean };
  readonly forProvider: ProviderFields;
  readonly initProvider: ProviderFields;
  readonly atProvider: ProviderFields;
  /** managementPolicies; empty for an object that has none. */
  readonly policies: readonly string[];
  /** The provider's configuration that it names; its kind is empty where there is only one. */
  readonly providerConfig?: { readonly kind: string; readonly name: string };
  /** Of a Job, composed as it is or through provider-kubernetes. */
  readonly job?: ObservedJob;
  /** When the last Job of a composed CronJob succeeded. */
  readonly lastSuccess?: string;
  /** Base64 values of a composed Secret. */
  readonly data: Readonly<Record<string, string>>;
  /** What the provider wrote into the resource's connection Secret. A function, because it is decoded when it is asked for. */
  readonly connection: () => Readonly<Record<string, Uint8Array>>;
}

export interface ObservedJob {
  /** `<namespace>/<name>`. */
  readonly name: string;
  /** Absent while it runs. */
  readonly ended?: 'Complete' | 'Failed';
  /** What the cluster says of its end. */
  readonly message: string;
  /** spec.template, which Kubernetes never lets anybody change. */
  readonly template?: Readonly<Record<string, unknown>>;
}

export interface UsedObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
}

/** One failover as status.failover.history tells of it. Times are RFC 3339. */
export interface FailoverRecord {
  readonly from: string;
  readonly to: string;
  readonly startedAt: string;
  readonly writableAt?: string;
  readonly protectedAt?: string;
  readonly secondsToWritable?: number;
  readonly secondsToProtected?: number;
}

export interface Observed {
  readonly resources: ReadonlyMap<string, ObservedResource>;
  /** Conditions that the XR carries from the run before. */
  readonly conditions: readonly Condition[];
  /** Zone in which each server ran when the XR was last written, by Azure name. */
  readonly zones: ReadonlyMap<string, string>;
  /** Secret with the password that worked when the XR was last written. */
  readonly passwordSecret?: string;
  /** Restarts that the XR told of when it was last written. */
  readonly announcedRestarts: ReadonlySet<string>;
  /** Failovers that the XR told of when it was last written, newest first. */
  readonly failoverHistory: readonly FailoverRecord[];
  /** Connection details that the XR has published (claims flavour). */
  readonly connection: Readonly<Record<string, Uint8Array>>;
}

/** The object of a server that asks nothing of it: it was only looked at so far, because another control plane made it. */
export const isLookedAt = ({ forProvider }: Pick<ObservedResource, 'forProvider'>): boolean =>
  forProvider.version === undefined;

/** Whether an object that may only look has found nothing (crossplane-runtime, managed reconciler). */
export const isAbsent = ({ conditions, policies }: ObservedResource): boolean =>
  policies.length === 1 &&
  policies[0] === 'Observe' &&
  conditions.some(
    ({ type, status, message }) =>
      type === 'Synced' && status === 'False' && message.includes('external resource does not exist'),
  );

/** Reads the request's observed state. Resources that other functions composed are in it too. */
export function observe(request: RunFunctionRequest): Observed {
  const composite = request.observed?.composite;
  const status = object(object(composite?.resource).status);
  const servers = list(status.servers).map(object);
  return {
    resources: new Map(
      Object.entries(request.observed?.resources ?? {}).map(([key, from]) => [key, new PickedResource(from)]),
    ),
    conditions: conditions(status),
    zones: new Map(servers.filter(({ zone }) => text(zone) !== '').map(({ name, zone }) => [text(name), text(zone)])),
    passwordSecret: text(object(status.credentials).secretName) || undefined,
    announcedRestarts: new Set(Array.isArray(status.pendingRestarts) ? status.pendingRestarts.map(text) : []),
    failoverHistory: list(object(status.failover).history).map(object).map(failoverRecord),
    connection: composite?.connectionDetails ?? {},
  };
}

const failoverRecord = (from: ReturnType<typeof object>): FailoverRecord => ({
  from: text(from.from),
  to: text(from.to),
  startedAt: text(from.startedAt),
  writableAt: text(from.writableAt) || undefined,
  protectedAt: text(from.protectedAt) || undefined,
  secondsToWritable: number(from.secondsToWritable),
  secondsToProtected: number(from.secondsToProtected),
});
