import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { RunFunctionRequest, type RunFunctionResponse } from '@crossplane-org/function-sdk-typescript';
import { parse } from 'yaml';
import { runFunction } from '../src/function.ts';

type Json = Record<string, unknown>;

/** Requests as Crossplane sends them for one XR, and what we answer to the last of them. */
export interface Workload {
  readonly requests: readonly Buffer[];
  readonly response: RunFunctionResponse;
  readonly observed: number;
}

export interface Workloads {
  /** All resources are there and ready: what Crossplane sends again and again. Each request has its own order of keys. */
  readonly steady: Workload;
  /** The passes from nothing to the steady state. */
  readonly creation: Workload;
  /** The steady state of 1,000 XRs in turn. */
  readonly rotation: Workload;
}

const EXAMPLE = fileURLToPath(new URL('../examples/active-passive/xr.yaml', import.meta.url));

/** Requests made from our own example, of which `xrs` are for the rotation. The same arguments make the same requests. */
export function makeWorkloads(seed = 1, xrs = 1000): Workloads {
  const random = mulberry32(seed);
  const xr: Json = parse(readFileSync(EXAMPLE, 'utf8'));
  const passes = create(xr, random, true);
  const last = passes.at(-1);
  if (!last) throw new Error('the example composes nothing');
  const names = Array.from({ length: xrs }, (_, index) => `orders-${index}`);
  const rotated = names.map(
    (name) => create({ ...xr, metadata: { name, namespace: 'team-a' } }, random, false).at(-1) ?? last,
  );
  return {
    steady: workload(
      Array.from({ length: 256 }, () => last.request),
      last,
      random,
    ),
    creation: workload(Array.from({ length: 16 }, () => passes.map(({ request }) => request)).flat(), last, random),
    rotation: workload(
      rotated.map(({ request }) => request),
      last,
      random,
    ),
  };
}

interface Pass {
  readonly request: RunFunctionRequest;
  readonly response: RunFunctionResponse;
}

function workload(requests: readonly RunFunctionRequest[], last: Pass, random: () => number): Workload {
  return {
    requests: requests.map((request) => encode(request, random)),
    response: last.response,
    observed: Object.keys(last.request.observed?.resources ?? {}).length,
  };
}

/** Runs the function until nothing changes any more, with every desired resource made as asked. Gives all passes or the last. */
function create(xr: Json, random: () => number, keepAll: boolean): Pass[] {
  const request = RunFunctionRequest.fromPartial({
    meta: { tag: hex(random, 64), capabilities: [1, 2, 3, 4, 5] },
    observed: { composite: { resource: composite(xr, random) }, resources: {} },
    desired: {},
    context: {},
  });
  const passes: Pass[] = [];
  for (let pass = 0; pass < 20; pass++) {
    const response = runFunction(request);
    if (keepAll) passes.push({ request: structuredClone(request), response });
    const resources = request.observed?.resources ?? {};
    const before = Object.keys(resources).length;
    for (const [key, { resource }] of Object.entries(response.desired?.resources ?? {})) {
      resources[key] ??= { resource: observed(xr, key, resource ?? {}, random), connectionDetails: {}, ready: 0 };
    }
    const object = request.observed?.composite;
    if (object?.resource) object.resource = { ...object.resource, status: xrStatus(response) };
    if (Object.keys(resources).length === before && response.results.length === 0 && pass > 0)
      return keepAll ? passes : [{ request, response }];
  }
  throw new Error('the example does not settle in 20 passes');
}

const TIME = '2026-03-01T10:00:00Z';
const CONDITION_STATUS = ['Unknown', 'Unknown', 'True', 'False'];

function xrStatus(response: RunFunctionResponse): Json {
  return {
    ...response.desired?.composite?.resource?.status,
    conditions: [
      condition('Synced', 'ReconcileSuccess'),
      condition('Ready', 'Available'),
      ...response.conditions.map(({ type, status, reason, message }) => ({
        type,
        status: CONDITION_STATUS[status],
        reason,
        message,
        lastTransitionTime: TIME,
      })),
    ],
  };
}

const condition = (type: string, reason: string): Json => ({
  type,
  status: 'True',
  reason,
  lastTransitionTime: TIME,
  observedGeneration: 1,
});

const isJson = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);

function composite(xr: Json, random: () => number): Json {
  const metadata = isJson(xr.metadata) ? xr.metadata : {};
  const body = {
    ...xr,
    metadata: {
      ...metadata,
      uid: uid(random),
      resourceVersion: '184467',
      generation: 2,
      creationTimestamp: TIME,
      finalizers: ['composite.apiextensions.crossplane.io'],
      labels: { 'crossplane.io/composite': metadata.name },
    },
  };
  return {
    ...body,
    metadata: {
      ...body.metadata,
      managedFields: [
        managed('kubectl', 'Update', { spec: xr.spec }),
        managed('crossplane', 'Update', { spec: xr.spec, metadata: body.metadata }),
      ],
    },
  };
}

