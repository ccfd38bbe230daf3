/** The part of a Kubernetes structural schema (openAPIV3Schema) that the XRD, the input CRD and the providers' CRDs use. */
export interface SchemaNode {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly additionalProperties?: SchemaNode;
  readonly required?: readonly string[];
  readonly items?: SchemaNode;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly maxProperties?: number;
  readonly pattern?: string;
  readonly 'x-kubernetes-validations'?: readonly {
    readonly rule: string;
    readonly message?: string;
    /** CEL that gives the message, with the value in it; `message` is for those who cannot evaluate it. */
    readonly messageExpression?: string;
  }[];
}

/** A CompositeResourceDefinition or CustomResourceDefinition, as far as it is read here. */
export interface Definition {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly group: string;
    readonly scope?: string;
    readonly names: { readonly kind: string; readonly plural: string; readonly singular?: string };
    readonly versions: readonly {
      readonly name: string;
      readonly schema: { readonly openAPIV3Schema: SchemaNode };
    }[];
  };
}

/** The schema of the only version of `definition`. Throws when it has none. */
export function schemaOf(definition: Definition): SchemaNode {
  const version = definition.spec.versions[0];
  if (!version) throw new Error(`${definition.metadata.name} has no version`);
  return version.schema.openAPIV3Schema;
}

/** The schema of `node`'s property `name`. Throws when there is no such property: the definition is then not ours. */
export function property(node: SchemaNode, ...names: readonly string[]): SchemaNode {
  let at = node;
  for (const name of names) {
    const next = at.properties?.[name];
    if (!next) throw new Error(`the schema has no property ${names.join('.')}`);
    at = next;
  }
  return at;
}
