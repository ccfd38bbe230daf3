import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { packageName, readPublishing } from '../../../tools/package/publishing.ts';
import type { BuiltPackages } from '../../package/build.ts';
import { install, makeCrossplaneAccount, ownPrefix, pushPackages } from '../../package/published.ts';
import { pushStubProviders, rewriteImages, STUB_PROVIDERS } from '../../package/stub-providers.ts';
import type { ControlPlane } from '../control-plane.ts';
import { repositoryRoot } from '../tools.ts';
import { waitFor } from '../wait-for.ts';

const publishing = readPublishing();
const inRepository = (path: string): string => join(repositoryRoot, path);
const slow = { deadlineMs: 300_000, intervalMs: 500 };

/** The name by which the Compositions call the function. */
export const functionName = publishing.functionName;

const definitions = [
  'xrd/xpostgresqldatabases.database.platform.io',
  'xrd/xpostgresqldatabases.claims.database.platform.io',
];

async function offered({ kubectl }: ControlPlane): Promise<void> {
  await kubectl(['wait', '--for=condition=Established', ...definitions, '--timeout=240s']);
  await kubectl(['wait', '--for=condition=Offered', definitions[1] ?? '', '--timeout=240s']);
  await kubectl(['wait', '--for=create', 'crd/postgresqldatabases.claims.database.platform.io', '--timeout=240s']);
  await kubectl([
    'wait',
    '--for=condition=Established',
    'crd/xpostgresqldatabases.database.platform.io',
    'crd/xpostgresqldatabases.claims.database.platform.io',
    'crd/postgresqldatabases.claims.database.platform.io',
    '--timeout=240s',
  ]);
}

const filesArgs = (files: readonly string[]): string[] => files.flatMap((file) => ['-f', file]);

const providerConfigs = ['namespaced', 'claims'].map((name) =>
  inRepository(`examples/install/${name}/provider-config.yaml`),
);

/**
 * The Azure provider's own CRDs of the kinds that are composed where they are at hand, else the trimmed ones of test/crds.
 * provider-kubernetes' own need its conversion webhook. Crossplane's own are there already.
 */
function crdFiles(): string[] {
  const folders = ['../shared/crds/provider-azure-v2.7.0', 'test/crds'];
  const ofProviders = readdirSync(inRepository('test/crds')).filter((name) => !name.startsWith('protection.'));
  return ofProviders.flatMap((name) => {
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

/** Waits until both Configurations of a version are installed and healthy. */
export async function configurationsHealthy({ kubectl }: ControlPlane, version: string): Promise<void> {
  for (const repository of Object.values(publishing.configurationRepositories))
    await waitFor(
      `Configuration ${packageName(repository)} v${version} to be installed and healthy`,
      async () => {
        const name = `configuration.pkg.crossplane.io/${packageName(repository)}`;
        const { status }: PackageObject = JSON.parse(await kubectl(['get', name, '-o', 'json']));
        const isTrue = (wanted: string): boolean =>
          status?.conditions?.some((each) => each.type === wanted && each.status === 'True') ?? false;
        // Of the version before, until the package manager has seen the new one.
        const current = status?.currentIdentifier?.endsWith(`:v${version}`);
        if (current && isTrue('Installed') && isTrue('Healthy')) return true;
        throw new Error(JSON.stringify(status));
      },
      slow,
    );
}

/** A package, as far as it is read here. */
interface PackageObject {
  readonly status?: {
    readonly currentIdentifier?: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
}

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
  await makeCrossplaneAccount(kubectl);
  await pushStubProviders(registry);
  await pushPackages(built, registry);
  const others = STUB_PROVIDERS.map(({ host, path }) => `${host}/${path.slice(0, path.indexOf('/'))}`);
  const items = rewriteImages(registry, [...new Set([ownPrefix, ...others])]);
  await kubectl(['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
  const applyFiles = (names: readonly string[]): Promise<string> =>
    kubectl(['apply', ...filesArgs(names.map((name) => install(name, built.checkout)))]);
  await applyFiles(['runtime.yaml', 'function.yaml', 'rbac.yaml', 'claims/provider-kubernetes.yaml']);
  await applyFiles([
    'provider-azure-authorization.yaml',
    'provider-azure-managedidentity.yaml',
    'provider-azure-dataprotection.yaml',
  ]);
  await applyFiles(['namespaced/configuration.yaml', 'claims/configuration.yaml', 'monitoring/providers.yaml']);
  await configurationsHealthy(controlPlane, built.version);
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
  // Those of the monitoring providers may still be on their way.
  await kubectl(['wait', '--for=create', ...crds, '--timeout=240s']);
  await kubectl(['wait', '--for=condition=Established', ...crds, '--timeout=240s']);
  await kubectl(['apply', ...filesArgs(providerConfigs)]);
  await pointAt(controlPlane, await activeFunctionRevision(controlPlane, built.version), endpoint);
}

/** Waits until the function's revision of a version is the active one, and gives its name. */
export const activeFunctionRevision = ({ kubectl }: ControlPlane, version: string): Promise<string> =>
  waitFor(`the function's revision of v${version} to be active`, async () => {
    const template = '{range .items[?(@.spec.desiredState=="Active")]}{.metadata.name} {.spec.image}{"\\n"}{end}';
    const selector = `pkg.crossplane.io/package=${functionName}`;
    const active = await kubectl(['get', 'functionrevisions', '-l', selector, '-o', `jsonpath=${template}`]);
    const [name = '', image = ''] = active.trim().split(' ');
    if (image.endsWith(`:v${version}`)) return name;
    throw new Error(active);
  });

/** Tells Crossplane where the function of a revision listens: with an external runtime nobody else knows. */
export async function pointAt({ kubectl }: ControlPlane, revision: string, endpoint: string): Promise<void> {
  const status = JSON.stringify({ status: { endpoint } });
  await kubectl(['patch', 'functionrevision', revision, '--subresource=status', '--type=merge', '-p', status]);
}
