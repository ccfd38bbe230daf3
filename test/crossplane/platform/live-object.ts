export interface LiveCondition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message?: string;
}

/** An object of the API server, as far as it is read here. */
export interface LiveObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly deletionTimestamp?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly status?: { readonly conditions?: readonly LiveCondition[]; readonly [field: string]: unknown };
  readonly data?: Readonly<Record<string, string>>;
}

export interface Change {
  /** Milliseconds since 1970, when the watch told. */
  readonly at: number;
  readonly what: 'stored' | 'deleted';
  readonly object: LiveObject;
}

const groupOf = (apiVersion: string): string => (apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : '');

/** `<kind>.<group>/<namespace>/<name>`. */
export const keyOf = ({ apiVersion, kind, metadata: { name, namespace = '' } }: LiveObject): string =>
  `${kind}.${groupOf(apiVersion)}/${namespace}/${name}`;

/** The conditions that the function sets. */
export const OUR_CONDITIONS = ['NetworkReady', 'PrimaryReady', 'ReplicaReady', 'EndpointsReady', 'BackupConfigured'];

/** The XR to which an object belongs, by Crossplane's label; undefined for what is not composed. */
export const compositeOf = ({ metadata }: LiveObject): string | undefined =>
  metadata.annotations?.['crossplane.io/composition-resource-name'] === undefined
    ? undefined
    : metadata.labels?.['crossplane.io/composite'];

/** The key under which the function composes an object. */
export const resourceName = ({ metadata }: LiveObject): string =>
  metadata.annotations?.['crossplane.io/composition-resource-name'] ?? '';

/** Whether a condition is True. */
export const isTrue = (object: LiveObject | undefined, type: string): boolean =>
  conditionOf(object, type)?.status === 'True';

export const conditionOf = (object: LiveObject | undefined, type: string): LiveCondition | undefined =>
  object?.status?.conditions?.find((each) => each.type === type);

/** Composed objects that were deleted, or told to go, among these changes. */
export const deletions = (changes: readonly Change[]): string[] => [
  ...new Set(
    changes
      .filter(({ what, object }) => what === 'deleted' || object.metadata.deletionTimestamp !== undefined)
      .filter(({ object }) => compositeOf(object) !== undefined)
      .map(({ what, object }) => `${what === 'deleted' ? 'deleted' : 'deleting'} ${keyOf(object)}`),
  ),
];
