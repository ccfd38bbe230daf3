import type { Resource, RunFunctionRequest } from '@crossplane-org/function-sdk-typescript';
import { labels } from '../names.ts';
import { type FieldMask, pick } from '../wire/pick.ts';

/** What is read of observed resources: facts, not objects. A field that a controller has not written is absent. */
export interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
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
  readonly sourceServerId?: string;
  readonly administratorLogin?: string;
  readonly autoGeneratePassword?: boolean;
  readonly autoGrowEnabled?: boolean;
  readonly resourceGroupName?: string;
  readonly virtualNetworkName?: string;
  readonly privateDnsZoneName?: string;
  readonly zoneName?: string;
  readonly geoRedundantBackupEnabled?: boolean;
  readonly highAvailability?: HighAvailability;
  readonly accountReplicationType?: string;
  readonly addressSpace?: readonly string[];
  readonly addressPrefixes?: readonly string[];
  readonly authentication?: Authentication;
  readonly administratorPasswordSecretRef?: { readonly name?: string; readonly key?: string };
  readonly customerManagedKey?: CustomerManagedKey;
  readonly scope?: string;
  readonly name?: string;
  readonly value?: string;
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
  readonly externalName?: string;
  /** RFC 3339. */
  readonly createdAt?: string;
  readonly deleting: boolean;
  readonly conditions: readonly Condition[];
  /** Exists and works: condition Ready of a managed resource, existence of an object that has no conditions. */
  readonly ready: boolean;
  /** False while the provider or Azure refuses a change. */
  readonly synced: boolean;
  readonly forProvider: ProviderFields;
  readonly initProvider: ProviderFields;
  readonly atProvider: ProviderFields;
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
  /** Secret with the password that worked when the XR was last written. */
  readonly passwordSecret?: string;
  /** Restarts that the XR told of when it was last written. */
  readonly announcedRestarts: ReadonlySet<string>;
  /** Connection details that the XR has published (claims flavour). */
  readonly connection: Readonly<Record<string, Uint8Array>>;
}

type Json = Readonly<Record<string, unknown>>;
const object = (value: unknown): Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
const text = (value: unknown): string => (typeof value === 'string' ? value : '');

function conditions(status: Json): Condition[] {
  if (!Array.isArray(status.conditions)) return [];
  return status.conditions.map(object).map((condition) => ({
    type: text(condition.type),
    status: text(condition.status),
    reason: text(condition.reason),
    message: text(condition.message),
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
  sourceServerId: true,
  administratorLogin: true,
  autoGeneratePassword: true,
  autoGrowEnabled: true,
  resourceGroupName: true,
  virtualNetworkName: true,
  privateDnsZoneName: true,
  zoneName: true,
  geoRedundantBackupEnabled: true,
  highAvailability: true,
  accountReplicationType: true,
  addressSpace: true,
  addressPrefixes: true,
  authentication: true,
  administratorPasswordSecretRef: true,
  customerManagedKey: true,
  scope: true,
  name: true,
  value: true,
  objectId: true,
  principalName: true,
  principalType: true,
  tenantId: true,
};

/** All that is read. The rest of an observed resource, which is most of it, is never decoded. */
const MASK: FieldMask = {
  apiVersion: true,
  kind: true,
  metadata: {
    name: true,
    creationTimestamp: true,
    deletionTimestamp: true,
    labels: { [labels.managedBy]: true },
    annotations: { 'crossplane.io/external-name': true },
  },
  spec: { forProvider: PROVIDER_FIELDS, initProvider: PROVIDER_FIELDS },
  status: { conditions: true, atProvider: PROVIDER_FIELDS },
  data: true,
};

function resource(from: Resource): ObservedResource {
  const body = pick(from, MASK);
  const metadata = object(body.metadata);
  const spec = object(body.spec);
  const status = object(body.status);
  const found = conditions(status);
  const apiVersion = text(body.apiVersion);
  const deleting = metadata.deletionTimestamp !== undefined;
  const externalName = text(object(metadata.annotations)['crossplane.io/external-name']);
  return {
    apiVersion,
    kind: text(body.kind),
    name: text(metadata.name),
    // The API server types these; ProviderFields names the ones that are read.
    labels: object(metadata.labels) as Record<string, string>,
    externalName: externalName === '' ? undefined : externalName,
    createdAt: text(metadata.creationTimestamp) || undefined,
    deleting,
    conditions: found,
    ready:
      !deleting &&
      (!hasConditions(apiVersion) || found.some(({ type, status }) => type === 'Ready' && status === 'True')),
    synced: !found.some(({ type, status }) => type === 'Synced' && status === 'False'),
    forProvider: object(spec.forProvider) as ProviderFields,
    initProvider: object(spec.initProvider) as ProviderFields,
    atProvider: object(status.atProvider) as ProviderFields,
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
    passwordSecret: text(object(status.credentials).secretName) || undefined,
    announcedRestarts: new Set(Array.isArray(status.pendingRestarts) ? status.pendingRestarts.map(text) : []),
    connection: composite?.connectionDetails ?? {},
  };
}
