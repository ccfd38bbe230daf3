import { clusterName, labels, MANAGED_BY, namespacedName } from '../names.ts';
import type { ObservedResource } from '../observed/observed.ts';
import type { Composed, KubernetesObject, Managed, SecretRef } from './managed.ts';

/** What a manifest needs to know beside the resource itself. */
export interface Setting {
  readonly flavour: 'namespaced' | 'cluster';
  readonly namespace: string;
  readonly owner: { readonly namespace: string; readonly name: string };
  readonly providerConfig: { readonly kind: string; readonly name: string };
  readonly kubernetesProviderConfig: { readonly kind: string; readonly name: string };
}

export type Manifest = { [field: string]: unknown };

/**
 * Composed -> manifest. The one file that knows both flavours: group and version, providerConfigRef, namespaces of Secret references and
 * connection Secrets. An observed resource keeps its name and its external name for ever.
 */
export function manifest(resource: Composed, setting: Setting, observed: ObservedResource | undefined): Manifest {
  return 'azure' in resource ? azure(resource, setting, observed) : kubernetes(resource, setting, observed);
}

function azure(resource: Managed, setting: Setting, observed: ObservedResource | undefined): Manifest {
  const { azure, externalName, managementPolicies, initProvider, forProvider, connectionSecret } = resource;
  const namespaced = setting.flavour === 'namespaced';
  const group = `${azure.service && `${azure.service}.`}azure.${namespaced ? 'm.' : ''}upbound.io`;
  const name = objectName(resource.key, setting, observed);
  return {
    apiVersion: `${group}/${namespaced ? 'v1beta1' : azure.clusterVersion}`,
    kind: azure.kind,
    metadata: metadata(resource, name, setting, {
      'crossplane.io/external-name': observed?.externalName ?? externalName,
    }),
    spec: present({
      managementPolicies,
      providerConfigRef: namespaced ? setting.providerConfig : { name: setting.providerConfig.name },
      writeConnectionSecretToRef: connectionSecret
        ? { name: namespacedName(name, 'conn'), ...(namespaced ? {} : { namespace: setting.namespace }) }
        : undefined,
      initProvider: initProvider && orNothing(present(initProvider)),
      forProvider: secretRefs(present(forProvider), azure.secretRefs ?? [], namespaced),
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
    namespace: setting.flavour === 'namespaced' || isNativeNamespaced(resource) ? setting.namespace : undefined,
    labels: present({ ...resource.labels, [labels.component]: resource.key, [labels.managedBy]: MANAGED_BY }),
    annotations: orNothing(present({ ...resource.annotations, ...annotations })),
  });
}

const isNativeNamespaced = (resource: Composed): boolean => !('azure' in resource) && resource.via === 'Native';

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
  for (const [name, value] of Object.entries(fields)) if (value !== undefined) kept[name] = value;
  return kept;
}

const orNothing = (fields: Manifest): Manifest | undefined => (Object.keys(fields).length > 0 ? fields : undefined);
