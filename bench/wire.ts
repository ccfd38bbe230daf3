/**
 * Compares the wire codec with the SDK's in one process and prints ratios: `node --import tsx bench/wire.ts`. The workload
 * has 30 observed resources of about 4 KiB JSON with managedFields, and 30 desired ones of about 1 KiB. Its keys come in
 * random orders, as protobuf-go marshals maps: one captured request replayed would flatter a codec that depends on order.
 */
import { RunFunctionRequest, RunFunctionResponse } from '@crossplane-org/function-sdk-typescript';
import { decodeRequest, encodeResponse, pick } from '../src/wire/wire.ts';

type Json = Record<string, unknown>;

const REQUESTS = 256;
const ROUNDS = 9;
const CALLS_PER_ROUND = 48;
const OBSERVED = 30;

let seed = 42;
/** A number from 0 up to `below`: deterministic, so that two runs measure the same. */
function random(below: number): number {
  seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
  return Math.floor((seed / 0x1_0000_0000) * below);
}

function shuffled(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shuffled);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  for (let index = entries.length - 1; index > 0; index--) {
    const other = random(index + 1);
    const entry = entries[index] as [string, unknown]; // in range
    entries[index] = entries[other] as [string, unknown]; // in range
    entries[other] = entry;
  }
  return Object.fromEntries(entries.map(([key, content]) => [key, shuffled(content)]));
}

function managedFields(manager: string): Json {
  const names = [
    'administratorLogin',
    'backupRetentionDays',
    'location',
    'resourceGroupName',
    'skuName',
    'storageMb',
    'zone',
  ];
  return {
    manager,
    operation: 'Apply',
    apiVersion: 'dbforpostgresql.azure.m.upbound.io/v1beta1',
    time: '2026-08-01T10:00:00Z',
    fieldsType: 'FieldsV1',
    fieldsV1: {
      'f:metadata': {
        'f:labels': { 'f:crossplane.io/composite': {} },
        'f:annotations': { 'f:crossplane.io/composition-resource-name': {} },
      },
      'f:spec': {
        'f:forProvider': Object.fromEntries(names.map((name) => [`f:${name}`, {}])),
        'f:managementPolicies': {},
      },
    },
  };
}

function desiredObject(index: number): Json {
  return {
    apiVersion: 'dbforpostgresql.azure.m.upbound.io/v1beta1',
    kind: 'FlexibleServer',
    metadata: {
      labels: { 'crossplane.io/composite': 'orders', 'example.org/region': index % 2 ? 'westeurope' : 'northeurope' },
      annotations: {
        'crossplane.io/composition-resource-name': `server-${index}`,
        'example.org/checksum': 'a'.repeat(40),
      },
    },
    spec: {
      managementPolicies: ['Observe', 'Create', 'Update', 'LateInitialize'],
      providerConfigRef: { name: 'default', kind: 'ProviderConfig' },
      forProvider: {
        location: 'West Europe',
        resourceGroupName: `rg-orders-${index}`,
        version: '16',
        administratorLogin: 'psqladmin',
        administratorPasswordSecretRef: { name: 'orders-admin', key: 'password' },
        backupRetentionDays: 14,
        geoRedundantBackupEnabled: true,
        publicNetworkAccessEnabled: false,
        skuName: 'GP_Standard_D4ds_v5',
        storageMb: 131_072,
        zone: '1',
        delegatedSubnetId: `/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/Microsoft.Network/subnets/${index}`,
        highAvailability: [{ mode: 'ZoneRedundant', standbyAvailabilityZone: '2' }],
        maintenanceWindow: [{ dayOfWeek: 0, startHour: 2, startMinute: 30 }],
        tags: { owner: 'team-orders', environment: 'production', 'cost-center': '4711' },
      },
    },
  };
}

