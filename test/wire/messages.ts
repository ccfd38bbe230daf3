import {
  type Resource,
  RunFunctionRequest,
  RunFunctionResponse,
  type State,
} from '@crossplane-org/function-sdk-typescript';
import fc from 'fast-check';

export type Json = Record<string, unknown>;

// `__proto__` is not among them: the SDK's decoder sets the prototype with it. Its own test is in decode.test.ts.
const awkwardKeys = ['', '0', '12', 'toString', 'constructor', 'hasOwnProperty', 'clé', '鍵', '🔑', 'k'.repeat(70)];
const kubernetesKeys = [
  'apiVersion',
  'kind',
  'metadata',
  'managedFields',
  'name',
  'spec',
  'status',
  'conditions',
  'type',
];

export const keyArbitrary = fc
  .oneof(
    fc.constantFrom(...kubernetesKeys),
    fc.constantFrom(...awkwardKeys),
    fc.string({ unit: 'binary', maxLength: 12 }),
  )
  .filter((key) => key !== '__proto__');

const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ minLength: 20, maxLength: 200 }));

const { value } = fc.letrec<{ value: unknown; object: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    text,
    fc.double(),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 4 }),
    tie('object'),
  ),
  object: fc.dictionary(keyArbitrary, tie('value'), { maxKeys: 6, noNullPrototype: true }),
}));

export const valueArbitrary = value;
export const objectArbitrary: fc.Arbitrary<Json> = fc.dictionary(keyArbitrary, value, {
  maxKeys: 8,
  noNullPrototype: true,
});

function mapOf<T>(content: fc.Arbitrary<T>): fc.Arbitrary<Record<string, T>> {
  return fc.dictionary(keyArbitrary, content, { maxKeys: 4, noNullPrototype: true });
}

const bytes = fc.uint8Array({ maxLength: 30 }).map((content) => Buffer.from(content));
const int32 = fc.oneof(fc.integer({ min: 0, max: 5 }), fc.integer());
const maybe = <T>(content: fc.Arbitrary<T>) => fc.option(content, { nil: undefined });
const optionalObject = maybe(objectArbitrary);

export const resourceArbitrary: fc.Arbitrary<Resource> = fc.record({
  resource: optionalObject,
  connectionDetails: mapOf(bytes),
  ready: int32,
});
const state: fc.Arbitrary<State> = fc.record({
  composite: maybe(resourceArbitrary),
  resources: mapOf(resourceArbitrary),
});
const resources = fc.record({ items: fc.array(resourceArbitrary, { maxLength: 3 }) });

export const requestArbitrary: fc.Arbitrary<RunFunctionRequest> = fc.record({
  meta: maybe(fc.record({ tag: text, capabilities: fc.array(int32) })),
  observed: maybe(state),
  desired: maybe(state),
  input: optionalObject,
  context: optionalObject,
  extraResources: mapOf(resources),
  credentials: mapOf(fc.record({ credentialData: maybe(fc.record({ data: mapOf(bytes) })) })),
  requiredResources: mapOf(resources),
  requiredSchemas: mapOf(fc.record({ openapiV3: optionalObject })),
});

const selector = fc.record({
  apiVersion: text,
  kind: text,
  matchName: maybe(text),
  matchLabels: maybe(fc.record({ labels: mapOf(text) })),
  namespace: maybe(text),
});

export const responseArbitrary: fc.Arbitrary<RunFunctionResponse> = fc.record({
  meta: maybe(fc.record({ tag: text, ttl: maybe(fc.record({ seconds: fc.maxSafeInteger(), nanos: int32 })) })),
  desired: maybe(state),
  results: fc.array(fc.record({ severity: int32, message: text, reason: maybe(text), target: maybe(int32) }), {
    maxLength: 3,
  }),
  context: optionalObject,
  requirements: maybe(
    fc.record({
      extraResources: mapOf(selector),
      resources: mapOf(selector),
      schemas: mapOf(fc.record({ apiVersion: text, kind: text })),
    }),
  ),
  conditions: fc.array(
    fc.record({ type: text, status: int32, reason: text, message: maybe(text), target: maybe(int32) }),
    { maxLength: 3 },
  ),
  output: optionalObject,
});

