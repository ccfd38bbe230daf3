/**
 * What a resource is to the platform. `data`: deleting it loses data, keys or secrets. `foundation`: such a resource stands on it.
 * `nothing`: it can go when the spec no longer asks for it.
 */
export type Holds = 'data' | 'foundation' | 'nothing';

/** A kind of provider-upjet-azure. `F` lists the forProvider fields that are used, checked against the real CRDs by the tests. */
export interface AzureKind<F> {
  readonly kind: string;
  /** Group without `azure.upbound.io`; empty for the family's own group. */
  readonly service: string;
  /** Storage version of the cluster-scoped CRD; the namespaced one is always v1beta1. */
  readonly clusterVersion: 'v1beta1' | 'v1beta2';
  readonly holds: Holds;
  /** Fields of forProvider that hold a Secret reference, which has a namespace in the cluster flavour only. */
  readonly secretRefs?: readonly (keyof F & string)[];
}

export interface SecretRef {
  readonly namespace: string;
  readonly name: string;
  readonly key: string;
}

/** Selects one composed resource of the same XR. */
export interface Selector {
  readonly matchControllerRef: true;
  readonly matchLabels: Readonly<Record<string, string>>;
}

interface Common {
  /** Composition-resource name. */
  readonly key: string;
  /** For a person: why it is there. */
  readonly why: string;
  /** Keys that must be ready before it is created. Has no effect once it exists. */
  readonly after: readonly string[];
  /** Keys that have to reach what is asked of them before it is created, beyond being ready. Has no effect once it exists. */
  readonly until?: readonly string[];
  /** A value of undefined leaves the entry out. */
  readonly labels?: Readonly<Record<string, string | undefined>>;
  readonly annotations?: Readonly<Record<string, string | undefined>>;
}

/** A managed resource of the Azure provider, without what differs between the flavours. */
export interface Managed extends Common {
  readonly azure: AzureKind<never>;
  /** Azure name. Absent where Azure or the provider assigns it. */
  readonly externalName?: string;
  /** Absent: all (`*`). */
  readonly managementPolicies?: readonly string[];
  /** It is deleted on the user's word, also where everything else is kept. */
  readonly deletable?: boolean;
  readonly initProvider?: object;
  readonly forProvider: object;
  /** Name suffix of the Secret into which the provider writes connection details. */
  readonly connectionSecret?: boolean;
  /** The provider's configuration for another subscription. Absent: that of the plan. */
  readonly providerConfig?: ProviderConfig;
}

/** Names a configuration of a provider. The cluster flavour has one kind only, and leaves it out. */
export interface ProviderConfig {
  readonly kind: string;
  readonly name: string;
}

/** A Kubernetes object, composed as it is or through provider-kubernetes. */
export interface KubernetesObject extends Common {
  readonly holds: Holds;
  readonly via: 'Native' | 'Object';
  readonly manifest: {
    readonly apiVersion: string;
    readonly kind: string;
    readonly metadata: {
      readonly name: string;
      readonly namespace?: string;
      readonly annotations?: Readonly<Record<string, string>>;
      readonly finalizers?: readonly string[];
    };
    readonly [field: string]: unknown;
  };
}

/** An object by name. `namespace` is absent for a cluster-scoped one. */
export interface ObjectRef {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
}

/**
 * Crossplane's Usage, or ClusterUsage for what is cluster-scoped: while it exists, `of` cannot be deleted. With `by`, a deleted one stays
 * until that is gone (core v2.3.4, usage/reconciler.go). `after` asks for existence, not for readiness.
 */
export interface Usage extends Common {
  readonly of: Managed | ObjectRef;
  readonly by?: Managed;
  readonly reason: string;
  /** Whether a refused deletion of `of` is made up for once this is gone. */
  readonly replayDeletion?: true;
  /** Usages that have to be gone first, because two in opposite directions would wait for each other for ever. */
  readonly without: readonly string[];
}

export type Composed = Managed | KubernetesObject | Usage;

/** Ties a kind to a body whose fields that kind has. */
export function managed<F extends object>(
  kind: AzureKind<F>,
  body: Omit<Managed, 'azure' | 'forProvider' | 'initProvider'> & {
    readonly forProvider: F;
    readonly initProvider?: Partial<F>;
  },
): Managed {
  return { azure: kind as AzureKind<never>, ...body }; // F has done its work: it checked the body
}