function observedObject(index: number): Json {
  const desired = desiredObject(index) as { metadata: Json; spec: { forProvider: Json } }; // desiredObject makes both
  return {
    ...desired,
    metadata: {
      ...desired.metadata,
      name: `orders-server-${index}`,
      namespace: 'team-orders',
      uid: `0f3e3c2a-5a44-4f1e-9a0e-0000000000${index}`,
      resourceVersion: `${1000 + index}`,
      generation: 3,
      creationTimestamp: '2026-07-01T08:00:00Z',
      finalizers: ['finalizer.managedresource.crossplane.io'],
      managedFields: ['apiextensions.crossplane.io/composed', 'provider', 'crossplane-azure'].map(managedFields),
    },
    status: {
      atProvider: {
        ...desired.spec.forProvider,
        id: `/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/Microsoft.DBforPostgreSQL/flexibleServers/${index}`,
        fqdn: `orders-server-${index}.postgres.database.azure.com`,
      },
      conditions: ['Ready', 'Synced', 'LastAsyncOperation'].map((type) => ({
        type,
        status: 'True',
        reason: 'Available',
        lastTransitionTime: '2026-08-01T10:00:00Z',
        observedGeneration: 3,
      })),
    },
  };
}

function requestBytes(observed: number, desired: number): Buffer {
  const resources = (count: number, make: (index: number) => Json) =>
    Object.fromEntries(
      Array.from({ length: count }, (_, index) => [`server-${index}`, { resource: shuffled(make(index)) as Json }]),
    );
  const request = RunFunctionRequest.fromPartial({
    meta: { tag: 'f'.repeat(64), capabilities: [1, 2, 3, 4, 5] },
    observed: {
      composite: { resource: shuffled(observedObject(0)) as Json },
      resources: resources(observed, observedObject),
    },
    desired: { resources: resources(desired, desiredObject) },
    context: { 'apiextensions.crossplane.io/environment': { region: 'westeurope' } },
  });
  return Buffer.from(RunFunctionRequest.encode(request).finish());
}

function responseOf(request: RunFunctionRequest, resources: NonNullable<RunFunctionResponse['desired']>['resources']) {
  return {
    meta: { tag: request.meta?.tag ?? '', ttl: { seconds: 60, nanos: 0 } },
    desired: { composite: { resource: { status: { ready: true } }, connectionDetails: {}, ready: 0 }, resources },
    results: [],
    context: request.context,
    requirements: undefined,
    conditions: [{ type: 'DatabaseReady', status: 2, reason: 'Available', message: undefined, target: undefined }],
    output: undefined,
  };
}

const desired = Object.fromEntries(
  Array.from({ length: OBSERVED }, (_, index) => [
    `server-${index}`,
    { resource: desiredObject(index), connectionDetails: {}, ready: 1 },
  ]),
);
const STATUS = { metadata: { generation: true, annotations: true }, status: { conditions: true } } as const;
const requests = Array.from({ length: REQUESTS }, () => requestBytes(OBSERVED, 0));
const pipelined = Array.from({ length: 32 }, () => requestBytes(OBSERVED, OBSERVED));
const small = Array.from({ length: 32 }, () => requestBytes(0, 0));
const sorted = Buffer.from(
  RunFunctionRequest.encode(
    // The lazy decoder sorts keys, and the encoder of the SDK keeps the order it is given.
    decodeRequest(requests[0] as Buffer),
  ).finish(),
);

let sink: unknown;

function readAll(request: RunFunctionRequest): RunFunctionRequest {
  for (const resource of Object.values(request.observed?.resources ?? {})) sink = resource.resource;
  sink = request.observed?.composite?.resource;
  return request;
}

function readThree(request: RunFunctionRequest): RunFunctionRequest {
  sink = request.observed?.composite?.resource?.spec;
  for (let index = 0; index < 3; index++) sink = request.observed?.resources[`server-${index}`]?.resource?.status;
  return request;
}

function pickAll(request: RunFunctionRequest): RunFunctionRequest {
  sink = request.observed?.composite?.resource?.spec;
  for (const resource of Object.values(request.observed?.resources ?? {})) sink = pick(resource, STATUS);
  return request;
}