/** A request as Crossplane sends it, with every field in use. */
export function exampleRequest(): RunFunctionRequest {
  const server = (name: string): Resource => ({
    resource: {
      apiVersion: 'dbforpostgresql.azure.m.upbound.io/v1beta1',
      kind: 'FlexibleServer',
      metadata: { name, generation: 3, annotations: { 'crossplane.io/external-name': `${name}-x` }, labels: {} },
      spec: {
        forProvider: { storageMb: 32768, version: '16', tags: { owner: 'Zoë' }, zones: ['1', '2'], empty: null },
      },
      status: { conditions: [{ type: 'Ready', status: 'True', observedGeneration: 3, message: 'x'.repeat(150) }] },
    },
    connectionDetails: { endpoint: Buffer.from('db.example.org'), password: Buffer.from([0, 255, 128]) },
    ready: 1,
  });
  return {
    meta: { tag: 'f'.repeat(64), capabilities: [1, 2, 3, 4, 5] },
    observed: { composite: server('orders'), resources: { primary: server('primary'), replica: server('replica') } },
    desired: { composite: undefined, resources: { primary: server('primary') } },
    input: { apiVersion: 'example.org/v1', kind: 'Input', enabled: true, disabled: false, share: 0.25 },
    context: { 'apiextensions.crossplane.io/environment': { region: 'westeurope' } },
    extraResources: { config: { items: [server('config')] } },
    credentials: { azure: { credentialData: { data: { clientSecret: Buffer.from('s3cret') } } } },
    requiredResources: { config: { items: [server('one'), server('two')] }, missing: { items: [] } },
    requiredSchemas: { server: { openapiV3: { type: 'object', properties: {} } }, missing: { openapiV3: undefined } },
  };
}

/** A response with every field in use. */
export function exampleResponse(): RunFunctionResponse {
  const { desired, context } = exampleRequest();
  const byLabel = { matchLabels: { labels: { team: 'orders' } }, matchName: undefined, namespace: 'team' };
  return {
    meta: { tag: 'a'.repeat(64), ttl: { seconds: 60, nanos: 500 } },
    desired,
    results: [
      { severity: 2, message: 'the replica is behind', reason: 'ReplicaLag', target: 2 },
      { severity: 1, message: 'no such zone', reason: undefined, target: undefined },
    ],
    context,
    requirements: {
      extraResources: { config: { apiVersion: 'v1', kind: 'ConfigMap', ...byLabel } },
      resources: {
        config: { apiVersion: 'v1', kind: 'Secret', ...byLabel, matchName: 'admin', matchLabels: undefined },
      },
      schemas: { server: { apiVersion: 'example.org/v1', kind: 'Server' } },
    },
    conditions: [{ type: 'DatabaseReady', status: 2, reason: 'Available', message: 'all is well', target: 1 }],
    output: { answer: 42, list: [] },
  };
}

export function sdkBytes(request: RunFunctionRequest): Buffer {
  return Buffer.from(RunFunctionRequest.encode(request).finish());
}

export function sdkResponseBytes(response: RunFunctionResponse): Buffer {
  return Buffer.from(RunFunctionResponse.encode(response).finish());
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What the SDK decoded, without the two things that the wire codec does otherwise: managedFields, and holes in lists. */
export function asOwn<T>(message: T): T {
  return convert(message, false) as T;
}

function convert(value: unknown, isResource: boolean): unknown {
  if (value instanceof Uint8Array) return value;
  if (Array.isArray(value)) return value.map((element) => (element === undefined ? null : convert(element, false)));
  if (!isObject(value)) return value;
  const result: Json = {};
  const isMessage = Object.hasOwn(value, 'connectionDetails') && Object.hasOwn(value, 'ready');
  for (const [key, content] of Object.entries(value)) {
    result[key] = convert(content, isMessage && key === 'resource');
  }
  const { metadata } = result;
  if (isResource && Object.hasOwn(result, 'metadata') && isObject(metadata)) delete metadata.managedFields;
  return result;
}

/** Reads everything that is lazy in a message. */
export function readAll<T>(message: T): T {
  return convert(message, false) as T;
}
