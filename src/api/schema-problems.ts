import type { ErrorObject } from 'ajv';
import { closest } from './closest.ts';
import { type Problem, quoted } from './problem.ts';

/** The JSON schema keywords that the generated schemas use. */
export interface Schema {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: boolean | Schema;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
}

/** What every XR had at spec level before Crossplane v2, which keeps it under spec.crossplane. */
export const COMPOSITION_FIELDS = [
  'compositionRef',
  'compositionSelector',
  'compositionRevisionRef',
  'compositionRevisionSelector',
  'compositionUpdatePolicy',
];

/** How to say what a pattern wants. `write` is left out where the example says it all. */
interface Shape {
  readonly fields: RegExp;
  readonly what: string;
  readonly write?: string;
  readonly example: string;
}

const SHAPES: readonly Shape[] = [
  { fields: /\.regions\.\w+\.name$/, what: 'an Azure region', write: 'letters, digits and spaces', example: 'eastus2' },
  { fields: /\.cidr$/, what: 'an IPv4 range', example: '10.10.0.0/16' },
  { fields: /\.subnetCidr$/, what: 'an IPv4 range', example: '10.10.1.0/24' },
  { fields: /\.nextSubnetCidr$/, what: 'an IPv4 range', example: '10.10.2.0/24' },
  {
    fields: /\.resourceGroup\.name$/,
    what: 'a resource group name',
    write: 'letters, digits and -_.() without a dot at the end',
    example: 'rg-orders',
  },
  {
    fields: /\.(write|read)EndpointName$/,
    what: 'a DNS label',
    write: 'lower-case letters, digits and inner hyphens',
    example: 'orders-write',
  },
  {
    fields: /\.trafficManager\.relativeName$/,
    what: 'a DNS label',
    write: 'lower-case letters, digits and inner hyphens',
    example: 'orders-acme',
  },
  {
    fields: /\.firewallRules\.?\[?\d+\]?\.name$/,
    what: 'a name for a firewall rule',
    write: 'lower-case letters, digits and inner hyphens',
    example: 'office',
  },
  { fields: /\.(start|end)Address$/, what: 'an IPv4 address', example: '203.0.113.8' },
  {
    fields: /\.resourceGroup\.existing\.id$/,
    what: 'an ARM id of a resource group',
    example: '/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg-orders',
  },
  {
    fields: /\.privateDnsZone\.existing\.id$/,
    what: 'an ARM id of a zone for PostgreSQL servers',
    example:
      '/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg-dns/providers/Microsoft.Network/privateDnsZones/orders.private.postgres.database.azure.com',
  },
  {
    fields: /\.privateLinkZone\.existing\.id$/,
    what: 'an ARM id of the zone of private endpoints',
    example:
      '/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg-dns/providers/Microsoft.Network/privateDnsZones/privatelink.postgres.database.azure.com',
  },
  {
    fields: /\.subnet\.existing\.id$/,
    what: 'an ARM id of a subnet',
    example:
      '/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg-network/providers/Microsoft.Network/virtualNetworks/spoke/subnets/postgresql',
  },
  {
    fields: /\.virtualNetworkId$/,
    what: 'an ARM id of a virtual network',
    example:
      '/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg-connectivity/providers/Microsoft.Network/virtualNetworks/hub',
  },
  {
    fields: /\.containerName$/,
    what: 'a container name',
    write: 'lower-case letters, digits and single inner hyphens',
    example: 'postgresql-backups',
  },
  {
    fields: /\.namingPrefix$/,
    what: 'a naming prefix',
    write: 'lower-case letters, digits and inner hyphens, beginning with a letter',
    example: 'acme',
  },
  {
    fields: /\.additionalRegions\[\d+\]$/,
    what: 'an Azure region',
    write: 'lower-case letters and digits without spaces',
    example: 'newregion1',
  },
  {
    fields: /\.executorIdentity\.roleDefinitionId$/,
    what: 'a role definition id',
    write: 'what az role definition list tells as id',
    example:
      '/subscriptions/00000000-0000-0000-0000-000000000000/providers/Microsoft.Authorization/roleDefinitions/00000000-0000-0000-0000-000000000001',
  },
  {
    fields: /\.workloadIdentity\.issuerUrl$/,
    what: 'an OIDC issuer',
    write: 'an https URL without query',
    example:
      'https://eastus2.oic.prod-aks.azure.com/00000000-0000-0000-0000-000000000004/00000000-0000-0000-0000-000000000005/',
  },
  {
    fields: /\.(logical|executorIdentity)\.clientId$/,
    what: 'a client id',
    write: 'hexadecimal digits and hyphens',
    example: '00000000-0000-0000-0000-000000000001',
  },
  {
    fields: /\.restore\.sourceServerId$/,
    what: 'an ARM id of a flexible server',
    example:
      '/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg-orders/providers/Microsoft.DBforPostgreSQL/flexibleServers/orders-eastus2-1a2b3c4d',
  },
  { fields: /\.restore\.pointInTime$/, what: 'a time in UTC', example: '2026-03-01T12:30:00Z' },
  {
    fields: /\.onDemand\[\d+\]$/,
    what: 'a name of a backup',
    write: 'lower-case letters, digits and inner hyphens',
    example: 'before-release-7',
  },
  { fields: /\.logical\.schedule$/, what: 'a schedule', write: 'five cron fields or a word', example: '@daily' },
  {
    fields: /\.logical\.databases\[\d+\]$/,
    what: 'a database name',
    write: 'letters, digits, underscores and hyphens, not beginning with a digit',
    example: 'orders',
  },
  {
    fields: /\.extensions\[\d+\]$/,
    what: 'an extension',
    write: 'lower-case letters, digits, hyphens and underscores',
    example: 'pg_cron',
  },
  {
    fields: /\.keyVaultId$/,
    what: 'an ARM id of a key vault',
    example:
      '/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg-keys/providers/Microsoft.KeyVault/vaults/orders-eastus2',
  },
  {
    fields: /\.keyVaultKeyId$/,
    what: 'an address of a key in a vault',
    example: 'https://orders-eastus2.vault.azure.net/keys/postgresql',
  },
  {
    fields: /\.userAssignedIdentityId$/,
    what: 'an Azure id of a user-assigned identity',
    example:
      '/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/Microsoft.ManagedIdentity/userAssignedIdentities/orders',
  },
  {
    fields: /\.(objectId|tenantId)$/,
    what: 'a GUID in lower case',
    example: '00000000-0000-0000-0000-000000000001',
  },
  {
    fields: /\.servers\[\d+\]\.externalName$/,
    what: 'an Azure name of a server',
    write: 'lower-case letters, digits and inner hyphens',
    example: 'orders-eastus2',
  },
  { fields: /\.adminPasswordSecretRef\.name$/, what: 'the name of the Secret', example: 'orders-admin' },
  // azurerm compares the fixed parts of this id by case (workspaces.ValidateWorkspaceID).
  {
    fields: /\.workspaceId$/,
    what: 'an ARM id of a Log Analytics workspace',
    example:
      '/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg-logs/providers/Microsoft.OperationalInsights/workspaces/logs',
  },
  {
    fields: /\.actionGroupId$/,
    what: 'an ARM id of an action group',
    example:
      '/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg-alerts/providers/Microsoft.Insights/actionGroups/on-call',
  },
  { fields: /\.emails\[\d+\]$/, what: 'an e-mail address', example: 'dba@example.org' },
];

