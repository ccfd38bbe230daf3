import { clusterName, labels, MANAGED_BY, namespacedName } from '../names.ts';
import type { ObservedResource } from '../observed/observed.ts';
import type { Composed, KubernetesObject, Managed, ObjectRef, ProviderConfig, SecretRef, Usage } from './managed.ts';
import { type DeletionPolicy, managementPolicies } from './management-policies.ts';

/** What a manifest needs to know beside the resource itself. */
export interface Setting {
  readonly flavour: 'namespaced' | 'cluster';
  readonly namespace: string;
  readonly owner: { readonly namespace: string; readonly name: string };
  readonly providerConfig: ProviderConfig;
  readonly kubernetesProviderConfig: ProviderConfig;
  readonly deletion: DeletionPolicy;
  readonly observeOnly: boolean;
}

type Observed = ReadonlyMap<string, ObservedResource>;

export type Manifest = { [field: string]: unknown };

/**
 * Composed -> manifest. The one file that knows both flavours: group and version, providerConfigRef, namespaces of Secret references and
 * connection Secrets. An observed resource keeps its name and its external name for ever.
 */
export function manifest(resource: Composed, setting: Setting, observed: Observed): Manifest {
  if ('of' in resource) return usage(resource, setting, observed);
  const found = observed.get(resource.key);
  return 'azure' in resource ? azure(resource, setting, found) : kubernetes(resource, setting, found);
}

function azure(resource: Managed, setting: Setting, observed: ObservedResource | undefined): Manifest {
  const { azure, externalName, initProvider, forProvider, connectionSecret } = resource;
  const { providerConfig = setting.providerConfig } = resource;
  const namespaced = setting.flavour === 'namespaced';
  const name = objectName(resource.key, setting, observed);
  return {
    apiVersion: apiVersion(resource, setting),
    kind: azure.kind,
    metadata: metadata(resource, name, setting, {
      'crossplane.io/external-name': observed?.externalName ?? externalName,
    }),
    spec: present({
      managementPolicies: managementPolicies(resource, setting, observed),
      // Without Delete it does not count; said all the same, for whoever takes the policies away by hand.
      deletionPolicy: setting.observeOnly && !namespaced ? 'Orphan' : undefined,
      providerConfigRef: namespaced ? providerConfig : { name: providerConfig.name },
      writeConnectionSecretToRef: connectionSecret
        ? { name: namespacedName(name, 'conn'), ...(namespaced ? {} : { namespace: setting.namespace }) }
        : undefined,
      initProvider: initProvider && orNothing(present(initProvider)),
      forProvider: secretRefs(present(forProvider), azure.secretRefs ?? [], namespaced),
    }),
  };
}

function apiVersion({ azure }: Managed, { flavour }: Setting): string {
  const namespaced = flavour === 'namespaced';
  const group = `${azure.service && `${azure.service}.`}azure.${namespaced ? 'm.' : ''}upbound.io`;
  return `${group}/${namespaced ? 'v1beta1' : azure.clusterVersion}`;
}

/** Names and no selectors: Crossplane writes what it selects into the spec, where leaving the selector out would not remove it. */
function usage(resource: Usage, setting: Setting, observed: Observed): Manifest {
  const ref = (to: Managed | ObjectRef): Manifest =>
    'azure' in to
      ? {
          apiVersion: apiVersion(to, setting),
          kind: to.azure.kind,
          resourceRef: { name: objectName(to.key, setting, observed.get(to.key)) },
        }
      : { apiVersion: to.apiVersion, kind: to.kind, resourceRef: { name: to.name } };
  return {
    apiVersion: 'protection.crossplane.io/v1beta1',
    kind: isNamespaced(resource, setting) ? 'Usage' : 'ClusterUsage',
    metadata: metadata(resource, objectName(resource.key, setting, observed.get(resource.key)), setting, {}),
    spec: present({
      of: ref(resource.of),
      by: resource.by && ref(resource.by),
      reason: resource.reason,
      replayDeletion: resource.replayDeletion,
    }),
  };
}

function kubernetes(resource: KubernetesObject, setting: Setting, observed: ObservedResource | undefined): Manifest {
  const { manifest } = resource;
  if (resource.via === 'Native')
    return {
      ...manifest,
      metadata: { ...manifest.metadata, ...metadata(resource, observed?.name ?? manifest.metadata.name, setting, {}) },
    };
  const namespaced = setting.flavour === 'namespaced';
  return {
    apiVersion: namespaced ? 'kubernetes.m.crossplane.io/v1alpha1' : 'kubernetes.crossplane.io/v1alpha2',
    kind: 'Object',
    metadata: metadata(resource, objectName(resource.key, setting, observed), setting, {}),
    spec: {
      providerConfigRef: namespaced
        ? setting.kubernetesProviderConfig
        : { name: setting.kubernetesProviderConfig.name },
      readiness: { policy: 'SuccessfulCreate' },
      forProvider: { manifest },
    },
  };
}

function metadata(
  resource: Composed,
  name: string,
  setting: Setting,
  annotations: Record<string, string | undefined>,
): Manifest {
  return present({
    name,
    namespace: isNamespaced(resource, setting) ? setting.namespace : undefined,
    labels: present({ ...resource.labels, [labels.component]: resource.key, [labels.managedBy]: MANAGED_BY }),
    annotations: orNothing(present({ ...resource.annotations, ...annotations })),
  });
}

/** A cluster-scoped XR composes Secrets beside its claim, and the Usage of the claim itself. */
function isNamespaced(resource: Composed, { flavour }: Setting): boolean {
  if (flavour === 'namespaced') return true;
  if ('azure' in resource) return false;
  if ('of' in resource) return !('azure' in resource.of) && resource.of.namespace !== undefined;
  return resource.via === 'Native';
}

const objectName = (key: string, { flavour, owner }: Setting, observed: ObservedResource | undefined): string =>
  observed?.name ||
  (flavour === 'namespaced' ? namespacedName(owner.name, key) : clusterName(owner.namespace, owner.name, key));

/** Secret references name a namespace in the cluster flavour only; the namespaced one reads from its own. */
function secretRefs(forProvider: Manifest, fields: readonly string[], namespaced: boolean): Manifest {
  if (!namespaced) return forProvider;
  const stripped = fields.flatMap((field) => {
    const ref = forProvider[field] as SecretRef | undefined; // secretRefs lists fields of this type only
    return ref ? [[field, { name: ref.name, key: ref.key }]] : [];
  });
  return { ...forProvider, ...Object.fromEntries(stripped) };
}

/** Leaves out what is undefined: Crossplane's wire format has no undefined, and a null would be sent to Azure. */
function present(fields: object): Manifest {
  const kept: Manifest = {};
  // Our own literals: they inherit nothing, and this runs several times for each resource of each call.
  for (const name in fields) {
    const value = fields[name as keyof typeof fields];
    if (value !== undefined) kept[name] = value;
  }
  return kept;
}

const orNothing = (fields: Manifest): Manifest | undefined => (Object.keys(fields).length > 0 ? fields : undefined);
