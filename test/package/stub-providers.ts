import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { run } from '../crossplane/commands.ts';
import { repositoryRoot, tool } from '../crossplane/tools.ts';

/** Stands in for a provider package: its name and version, its metadata as far as Crossplane acts on it, and CRDs that we use. */
interface StubProvider {
  readonly host: string;
  readonly path: string;
  readonly version: string;
  /** API groups, without those of ProviderConfigs. */
  readonly groups: readonly string[];
  /** Files of test/package/provider-configs. */
  readonly providerConfigs?: readonly string[];
  readonly spec: object;
}

const FAMILY = { host: 'xpkg.upbound.io', path: 'upbound/provider-family-azure' };

// provider-upjet-azure package/crossplane.yaml.tmpl: all declare SafeStart, and services depend on the family.
const azure = (name: string, service: string): StubProvider => ({
  host: FAMILY.host,
  path: `upbound/provider-azure-${name}`,
  version: 'v2.7.0',
  groups: [`${service}.azure.upbound.io`, `${service}.azure.m.upbound.io`],
  spec: {
    capabilities: ['SafeStart'],
    dependsOn: [{ provider: `${FAMILY.host}/${FAMILY.path}`, version: '>= v2.0.0' }],
  },
});

export const STUB_PROVIDERS: readonly StubProvider[] = [
  {
    ...FAMILY,
    version: 'v2.7.0',
    groups: ['azure.upbound.io', 'azure.m.upbound.io'],
    providerConfigs: ['azure.upbound.io_providerconfigs.yaml', 'azure.m.upbound.io_clusterproviderconfigs.yaml'],
    spec: { capabilities: ['SafeStart'] },
  },
  azure('dbforpostgresql', 'dbforpostgresql'),
  azure('network', 'network'),
  azure('storage', 'storage'),
  // No dependencies: examples/install/monitoring/providers.yaml installs them.
  azure('insights', 'insights'),
  azure('operationalinsights', 'operationalinsights'),
  // No dependencies of the packages: examples/install/provider-azure-*.yaml install them.
  azure('authorization', 'authorization'),
  azure('dataprotection', 'dataprotection'),
  azure('managedidentity', 'managedidentity'),
  {
    host: 'xpkg.crossplane.io',
    path: 'crossplane-contrib/provider-kubernetes',
    version: 'v1.2.1',
    groups: ['kubernetes.crossplane.io', 'kubernetes.m.crossplane.io'],
    providerConfigs: ['kubernetes.crossplane.io_providerconfigs.yaml'],
    spec: {},
  },
];

/** Builds every stub and pushes it to `registry`, a host and port, under its own path and version. */
export async function pushStubProviders(registry: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'stub-providers-'));
  try {
    for (const provider of STUB_PROVIDERS) await push(provider, registry, folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function push(provider: StubProvider, registry: string, folder: string): Promise<void> {
  const name = provider.path.slice(provider.path.indexOf('/') + 1);
  const root = join(folder, name);
  mkdirSync(root);
  const meta = { apiVersion: 'meta.pkg.crossplane.io/v1', kind: 'Provider', metadata: { name }, spec: provider.spec };
  writeFileSync(join(root, 'crossplane.yaml'), stringify(meta));
  const crds = join(repositoryRoot, 'test/crds');
  for (const file of readdirSync(crds))
    if (provider.groups.includes(file.slice(0, file.indexOf('_')))) cpSync(join(crds, file), join(root, file));
  for (const file of provider.providerConfigs ?? [])
    cpSync(join(repositoryRoot, 'test/package/provider-configs', file), join(root, file));
  const file = join(folder, `${name}.xpkg`);
  await run(tool('crossplane'), ['xpkg', 'build', `--package-root=${root}`, `--package-file=${file}`], { cwd: root });
  await run(tool('crossplane'), [
    'xpkg',
    'push',
    `--package-files=${file}`,
    `${registry}/${provider.path}:${provider.version}`,
  ]);
}

/** ImageConfigs that make Crossplane look into `registry` for what is published below the given prefixes. */
export const rewriteImages = (registry: string, prefixes: readonly string[]): object[] =>
  prefixes.map((prefix) => ({
    apiVersion: 'pkg.crossplane.io/v1beta1',
    kind: 'ImageConfig',
    metadata: { name: prefix.replaceAll(/[./]/g, '-') },
    spec: {
      matchImages: [{ type: 'Prefix', prefix }],
      rewriteImage: { prefix: `${registry}/${prefix.slice(prefix.indexOf('/') + 1)}` },
    },
  }));
