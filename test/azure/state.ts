import type { Json, JsonObject } from './json.ts';
import { writeEntry } from './recording.ts';

/** `<kind>.<group>/<namespace>/<name>`; the namespace is empty for cluster-scoped objects. */
export type ObjectKey = string;
/** An ARM id in lower case: ARM compares ids without case. */
export type ResourceKey = string;

export type ObjectRef = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
};

export type OwnerReference = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller?: boolean;
  readonly blockOwnerDeletion?: boolean;
};

export type ObjectMeta = {
  readonly name: string;
  readonly namespace?: string;
  readonly uid: string;
  readonly generation: number;
  readonly creationTimestamp: string;
  readonly deletionTimestamp?: string;
  readonly labels?: { readonly [key: string]: string };
  readonly annotations?: { readonly [key: string]: string };
  readonly finalizers?: readonly string[];
  readonly ownerReferences?: readonly OwnerReference[];
};

/** Any Kubernetes object: beside the named fields whatever its kind has (spec, status, data ...). */
export type KubernetesObject = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly spec?: JsonObject;
  readonly status?: JsonObject;
  readonly data?: { readonly [key: string]: string };
  readonly [field: string]: Json | undefined;
};

/** What a client sends: an object without the metadata that the API server writes. */
export type Manifest = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: { readonly [key: string]: string };
    readonly annotations?: { readonly [key: string]: string };
    readonly ownerReferences?: readonly OwnerReference[];
    readonly finalizers?: readonly string[];
  };
  readonly spec?: JsonObject;
  readonly [field: string]: Json | undefined;
};

export type StoredObject = {
  readonly object: KubernetesObject;
  /** The last manifest applied: server-side apply removes what it had and the next one has not. */
  readonly applied?: Manifest;
};

/** What the provider process knows of one managed resource; gone when it restarts. */
export type ProviderMemory = {
  /** The Azure id that a create in this process returned; the only trace of an Azure-assigned name without LateInitialize. */
  readonly id?: string;
  /** Target of the operation that this process runs for the managed resource. */
  readonly operation?: ResourceKey;
  readonly verb?: Verb;
  /** Error of the last operation: upjet returns it when the next one starts. */
  readonly error?: string;
  readonly deleted?: boolean;
  /** The administrator password of the Terraform state. */
  readonly password?: string;
  /** Fields of the Terraform state that only configuration knows (createMode, replicationRole ...), as last applied. */
  readonly echo?: JsonObject;
  /** What `echo` and `password` become when the update that runs succeeds. */
  readonly planned?: JsonObject;
  readonly plannedPassword?: string;
};

export type Verb = 'create' | 'update' | 'delete';

export type AzureResource = {
  readonly id: string;
  /** ARM type, as `Microsoft.Network/virtualNetworks/subnets`. */
  readonly type: string;
  /** Normalised region; absent for global resources. */
  readonly region?: string;
  readonly phase: 'Creating' | 'Ready' | 'Deleting';
  /** What ARM returns, in the field names of forProvider. */
  readonly properties: JsonObject;
  /** What the simulator knows beyond that: content, availability, passwords. */
  readonly hidden: JsonObject;
};

/** What an operation does to its target when it succeeds. */
export type Effect = {
  readonly set?: JsonObject;
  readonly unset?: readonly string[];
  readonly hide?: JsonObject;
  readonly delete?: boolean;
  readonly failover?: boolean;
  /** The server leaves replication. */
  readonly promote?: boolean;
  readonly switchover?: boolean;
};

export type Operation = {
  readonly target: ResourceKey;
  readonly verb: Verb;
  /** The managed resource that asked, or undefined for a request from outside the provider. */
  readonly by?: ObjectKey;
  readonly requests: readonly PlannedRequest[];
  readonly type: string;
  readonly id: string;
  readonly region?: string;
  readonly effect: Effect;
  readonly seconds: number;
  /** The provider runs operations with the same lock one after another. */
  readonly lock?: string;
  /** Waits for the lock; nothing has been sent. */
  readonly queued?: boolean;
  /** Of a queued operation: the change that it will ask for, and what it will keep busy. */
  readonly change?: JsonObject;
  readonly pendingBusy?: readonly ResourceKey[];
  /** Other servers that are Updating meanwhile. */
  readonly busy?: readonly ResourceKey[];
  /** When it ends, in simulated seconds; null: never by itself. */
  readonly until: number | null;
  readonly outcome: Outcome;
};

export type Outcome = { readonly ok: true } | Refusal;

