import { fileURLToPath } from 'node:url';
import type { Flavour } from '../api/database.ts';
import { type Fields, isFields, type KubernetesObject, loadObject } from './load.ts';

/** The files of this package that a render reads, found from this module and not from the working folder. */
const at = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

const DEFINITIONS: Readonly<Record<Flavour, string>> = {
  namespaced: at('apis/xpostgresqldatabases/definition.yaml'),
  cluster: at('apis/claims/definition.yaml'),
};

const COMPOSITIONS: Readonly<Record<Flavour, string>> = {
  namespaced: at('compositions/namespaced.yaml'),
  cluster: at('compositions/cluster.yaml'),
};

/** The part of a structural schema from which rules are read. */
export interface RuleSchema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, RuleSchema>>;
  readonly additionalProperties?: RuleSchema;
  readonly items?: RuleSchema;
  readonly 'x-kubernetes-validations'?: readonly {
    readonly rule: string;
    readonly message?: string;
    /** CEL that gives the message, with the value in it; `message` is for those who cannot evaluate it. */
    readonly messageExpression?: string;
  }[];
}

/** The served versions of a flavour's XRD with their schemas. */
export function definitionVersions(
  flavour: Flavour,
): readonly { readonly name: string; readonly schema: RuleSchema }[] {
  const { spec } = loadObject(DEFINITIONS[flavour]) as KubernetesObject & Definition; // generated and checked by `npm run generate`
  return spec.versions.map(({ name, schema }) => ({ name, schema: schema.openAPIV3Schema }));
}

interface Definition {
  readonly spec: {
    readonly versions: readonly { readonly name: string; readonly schema: { readonly openAPIV3Schema: RuleSchema } }[];
  };
}

/** The input that a flavour's Composition gives to this function, or undefined when it gives none. */
export function compositionInput(flavour: Flavour): Fields | undefined {
  const { spec } = loadObject(COMPOSITIONS[flavour]);
  const steps = isFields(spec) && Array.isArray(spec.pipeline) ? spec.pipeline.filter(isFields) : [];
  return steps.map(({ input }) => input).find((input): input is Fields => isFields(input) && isInput(input));
}

const isInput = ({ apiVersion }: Fields): boolean => String(apiVersion).startsWith('postgresql.fn.platform.io/');
