import { isDeepStrictEqual } from 'node:util';
import { DIFFERENCES } from './claims.ts';
import { type Definition, property, type SchemaNode, schemaOf } from './schema-node.ts';

/** docs/api.md: every field of the XR's spec and status and of the inputs, the rules between fields, and what differs for claims. */
export function apiDocs(xrd: Definition, input: Definition, operation: Definition): string {
  const schema = schemaOf(xrd);
  const spec = property(schema, 'spec');
  const inputSpec = property(schemaOf(input), 'spec');
  const { group, names } = xrd.spec;
  const version = xrd.spec.versions[0]?.name;
  return `${[
    '# API reference',
    `\`${names.kind}\`, \`${group}/${version}\`, namespaced. ${schema.description}`,
    'Every field is optional unless it says **required**. Rules marked *on change* compare an update with what is there; the others hold always. Fields of Crossplane itself are not listed (`spec.crossplane`, `status.conditions`).',
    '## spec',
    ...section('Rules over more than one group of fields:', ownRules(spec, 'spec')),
    ...Object.entries(spec.properties ?? {}).flatMap(([name, group]) =>
      groupOf(`spec.${name}`, group, isRequired(spec, name)),
    ),
    '## status',
    statusTable(property(schema, 'status')),
    '## Input of the function',
    `The \`input\` of the pipeline step in a Composition: ${typeOfInput(input)}. ${schemaOf(input).description} Without an input, the defaults hold.`,
    fieldList(inputSpec, 'spec').join('\n'),
    '## Input of an Operation',
    `The \`input\` of the pipeline step in an Operation or CronOperation: ${typeOfInput(operation)}. ${schemaOf(operation).description} [failover.md](failover.md#operations) says what it does.`,
    fieldList(property(schemaOf(operation), 'spec'), 'spec').join('\n'),
    '## Claims',
    `For v1-style installs there is the claim \`PostgreSQLDatabase\`, \`claims.${group}/${version}\`, and its cluster-scoped XR \`${names.kind}\` in the same group. They have the fields above, apart from these:`,
    DIFFERENCES.map(({ path, claims }) =>
      claims
        ? field(path.join('.'), claims, false)
        : `- **\`${path.join('.')}\`** does not exist. Crossplane writes the Secret that the claim names in \`spec.writeConnectionSecretToRef.name\`.`,
    ).join('\n'),
  ].join('\n\n')}\n`;
}

const typeOfInput = ({ spec: { group, names, versions } }: Definition): string =>
  `\`${names.kind}\`, \`${group}/${versions[0]?.name}\``;

const section = (title: string, lines: readonly string[]): readonly string[] =>
  lines.length > 0 ? [title, lines.join('\n')] : [];

/** The section of one property of the spec. */
function groupOf(path: string, node: SchemaNode, required: boolean): readonly string[] {
  const body = node.properties ? fieldList(node, path) : [field(path, node, required)];
  const title = node.properties ? [`${node.description}${required ? ' **Required.**' : ''}`] : [];
  return [
    `### ${path}`,
    ...title,
    body.join('\n'),
    ...section('Rules:', [...ownRules(node, path), ...rulesBelow(node, path)]),
  ];
}

/** Every field below `node`, an object before the fields in it. */
function fieldList(node: SchemaNode, path: string): readonly string[] {
  return Object.entries(node.properties ?? {}).flatMap(([name, child], index, siblings) => {
    const here = `${path}.${name}`;
    const twin = twinOf(child, siblings.slice(0, index));
    const line = field(here, child, isRequired(node, name));
    return twin
      ? [`${line} Its fields and rules are those of \`${path}.${twin}\`.`]
      : [line, ...fieldList(child, here)];
  });
}

/** The name of the earlier sibling whose fields are the same. */
function twinOf(node: SchemaNode, siblings: readonly (readonly [string, SchemaNode])[]): string | undefined {
  if (!node.properties) return undefined;
  return siblings.find(([, { properties }]) => isDeepStrictEqual(properties, node.properties))?.[0];
}

function field(path: string, node: SchemaNode, required: boolean): string {
  const facts = [
    typeName(node),
    required && '**required**',
    node.default !== undefined && !node.properties && `default ${code(node.default)}`,
    allowed(node),
  ].filter((fact) => fact);
  return `- **\`${path}\`** (${facts.join('; ')}). ${node.description}`;
}

function typeName({ type, items, additionalProperties }: SchemaNode): string {
  if (type === 'array') return `list of ${items?.type}s`;
  return additionalProperties ? `map of ${additionalProperties.type}s` : `${type}`;
}

function allowed({
  enum: values,
  minimum,
  maximum,
  minLength,
  maxLength,
  maxItems,
  maxProperties,
}: SchemaNode): string {
  const entries = maxItems ?? maxProperties;
  return [
    values && (values.length === 1 ? `only ${code(values[0])}` : `one of ${values.map(code).join(', ')}`),
    minimum !== undefined && `${minimum} to ${maximum}`,
    maxLength !== undefined &&
      (minLength ? `${minLength} to ${maxLength} characters` : `at most ${maxLength} characters`),
    entries !== undefined && `at most ${entries} entries`,
  ]
    .filter((fact) => fact)
    .join('; ');
}

/** The CEL rules of `node` itself, in the words of their messages. */
function ownRules(node: SchemaNode, path: string): readonly string[] {
  return (node['x-kubernetes-validations'] ?? []).map(({ rule, message = rule }) => {
    const [, where, what] = /^([\w.]+): (.*)$/s.exec(message) ?? [];
    // The message of a schema that stands in two places names the field from there on.
    const place = where?.startsWith('spec.') ? where : [path, where].filter(Boolean).join('.');
    return `- ${rule.includes('oldSelf') ? '*on change* ' : ''}\`${place}\`: ${what ?? message}.`;
  });
}

function rulesBelow(node: SchemaNode, path: string): readonly string[] {
  return Object.entries(node.properties ?? {}).flatMap(([name, child], index, siblings) =>
    twinOf(child, siblings.slice(0, index))
      ? []
      : [...ownRules(child, `${path}.${name}`), ...rulesBelow(child, `${path}.${name}`)],
  );
}

/** Status is read, not written: a table is enough. */
function statusTable(status: SchemaNode): string {
  const rows = (node: SchemaNode, path: string): readonly string[] =>
    Object.entries(node.properties ?? {}).flatMap(([name, child], index, siblings) => {
      const here = `${path}.${name}`;
      const twin = twinOf(child, siblings.slice(0, index));
      if (twin) return [`| \`${here}\` | ${typeName(child)} | As \`${path}.${twin}\`. |`];
      return [
        `| \`${here}\` | ${typeName(child)} | ${child.description} |`,
        ...rows(child, here),
        ...(child.items ? rows(child.items, `${here}[]`) : []),
      ];
    });
  return ['| field | type | what it says |', '|---|---|---|', ...rows(status, 'status')].join('\n');
}

const isRequired = (node: SchemaNode, name: string): boolean => node.required?.includes(name) === true;
const code = (value: unknown): string => `\`${JSON.stringify(value)}\``;
