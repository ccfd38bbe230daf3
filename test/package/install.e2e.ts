import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { parse } from 'yaml';
import { packageName, readPublishing } from '../../tools/package/publishing.ts';
import { type ControlPlane, startControlPlane } from '../crossplane/control-plane.ts';
import { type Supervisor, superviseProcesses } from '../crossplane/supervisor.ts';
import { repositoryRoot } from '../crossplane/tools.ts';
import { waitFor } from '../crossplane/wait-for.ts';
import { type BuiltPackages, buildPackages } from './build.ts';
import { install, makeCrossplaneAccount, ownPrefix, publishedAt, pushPackages } from './published.ts';
import { removeImage, startImage } from './run-image.ts';
import { pushStubProviders, rewriteImages, STUB_PROVIDERS } from './stub-providers.ts';

const publishing = readPublishing();
const tag = `v${publishing.version}`;
const slow = { deadlineMs: 300_000, intervalMs: 500 };

const NAMESPACED = 'xpostgresqldatabases.database.platform.io';
const CLAIMS = 'xpostgresqldatabases.claims.database.platform.io';

/**
 * With webhooks on, core v2.3.4 installs a provider's CRDs only once its runtime has a TLS Secret, which an external runtime
 * never gets. The Deployments that it makes have no kubelet to run them, and need none: the stubs have no image.
 */
const PROVIDERS_AS_DEPLOYMENTS = '--package-runtime=Function=External;Provider=Deployment';

