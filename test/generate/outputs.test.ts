import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { DIFFERENCES, replaceNode } from '../../tools/generate/claims.ts';
import { outputs, SOURCES } from '../../tools/generate/outputs.ts';
import { type Definition, type SchemaNode, schemaOf } from '../../tools/generate/schema-node.ts';
import { staleOutputs } from '../../tools/generate/stale.ts';

const modern: Definition = parse(readFileSync(SOURCES.xrd, 'utf8'));
const input: Definition = parse(readFileSync(SOURCES.input, 'utf8'));
const operation: Definition = parse(readFileSync(SOURCES.operation, 'utf8'));
const made = outputs(modern, input, operation);

const output = (path: string): string => {
  const found = made.find((candidate) => candidate.path === path);
  if (!found) throw new Error(`nothing is generated as ${path}`);
  return found.text;
};
const stalePaths = async (current: (path: string) => string | undefined, all = made): Promise<string[]> =>
  (await staleOutputs(all, async (path) => current(path))).map(({ path }) => path);

describe('generate --check', () => {
  const committed = (path: string): string => readFileSync(path, 'utf8');

  it('is content with the files of this repository', async () => {
    expect(await stalePaths(committed)).toEqual([]);
  });

  it('notices a generated file that was edited, and one that is missing', async () => {
    expect(await stalePaths((path) => (path === 'docs/api.md' ? `${committed(path)}\n` : committed(path)))).toEqual([
      'docs/api.md',
    ]);
    expect(await stalePaths((path) => (path.endsWith('schema.generated.ts') ? undefined : committed(path)))).toEqual([
      'src/api/schema.generated.ts',
    ]);
  });

  it('notices an edit of the source in everything that is made from it', async () => {
    const [version, ...others] = modern.spec.versions;
    if (!version) throw new Error('the XRD has no version');
    const ttl: SchemaNode = { type: 'integer', default: 60, minimum: 5, maximum: 600, description: 'Another one.' };
    const edited = replaceNode(schemaOf(modern), ['spec', 'network', 'ttlSeconds'], ttl);
    const source = {
      ...modern,
      spec: { ...modern.spec, versions: [{ ...version, schema: { openAPIV3Schema: edited } }, ...others] },
    };
    expect(await stalePaths(committed, outputs(source, input, operation))).toEqual(made.map(({ path }) => path));
  });
});

describe('the claimable XRD', () => {
  const claims: Definition = parse(output('apis/claims/definition.yaml'));
  const without = (schema: SchemaNode): SchemaNode =>
    DIFFERENCES.reduce((node, { path }) => replaceNode(node, path, undefined), schema);

  it('has the schema and columns of the modern one apart from the known differences', () => {
    const [{ schema: modernSchema, ...modernVersion } = {}] = modern.spec.versions;
    const [{ schema: claimsSchema, ...claimsVersion } = {}] = claims.spec.versions;
    expect(claimsVersion).toEqual(modernVersion);
    expect(without(schemaOf(claims))).toEqual(without(schemaOf(modern)));
    expect(claimsSchema).not.toEqual(modernSchema);
  });

  it('differs as the claims flavour needs it', () => {
    const fields = (path: string): unknown =>
      path.split('.').reduce<SchemaNode | undefined>((node, name) => node?.properties?.[name], schemaOf(claims));
    expect(fields('spec.security.adminPasswordSecretRef.namespace')).toMatchObject({ type: 'string', maxLength: 63 });
    expect(fields('spec.management.rbac')).toMatchObject({ default: 'ClusterRole', enum: ['ClusterRole'] });
    expect(fields('status.connectionSecret')).toBeUndefined();
    expect(fields('status.endpoints')).toBeDefined();
  });

  it('is a legacy XRD with a claim', () => {
    const { versions, ...spec } = claims.spec;
    expect({ ...claims, spec }).toEqual({
      apiVersion: 'apiextensions.crossplane.io/v1',
      kind: 'CompositeResourceDefinition',
      metadata: { name: 'xpostgresqldatabases.claims.database.platform.io' },
      spec: {
        scope: 'LegacyCluster',
        group: 'claims.database.platform.io',
        names: { kind: 'XPostgreSQLDatabase', plural: 'xpostgresqldatabases', singular: 'xpostgresqldatabase' },
        claimNames: {
          kind: 'PostgreSQLDatabase',
          plural: 'postgresqldatabases',
          singular: 'postgresqldatabase',
          shortNames: ['pgdb'],
          categories: ['database'],
        },
        connectionSecretKeys: ['host', 'readHost', 'port', 'database', 'username', 'password', 'sslmode', 'uri'],
        defaultCompositionRef: { name: 'xpostgresqldatabases-azure-claims' },
      },
    });
  });
});

describe('docs/api.md', () => {
  const page = output('docs/api.md');
  const specNode = schemaOf(modern).properties?.spec ?? {};
  const fields = (node: SchemaNode, path: string): string[] =>
    Object.entries(node.properties ?? {}).flatMap(([name, child]) => [
      `${path}.${name}`,
      ...fields(child, `${path}.${name}`),
    ]);
  // Siblings with the same fields are described by reference to the first.
  const own = fields(specNode, 'spec').filter(
    (path) => !/^spec\.(regions\.secondary|security\.encryption\.(secondary|geoBackup))\./.test(path),
  );

  it.each(own)('names %s', (path) => {
    expect(page).toMatch(new RegExp(`^(- \\*\\*|### )\`?${path.replaceAll('.', '\\.')}\\b`, 'm'));
  });

  it('says every rule', () => {
    const rules = (node: SchemaNode): string[] => [
      ...(node['x-kubernetes-validations'] ?? []).map(({ message = '' }) => message.replace(/^[\w.]+: /, '')),
      ...Object.entries(node.properties ?? {}).flatMap(([name, child]) =>
        ['secondary', 'geoBackup'].includes(name) ? [] : rules(child),
      ),
    ];
    const said = [...page.matchAll(/^- (?:\*on change\* )?`[\w.]+`: (.*)\.$/gm)].map(([, sentence]) => sentence);
    expect(said.sort()).toEqual(rules(specNode).sort());
  });
});

describe('the generated types', () => {
  const types = output('src/api/types.generated.ts');

  it.each([
    ['a default makes a field present', 'readonly ttlSeconds: number;'],
    ['required makes a field present', 'readonly cidr: string;'],
    ['anything else is optional', 'readonly subnetCidr?: string;'],
    ['an enum is a union of literals', 'readonly mode: "ZoneRedundant" | "SameZone" | "Disabled";'],
    ['a map is a record', 'readonly tags: Readonly<Record<string, string>>;'],
    ['a field of the claims flavour alone is optional', 'readonly namespace?: string;'],
    ['a field that is narrower for claims has all its values', 'readonly rbac: "Role" | "ClusterRole";'],
    ['a field of the modern flavour alone stays', 'connectionSecret?: {'],
  ])('%s', (_, line) => {
    expect(types).toContain(line);
  });
});
