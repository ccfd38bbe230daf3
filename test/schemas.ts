import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Environment } from '@marcbachmann/cel-js';
import { Ajv, type ValidateFunction } from 'ajv';
import { parse } from 'yaml';

/** A Kubernetes structural schema, as far as validation reads it. */
interface Schema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema;
  readonly 'x-kubernetes-preserve-unknown-fields'?: boolean;
  readonly 'x-kubernetes-embedded-resource'?: boolean;
  readonly 'x-kubernetes-validations'?: readonly { readonly rule: string; readonly message?: string }[];
  readonly [keyword: string]: unknown;
}

interface Checker {
  readonly schema: Schema;
  readonly validate: ValidateFunction;
}

type Fields = Readonly<Record<string, unknown>>;

const strings: Schema = { type: 'array', items: { type: 'string' } };
const stringMap: Schema = { type: 'object', additionalProperties: { type: 'string' } };

/** apimachinery validation: names are DNS subdomains, label values at most 63 characters. */
const metadata: Schema = {
  type: 'object',
  properties: {
    name: { type: 'string', maxLength: 253, pattern: '^[a-z0-9]([-a-z0-9:.]*[a-z0-9])?$' },
    generateName: { type: 'string', maxLength: 253 },
    namespace: { type: 'string', maxLength: 63, pattern: '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$' },
    labels: {
      type: 'object',
      propertyNames: { pattern: '^([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$' },
      additionalProperties: { type: 'string', maxLength: 63, pattern: '^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$' },
    },
    annotations: {
      type: 'object',
      propertyNames: { pattern: '^([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$' },
      additionalProperties: { type: 'string' },
    },
    finalizers: strings,
    ownerReferences: { type: 'array', items: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
  },
};

const rules: Schema = {
  type: 'array',
  items: {
    type: 'object',
    required: ['verbs', 'apiGroups', 'resources'],
    properties: { apiGroups: strings, resources: strings, resourceNames: strings, verbs: { ...strings, minItems: 1 } },
  },
};

const binding: Readonly<Record<string, Schema>> = {
  roleRef: {
    type: 'object',
    required: ['apiGroup', 'kind', 'name'],
    properties: {
      apiGroup: { const: 'rbac.authorization.k8s.io' },
      kind: { enum: ['Role', 'ClusterRole'] },
      name: { type: 'string', minLength: 1 },
    },
  },
  subjects: {
    type: 'array',
    items: {
      type: 'object',
      required: ['kind', 'name', 'namespace'],
      properties: {
        kind: { const: 'ServiceAccount' },
        name: { type: 'string' },
        namespace: { type: 'string' },
        apiGroup: { const: '' },
      },
    },
  },
};

const text: Schema = { type: 'string' };
const number: Schema = { type: 'integer' };
const flag: Schema = { type: 'boolean' };
const object = (properties: Readonly<Record<string, Schema>>, required: readonly string[] = []): Schema => ({
  type: 'object',
  required,
  properties,
});
const list = (items: Schema): Schema => ({ type: 'array', items });

const container = object(
  {
    name: text,
    image: text,
    command: strings,
    args: strings,
    env: list(
      object(
        {
          name: text,
          value: text,
          valueFrom: object({
            secretKeyRef: object({ name: text, key: text }, ['key']),
            fieldRef: object({ fieldPath: text }, ['fieldPath']),
          }),
        },
        ['name'],
      ),
    ),
    resources: object({ requests: stringMap, limits: stringMap }),
    securityContext: object({
      allowPrivilegeEscalation: flag,
      readOnlyRootFilesystem: flag,
      capabilities: object({ drop: strings }),
    }),
    volumeMounts: list(object({ name: text, mountPath: text, readOnly: flag }, ['name', 'mountPath'])),
  },
  ['name', 'image'],
);

/** k8s.io/api batch/v1 and core/v1. */
const job = object({
  backoffLimit: number,
  activeDeadlineSeconds: number,
  ttlSecondsAfterFinished: number,
  template: object({
    metadata: object({ labels: stringMap, annotations: stringMap }),
    spec: object(
      {
        serviceAccountName: text,
        automountServiceAccountToken: flag,
        restartPolicy: { enum: ['Never', 'OnFailure'] },
        securityContext: object({
          runAsNonRoot: flag,
          runAsUser: number,
          runAsGroup: number,
          fsGroup: number,
          seccompProfile: object({ type: text }, ['type']),
        }),
        initContainers: list(container),
        containers: { ...list(container), minItems: 1 },
        volumes: list(
          object(
            {
              name: text,
              ephemeral: object({
                volumeClaimTemplate: object({
                  spec: object({
                    accessModes: strings,
                    storageClassName: text,
                    resources: object({ requests: stringMap }),
                  }),
                }),
              }),
            },
            ['name'],
          ),
        ),
      },
      ['containers', 'restartPolicy'],
    ),
  }),
});
const spec = (schema: Schema): Readonly<Record<string, Schema>> => ({ spec: schema });

/** Kubernetes' own kinds: the fields that are composed, not all that there are. */
const CORE: Readonly<Record<string, Readonly<Record<string, Schema>>>> = {
  'v1/Secret': {
    type: { type: 'string' },
    immutable: { type: 'boolean' },
    data: {
      type: 'object',
      additionalProperties: { type: 'string', pattern: '^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}(==|[A-Za-z0-9+/]=))?$' },
    },
    stringData: stringMap,
  },
  'v1/ConfigMap': { data: stringMap, immutable: { type: 'boolean' } },
  'v1/ServiceAccount': { automountServiceAccountToken: { type: 'boolean' } },
  'batch/v1/Job': spec(job),
  'batch/v1/CronJob': spec(
    object(
      {
        schedule: text,
        timeZone: text,
        concurrencyPolicy: { enum: ['Allow', 'Forbid', 'Replace'] },
        startingDeadlineSeconds: number,
        successfulJobsHistoryLimit: number,
        failedJobsHistoryLimit: number,
        suspend: flag,
        jobTemplate: object({ spec: job }, ['spec']),
      },
      ['schedule', 'jobTemplate'],
    ),
  ),
  'rbac.authorization.k8s.io/v1/Role': { rules },
  'rbac.authorization.k8s.io/v1/ClusterRole': { rules },
  'rbac.authorization.k8s.io/v1/RoleBinding': binding,
  'rbac.authorization.k8s.io/v1/ClusterRoleBinding': binding,
};

/** The providers' own CRDs where they are at hand, else the trimmed ones of this repository. */
const FOLDERS = [
  '../../shared/crds/provider-azure-v2.7.0/',
  '../../shared/crds/provider-kubernetes-v1.2.1/',
  '../../shared/crds/datadog-operator-v1.29.0/',
  'crds/',
].map((folder) => fileURLToPath(new URL(folder, import.meta.url)));

const ajv = new Ajv({ allErrors: true, useDefaults: true, strict: false, validateFormats: false });
const cel = new Environment({ unlistedVariablesAreDyn: true });
const checkers = new Map<string, Checker | undefined>();

/**
 * What the API server would refuse or drop in a composed manifest: unknown fields at any depth, wrong types, broken CEL rules, labels
 * and names that are not legal. The manifest inside a provider-kubernetes Object is checked too. Empty when all is well.
 */
export function crdProblems(manifest: unknown): string[] {
  const { apiVersion, kind } = isFields(manifest) ? manifest : {};
  if (typeof apiVersion !== 'string' || typeof kind !== 'string') return ['apiVersion and kind are required'];
  const key = `${apiVersion}/${kind}`;
  if (!checkers.has(key)) checkers.set(key, checkerOf(apiVersion, kind));
  const checker = checkers.get(key);
  if (!checker) return [`no schema for ${key}`];

  // As it goes over the wire: fields that are undefined are not there.
  const copy: unknown = JSON.parse(JSON.stringify(manifest));
  checker.validate(copy);
  const shape = (checker.validate.errors ?? []).map(({ instancePath, message, params }) => {
    const path = instancePath.slice(1).replaceAll('/', '.');
    return params.additionalProperty ? `${path}: unknown field ${params.additionalProperty}` : `${path}: ${message}`;
  });
  return [...shape, ...ruleProblems(copy, checker.schema)];
}

function checkerOf(apiVersion: string, kind: string): Checker | undefined {
  const core = CORE[`${apiVersion}/${kind}`];
  const schema = core
    ? { type: 'object', properties: { apiVersion: { type: 'string' }, kind: { type: 'string' }, ...core } }
    : crdSchema(apiVersion, kind);
  if (!schema) return undefined;
  const closed = close({ ...schema, required: ['metadata'], properties: { ...schema.properties, metadata } });
  return { schema, validate: ajv.compile(closed) };
}

const pluralOf = (kind: string): string => `${kind.toLowerCase().replace(/y$/, 'ie')}s`;

/** The storage version's schema of a CRD, whose cluster-scoped shape is that of the namespaced kind. */
function crdSchema(apiVersion: string, kind: string): Schema | undefined {
  const [group, version] = apiVersion.split('/');
  const file = FOLDERS.map((folder) => `${folder}${group}_${pluralOf(kind)}.yaml`).find(existsSync);
  if (!file) return undefined;
  const crd: {
    spec: { versions: { name: string; storage: boolean; schema: { openAPIV3Schema: Schema } }[] };
  } = parse(readFileSync(file, 'utf8'));
  return crd.spec.versions.find(({ name, storage }) => storage && name === version)?.schema.openAPIV3Schema;
}

/** Refuses every field that the API server would drop without a word. */
function close(schema: Schema): Schema {
  const { properties, additionalProperties, items } = schema;
  const open = schema['x-kubernetes-preserve-unknown-fields'] === true;
  const closed: Record<string, unknown> = { ...schema };
  if (properties)
    closed.properties = Object.fromEntries(Object.entries(properties).map(([name, child]) => [name, close(child)]));
  if (items) closed.items = close(items);
  if (typeof additionalProperties === 'object') closed.additionalProperties = close(additionalProperties);
  else if (schema.type === 'object' && !open) closed.additionalProperties = false;
  return closed;
}

/** The CEL rules that `value` breaks, apart from those on changes, and what is wrong with manifests embedded in it. */
function ruleProblems(value: unknown, schema: Schema, path = ''): string[] {
  if (value === undefined) return [];
  const own = (schema['x-kubernetes-validations'] ?? [])
    .filter(({ rule }) => !rule.includes('oldSelf') && cel.evaluate(rule, { self: value }) !== true)
    .map(({ rule, message }) => `${path}: ${message ?? rule}`);
  const embedded = schema['x-kubernetes-embedded-resource']
    ? crdProblems(value).map((problem) => `${path}: ${problem}`)
    : [];
  const below = Array.isArray(value)
    ? value.flatMap((item, index) => ruleProblems(item, schema.items ?? {}, `${path}[${index}]`))
    : isFields(value)
      ? Object.entries(schema.properties ?? {}).flatMap(([name, child]) =>
          ruleProblems(value[name], child, path ? `${path}.${name}` : name),
        )
      : [];
  return [...own, ...embedded, ...below];
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
