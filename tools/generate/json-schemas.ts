import type { SchemaNode } from './schema-node.ts';

/**
 * `node` as a JSON schema that refuses unknown fields: `additionalProperties: false` wherever properties are listed, without
 * descriptions and Kubernetes' own keywords.
 */
export function jsonSchema(node: SchemaNode): object {
  const { description: _, 'x-kubernetes-validations': __, properties, additionalProperties, items, ...rest } = node;
  return {
    ...rest,
    ...(items && { items: jsonSchema(items) }),
    ...(additionalProperties && { additionalProperties: jsonSchema(additionalProperties) }),
    ...(properties && {
      properties: Object.fromEntries(Object.entries(properties).map(([name, child]) => [name, jsonSchema(child)])),
      additionalProperties: false,
    }),
  };
}
