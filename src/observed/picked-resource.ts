import type { Resource } from '@crossplane-org/function-sdk-typescript';
import { annotations, labels } from '../names.ts';
import { type FieldMask, pick } from '../wire/pick.ts';
import { JOB_MASK, jobOf } from './job.ts';
import { list, number, object, text } from './json.ts';
import type { Condition, ObservedJob, ObservedResource, ProviderFields } from './observed.ts';

type Json = Readonly<Record<string, unknown>>;

export function conditions(status: Json): Condition[] {
  return list(status.conditions)
    .map(object)
    .map((condition) => ({
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
  completedTime: true,
  value: true,
  access: true,
  sourceServerId: true,
  pointInTimeRestoreTimeInUtc: true,
  administratorLogin: true,
  autoGeneratePassword: true,
  autoGrowEnabled: true,
  resourceGroupName: true,
  virtualNetworkName: true,
  delegatedSubnetId: true,
  delegatedSubnetIdSelector: true,
  publicNetworkAccessEnabled: true,
  startIpAddress: true,
  endIpAddress: true,
  subnetId: true,
  privateServiceConnection: true,
  privateDnsZoneGroup: true,
  networkSecurityGroupName: true,
  privateDnsZoneName: true,
  zoneName: true,
  dnsConfig: true,
  geoRedundantBackupEnabled: true,
  highAvailability: true,
  maintenanceWindow: true,
  accountReplicationType: true,
  addressSpace: true,
  addressPrefixes: true,
  targetResourceId: true,
  logAnalyticsWorkspaceId: true,
  scopes: true,
  action: true,
  retentionInDays: true,
  dailyQuotaGb: true,
  authentication: true,
  administratorPasswordSecretRef: true,
  customerManagedKey: true,
  scope: true,
  principalId: true,
  clientId: true,
  parentId: true,
  roleDefinitionId: true,
  redundancy: true,
  identity: true,
  protectionState: true,
  backupRepeatingTimeIntervals: true,
  defaultRetentionRule: true,
  name: true,
  objectId: true,
  principalName: true,
  principalType: true,
  tenantId: true,
};

const CRON_JOB_STATUS = { lastSuccessfulTime: true } as const;

/** What is read of every observed resource. The rest, which is most of it, is decoded when it is asked for or never. */
const MASK: FieldMask = {
  apiVersion: 'word',
  kind: 'word',
  metadata: {
    name: true,
    deletionTimestamp: true,
    labels: {
      [labels.managedBy]: 'word',
      [labels.site]: 'word',
      [labels.generation]: 'word',
      [labels.witness]: 'word',
      [labels.existing]: 'word',
    },
    annotations: {
      'crossplane.io/external-name': true,
      [annotations.term]: 'word',
      [annotations.unvalidated]: 'word',
      [annotations.follows]: 'word',
      [annotations.yieldsTo]: 'word',
      [annotations.called]: 'word',
      [annotations.zoneReached]: 'word',
      [annotations.source]: 'word',
      [annotations.restores]: true,
      [annotations.restored]: true,
      [annotations.reader]: 'word',
      [annotations.observeOnly]: 'word',
      [annotations.server]: 'word',
      [annotations.upgrade]: 'word',
      [annotations.removedReplica]: true,
      [annotations.upgradeFailed]: true,
      [annotations.upgradeBackups]: 'word',
    },
  },
  status: { conditions: [{ type: 'word', status: 'word' }] },
};

/** The whole conditions, which few decisions ask for. */
const CONDITIONS: FieldMask = {
  status: {
    conditions: [
      {
        type: 'word',
        status: 'word',
        reason: 'word',
        message: true,
        observedGeneration: true,
        lastTransitionTime: true,
      },
    ],
  },
};

/** What is read of the few resources of which decisions take more. */
const DETAILS: FieldMask = {
  metadata: { creationTimestamp: true, generation: true },
  spec: {
    managementPolicies: true,
    providerConfigRef: { kind: true, name: true },
    forProvider: PROVIDER_FIELDS,
    initProvider: PROVIDER_FIELDS,
    of: { apiVersion: true, kind: true, resourceRef: { name: true } },
    by: { kind: true },
  },
  status: { atProvider: { ...PROVIDER_FIELDS, manifest: { status: CRON_JOB_STATUS } }, ...CRON_JOB_STATUS },
  data: true,
};

type Details = Pick<
  ObservedResource,
  | 'generation'
  | 'created'
  | 'forProvider'
  | 'initProvider'
  | 'atProvider'
  | 'policies'
  | 'mayCreate'
  | 'usage'
  | 'providerConfig'
  | 'lastSuccess'
  | 'data'
>;

// upjet, external_tfpluginsdk.go: it never replaces anything. A resource that is not there differs in fields that only a replacement changes.
const REPLACEMENT = /refuse to update the external resource because the following update requires replacing it/;

/** Absent policies are `*`. */
const creates = (policies: unknown): boolean =>
  !Array.isArray(policies) || policies.includes('*') || policies.includes('Create');

function usage({ of: used, by }: Json): ObservedResource['usage'] {
  const { apiVersion: version, kind, resourceRef } = object(used);
  return {
    of: { apiVersion: text(version), kind: text(kind), name: text(object(resourceRef).name) },
    by: by !== undefined,
  };
}

const providerConfig = ({ kind, name }: Json): ObservedResource['providerConfig'] =>
  name === undefined ? undefined : { kind: text(kind), name: text(name) };

function details(from: Resource): Details {
  const body = pick(from, DETAILS);
  const metadata = object(body.metadata);
  const spec = object(body.spec);
  const status = object(body.status);
  const atProvider = object(status.atProvider);
  // Of the CronJob itself, or of the one that provider-kubernetes observes in an Object.
  const lastSuccess = text(status.lastSuccessfulTime ?? object(object(atProvider.manifest).status).lastSuccessfulTime);
  // The API server types these; ProviderFields names the ones that are read.
  return {
    generation: number(metadata.generation),
    created: text(metadata.creationTimestamp),
    forProvider: object(spec.forProvider) as ProviderFields,
    initProvider: object(spec.initProvider) as ProviderFields,
    atProvider: atProvider as ProviderFields,
    policies: list(spec.managementPolicies).map(text),
    mayCreate: creates(spec.managementPolicies),
    usage: usage(spec),
    providerConfig: providerConfig(object(spec.providerConfigRef)),
    lastSuccess: lastSuccess === '' ? undefined : lastSuccess,
    data: object(body.data) as Record<string, string>,
  };
}

/** A class, because what getters cost should be paid once and not per resource. */
export class PickedResource implements ObservedResource {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly externalName?: string;
  readonly deleting: boolean;
  readonly ready: boolean;
  readonly synced: boolean;
  readonly failing: boolean;
  readonly lost: boolean;
  readonly #from: Resource;
  #conditions: readonly Condition[] | undefined;
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
    this.annotations = object(metadata.annotations) as Record<string, string>;
    this.externalName = text(this.annotations['crossplane.io/external-name']) || undefined;
    this.deleting = metadata.deletionTimestamp !== undefined;
    const verdicts = list(object(body.status).conditions).map(object);
    const isFalse = (of: string): boolean => verdicts.some(({ type, status }) => type === of && status === 'False');
    this.synced = !isFalse('Synced');
    this.failing = !this.synced || isFalse('LastAsyncOperation');
    this.lost =
      !this.synced &&
      this.conditions.some(({ type, message }) => type === 'Synced' && REPLACEMENT.test(message)) &&
      !this.mayCreate;
    this.ready =
      !this.deleting &&
      !this.lost &&
      (!hasConditions(this.apiVersion) || verdicts.some(({ type, status }) => type === 'Ready' && status === 'True'));
  }

  get conditions(): readonly Condition[] {
    this.#conditions ??= conditions(object(pick(this.#from, CONDITIONS).status));
    return this.#conditions;
  }

  get generation(): number | undefined {
    return this.details.generation;
  }

  get created(): string | undefined {
    return this.details.created;
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

  get policies(): readonly string[] {
    return this.details.policies;
  }

  get mayCreate(): boolean {
    return this.details.mayCreate;
  }

  get usage(): ObservedResource['usage'] {
    return this.apiVersion.startsWith('protection.crossplane.io/') ? this.details.usage : undefined;
  }

  get providerConfig(): ObservedResource['providerConfig'] {
    return this.details.providerConfig;
  }

  get lastSuccess(): string | undefined {
    return this.details.lastSuccess;
  }

  get job(): ObservedJob | undefined {
    return this.kind === 'Job' || this.kind === 'Object' ? jobOf(pick(this.#from, JOB_MASK)) : undefined;
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
