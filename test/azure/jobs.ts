import { equal, type JsonObject, objectOf } from './json.ts';
import type { KubernetesObject, Manifest } from './state.ts';

export const isJob = ({ apiVersion, kind }: Pick<Manifest, 'apiVersion' | 'kind'>): boolean =>
  apiVersion === 'batch/v1' && kind === 'Job';

/** batch/v1: the API server never lets anybody change a Job's template. Undefined when it stays. */
export const templateChange = (before: KubernetesObject | undefined, after: JsonObject): string | undefined =>
  before && isJob(before) && !equal(objectOf(before.spec).template, objectOf(after.spec).template)
    ? 'spec.template: Invalid value: field is immutable'
    : undefined;
