/**
 * The messages of apiextensions.fn.proto.v1 (Crossplane v2.3.4 proto/fn/v1/run_function.proto) as data, with the names and
 * shapes of the SDK's types. google.protobuf.Struct and Resource are kinds of their own, see struct-reader.ts and lazy.ts.
 */
export type Kind = 'string' | 'bytes' | 'int32' | 'int64' | 'struct' | 'resource' | Message;

/**
 * How often a field occurs. `implicit` is proto3's plain scalar, whose default is not sent; `optional` is undefined when
 * absent; a `map` has string keys and is an object.
 */
export type Rule = 'implicit' | 'optional' | 'repeated' | 'map';

export interface Field {
  readonly name: string;
  readonly number: number;
  readonly kind: Kind;
  readonly rule: Rule;
}

export interface Message {
  readonly name: string;
  /** In the order of their numbers, which is the order on the wire. */
  readonly fields: readonly Field[];
}

type FieldSpec = readonly [number: number, kind: Kind, rule: Rule];

function message(name: string, fields: Readonly<Record<string, FieldSpec>>): Message {
  return {
    name,
    fields: Object.entries(fields).map(([field, [number, kind, rule]]) => ({ name: field, number, kind, rule })),
  };
}

const DURATION = message('Duration', { seconds: [1, 'int64', 'implicit'], nanos: [2, 'int32', 'implicit'] });

const REQUEST_META = message('RequestMeta', {
  tag: [1, 'string', 'implicit'],
  capabilities: [2, 'int32', 'repeated'],
});

const RESPONSE_META = message('ResponseMeta', { tag: [1, 'string', 'implicit'], ttl: [2, DURATION, 'optional'] });

/** The fields of a Resource, for writing one that does not pass through as bytes. */
export const RESOURCE = message('Resource', {
  resource: [1, 'struct', 'optional'],
  connectionDetails: [2, 'bytes', 'map'],
  ready: [3, 'int32', 'implicit'],
});

const RESOURCES = message('Resources', { items: [1, 'resource', 'repeated'] });

const STATE = message('State', { composite: [1, 'resource', 'optional'], resources: [2, 'resource', 'map'] });

const CREDENTIAL_DATA = message('CredentialData', { data: [1, 'bytes', 'map'] });

const CREDENTIALS = message('Credentials', { credentialData: [1, CREDENTIAL_DATA, 'optional'] });

const SCHEMA = message('Schema', { openapiV3: [1, 'struct', 'optional'] });

export const REQUEST = message('RunFunctionRequest', {
  meta: [1, REQUEST_META, 'optional'],
  observed: [2, STATE, 'optional'],
  desired: [3, STATE, 'optional'],
  input: [4, 'struct', 'optional'],
  context: [5, 'struct', 'optional'],
  extraResources: [6, RESOURCES, 'map'],
  credentials: [7, CREDENTIALS, 'map'],
  requiredResources: [8, RESOURCES, 'map'],
  requiredSchemas: [9, SCHEMA, 'map'],
});

const RESULT = message('Result', {
  severity: [1, 'int32', 'implicit'],
  message: [2, 'string', 'implicit'],
  reason: [3, 'string', 'optional'],
  target: [4, 'int32', 'optional'],
});

const CONDITION = message('Condition', {
  type: [1, 'string', 'implicit'],
  status: [2, 'int32', 'implicit'],
  reason: [3, 'string', 'implicit'],
  message: [4, 'string', 'optional'],
  target: [5, 'int32', 'optional'],
});

const MATCH_LABELS = message('MatchLabels', { labels: [1, 'string', 'map'] });

const RESOURCE_SELECTOR = message('ResourceSelector', {
  apiVersion: [1, 'string', 'implicit'],
  kind: [2, 'string', 'implicit'],
  matchName: [3, 'string', 'optional'],
  matchLabels: [4, MATCH_LABELS, 'optional'],
  namespace: [5, 'string', 'optional'],
});

const SCHEMA_SELECTOR = message('SchemaSelector', {
  apiVersion: [1, 'string', 'implicit'],
  kind: [2, 'string', 'implicit'],
});

const REQUIREMENTS = message('Requirements', {
  extraResources: [1, RESOURCE_SELECTOR, 'map'],
  resources: [2, RESOURCE_SELECTOR, 'map'],
  schemas: [3, SCHEMA_SELECTOR, 'map'],
});

export const RESPONSE = message('RunFunctionResponse', {
  meta: [1, RESPONSE_META, 'optional'],
  desired: [2, STATE, 'optional'],
  results: [3, RESULT, 'repeated'],
  context: [4, 'struct', 'optional'],
  requirements: [5, REQUIREMENTS, 'optional'],
  conditions: [6, CONDITION, 'repeated'],
  output: [7, 'struct', 'optional'],
});
