import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Environment } from '@marcbachmann/cel-js';
import { Ajv, type ValidateFunction } from 'ajv';
import { parse } from 'yaml';
import { isObject, type Json, type JsonObject, listOf, objectOf, textOf } from './json.ts';
import { groupOf, type Manifest } from './state.ts';

/** What the API server does with a managed resource before it stores it: unknown fields, types, defaults, CEL. */
export interface Admission {
  /** The manifest with the CRD's defaults. */
  readonly manifest: Manifest;
  /** Empty when it is admitted. */
  readonly errors: readonly string[];
}

interface Schema {
  readonly validate: ValidateFunction;
  readonly rules: readonly { readonly message: string; readonly holds: (spec: JsonObject) => boolean }[];
  readonly namespaced: boolean;
  readonly plural: string;
}

const root = new URL('../../', import.meta.url);
const folders = ['../shared/crds/provider-azure-v2.7.0', '../shared/crds/provider-kubernetes-v1.2.1', 'test/crds'].map(
  (path) => fileURLToPath(new URL(path, root)),
);

let files: ReadonlyMap<string, string> | undefined;
const schemas = new Map<string, Schema | undefined>();

// File names are `<group>_<plural>.yaml`; the plural is what differs from kind to kind, so the file is found by its lower-case start.
function fileOf(group: string, kind: string): string | undefined {
  if (!files) {
    const found = new Map<string, string>();
    for (const folder of folders.filter(existsSync)) {
      for (const name of readdirSync(folder)) if (!found.has(name)) found.set(name, `${folder}/${name}`);
    }
    files = found;
  }
  const singular = kind.toLowerCase();
  const plurals = [`${singular}s`, `${singular}es`, `${singular.replace(/y$/, 'ie')}s`];
  for (const plural of plurals) {
    const file = files.get(`${group}_${plural}.yaml`);
    if (file) return file;
  }
  return undefined;
}

// A structural schema allows only what it names; JSON Schema has to be told so.
function closed(schema: Json | undefined): Json {
  if (Array.isArray(schema)) return schema.map(closed);
  if (!isObject(schema)) return schema ?? null;
  const entries = Object.entries(schema).filter(([key]) => !key.startsWith('x-kubernetes-') && key !== 'format');
  const result: Record<string, Json> = {};
  for (const [key, value] of entries) {
    if (key === 'properties') {
      result[key] = Object.fromEntries(
        Object.entries(objectOf(value)).map(([name, property]) => [name, closed(property)]),
      );
    } else {
      result[key] = key === 'default' || key === 'enum' || key === 'required' ? (value ?? null) : closed(value);
    }
  }
  if (schema.properties && schema['x-kubernetes-preserve-unknown-fields'] !== true)
    result.additionalProperties ??= false;
  return result;
}

function load(apiVersion: string, kind: string): Schema | undefined {
  const id = `${apiVersion}/${kind}`;
  if (schemas.has(id)) return schemas.get(id);
  const file = fileOf(groupOf(apiVersion), kind);
  let schema: Schema | undefined;
  if (file) {
    const spec = objectOf(objectOf(parse(readFileSync(file, 'utf8'))).spec);
    const version = listOf(spec.versions)
      .map(objectOf)
      .find((each) => each.name === apiVersion.split('/')[1]);
    const properties = objectOf(objectOf(objectOf(version?.schema).openAPIV3Schema).properties);
    if (version && objectOf(spec.names).kind === kind) {
      const ajv = new Ajv({ strict: false, allErrors: true, useDefaults: true, validateFormats: false });
      const cel = new Environment({ unlistedVariablesAreDyn: true });
      schema = {
        validate: ajv.compile(objectOf(closed(properties.spec))),
        rules: listOf(objectOf(properties.spec)['x-kubernetes-validations'])
          .map(objectOf)
          .map((rule) => {
            const program = cel.parse(textOf(rule.rule));
            return { message: textOf(rule.message), holds: (self) => program({ self }) === true };
          }),
        namespaced: spec.scope === 'Namespaced',
        plural: textOf(objectOf(spec.names).plural),
      };
    }
  }
  schemas.set(id, schema);
  return schema;
}

/** Scope and plural of a kind, undefined when no CRD for it is at hand. */
export const describeKind = (apiVersion: string, kind: string): { namespaced: boolean; plural: string } | undefined =>
  load(apiVersion, kind);

const admitted = new WeakMap<Manifest, Admission>();

/** Judges a manifest of a kind that has a CRD. Reads the CRD once; the same manifest is judged once. */
export function admit(manifest: Manifest): Admission {
  const known = admitted.get(manifest);
  if (known) return known;
  const schema = load(manifest.apiVersion, manifest.kind);
  let answer: Admission;
  if (!schema) {
    answer = { manifest, errors: [`no CustomResourceDefinition for ${manifest.kind} in ${manifest.apiVersion}`] };
  } else {
    // A copy, because useDefaults writes into what it validates; structuredClone would make objects of another realm under jest.
    const spec: JsonObject = JSON.parse(JSON.stringify(manifest.spec ?? {}));
    schema.validate(spec);
    const errors = (schema.validate.errors ?? []).map(({ instancePath, message, params }) => {
      const field = `spec${instancePath.replaceAll('/', '.')}`;
      const extra = textOf(objectOf(params).additionalProperty);
      return extra ? `unknown field "${field}.${extra}"` : `${field}: ${message}`;
    });
    if (errors.length === 0) {
      for (const rule of schema.rules) if (!rule.holds(spec)) errors.push(rule.message);
    }
    if (schema.namespaced !== (manifest.metadata.namespace !== undefined)) {
      errors.push(
        schema.namespaced ? 'metadata.namespace is missing' : 'metadata.namespace: the kind is cluster-scoped',
      );
    }
    answer = { manifest: { ...manifest, spec }, errors };
  }
  admitted.set(manifest, answer);
  return answer;
}
