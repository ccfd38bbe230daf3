import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Document, isCollection, isSeq, parse, visit } from 'yaml';
import type { Output } from './outputs.ts';

const AZURE = 'provider-azure-v2.7.0';
const KUBERNETES = 'provider-kubernetes-v1.2.1';
const DATADOG = 'datadog-operator-v1.29.0';
const CROSSPLANE = 'crossplane-v2.3.4';

/** CRD files by package and API group. Every kind of a provider exists cluster-scoped and namespaced. */
const KINDS: readonly {
  readonly provider: string;
  readonly groups: readonly string[];
  readonly plurals: readonly string[];
}[] = [
  azure('', ['resourcegroups']),
  azure('network.', [
    'virtualnetworks',
    'subnets',
    'securitygroups',
    'securityrules',
    'subnetnetworksecuritygroupassociations',
    'virtualnetworkpeerings',
    'privatednszones',
    'privatednszonevirtualnetworklinks',
    'privatednscnamerecords',
    'privateendpoints',
    'trafficmanagerprofiles',
    'trafficmanagerexternalendpoints',
  ]),
  azure('dbforpostgresql.', [
    'flexibleservers',
    'flexibleserverconfigurations',
    'flexibleserveractivedirectoryadministrators',
    'flexibleserverfirewallrules',
    'flexibleservervirtualendpoints',
    'flexibleserverbackups',
    // Not composed: test/package/install.e2e.ts sees that it stays inactive.
    'flexibleserverdatabases',
  ]),
  azure('storage.', ['accounts', 'containers', 'managementpolicies']),
  azure('authorization.', ['managementlocks', 'roleassignments']),
  azure('dataprotection.', [
    'backupvaults',
    'backuppolicypostgresqlflexibleservers',
    'backupinstancepostgresqlflexibleservers',
  ]),
  azure('managedidentity.', ['userassignedidentities', 'federatedidentitycredentials']),
  azure('insights.', ['monitordiagnosticsettings', 'monitoractiongroups', 'monitormetricalerts']),
  azure('operationalinsights.', ['workspaces']),
  { provider: KUBERNETES, groups: ['kubernetes.crossplane.io', 'kubernetes.m.crossplane.io'], plurals: ['objects'] },
  { provider: DATADOG, groups: ['datadoghq.com'], plurals: ['datadogmonitors'] },
  { provider: CROSSPLANE, groups: ['protection.crossplane.io'], plurals: ['usages', 'clusterusages'] },
];

function azure(service: string, plurals: readonly string[]) {
  return { provider: AZURE, groups: [`${service}azure.upbound.io`, `${service}azure.m.upbound.io`], plurals };
}

/** A provider's CRD, as far as it is read here. */
interface ProviderCrd {
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly group: string;
    readonly names: object;
    readonly scope: string;
    readonly versions: readonly {
      readonly name: string;
      readonly storage: boolean;
      readonly schema: { readonly openAPIV3Schema: { readonly properties: Readonly<Record<string, object>> } };
    }[];
  };
}

/** The trimmed CRDs of every composed kind, or undefined when the providers' own CRDs are not in `folder`. */
export async function trimmedCrds(folder: string): Promise<readonly Output[] | undefined> {
  if ([AZURE, KUBERNETES, DATADOG, CROSSPLANE].some((provider) => !existsSync(join(folder, provider))))
    return undefined;
  const files = KINDS.flatMap(({ provider, groups, plurals }) =>
    groups.flatMap((group) => plurals.map((plural) => ({ provider, file: `${group}_${plural}.yaml` }))),
  );
  return Promise.all(
    files.map(async ({ provider, file }) => ({
      path: `test/crds/${file}`,
      text: trim(provider, parse(await readFile(join(folder, provider, file), 'utf8'))),
    })),
  );
}

/** The storage version only: the one whose cluster-scoped shape is that of the namespaced kind. Installable on an API server. */
function trim(provider: string, crd: ProviderCrd): string {
  const { group, names, scope, versions } = crd.spec;
  const stored = versions.find(({ storage }) => storage);
  if (!stored) throw new Error(`${crd.metadata.name} has no storage version`);
  const { apiVersion, kind, metadata, spec } = stored.schema.openAPIV3Schema.properties;
  const openAPIV3Schema = {
    ...stored.schema.openAPIV3Schema,
    properties: {
      apiVersion,
      kind,
      metadata,
      spec,
      status: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
    },
  };
  const document = new Document({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: crd.metadata.name },
    spec: {
      group,
      names,
      scope,
      versions: [
        {
          name: stored.name,
          served: true,
          storage: true,
          subresources: { status: {} },
          schema: { openAPIV3Schema: withoutDescriptions(openAPIV3Schema) },
        },
      ],
    },
  });
  // One line per leaf: lists of scalars, and maps of scalars and of such lists.
  const isFlat = (node: unknown): boolean =>
    !isCollection(node) || (isSeq(node) && node.items.every((item) => !isCollection(item)));
  visit(document, {
    Map: (_, map) => {
      map.flow = map.items.every(({ value }) => isFlat(value));
    },
    Seq: (_, seq) => {
      seq.flow = isFlat(seq);
    },
  });
  return `# Generated by \`npm run generate\` from ${provider}: without descriptions, status and old versions. Do not edit.\n${document.toString({ lineWidth: 0, flowCollectionPadding: false })}`;
}

/** A property may be called `description`; the schema keyword is the one that is a string. */
function withoutDescriptions(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(withoutDescriptions);
  if (typeof node !== 'object' || node === null) return node;
  return Object.fromEntries(
    Object.entries(node)
      .filter(([name, value]) => !(name === 'description' && typeof value === 'string'))
      .map(([name, value]) => [name, withoutDescriptions(value)]),
  );
}