/** A desired resource as it is observed once it exists: with what the API server, Crossplane and the provider put into it. */
function observed(xr: Json, key: string, desired: Json, random: () => number): Json {
  const metadata = isJson(desired.metadata) ? desired.metadata : {};
  const owner = isJson(xr.metadata) ? xr.metadata.name : '';
  const annotations = isJson(metadata.annotations) ? metadata.annotations : {};
  const complete = {
    ...metadata,
    uid: uid(random),
    resourceVersion: String(100_000 + Math.floor(random() * 900_000)),
    generation: 1,
    creationTimestamp: TIME,
    generateName: `${owner}-`,
    labels: { ...(isJson(metadata.labels) ? metadata.labels : {}), 'crossplane.io/composite': owner },
    annotations: { ...annotations, 'crossplane.io/composition-resource-name': key },
    ownerReferences: [
      {
        apiVersion: xr.apiVersion,
        kind: xr.kind,
        name: owner,
        uid: uid(random),
        controller: true,
        blockOwnerDeletion: true,
      },
    ],
  };
  const spec = isJson(desired.spec) ? desired.spec : undefined;
  // What is not managed by a provider, such as a ConfigMap or a Role, has no spec.forProvider and no status.
  if (!spec?.forProvider)
    return {
      ...desired,
      metadata: { ...complete, managedFields: [managed('apiextensions.crossplane.io/composed', 'Apply', desired)] },
    };
  const forProvider = isJson(spec.forProvider) ? spec.forProvider : {};
  const id = `/subscriptions/${uid(random)}/resourceGroups/postgres-crossplane-rg/providers/Microsoft.Example/things/${key}`;
  const withDefaults = { deletionPolicy: 'Delete', managementPolicies: ['*'], initProvider: {}, ...spec };
  const status = {
    atProvider: {
      ...forProvider,
      id,
      fqdn: `${owner}-${key}.postgres.database.azure.com`,
      ...(isJson(forProvider.tags) ? { tagsAll: forProvider.tags } : {}),
    },
    conditions: [
      condition('Ready', 'Available'),
      condition('Synced', 'ReconcileSuccess'),
      condition('LastAsyncOperation', 'Success'),
      condition('AsyncOperation', 'Finished'),
    ],
    observedGeneration: 1,
  };
  return {
    ...desired,
    metadata: {
      ...complete,
      annotations: {
        ...complete.annotations,
        'crossplane.io/external-create-pending': TIME,
        'crossplane.io/external-create-succeeded': TIME,
        'upjet.crossplane.io/provider-meta':
          '{"e2bfb730-ecaa-11e6-8f88-34363bc7c4c0":{"create":3600000000000,"delete":3600000000000,"read":300000000000,"update":3600000000000},"schema_version":"1"}',
      },
      finalizers: ['finalizer.managedresource.crossplane.io'],
      managedFields: [
        managed('apiextensions.crossplane.io/composed', 'Apply', desired),
        managed('provider', 'Update', {
          metadata: { annotations: complete.annotations, finalizers: [] },
          spec: withDefaults,
        }),
        managed('provider', 'Update', { status }, 'status'),
      ],
    },
    spec: withDefaults,
    status,
  };
}

/** An entry of metadata.managedFields that owns every field of `object`. */
const managed = (manager: string, operation: string, object: Json, subresource?: string): Json => ({
  manager,
  operation,
  apiVersion: 'v1',
  time: TIME,
  fieldsType: 'FieldsV1',
  fieldsV1: owned(object),
  ...(subresource ? { subresource } : {}),
});

const owned = (object: Json): Json =>
  Object.fromEntries(
    Object.entries(object).map(([key, value]) => [`f:${key}`, isJson(value) ? { '.': {}, ...owned(value) } : {}]),
  );

/** Bytes as grpc-go makes them: it marshals every map in a random order (google.golang.org/protobuf, not Deterministic). */
function encode(request: RunFunctionRequest, random: () => number): Buffer {
  const shuffled = RunFunctionRequest.fromPartial({
    ...request,
    observed: {
      composite: { ...request.observed?.composite, resource: shuffle(request.observed?.composite?.resource, random) },
      resources: Object.fromEntries(
        order(Object.entries(request.observed?.resources ?? {}), random).map(([key, value]) => [
          key,
          { ...value, resource: shuffle(value.resource, random) },
        ]),
      ),
    },
  });
  return Buffer.from(RunFunctionRequest.encode(shuffled).finish());
}

function shuffle<T>(value: T, random: () => number): T {
  // Same keys and values, so the same type.
  if (Array.isArray(value)) return value.map((item) => shuffle(item, random)) as T;
  if (!isJson(value)) return value;
  return Object.fromEntries(
    order(Object.entries(value), random).map(([key, item]) => [key, shuffle(item, random)]),
  ) as T;
}

function order<T>(list: readonly T[], random: () => number): T[] {
  const result = [...list];
  for (let last = result.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    const [a, b] = [result[last], result[other]];
    // Both indices are within the list.
    result[last] = b as T;
    result[other] = a as T;
  }
  return result;
}

/** A small random generator with a seed (mulberry32, public domain), from 0 to 1. */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const hex = (random: () => number, length: number): string =>
  Array.from({ length }, () => Math.floor(random() * 16).toString(16)).join('');
const uid = (random: () => number): string => [8, 4, 4, 4, 12].map((length) => hex(random, length)).join('-');