describe('installation on a real control plane', { concurrency: false }, () => {
  let built: BuiltPackages;
  let controlPlane: ControlPlane;
  let processes: Supervisor;
  let registry = '';
  const kubectl: ControlPlane['kubectl'] = (args, stdin) => controlPlane.kubectl(args, stdin);
  const apply = (...objects: object[]): Promise<string> =>
    kubectl(['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }));
  const applyFiles = (...names: string[]): Promise<string> =>
    kubectl(['apply', '--validate=strict', ...names.flatMap((name) => ['-f', install(name)])]);
  const json = async (...args: string[]) => JSON.parse(await kubectl(['get', '-o', 'json', ...args]));
  const condition = (object: { status?: { conditions?: { type: string; status: string }[] } }, type: string) =>
    object.status?.conditions?.find((each) => each.type === type)?.status;

  before(async () => {
    [built, controlPlane] = await Promise.all([
      buildPackages(),
      startControlPlane({ registry: true, coreArgs: [PROVIDERS_AS_DEPLOYMENTS] }),
    ]);
    console.log(built.log.trim());
    registry = controlPlane.registry?.address ?? '';
    processes = superviseProcesses(controlPlane.logsDir);
    await kubectl(['create', 'namespace', 'team-a']);
    await makeCrossplaneAccount(kubectl);
  });

  after(async () => {
    await processes?.stopAll();
    if (registry) await removeImage(publishedAt(registry, publishing.functionRepository));
    await controlPlane?.stop();
    built?.remove();
  });

  it('installs the packages and their dependencies from a registry', async () => {
    await pushStubProviders(registry);
    await pushPackages(built, registry);
    const others = STUB_PROVIDERS.map(({ host, path }) => `${host}/${path.slice(0, path.indexOf('/'))}`);
    await apply(...rewriteImages(registry, [...new Set([ownPrefix, ...others])]));

    await applyFiles('runtime.yaml', 'function.yaml', 'rbac.yaml', 'claims/provider-kubernetes.yaml');
    await applyFiles(
      'provider-azure-authorization.yaml',
      'provider-azure-managedidentity.yaml',
      'provider-azure-dataprotection.yaml',
    );
    await applyFiles('namespaced/configuration.yaml', 'claims/configuration.yaml', 'monitoring/providers.yaml');

    for (const repository of Object.values(publishing.configurationRepositories))
      await waitFor(
        `Configuration ${packageName(repository)} to be installed and healthy`,
        async () => {
          const object = await json('configuration.pkg.crossplane.io', packageName(repository));
          if (condition(object, 'Installed') === 'True' && condition(object, 'Healthy') === 'True') return true;
          throw new Error(JSON.stringify(object.status));
        },
        slow,
      );
    const installed = (await json('providers.pkg.crossplane.io,functions.pkg.crossplane.io')).items;
    assert.deepEqual(
      installed
        .map((each: { kind: string; metadata: { name: string }; spec: { package: string } }) => [
          `${each.kind} ${each.metadata.name}`,
          each.spec.package,
        ])
        .sort(),
      [
        [`Function ${publishing.functionName}`, `${publishing.functionRepository}:${tag}`],
        ...STUB_PROVIDERS.map(({ host, path, version }) => [
          `Provider ${packageName(`${host}/${path}`)}`,
          `${host}/${path}:${version}`,
        ]),
      ].sort(),
    );
  });

  it('offers both APIs', async () => {
    for (const name of [NAMESPACED, CLAIMS])
      await kubectl(['wait', '--for=condition=Established', `xrd/${name}`, '--timeout=240s']);
    await kubectl(['wait', '--for=condition=Offered', `xrd/${CLAIMS}`, '--timeout=240s']);
    await kubectl([
      'wait',
      '--for=condition=Established',
      'crd/postgresqldatabases.claims.database.platform.io',
      '--timeout=240s',
    ]);
  });

  it('activates the kinds that are composed, without a policy of the platform', async () => {
    const policies = (await json('managedresourceactivationpolicies')).items;
    assert.equal(policies.length, 2);
    const activated = policies.flatMap((policy: { spec: { activate: string[] } }) => policy.spec.activate);
    for (const name of activated)
      for (const state of ['create', 'condition=Established'])
        await kubectl(['wait', `--for=${state}`, `crd/${name}`, '--timeout=240s']);
    // In the provider's package, and not composed.
    const other = await json('managedresourcedefinition', 'flexibleserverdatabases.dbforpostgresql.azure.upbound.io');
    assert.equal(other.spec.state, 'Inactive');
  });

  it('gives provider-kubernetes the ServiceAccount that its rights are bound to', async () => {
    const account = 'serviceaccount/provider-kubernetes';
    await kubectl(['wait', '--for=create', account, '-n', 'crossplane-system', '--timeout=240s']);
  });

  it('takes the provider configurations as they are', async () => {
    await applyFiles('namespaced/provider-config.yaml', 'claims/provider-config.yaml');
  });

  it('composes an XR through the image', async () => {
    const published = { reference: publishedAt(registry, publishing.functionRepository) };
    const image = await startImage(
      'root' in built.image ? built.image : published,
      controlPlane.functionCertsDir,
      processes,
    );
    console.log(`the function runs: ${image.how}`);
    const [revision] = (await json('functionrevisions', '-l', `pkg.crossplane.io/package=${publishing.functionName}`))
      .items;
    // With an external runtime nobody else knows where the function is.
    const status = JSON.stringify({ status: { endpoint: `dns:///localhost:${image.grpcPort}` } });
    await kubectl([
      'patch',
      'functionrevision',
      revision.metadata.name,
      '--subresource=status',
      '--type=merge',
      '-p',
      status,
    ]);

    const example = join(repositoryRoot, 'examples/minimal/xr.yaml');
    const { name, namespace } = parse(readFileSync(example, 'utf8')).metadata;
    await kubectl(['apply', '-f', example]);
    const group = await composed('resourcegroups.azure.m.upbound.io', name, image.process.logFile);
    assert.equal(group.metadata.namespace, namespace);
    await kubectl(['apply', '-f', join(repositoryRoot, 'examples/claims/claim.yaml')]);
    const claim = await waitFor('the claim to have its XR', async () => {
      const object = await json('postgresqldatabases.claims.database.platform.io', 'inventory', '-n', 'team-a');
      return object.spec.resourceRef?.name && object;
    });
    await composed('resourcegroups.azure.upbound.io', claim.spec.resourceRef.name, image.process.logFile);
  });

  const composed = (resource: string, composite: string, logFile: string) =>
    waitFor(
      `${resource} of ${composite}`,
      async () => {
        const { items } = await json(resource, '-A', '-l', `crossplane.io/composite=${composite}`);
        if (items.length > 0) return items[0];
        const xr = (await json(resource.includes('.m.') ? NAMESPACED : CLAIMS, '-A')).items[0];
        throw new Error(`${JSON.stringify(xr?.status)}\n${readFileSync(logFile, 'utf8').slice(-2000)}`);
      },
      slow,
    );

  it('gives Crossplane the right to grant what the composed Role grants', async () => {
    // What the Helm chart and the RBAC manager would give, with nothing but our ClusterRole aggregated.
    const user = '--as=system:serviceaccount:crossplane-system:crossplane';
    await apply(
      {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'ClusterRole',
        metadata: { name: 'crossplane' },
        aggregationRule: {
          clusterRoleSelectors: [{ matchLabels: { 'rbac.crossplane.io/aggregate-to-crossplane': 'true' } }],
        },
        rules: [],
      },
      {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'ClusterRoleBinding',
        metadata: { name: 'crossplane' },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'crossplane' },
        subjects: [{ kind: 'ServiceAccount', namespace: 'crossplane-system', name: 'crossplane' }],
      },
    );
    const composedObjects = readdirSync(join(repositoryRoot, 'examples/minimal'))
      .filter((file) => file === 'expected.yaml')
      .flatMap((file) => readFileSync(join(repositoryRoot, 'examples/minimal', file), 'utf8').split(/^---$/m))
      .map((text) => parse(text))
      .filter((object) =>
        ['Role', 'RoleBinding', 'ServiceAccount', 'ConfigMap', 'Secret', 'Usage'].includes(object?.kind),
      );
    assert.ok(composedObjects.length >= 6, 'examples/minimal composes all of these kinds');
    const namespace = 'rights';
    await kubectl(['create', 'namespace', namespace]);
    const create = (object: { metadata: object }): Promise<string> =>
      kubectl(['create', '-f', '-', user], JSON.stringify({ ...object, metadata: { ...object.metadata, namespace } }));
    await waitFor('the ClusterRole to be aggregated', () => kubectl(['auth', 'can-i', 'create', 'roles', user]));
    for (const object of composedObjects) await create(object);

    // The rule that lets it grant is needed: without it Kubernetes refuses.
    const role = composedObjects.find(({ kind }) => kind === 'Role');
    const { rules } = await json('clusterrole', 'crossplane-compose-postgresql');
    const others = rules.filter(
      ({ apiGroups }: { apiGroups: string[] }) => !apiGroups.includes('database.platform.io'),
    );
    assert.equal(others.length, rules.length - 1);
    await kubectl([
      ...['patch', 'clusterrole', 'crossplane-compose-postgresql', '--type=merge'],
      ...['-p', JSON.stringify({ rules: others })],
    ]);
    await waitFor('Kubernetes to refuse the grant', async () => {
      const again = { ...role, metadata: { ...role.metadata, name: `without-${Date.now()}` } };
      return create(again).then(
        () => false,
        (error: Error) => /attempting to grant RBAC permissions not currently held/.test(error.message),
      );
    });
  });
});
