import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { packageName, readPublishing } from '../../../tools/package/publishing.ts';
import type { BuiltPackages } from '../../package/build.ts';
import { pushStubProviders, rewriteImages, STUB_PROVIDERS } from '../../package/stub-providers.ts';
import { run } from '../commands.ts';
import type { ControlPlane } from '../control-plane.ts';
import { repositoryRoot, tool } from '../tools.ts';
import { waitFor } from '../wait-for.ts';

const publishing = readPublishing();
const inRepository = (path: string): string => join(repositoryRoot, path);
const slow = { deadlineMs: 180_000, intervalMs: 500 };

/** The name by which the Compositions call the function. */
export const functionName = publishing.functionName;

const definitions = [
  'xrd/xpostgresqldatabases.database.platform.io',
  'xrd/xpostgresqldatabases.claims.database.platform.io',
];

async function offered({ kubectl }: ControlPlane): Promise<void> {
  await kubectl(['wait', '--for=condition=Established', ...definitions, '--timeout=60s']);
  await kubectl(['wait', '--for=condition=Offered', definitions[1] ?? '', '--timeout=60s']);
  await kubectl(['wait', '--for=create', 'crd/postgresqldatabases.claims.database.platform.io', '--timeout=60s']);
  await kubectl([
    'wait',
    '--for=condition=Established',
    'crd/xpostgresqldatabases.database.platform.io',
    'crd/xpostgresqldatabases.claims.database.platform.io',
    'crd/postgresqldatabases.claims.database.platform.io',
    '--timeout=60s',
  ]);
}

const filesArgs = (files: readonly string[]): string[] => files.flatMap((file) => ['-f', file]);

const providerConfigs = ['namespaced', 'claims'].map((name) =>
  inRepository(`examples/install/${name}/provider-config.yaml`),
);

/**
 * The Azure provider's own CRDs of the kinds that are composed where they are at hand, else the trimmed ones of test/crds.
 * provider-kubernetes' own need its conversion webhook.
 */
function crdFiles(): string[] {
  const folders = ['../shared/crds/provider-azure-v2.7.0', 'test/crds'];
  return readdirSync(inRepository('test/crds')).flatMap((name) => {
    const found = folders.map((folder) => join(inRepository(folder), name)).find(existsSync);
    return found === undefined ? [] : [found];
  });
}

/**
 * Applies CRDs, XRDs and Compositions as they stand in `checkout`, a root folder with a trailing slash, and points the function's name
 * at `endpoint`.
 */
export async function installCheckout(controlPlane: ControlPlane, checkout: string, endpoint: string): Promise<void> {
  const { kubectl } = controlPlane;
  const extra = readdirSync(inRepository('test/package/provider-configs'));
  const configs = extra.map((name) => inRepository(`test/package/provider-configs/${name}`));
  // With --server-side, because the annotation of a client-side apply would be too large for some.
  await kubectl(['apply', '--server-side', ...filesArgs([...crdFiles(), ...configs])]);
  await controlPlane.applyFunctionRevision(functionName, endpoint);
  await applyApi(controlPlane, checkout);
  await waitFor('the ProviderConfigs to be taken', () => kubectl(['apply', ...filesArgs(providerConfigs)]));
}

/** Applies the XRDs and the Compositions of a checkout. */
export async function applyApi(controlPlane: ControlPlane, checkout: string): Promise<void> {
  const paths = ['apis/xpostgresqldatabases/definition.yaml', 'apis/claims/definition.yaml', 'compositions'];
  const files = paths.map((path) => `${checkout}${path}`);
  await controlPlane.kubectl(['apply', '--server-side', '--force-conflicts', ...filesArgs(files)]);
  await offered(controlPlane);
}

/** Of core: with webhooks on it takes the CRDs of a provider only once the provider's runtime has a TLS Secret. */
export const PACKAGES_CORE_ARGS = ['--package-runtime=Function=External;Provider=Deployment'];

/**
 * Pushes the packages to the control plane's registry and installs them as docs/install.md says, with stubs for the providers, and
 * points the function's revision at `endpoint`.
 */
export async function installPackages(
  controlPlane: ControlPlane,
  built: BuiltPackages,
  endpoint: string,
): Promise<void> {
  const { kubectl } = controlPlane;
  const registry = controlPlane.registry?.address ?? '';
  const pathOf = (repository: string): string => repository.slice(repository.indexOf('/') + 1);
  const push = (file: string, repository: string): Promise<string> =>
    run(tool('crossplane'), [
      'xpkg',
      'push',
      `--package-files=${file}`,
      `${registry}/${pathOf(repository)}:v${publishing.version}`,
    ]);
  await kubectl(['create', 'serviceaccount', 'crossplane', '-n', 'crossplane-system']);
  await pushStubProviders(registry);
  await push(built.functionFile, publishing.functionRepository);
  await push(built.configurations.namespaced, publishing.configurationRepositories.namespaced);
  await push(built.configurations.claims, publishing.configurationRepositories.claims);
  const own = publishing.functionRepository.slice(0, publishing.functionRepository.lastIndexOf('/'));
  const others = STUB_PROVIDERS.map(({ host, path }) => `${host}/${path.slice(0, path.indexOf('/'))}`);
  const items = rewriteImages(registry, [...new Set([own, ...others])]);
  await kubectl(['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
  const install = (names: readonly string[]): Promise<string> =>
    kubectl(['apply', ...filesArgs(names.map((name) => inRepository(`examples/install/${name}`)))]);
  await install(['runtime.yaml', 'function.yaml', 'rbac.yaml', 'claims/provider-kubernetes.yaml']);
  await install(['provider-azure-authorization.yaml']);
  await install(['namespaced/configuration.yaml', 'claims/configuration.yaml']);
  for (const repository of Object.values(publishing.configurationRepositories))
    await waitFor(
      `Configuration ${packageName(repository)} to be healthy`,
      async () => {
        const name = `configuration.pkg.crossplane.io/${packageName(repository)}`;
        const conditions = await kubectl(['get', name, '-o', 'jsonpath={.status.conditions}']);
        const healthy: { type: string; status: string }[] = JSON.parse(conditions);
        if (healthy.some(({ type, status }) => type === 'Healthy' && status === 'True')) return true;
        throw new Error(conditions);
      },
      slow,
    );
  await offered(controlPlane);
  const activated = await kubectl([
    'get',
    'managedresourceactivationpolicies',
    '-o',
    'jsonpath={range .items[*]}{.spec.activate[*]}{" "}{end}',
  ]);
  const crds = activated
    .trim()
    .split(/\s+/)
    .map((name) => `crd/${name}`);
  await kubectl(['wait', '--for=condition=Established', ...crds, '--timeout=60s']);
  await kubectl(['apply', ...filesArgs(providerConfigs)]);
  const name = await kubectl([
    ...['get', 'functionrevisions', '-l', `pkg.crossplane.io/package=${functionName}`],
    ...['-o', 'jsonpath={.items[0].metadata.name}'],
  ]);
  const status = JSON.stringify({ status: { endpoint } });
  await kubectl(['patch', 'functionrevision', name, '--subresource=status', '--type=merge', '-p', status]);
}
