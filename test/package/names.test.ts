import { readFileSync } from 'node:fs';
import { parse, parseAllDocuments } from 'yaml';
import { packageName, readPublishing, repositoryRoot } from '../../tools/package/publishing.ts';

const text = (path: string): string => readFileSync(`${repositoryRoot}${path}`, 'utf8');
const load = (path: string) => parse(text(path));
const publishing = readPublishing();
const tag = `v${publishing.version}`;

const AZURE = ['family-azure', 'azure-dbforpostgresql', 'azure-network', 'azure-storage'];
const provider = (repository: string, version: string) => ({
  apiVersion: 'pkg.crossplane.io/v1',
  kind: 'Provider',
  package: repository,
  version,
});
const dependencies = [
  {
    apiVersion: 'pkg.crossplane.io/v1',
    kind: 'Function',
    package: publishing.functionRepository,
    version: `>=${tag}`,
  },
  ...AZURE.map((name) => provider(`xpkg.upbound.io/upbound/provider-${name}`, '>=v2.0.0, <v3.0.0')),
];

describe('package/publish.yaml', () => {
  it.each(['namespaced', 'cluster'])('names the function that compositions/%s.yaml calls', (name) => {
    const { spec } = load(`compositions/${name}.yaml`);
    expect(spec.pipeline.map((step: { functionRef: object }) => step.functionRef)).toEqual([
      { name: publishing.functionName },
    ]);
  });

  // The whole spec: Crossplane drops a misspelt field without a word.
  it('names what the Configurations depend on', () => {
    const crossplane = { version: '>=v2.0.0-0' };
    expect(load('crossplane.yaml').spec).toEqual({ crossplane, dependsOn: dependencies });
    expect(load('package/claims/crossplane.yaml').spec).toEqual({
      crossplane,
      dependsOn: [
        ...dependencies,
        provider('xpkg.crossplane.io/crossplane-contrib/provider-kubernetes', '>=v1.0.0, <v2.0.0'),
      ],
    });
    expect(load('package/crossplane.yaml').spec).toEqual({
      crossplane: { version: '>=v1.20.0-0' },
      capabilities: ['composition', 'operation'],
    });
  });

  it.each([
    ['package/crossplane.yaml', 'Function', publishing.functionRepository],
    ['crossplane.yaml', 'Configuration', publishing.configurationRepositories.namespaced],
    ['package/claims/crossplane.yaml', 'Configuration', publishing.configurationRepositories.claims],
  ])('names the package of %s', (path, kind, repository) => {
    const meta = load(path);
    expect(meta).toMatchObject({ apiVersion: 'meta.pkg.crossplane.io/v1', kind });
    expect(repository.split('/').at(-1)).toBe(meta.metadata.name);
  });

  it.each([
    ['function.yaml', publishing.functionRepository],
    ['namespaced/configuration.yaml', publishing.configurationRepositories.namespaced],
    ['claims/configuration.yaml', publishing.configurationRepositories.claims],
  ])('names what examples/install/%s installs', (path, repository) => {
    const { metadata, spec } = load(`examples/install/${path}`);
    expect(metadata.name).toBe(packageName(repository));
    expect(spec.package).toBe(`${repository}:${tag}`);
  });

  it('names the image that uploads dumps, and downloads them in examples/restore', () => {
    const image = `${publishing.functionRepository}:${tag}`;
    const { spec } = load('package/input/postgresql.fn.platform.io_inputs.yaml');
    const { functionImage } = spec.versions[0].schema.openAPIV3Schema.properties.spec.properties;
    expect(functionImage.default).toBe(image);
    expect(load('examples/restore/job.yaml').spec.template.spec.initContainers[0].image).toBe(image);
  });

  it('names the pods that examples/install/runtime.yaml selects', () => {
    const label = { 'pkg.crossplane.io/function': publishing.functionName };
    const [runtime, budget] = parseAllDocuments(text('examples/install/runtime.yaml')).map((each) => each.toJS());
    expect(runtime.spec.deploymentTemplate.spec.template.spec.topologySpreadConstraints[0].labelSelector).toEqual({
      matchLabels: label,
    });
    expect(budget.spec.selector).toEqual({ matchLabels: label });
    expect(load('examples/install/function.yaml').spec.runtimeConfigRef.name).toBe(runtime.metadata.name);
  });
});

// crossplane-runtime pkg/xpkg/name.go ToDNSLabel, with the cases of its own test that differ in kind.
it.each([
  ['ghcr.io/platform-io/function-postgresql', 'platform-io-function-postgresql'],
  ['xpkg.crossplane.io/crossplane-contrib/provider-kubernetes', 'crossplane-contrib-provider-kubernetes'],
  ['registry.example.org:5000/Acme/a.b_c', 'cme-a-bc'],
  [`r.io/${'a'.repeat(70)}`, 'a'.repeat(63)],
])('a package of %s is called %s', (repository, name) => {
  expect(packageName(repository)).toBe(name);
});
