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
}

export interface ObservedResource {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly externalName?: string;
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
  /** Connection details that the XR has published (claims flavour). */
  readonly connection: Readonly<Record<string, Uint8Array>>;
}

type Json = Readonly<Record<string, unknown>>;
const object = (value: unknown): Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
const text = (value: unknown): string => (typeof value === 'string' ? value : '');

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

function conditions(status: Json): Condition[] {
  return list(status.conditions)
    .map(object)
    .map((condition) => ({
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
};

/** What is read of every observed resource. The rest, which is most of it, is decoded when it is asked for or never. */
const MASK: FieldMask = {
  apiVersion: 'word',
  kind: 'word',
  metadata: {
    name: true,
    deletionTimestamp: true,
    labels: { [labels.managedBy]: 'word' },
    annotations: { 'crossplane.io/external-name': true },
  },
  status: { conditions: [{ type: 'word', status: 'word', reason: 'word', message: true }] },
};

/** What is read of the few resources of which decisions take more. */
const DETAILS: FieldMask = {
  spec: { forProvider: PROVIDER_FIELDS, initProvider: PROVIDER_FIELDS },
  status: { atProvider: PROVIDER_FIELDS },
  data: true,
};

type Details = Pick<ObservedResource, 'forProvider' | 'initProvider' | 'atProvider' | 'data'>;

function details(from: Resource): Details {
  const body = pick(from, DETAILS);
  const spec = object(body.spec);
  // The API server types these; ProviderFields names the ones that are read.
  return {
    forProvider: object(spec.forProvider) as ProviderFields,
    initProvider: object(spec.initProvider) as ProviderFields,
    atProvider: object(object(body.status).atProvider) as ProviderFields,
    data: object(body.data) as Record<string, string>,
  };
}

/** A class, because what getters cost should be paid once and not per resource. */
class PickedResource implements ObservedResource {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly externalName?: string;
  readonly deleting: boolean;
  readonly conditions: readonly Condition[];
  readonly ready: boolean;
  readonly synced: boolean;
  readonly #from: Resource;
  #details: Details | undefined;

  constructor(from: Resource) {
    const body = pick(from, MASK);
    const metadata = object(body.metadata);
    this.#from = from;
    this.apiVersion = text(body.apiVersion);
    this.kind = text(body.kind);
    this.name = text(metadata.name);
    // The API server types them.
    this.labels = object(metadata.labels) as Record<string, string>;
    this.externalName = text(object(metadata.annotations)['crossplane.io/external-name']) || undefined;
    this.deleting = metadata.deletionTimestamp !== undefined;
    this.conditions = conditions(object(body.status));
    this.ready =
      !this.deleting &&
      (!hasConditions(this.apiVersion) ||
        this.conditions.some(({ type, status }) => type === 'Ready' && status === 'True'));
    this.synced = !this.conditions.some(({ type, status }) => type === 'Synced' && status === 'False');
  }

  get forProvider(): ProviderFields {
    return this.details.forProvider;
  }

  get initProvider(): ProviderFields {
    return this.details.initProvider;
  }

  get atProvider(): ProviderFields {
    return this.details.atProvider;
  }

  get data(): Readonly<Record<string, string>> {
    return this.details.data;
  }

  connection(): Readonly<Record<string, Uint8Array>> {
    return this.#from.connectionDetails;
  }

  private get details(): Details {
    this.#details ??= details(this.#from);
    return this.#details;
  }
}

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
    connection: composite?.connectionDetails ?? {},
  };
}
