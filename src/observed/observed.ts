import type { Resource, RunFunctionRequest } from '@crossplane-org/function-sdk-typescript';
import { annotations, labels } from '../names.ts';
import { type FieldMask, pick } from '../wire/pick.ts';

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
  /** Of a server parameter. */
  readonly value?: string;
  /** Of a network security rule: `Allow` or `Deny`. */
  readonly access?: string;
  readonly sourceServerId?: string;
  readonly administratorLogin?: string;
  readonly autoGeneratePassword?: boolean;
  readonly autoGrowEnabled?: boolean;
  readonly resourceGroupName?: string;
  readonly virtualNetworkName?: string;
  readonly delegatedSubnetId?: string;
  readonly networkSecurityGroupName?: string;
  readonly privateDnsZoneName?: string;
  readonly zoneName?: string;
  readonly geoRedundantBackupEnabled?: boolean;
  readonly highAvailability?: HighAvailability;
  readonly accountReplicationType?: string;
  readonly addressSpace?: readonly string[];
  readonly addressPrefixes?: readonly string[];
  readonly targetResourceId?: string;
  readonly logAnalyticsWorkspaceId?: string;
  readonly scopes?: readonly string[];
  readonly action?: readonly { readonly actionGroupId?: string }[];
  readonly retentionInDays?: number;
  readonly dailyQuotaGb?: number;
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
  readonly forProvider: ProviderFields;
  readonly initProvider: ProviderFields;
  readonly atProvider: ProviderFields;
  /** managementPolicies; empty for an object that has none. */
  readonly policies: readonly string[];
  /** When the last Job of a composed CronJob succeeded. */
  readonly lastSuccess?: string;
  /** Base64 values of a composed Secret. */
  readonly data: Readonly<Record<string, string>>;
  /** What the provider wrote into the resource's connection Secret. A function, because it is decoded when it is asked for. */
  readonly connection: () => Readonly<Record<string, Uint8Array>>;
}

export interface Observed {
  readonly resources: ReadonlyMap<string, ObservedResource>;
  /** Conditions that the XR carries from the run before. */
  readonly conditions: readonly Condition[];
  /** Zone in which each server ran when the XR was last written, by Azure name. */
  readonly zones: ReadonlyMap<string, string>;
  /** Connection details that the XR has published (claims flavour). */
  readonly connection: Readonly<Record<string, Uint8Array>>;
}

type Json = Readonly<Record<string, unknown>>;
const object = (value: unknown): Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const number = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined);

function conditions(status: Json): Condition[] {
  if (!Array.isArray(status.conditions)) return [];
  return status.conditions.map(object).map((condition) => ({
    type: text(condition.type),
    status: text(condition.status),
    reason: text(condition.reason),
    message: text(condition.message),
    observedGeneration: number(condition.observedGeneration),
    lastTransitionTime: text(condition.lastTransitionTime),
  }));
}

/** Only provider groups and provider-kubernetes report conditions; a Secret or a Role is ready once it exists. */
const hasConditions = (apiVersion: string): boolean => /(^|\.)(upbound|crossplane)\.io\//.test(apiVersion);

const PROVIDER_FIELDS: Record<keyof ProviderFields, true> = {
  id: true,
  fqdn: true,
  location: true,
  record: true,
  zone: true,
  skuName: true,
  version: true,
  storageMb: true,
  storageTier: true,
  createMode: true,
  replicationRole: true,
  backupRetentionDays: true,
  value: true,
  access: true,
  sourceServerId: true,
  administratorLogin: true,
  autoGeneratePassword: true,
  autoGrowEnabled: true,
  resourceGroupName: true,
  virtualNetworkName: true,
  delegatedSubnetId: true,
  networkSecurityGroupName: true,
  privateDnsZoneName: true,
  zoneName: true,
  geoRedundantBackupEnabled: true,
  highAvailability: true,
  accountReplicationType: true,
  addressSpace: true,
  addressPrefixes: true,
  targetResourceId: true,
  logAnalyticsWorkspaceId: true,
  scopes: true,
  action: true,
  retentionInDays: true,
  dailyQuotaGb: true,
};

const CRON_JOB_STATUS = { lastSuccessfulTime: true } as const;

/** All that is read. The rest of an observed resource, which is most of it, is never decoded. */
const MASK: FieldMask = {
  apiVersion: true,
  kind: true,
  metadata: {
    name: true,
    deletionTimestamp: true,
    creationTimestamp: true,
    generation: true,
    labels: { [labels.managedBy]: true, [labels.site]: true, [labels.generation]: true, [labels.witness]: true },
    annotations: {
      'crossplane.io/external-name': true,
      [annotations.term]: true,
      [annotations.follows]: true,
      [annotations.source]: true,
      [annotations.server]: true,
    },
  },
  spec: { managementPolicies: true, forProvider: PROVIDER_FIELDS, initProvider: PROVIDER_FIELDS },
  status: {
    conditions: true,
    atProvider: { ...PROVIDER_FIELDS, manifest: { status: CRON_JOB_STATUS } },
    ...CRON_JOB_STATUS,
  },
  data: true,
};

function resource(from: Resource): ObservedResource {
  const body = pick(from, MASK);
  const metadata = object(body.metadata);
  const spec = object(body.spec);
  const status = object(body.status);
  const found = conditions(status);
  const atProvider = object(status.atProvider);
  // Of the CronJob itself, or of the one that provider-kubernetes observes in an Object.
  const lastSuccess = text(status.lastSuccessfulTime ?? object(object(atProvider.manifest).status).lastSuccessfulTime);
  const apiVersion = text(body.apiVersion);
  const deleting = metadata.deletionTimestamp !== undefined;
  // The API server types these too.
  const annotated = object(metadata.annotations) as Record<string, string>;
  const externalName = text(annotated['crossplane.io/external-name']);
  return {
    apiVersion,
    kind: text(body.kind),
    name: text(metadata.name),
    // The API server types these; ProviderFields names the ones that are read.
    labels: object(metadata.labels) as Record<string, string>,
    annotations: annotated,
    externalName: externalName === '' ? undefined : externalName,
    generation: number(metadata.generation),
    created: text(metadata.creationTimestamp),
    deleting,
    conditions: found,
    ready:
      !deleting &&
      (!hasConditions(apiVersion) || found.some(({ type, status }) => type === 'Ready' && status === 'True')),
    synced: !found.some(({ type, status }) => type === 'Synced' && status === 'False'),
    forProvider: object(spec.forProvider) as ProviderFields,
    initProvider: object(spec.initProvider) as ProviderFields,
    atProvider: atProvider as ProviderFields,
    policies: Array.isArray(spec.managementPolicies) ? spec.managementPolicies.map(text) : [],
    lastSuccess: lastSuccess === '' ? undefined : lastSuccess,
    data: object(body.data) as Record<string, string>,
    connection: () => from.connectionDetails,
  };
}

/** Reads the request's observed state. Resources that other functions composed are in it too. */
export function observe(request: RunFunctionRequest): Observed {
  const composite = request.observed?.composite;
  const status = object(object(composite?.resource).status);
  const servers = Array.isArray(status.servers) ? status.servers.map(object) : [];
  return {
    resources: new Map(Object.entries(request.observed?.resources ?? {}).map(([key, from]) => [key, resource(from)])),
    conditions: conditions(status),
    zones: new Map(servers.filter(({ zone }) => text(zone) !== '').map(({ name, zone }) => [text(name), text(zone)])),
    connection: composite?.connectionDetails ?? {},
  };
}
