import { objectOf, textOf } from './json.ts';
import { groupOf, type KubernetesObject, keyOf, type ObjectKey, type Simulation } from './state.ts';

/** Crossplane's Usage and ClusterUsage. */
export const isUsage = ({ apiVersion, kind }: { readonly apiVersion: string; readonly kind: string }): boolean =>
  groupOf(apiVersion) === 'protection.crossplane.io' && ['Usage', 'ClusterUsage'].includes(kind);

/** The object on one side of a Usage, undefined when that side is not there. Only names are looked at, no selectors. */
export function sideOf(usage: KubernetesObject, side: 'of' | 'by'): ObjectKey | undefined {
  const { apiVersion, kind, resourceRef } = objectOf(objectOf(usage.spec)[side]);
  const name = textOf(objectOf(resourceRef).name);
  if (name === '') return undefined;
  const { namespace } = usage.metadata;
  return keyOf({
    apiVersion: textOf(apiVersion),
    kind: textOf(kind),
    name,
    ...(namespace === undefined ? {} : { namespace }),
  });
}

/** The Usages of an object, those that are being deleted among them (core v2.3.4, usage/finder.go). */
export const usagesOf = (state: Simulation, key: ObjectKey): KubernetesObject[] =>
  Object.values(state.objects).flatMap(({ object }) =>
    isUsage(object) && sideOf(object, 'of') === key ? [object] : [],
  );