/** What is wrong, from ajv's errors about `value`, which stands at `root` and has to follow `schema`: one problem per field, sorted by field. */
export function problemsOf(errors: readonly ErrorObject[], root: string, schema: Schema, value: unknown): Problem[] {
  const suggested = new Set<string>();
  const found = new Map<string, { rank: number; message: string }>();
  for (const error of errors) {
    const { field, rank, message, suggestion } = finding(error, root, schema, value);
    if (suggestion) suggested.add(suggestion);
    const known = found.get(field);
    if (!known || rank < known.rank) found.set(field, { rank, message });
  }
  return (
    [...found]
      // A misspelt required field is one mistake, not two.
      .filter(([field, { rank }]) => !(rank === RANKS.required && suggested.has(field)))
      .map(([field, { message }]) => ({ field, message }))
      .sort((a, b) => (a.field < b.field ? -1 : 1))
  );
}

// The lowest of a field's findings is the one that helps most.
const RANKS = { type: 0, enum: 1, pattern: 2, additionalProperties: 3, required: 3 } as const;

interface Finding extends Problem {
  readonly rank: number;
  /** The field that an unknown field was probably meant to be. */
  readonly suggestion?: string;
}

/** The names in a JSON pointer (RFC 6901). */
const steps = (pointer: string): string[] =>
  pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));

