import type { RunFunctionResponse } from '@crossplane-org/function-sdk-typescript';
import type { Composite } from './composite.ts';
import { type Fields, isFields, type KubernetesObject } from './load.ts';
import { RESOURCE_NAME } from './observed.ts';

/** What a response makes of the XR, and the composed resources with what Crossplane adds to them. */
export interface Rendered {
  readonly xr: KubernetesObject;
  /** Sorted by composition-resource name. */
  readonly resources: readonly (readonly [string, KubernetesObject])[];
}

// Values of run_function.proto, Status. The SDK's enum would load all of the SDK.
const STATUS: Readonly<Record<number, string>> = { 1: 'Unknown', 2: 'True', 3: 'False' };
/** crossplane CLI: condition times are pinned, so that the same input prints the same. */
const TIME = '2024-01-01T00:00:00Z';
/** Conditions of the engine itself, which are not imitated. */
const ENGINE_CONDITIONS = ['Ready', 'Synced', 'Responsive'];

/** Turns a response into objects, as Crossplane core would apply them. */
export function rendered({ xr, flavour }: Composite, response: RunFunctionResponse): Rendered {
  const { apiVersion, kind, metadata, spec, status } = xr;
  const namespace = flavour === 'namespaced' ? metadata.namespace : undefined;
  const desired = Object.entries(response.desired?.resources ?? {});
  return {
    xr: { apiVersion, kind, metadata, spec, status: mergedStatus(status, response, flavour) },
    resources: desired
      .map(([key, { resource }]) => [key, composed(resource ?? {}, key, xr.metadata, namespace)] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  };
}

/** The observed status with what is desired laid over it; lists are replaced whole (server-side apply: they are atomic). */
function mergedStatus(
  observed: unknown,
  { desired, conditions }: RunFunctionResponse,
  flavour: Composite['flavour'],
): Fields {
  const { conditions: previous, ...before } = isFields(observed) ? observed : {};
  const old = Array.isArray(previous) ? previous.filter(isFields) : [];
  const set = conditions.map(({ type, status, reason, message }) => ({
    type,
    status: STATUS[status] ?? 'Unknown',
    reason,
    message,
    lastTransitionTime: TIME,
  }));
  const kept = old
    .filter(({ type }) => !ENGINE_CONDITIONS.includes(String(type)) && !set.some((ours) => ours.type === type))
    .map((condition): Fields => ({ ...condition, lastTransitionTime: TIME }));
  const all: readonly Fields[] = [...set, ...kept].toSorted((a, b) => (String(a.type) < String(b.type) ? -1 : 1));
  return {
    ...merged(before, desired?.composite?.resource?.status ?? {}),
    ...(flavour === 'cluster' ? claimConditionTypes(before, conditions) : {}),
    conditions: all,
  };
}

// run_function.proto, Target.
const COMPOSITE_AND_CLAIM = 2;

/** crossplane-runtime v2.3.3 composite.go, SetClaimConditionTypes: a v1-style XR lists the conditions that its claim gets as well. */
function claimConditionTypes(before: Fields, conditions: RunFunctionResponse['conditions']): Fields {
  const known = Array.isArray(before.claimConditionTypes) ? before.claimConditionTypes : [];
  const types = conditions.filter(({ target }) => target === COMPOSITE_AND_CLAIM).map(({ type }) => type);
  return { claimConditionTypes: [...new Set([...known, ...types])] };
}

function merged(under: Fields, over: Fields): Fields {
  const fields: Record<string, unknown> = { ...under };
  for (const [name, value] of Object.entries(over)) {
    if (value === undefined) continue;
    const below = fields[name];
    fields[name] = isFields(below) && isFields(value) ? merged(below, value) : value;
  }
  return fields;
}

/** crossplane core v2.3.4 composition_render.go, RenderComposedResourceMetadata, without what depends on a uid. */
function composed(
  resource: Fields,
  key: string,
  { name, labels = {} }: Composite['xr']['metadata'],
  namespace: string | undefined,
): KubernetesObject {
  const claim = Object.fromEntries(
    ['crossplane.io/claim-name', 'crossplane.io/claim-namespace'].flatMap((label) =>
      labels[label] ? [[label, labels[label]]] : [],
    ),
  );
  const { apiVersion, kind, metadata: own, ...rest } = resource;
  const metadata = isFields(own) ? own : {};
  return {
    apiVersion: String(apiVersion),
    kind: String(kind),
    metadata: {
      ...metadata,
      ...(namespace === undefined ? {} : { namespace }),
      labels: {
        ...(isFields(metadata.labels) ? (metadata.labels as Record<string, string>) : {}), // the function's own manifest
        'crossplane.io/composite': labels['crossplane.io/composite'] ?? name,
        ...(Object.keys(claim).length === 2 ? claim : {}),
      },
      annotations: {
        ...(isFields(metadata.annotations) ? (metadata.annotations as Record<string, string>) : {}), // as above
        [RESOURCE_NAME]: key,
      },
    },
    ...rest,
  };
}
