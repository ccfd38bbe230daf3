import { closest } from '../api/closest.ts';
import type { Flavour } from '../api/database.ts';
import { CLAIMS_GROUP, flavourOf, GROUP } from '../api/door.ts';
import { type Problem, problemLine, quoted } from '../api/problem.ts';
import { isFields, type KubernetesObject, loadObject, type Metadata } from './load.ts';
import { definitionVersions, type RuleSchema } from './package-files.ts';
import { Refused } from './refused.ts';

/** An XR as it stands in a file, with what belongs to its API. */
export interface Composite {
  readonly flavour: Flavour;
  readonly schema: RuleSchema;
  readonly xr: KubernetesObject & { readonly metadata: Metadata & { readonly name: string } };
}

/** In place of the random suffix, so that the same claim always gives the same XR. */
const CLAIM_SUFFIX = 'xxxxx';

/** The XR in `file`, or the one that Crossplane would make of the claim in it. Throws Refused. */
export function loadComposite(file: string): Composite {
  const object = loadObject(file);
  const api = apiOf(object);
  if ('problem' in api) throw new Refused([problemLine(api.problem)]);
  const { flavour, schema } = api;
  const problems = objectProblems(flavour, object);
  if (problems.length > 0) throw new Refused(problems.map(problemLine));
  const xr = object.kind === 'PostgreSQLDatabase' ? fromClaim(object) : object;
  const { name, namespace } = xr.metadata;
  return {
    flavour,
    schema,
    xr: {
      ...xr,
      metadata: {
        ...xr.metadata,
        name: name ?? '', // objectProblems refuses an XR without a name
        // As kubectl does it.
        ...(flavour === 'namespaced' ? { namespace: namespace ?? 'default' } : {}),
      },
    },
  };
}

function apiOf({
  apiVersion,
  kind,
}: KubernetesObject): { readonly flavour: Flavour; readonly schema: RuleSchema } | { readonly problem: Problem } {
  const flavour = flavourOf(apiVersion);
  const groups = [`${GROUP}/v1alpha1`, `${CLAIMS_GROUP}/v1alpha1`];
  const not = (field: string, value: string, known: readonly string[]): { problem: Problem } => {
    const near = closest(value, known);
    return {
      problem: {
        field,
        message: `${quoted(value)} is not ${known.join(' or ')}${near ? `; did you mean ${quoted(near)}?` : '; render takes nothing else'}`,
      },
    };
  };
  if (!flavour) return not('apiVersion', apiVersion, groups);
  const versions = definitionVersions(flavour);
  const group = flavour === 'namespaced' ? GROUP : CLAIMS_GROUP;
  const version = versions.find(({ name }) => apiVersion === `${group}/${name}`);
  if (!version)
    return not(
      'apiVersion',
      apiVersion,
      versions.map(({ name }) => `${group}/${name}`),
    );
  const kinds = ['XPostgreSQLDatabase', ...(flavour === 'cluster' ? ['PostgreSQLDatabase'] : [])];
  return kinds.includes(kind) ? { flavour, schema: version.schema } : not('kind', kind, kinds);
}

const FIELDS = ['apiVersion', 'kind', 'metadata', 'spec', 'status'];
// apimachinery pkg/util/validation: IsDNS1123Subdomain, IsDNS1123Label. The length is Crossplane's (crossplane-runtime pkg/xcrd/crd.go),
// because the name becomes a label.
const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?([.][a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const LONGEST_NAME = 63;

function objectProblems(
  flavour: Flavour,
  { kind, metadata: { name, namespace }, ...rest }: KubernetesObject,
): Problem[] {
  const problems: Problem[] = [];
  const refuse = (field: string, message: string) => problems.push({ field, message });
  if (name === undefined) refuse('metadata.name', 'is required; give the object a name, as orders');
  else if (!SUBDOMAIN.test(name))
    refuse(
      'metadata.name',
      `${quoted(name)} is not a name that Kubernetes takes; write lower-case letters, digits, inner hyphens and dots`,
    );
  else if (name.length > LONGEST_NAME)
    refuse(
      'metadata.name',
      `${quoted(name)} has ${name.length} characters; write at most ${LONGEST_NAME}, because Crossplane puts it into a label`,
    );
  if (flavour === 'cluster' && kind === 'XPostgreSQLDatabase') {
    if (namespace !== undefined) refuse('metadata.namespace', 'this XR is cluster-scoped; remove the namespace');
  } else if (namespace !== undefined && (!LABEL.test(namespace) || namespace.length > 63))
    refuse(
      'metadata.namespace',
      `${quoted(namespace)} is not a namespace; write up to 63 lower-case letters, digits and inner hyphens`,
    );
  for (const field of Object.keys(rest).filter((known) => !FIELDS.includes(known))) {
    const near = closest(field, FIELDS);
    refuse(
      field,
      `is not a field of ${kind}; ${near ? `did you mean ${near}?` : `its fields are ${FIELDS.join(', ')}`}`,
    );
  }
  return problems;
}

// crossplane-runtime pkg/xcrd/schemas.go: fields of a claim that core keeps to the claim. The Composition's own are passed on.
const CLAIM_FIELDS = [
  'resourceRef',
  'compositeDeletePolicy',
  'writeConnectionSecretToRef',
  'publishConnectionDetailsTo',
];

/** crossplane core v2.3.4 internal/controller/apiextensions/claim: what the XR of a claim looks like. */
function fromClaim({ apiVersion, kind, metadata, spec, status }: KubernetesObject): KubernetesObject {
  const { name = '', namespace = 'default' } = metadata;
  const kept = Object.entries(isFields(spec) ? spec : {}).filter(([field]) => !CLAIM_FIELDS.includes(field));
  return {
    apiVersion,
    kind: 'XPostgreSQLDatabase',
    metadata: {
      name: `${name}-${CLAIM_SUFFIX}`,
      annotations: metadata.annotations,
      labels: {
        ...metadata.labels,
        'crossplane.io/claim-name': name,
        'crossplane.io/claim-namespace': namespace,
        'crossplane.io/composite': `${name}-${CLAIM_SUFFIX}`,
      },
    },
    spec: isFields(spec) ? { ...Object.fromEntries(kept), claimRef: { apiVersion, kind, name, namespace } } : spec,
    status,
  };
}