/** What the names lead to. ajv only points at what is there. */
const at = (value: unknown, names: readonly string[]): unknown =>
  names.reduce((inside, name) => (inside as Readonly<Record<string, unknown>>)[name], value);

function finding(
  { keyword, params, instancePath, schemaPath }: ErrorObject,
  root: string,
  whole: Schema,
  value: unknown,
): Finding {
  const field = steps(instancePath).reduce(below, root);
  const data = at(value, steps(instancePath));
  // The keyword stands in the schema of the object at `instancePath`.
  const schema = at(whole, steps(decodeURIComponent(schemaPath)).slice(0, -1)) as Schema;
  const rank = keyword in RANKS ? RANKS[keyword as keyof typeof RANKS] : 4;
  switch (keyword) {
    case 'additionalProperties':
      return { rank, ...unknownField(field, String(params.additionalProperty), schema, root, whole) };
    case 'required': {
      const name = String(params.missingProperty);
      const missing = below(field, name);
      return { rank, field: missing, message: `is required; ${give(missing, schema.properties?.[name] ?? {})}` };
    }
    case 'type':
      return { rank, field, message: wrongType(data, schema) };
    case 'enum':
      return { rank, field, message: notInEnum(data, schema.enum ?? []) };
    case 'pattern': {
      const { what = 'well formed', write, example } = shapeOf(field) ?? {};
      const advice = write
        ? `write ${write} (${lengths(schema)}), as ${example}`
        : example
          ? `write it as ${example}`
          : `it must match ${params.pattern}`;
      return { rank, field, message: `${quoted(data)} is not ${what}; ${advice}` };
    }
    case 'minLength':
    case 'maxLength': {
      const length = [...String(data)].length;
      return {
        rank,
        field,
        message: `${quoted(data)} ${length === 0 ? 'is empty' : `has ${length} characters`}; write ${lengths(schema)}`,
      };
    }
    case 'minimum':
      return { rank, field, message: `${quoted(data)} is too small; choose ${range(schema)}` };
    case 'maximum':
      return { rank, field, message: `${quoted(data)} is too large; choose ${range(schema)}` };
    case 'minItems':
      return { rank, field, message: 'is an empty list; write at least one entry, or leave the field out' };
    case 'maxProperties':
    case 'maxItems': {
      const count = Array.isArray(data) ? data.length : Object.keys(Object(data)).length;
      return { rank, field, message: `has ${count} entries; keep at most ${params.limit}` };
    }
    default:
      return { rank, field, message: `${quoted(data)} is not allowed: ${keyword}` };
  }
}

function unknownField(
  parent: string,
  name: string,
  schema: Schema,
  root: string,
  whole: Schema,
): Omit<Finding, 'rank'> {
  const field = below(parent, name);
  if (parent === 'spec' && COMPOSITION_FIELDS.includes(name))
    return { field, message: `is not a field of this API; write it as spec.crossplane.${name}` };
  const siblings = Object.keys(schema.properties ?? {});
  const near = closest(name, siblings) ?? siblings.find((sibling) => sorted(sibling) === sorted(name));
  const places = fieldsNamed(name, root, whole);
  const suggestion = near ? below(parent, near) : places.length === 1 ? places[0] : undefined;
  return suggestion
    ? { field, message: `is not a field; did you mean ${suggestion}?`, suggestion }
    : { field, message: `is not a field of ${parent}; its fields are ${siblings.join(', ')}` };
}

/** Swapped letters count as two edits, too many for `closest` in a word as short as `cidr`. */
const sorted = (word: string): string => [...word.toLowerCase()].sort().join('');