const sdkDecode = (bytes: Uint8Array) => RunFunctionRequest.decode(bytes);
const sdkEncode = (response: RunFunctionResponse) => Buffer.from(RunFunctionResponse.encode(response).finish());
const answer = responseOf(decodeRequest(requests[0] as Buffer), desired);

function addOne(request: RunFunctionRequest) {
  return responseOf(request, { ...request.desired?.resources, added: desired['server-0'] as (typeof desired)[string] });
}

type Step = readonly [
  name: string,
  inputs: readonly Buffer[],
  sdk: (bytes: Buffer) => unknown,
  own: (bytes: Buffer) => unknown,
];

const steps: readonly Step[] = [
  ['decode, all 30 read', requests, sdkDecode, (bytes) => readAll(decodeRequest(bytes))],
  ['decode, sorted keys, all 30 read', [sorted], sdkDecode, (bytes) => readAll(decodeRequest(bytes))],
  ['JSON.parse of the same (first column)', requests, jsonOf(), (bytes) => readAll(decodeRequest(bytes))],
  ['decode, none read', requests, sdkDecode, (bytes) => decodeRequest(bytes)],
  ['decode, 3 read', requests, sdkDecode, (bytes) => readThree(decodeRequest(bytes))],
  ['decode, pick from all 30', requests, sdkDecode, (bytes) => pickAll(decodeRequest(bytes))],
  ['decode, 0 observed', small, sdkDecode, (bytes) => readAll(decodeRequest(bytes))],
  ['encode 30 desired', [sorted], () => sdkEncode(answer), () => encodeResponse(answer)],
  [
    'decode + 3 reads + encode',
    requests,
    (bytes) => sdkEncode(responseOf(readThree(sdkDecode(bytes)), desired)),
    (bytes) => encodeResponse(responseOf(readThree(decodeRequest(bytes)), desired)),
  ],
  [
    'decode + 30 reads + encode',
    requests,
    (bytes) => sdkEncode(responseOf(sdkDecode(bytes), desired)),
    (bytes) => encodeResponse(responseOf(readAll(decodeRequest(bytes)), desired)),
  ],
  [
    'pipeline step: 30 observed, 30 desired, adds 1',
    pipelined,
    (bytes) => sdkEncode(addOne(sdkDecode(bytes))),
    (bytes) => encodeResponse(addOne(decodeRequest(bytes))),
  ],
];

function jsonOf(): (bytes: Buffer) => unknown {
  const texts = new Map(requests.map((bytes) => [bytes, JSON.stringify(RunFunctionRequest.decode(bytes))]));
  return (bytes) => JSON.parse(texts.get(bytes) ?? '');
}

/** Microseconds per call. */
function measure(inputs: readonly Buffer[], call: (bytes: Buffer) => unknown, from: number): number {
  const start = process.hrtime.bigint();
  for (let index = 0; index < CALLS_PER_ROUND; index++) sink = call(inputs[(from + index) % inputs.length] as Buffer);
  return Number(process.hrtime.bigint() - start) / 1000 / CALLS_PER_ROUND;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

console.log(
  `node ${process.version}, request of ${requests[0]?.length} bytes, medians of ${ROUNDS} interleaved rounds`,
);
for (const [name, inputs, sdk, own] of steps) {
  for (let round = 0; round < 4; round++) {
    measure(inputs, sdk, round * CALLS_PER_ROUND);
    measure(inputs, own, round * CALLS_PER_ROUND);
  }
  const times: [number, number][] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const from = round * CALLS_PER_ROUND;
    times.push([measure(inputs, sdk, from), measure(inputs, own, from)]);
  }
  const ratio = median(times.map(([theirs, ours]) => theirs / ours));
  const theirs = median(times.map(([time]) => time)).toFixed(0);
  const ours = median(times.map(([, time]) => time)).toFixed(0);
  console.log(`${name.padEnd(48)} SDK ${theirs.padStart(5)} µs   own ${ours.padStart(5)} µs   ${ratio.toFixed(1)}x`);
}
if (sink === undefined) throw new Error('nothing was measured');
