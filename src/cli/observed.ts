import type { Resource } from '@crossplane-org/function-sdk-typescript';
import type { Composite } from './composite.ts';
import { isFields, type KubernetesObject } from './load.ts';
import { Refused } from './refused.ts';

export const RESOURCE_NAME = 'crossplane.io/composition-resource-name';

/** Observed resources by composition-resource name. Throws Refused for one that Crossplane would not take for a resource of this XR. */
export function observedResources(
  { flavour, xr }: Composite,
  objects: readonly KubernetesObject[],
): ReadonlyMap<string, KubernetesObject> {
  const found = new Map<string, KubernetesObject>();
  const problems = objects.flatMap((object) => {
    const { kind, metadata } = object;
    const which = `observed ${kind} ${JSON.stringify(metadata.name ?? '')}`;
    const key = metadata.annotations?.[RESOURCE_NAME];
    if (!key)
      return [`${which}: metadata.annotations["${RESOURCE_NAME}"] is missing; say there which composed resource it is`];
    if (!metadata.name) return [`${which}: metadata.name is missing; an observed resource has a name`];
    if (found.has(key))
      return [`${which}: ${RESOURCE_NAME} ${JSON.stringify(key)} stands at another observed resource too; keep one`];
    if (flavour === 'namespaced' && metadata.namespace !== xr.metadata.namespace)
      return [
        `${which}: metadata.namespace is ${JSON.stringify(metadata.namespace ?? '')}, but the XR's is "${xr.metadata.namespace}"; they are the same for composed resources`,
      ];
    found.set(key, object);
    return [];
  });
  if (problems.length > 0) throw new Refused(problems);
  return found;
}

/** The data of each object's connection Secret, as Crossplane reads it: where spec.writeConnectionSecretToRef names one of `secrets`. */
export function connectionDetails(
  object: KubernetesObject,
  secrets: readonly KubernetesObject[],
): Resource['connectionDetails'] {
  const ref = isFields(object.spec) ? object.spec.writeConnectionSecretToRef : undefined;
  if (!isFields(ref)) return {};
  const namespace = ref.namespace ?? object.metadata.namespace;
  const secret = secrets.find(
    ({ metadata }) => metadata.name === ref.name && (metadata.namespace ?? 'default') === (namespace ?? 'default'),
  );
  return { ...values(secret?.data, 'base64'), ...values(secret?.stringData, 'utf8') };
}

function values(data: unknown, encoding: 'base64' | 'utf8'): Resource['connectionDetails'] {
  const entries = Object.entries(isFields(data) ? data : {});
  return Object.fromEntries(entries.map(([key, value]) => [key, Buffer.from(String(value), encoding)]));
}

/** Throws Refused for credentials that are not Secrets. */
export function checkSecrets(objects: readonly KubernetesObject[]): readonly KubernetesObject[] {
  const others = objects.filter(
    ({ apiVersion, kind, metadata }) => apiVersion !== 'v1' || kind !== 'Secret' || !metadata.name,
  );
  if (others.length > 0)
    throw new Refused(
      others.map(
        ({ kind, metadata }) =>
          `function credentials: ${kind} ${JSON.stringify(metadata.name ?? '')} is not a named v1 Secret`,
      ),
    );
  return objects;
}