/** Every place where a field of this name is known, for fields that stand at the wrong level. */
function fieldsNamed(name: string, path: string, { properties = {} }: Schema): readonly string[] {
  return Object.entries(properties).flatMap(([key, child]) => {
    const here = below(path, key);
    return [...(key.toLowerCase() === name.toLowerCase() ? [here] : []), ...fieldsNamed(name, here, child)];
  });
}

function wrongType(value: unknown, schema: Schema): string {
  if (typeof value === 'number' && schema.type === 'integer')
    return `${value} is not a whole number; ${choose(schema)}`;
  const found = value === null ? 'null is' : `${quoted(value)} is ${typeName(value)},`;
  return `${found} not ${TYPES[schema.type ?? ''] ?? schema.type}; ${retype(value, schema)}`;
}

const TYPES: Readonly<Record<string, string>> = {
  string: 'a string',
  integer: 'a whole number',
  boolean: 'a boolean',
  object: 'an object',
  array: 'a list',
};

function typeName(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

/** YAML reads `version: 17` as a number and `"30"` as a string, so most wrong types are a matter of quotes. */
function retype(value: unknown, schema: Schema): string {
  const fits = (wanted: unknown): boolean => schema.enum?.includes(wanted) ?? true;
  switch (schema.type) {
    case 'string':
      if (typeof value !== 'number' && typeof value !== 'boolean') return choose(schema);
      if (fits(String(value))) return `write "${value}" in quotes`;
      return `write one of ${list(schema.enum ?? [])}, in quotes`;
    case 'integer': {
      const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : Number.NaN;
      const inRange = number >= (schema.minimum ?? -Infinity) && number <= (schema.maximum ?? Infinity);
      return Number.isInteger(number) && fits(number) && inRange ? `write ${number} without quotes` : choose(schema);
    }
    case 'boolean':
      return value === 'true' || value === 'false' ? `write ${value} without quotes` : 'write true or false';
    case 'object':
      return schema.properties
        ? `its fields are ${Object.keys(schema.properties).join(', ')}`
        : 'write names and values below it';
    default:
      return 'write a list';
  }
}

function choose(schema: Schema): string {
  if (schema.enum) return `${schema.enum.length === 1 ? 'write' : 'choose one of'} ${list(schema.enum)}`;
  if (schema.minimum !== undefined || schema.maximum !== undefined) return `choose ${range(schema)}`;
  return `write ${TYPES[schema.type ?? ''] ?? 'a value'}`;
}

function notInEnum(value: unknown, allowed: readonly unknown[]): string {
  if (allowed.length === 1) return `${quoted(value)} is not allowed; the only value is ${list(allowed)}`;
  const near = typeof value === 'string' ? closest(value, allowed.map(String)) : undefined;
  return `${quoted(value)} is not one of ${list(allowed)}; ${near ? `did you mean ${quoted(near)}?` : 'choose one of them'}`;
}

/** What to write into a required field that is missing; for an object, the fields below it that are required in turn. */
function give(field: string, schema: Schema): string {
  const shape = shapeOf(field);
  if (shape) return `give ${shape.what}, as ${shape.example}`;
  const leaves = requiredLeaves(field, schema);
  return leaves.length > 0 ? `give ${leaves.join(' and ')}` : choose(schema);
}

function requiredLeaves(field: string, { required = [], properties }: Schema): readonly string[] {
  return required.flatMap((name) => {
    const leaves = requiredLeaves(below(field, name), properties?.[name] ?? {});
    return leaves.length > 0 ? leaves : [below(field, name)];
  });
}

function below(path: string, step: string): string {
  if (/^\d+$/.test(step)) return `${path}[${step}]`;
  return /^[A-Za-z_]\w*$/.test(step) ? `${path}.${step}` : `${path}[${quoted(step)}]`;
}

const shapeOf = (field: string): Shape | undefined => SHAPES.find(({ fields }) => fields.test(field));
const list = (values: readonly unknown[]): string => values.map(quoted).join(', ');
const range = ({ minimum, maximum }: Schema): string => `${minimum} to ${maximum}`;
const lengths = ({ minLength, maxLength }: Schema): string =>
  minLength ? `${minLength} to ${maxLength} characters` : `at most ${maxLength} characters`;