export type Refusal = {
  readonly ok: false;
  /** Rule id, or `fault:<id>` for an injected fault. */
  readonly rule: string;
  readonly code: string;
  readonly message: string;
};

export type PlannedRequest = {
  readonly method: 'PUT' | 'PATCH' | 'DELETE' | 'POST';
  readonly id: string;
  readonly body?: JsonObject;
};

export type SentRequest = PlannedRequest & { readonly by?: ObjectKey; readonly outcome: Outcome };

export type Fault = {
  readonly id: string;
  /** All given parts must match; `name` is the last segment of the ARM id. */
  readonly on: {
    readonly kind?: string;
    readonly name?: string;
    readonly verb?: Verb | 'read';
    readonly region?: string;
  };
  readonly effect:
    | { readonly type: 'fail'; readonly code?: string; readonly message?: string }
    | { readonly type: 'slow'; readonly factor: number }
    | { readonly type: 'hang' }
    | { readonly type: 'quota'; readonly vCores: number };
  /** How often it strikes; absent: until it is cleared. */
  readonly times?: number;
};

export type Options = {
  /** Ids of rules that are switched off. */
  readonly without: readonly string[];
  /** Of every provider configuration but those of `subscriptions`. */
  readonly subscription: string;
  /** Of others, by their name. */
  readonly subscriptions: { readonly [config: string]: string };
  /** How many times faster operations end and failures are retried than in Azure; 1 in simulated time. */
  readonly speed: number;
  /** Names that somebody else already has: `<ARM type>/<name>` in lower case. */
  readonly taken: readonly string[];
};

/**
 * The whole simulated world: Kubernetes objects, the provider's memory, Azure. Plain JSON; every step shares what it does not change.
 */
export type Simulation = {
  readonly options: Options;
  /** Simulated seconds since 2026-01-01T00:00:00Z. */
  readonly now: number;
  readonly objects: { readonly [key: ObjectKey]: StoredObject };
  /** How many objects of this key existed: a new one gets a new uid. */
  readonly incarnations: { readonly [key: string]: number };
  readonly memory: { readonly [key: ObjectKey]: ProviderMemory };
  readonly resources: { readonly [key: ResourceKey]: AzureResource };
  readonly operations: { readonly [key: ResourceKey]: Operation };
  readonly faults: readonly Fault[];
  readonly outages: { readonly regions: readonly string[]; readonly zones: readonly string[] };
  /** Requests to ARM in the last step only. */
  readonly sent: readonly SentRequest[];
};

const EPOCH = Date.UTC(2026, 0, 1);

/** Seconds of the simulation's clock at a time of day, in milliseconds since 1970. */
export const clockAt = (milliseconds: number): number => (milliseconds - EPOCH) / 1000;

/** RFC 3339 text of simulated seconds. */
export const timestamp = (seconds: number): string => `${new Date(EPOCH + seconds * 1000).toISOString().slice(0, 19)}Z`;

export const groupOf = (apiVersion: string): string =>
  apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : '';

export const keyOf = (ref: ObjectRef): ObjectKey =>
  `${ref.kind}.${groupOf(ref.apiVersion)}/${ref.namespace ?? ''}/${ref.name}`;

/** The reference to a stored object or a manifest. */
export const refOf = ({
  apiVersion,
  kind,
  metadata,
}: Pick<Manifest, 'apiVersion' | 'kind' | 'metadata'>): ObjectRef => ({
  apiVersion,
  kind,
  name: metadata.name,
  ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }),
});

/** A record with one entry set, or removed when `value` is undefined. */
export function withEntry<T>(
  record: { readonly [key: string]: T },
  key: string,
  value: T | undefined,
): { readonly [key: string]: T } {
  const same = value === undefined ? !(key in record) : record[key] === value;
  // What comes out has the entries that went in, and one more of their type.
  return same ? record : (writeEntry(record, key, value) as { readonly [key: string]: T });
}

/** An empty world. `without` names rules to switch off: for tests that say why. */
export function createSimulation(options: Partial<Options> = {}): Simulation {
  return {
    options: {
      without: options.without ?? [],
      subscription: options.subscription ?? '00000000-0000-0000-0000-000000000001',
      subscriptions: options.subscriptions ?? {},
      speed: options.speed ?? 1,
      taken: (options.taken ?? []).map((name) => name.toLowerCase()),
    },
    now: 0,
    objects: {},
    incarnations: {},
    memory: {},
    resources: {},
    operations: {},
    faults: [],
    outages: { regions: [], zones: [] },
    sent: [],
  };
}
