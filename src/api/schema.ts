import type { ErrorObject } from 'ajv';
import type { Flavour } from './database.ts';
import type { Problem } from './problem.ts';
import { inputSchema, operationSchema, specSchemas } from './schema.generated.ts';
import { COMPOSITION_FIELDS, problemsOf, type Schema } from './schema-problems.ts';
import type { FailoverOperation, PlatformInput, PostgreSQLSpec } from './types.generated.ts';
import { cluster, input, namespaced, operation } from './validators.generated.ts';

// crossplane-runtime pkg/xcrd/schemas.go: what core adds to the spec of an XR, and of a claim, beside our own fields.
const CROSSPLANE_FIELDS: Readonly<Record<Flavour, readonly string[]>> = {
  namespaced: ['crossplane'],
  cluster: [
    ...COMPOSITION_FIELDS,
    'claimRef',
    'resourceRefs',
    'resourceRef',
    'compositeDeletePolicy',
    'writeConnectionSecretToRef',
    'publishConnectionDetailsTo',
  ],
};

/**
 * `spec` of an XR as the API server would store it: defaults filled in, Crossplane's own fields left out. The argument is not changed.
 * `spec` in the answer can be relied upon only when `problems` is empty.
 */
export function applySchema(flavour: Flavour, spec: unknown): { spec: PostgreSQLSpec; problems: Problem[] } {
  const copy = withoutNulls(spec ?? {}, specSchemas[flavour]);
  if (isObject(copy)) for (const name of CROSSPLANE_FIELDS[flavour]) delete copy[name];
  const problems = check(flavour, 'spec', specSchemas[flavour], copy);
  // The type is generated from the schema that was checked.
  return { spec: copy as PostgreSQLSpec, problems };
}

/**
 * The `spec` of a pipeline step's input with defaults filled in; without an input, the defaults alone. The argument is not changed.
 * `platform` in the answer can be relied upon only when `problems` is empty.
 */
export function applyInputSchema(given: unknown): { platform: PlatformInput; problems: Problem[] } {
  const copy = withoutNulls(given ?? { apiVersion: 'postgresql.fn.platform.io/v1beta1', kind: 'Input' }, inputSchema);
  const problems = check('input', 'input', inputSchema, copy);
  // The type is generated from the schema that was checked.
  return { platform: (isObject(copy) ? copy.spec : undefined) as PlatformInput, problems };
}

/**
 * The `spec` of an Operation's input with defaults filled in. The argument is not changed. `operation` in the answer can be relied upon only
 * when `problems` is empty.
 */
export function applyOperationSchema(given: unknown): { operation: FailoverOperation; problems: Problem[] } {
  const copy = withoutNulls(given, operationSchema);
  const problems = check('operation', 'input', operationSchema, copy);
  // The type is generated from the schema that was checked.
  return { operation: (isObject(copy) ? copy.spec : undefined) as FailoverOperation, problems };
}

/** What ajv compiles: fills in defaults, and leaves its errors behind. */
interface Validator {
  (value: unknown): boolean;
  readonly errors?: readonly ErrorObject[] | null;
}

const VALIDATORS: Readonly<Record<Flavour | 'input' | 'operation', Validator>> = {
  namespaced,
  cluster,
  input,
  operation,
};

/** Fills defaults into `value` and lists what is wrong with it, one problem per field, sorted by field. */
function check(key: keyof typeof VALIDATORS, root: string, schema: Schema, value: unknown): Problem[] {
  const validate = VALIDATORS[key];
  return validate(value) ? [] : problemsOf(validate.errors ?? [], root, schema, value);
}

/** A copy of `value` in which, as in apiextensions-apiserver's PruneNonNullableNullsWithoutDefaults, a null in a known field is absent. */
function withoutNulls(value: unknown, { items, properties, additionalProperties }: Schema): unknown {
  if (Array.isArray(value)) return value.map((item) => withoutNulls(item, items ?? {}));
  if (!isObject(value)) return value;
  const others = typeof additionalProperties === 'object' ? additionalProperties : undefined;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, child]) => {
      const known = properties && Object.hasOwn(properties, name) ? properties[name] : others;
      return child === null && known ? [] : [[name, withoutNulls(child, known ?? {})]];
    }),
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
