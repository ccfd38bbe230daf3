import { type Definition, type SchemaNode, schemaOf } from './schema-node.ts';

/** Where the claimable schema is not the modern one: the path of a node in openAPIV3Schema, and what stands there (nothing: left out). */
export interface Difference {
  readonly path: readonly string[];
  readonly claims?: SchemaNode;
}

export const DIFFERENCES: readonly Difference[] = [
  // A cluster-scoped managed resource has no namespace of its own from which its secret reference could take it.
  {
    path: ['spec', 'security', 'adminPasswordSecretRef', 'namespace'],
    claims: {
      type: 'string',
      minLength: 1,
      maxLength: 63,
      description: "Namespace of the Secret. Default: the claim's namespace; crossplane-system without a claim.",
    },
  },
  // The XR is cluster-scoped, so a Role could not name it.
  {
    path: ['spec', 'management', 'rbac'],
    claims: {
      type: 'string',
      default: 'ClusterRole',
      enum: ['ClusterRole'],
      description:
        "`ClusterRole`: a ClusterRole, bound in the claim's namespace (everywhere for an XR without a claim), made through provider-kubernetes, which has to be installed. The only kind in this flavour.",
    },
  },
  // Crossplane itself writes the connection Secret of a claim (spec.writeConnectionSecretToRef).
  { path: ['status', 'connectionSecret'] },
];

/** `schema` with the node at `path` (property names) replaced by `node`, or left out. */
export function replaceNode(schema: SchemaNode, path: readonly string[], node: SchemaNode | undefined): SchemaNode {
  const [name, ...rest] = path;
  if (name === undefined) throw new Error('an empty path names no property');
  const { [name]: old, ...others } = schema.properties ?? {};
  const next = rest.length === 0 ? node : old && replaceNode(old, rest, node);
  if (rest.length > 0 && !old) throw new Error(`the schema has no property ${name}`);
  if (!next) return { ...schema, properties: others };
  // Replacing in place keeps the order of the source; a property of the claims flavour alone comes last.
  return { ...schema, properties: { ...schema.properties, [name]: next } };
}

/** The claimable XRD for v1-style installs, with the schema of `modern` apart from DIFFERENCES. */
export function claimsDefinition(modern: Definition): object {
  const group = `claims.${modern.spec.group}`;
  const { kind, plural, singular } = modern.spec.names;
  const schema = DIFFERENCES.reduce((node, { path, claims }) => replaceNode(node, path, claims), schemaOf(modern));
  return {
    apiVersion: 'apiextensions.crossplane.io/v1',
    kind: modern.kind,
    metadata: { name: `${plural}.${group}` },
    spec: {
      scope: 'LegacyCluster',
      group,
      names: { kind, plural, singular },
      claimNames: {
        kind: 'PostgreSQLDatabase',
        plural: 'postgresqldatabases',
        singular: 'postgresqldatabase',
        shortNames: ['pgdb'],
        categories: ['database'],
      },
      connectionSecretKeys: ['host', 'readHost', 'port', 'database', 'username', 'password', 'sslmode', 'uri'],
      defaultCompositionRef: { name: 'xpostgresqldatabases-azure-claims' },
      versions: modern.spec.versions.map((version) => ({ ...version, schema: { openAPIV3Schema: schema } })),
    },
  };
}
