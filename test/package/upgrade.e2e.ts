import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { stringify } from 'yaml';
import { readPublishing } from '../../tools/package/publishing.ts';
import { nothingLost } from '../crossplane/platform/disturbances.ts';
import { example, named, readmeExample } from '../crossplane/platform/documents.ts';
import { startFunction } from '../crossplane/platform/function.ts';
import { activeFunctionRevision, configurationsHealthy, pointAt } from '../crossplane/platform/install.ts';
import { keyOf, type LiveObject, resourceName } from '../crossplane/platform/live-object.ts';
import { total } from '../crossplane/platform/metrics.ts';
import { claim, type Platform, startPlatform, xr } from '../crossplane/platform/platform.ts';
import { claimSettled, composed, xrOfClaim, xrSettled } from '../crossplane/platform/readiness.ts';
import { waitFor } from '../crossplane/wait-for.ts';
import { type BuiltPackages, buildPackages } from './build.ts';
import { EARLIER_VERSION, type EarlierCheckout, makeEarlierCheckout } from './earlier-checkout.ts';
import { install, publishedAt, pushPackages } from './published.ts';
import { removeImage } from './run-image.ts';

const { functionRepository } = readPublishing();

/** How many times faster than Azure the simulated one is. */
const SPEED = 120;

const XR = 'upgraded';
const CLAIM = 'upgraded-claim';

type Identity = readonly [key: string, uid: string, resource: string];
const identities = (objects: readonly LiveObject[]): Identity[] =>
  objects.map((each) => [keyOf(each), each.metadata.uid, resourceName(each)]);

/** What is asked for of an object, as text. */
const applied = (object: LiveObject | undefined): string => {
  const { labels = {}, annotations = {} } = object?.metadata ?? {};
  return stringify({ labels, annotations, spec: object?.spec ?? {}, data: object?.data ?? {} });
};

/** Lines that differ between two texts, as `diff` would mark them; for short texts whose order is the same. */
function changedLines(before: string, after: string): string[] {
  const [old, now] = [before.split('\n'), after.split('\n')];
  return [
    ...old.filter((line) => !now.includes(line)).map((line) => `- ${line.trim()}`),
    ...now.filter((line) => !old.includes(line)).map((line) => `+ ${line.trim()}`),
  ];
}

/** Machinery fields of an XR or a claim: below spec.crossplane, or in spec where claims are to be had. */
interface Machinery {
  readonly compositionRevisionRef?: { readonly name: string };
  readonly compositionUpdatePolicy?: string;
}
const machinery = (object: LiveObject | undefined): Machinery => object?.spec?.crossplane ?? object?.spec ?? {};

describe('an upgrade of the packages with databases that live', { concurrency: false, timeout: 30 * 60_000 }, () => {
  let earlier: EarlierCheckout;
  let built: BuiltPackages;
  let platform: Platform;
  let names: readonly string[] = [];
  const kubectl: Platform['controlPlane']['kubectl'] = (args, stdin) => platform.controlPlane.kubectl(args, stdin);
  const all = (): LiveObject[] => names.flatMap((name) => composed(platform, name));
  /** Whether each of the subnets has what the earlier version lacked. */
  const subnetsWithTheEndpoint = (): boolean[] =>
    all()
      .filter(({ kind }) => kind === 'Subnet')
      .map(({ spec }) => JSON.stringify(spec).includes('Microsoft.Storage'));
  const owners = (): LiveObject[] =>
    [...names.map((name) => xr(platform.observer, name)), claim(platform.observer, CLAIM)].filter(
      (each) => each !== undefined,
    );
  const settled = async (): Promise<void> => {
    for (const name of names) await xrSettled(platform, name);
    await claimSettled(platform, CLAIM);
  };
  const applyInstall = (...files: string[]): Promise<string> =>
    kubectl(['apply', '--validate=strict', ...files.flatMap((file) => ['-f', install(file)])]);
  /** Lines of `kubectl get`, each one object's values of the given paths. */
  const table = async (resource: string, ...paths: string[]): Promise<string[]> => {
    const columns = paths.map((path) => `{${path}}`).join(' ');
    const lines = await kubectl(['get', resource, '-o', `jsonpath={range .items[*]}${columns}{"\\n"}{end}`]);
    return lines
      .trim()
      .split('\n')
      .map((line) => line.trim())
      .sort();
  };
  /** What the packages brought, and what Crossplane made of it: an API that is made again takes all of its databases along. */
  const api = (): Promise<string[]> =>
    table('xrd,crd,compositions,managedresourcedefinitions', '.kind', '.metadata.name', '.metadata.uid');

  before(async () => {
    earlier = makeEarlierCheckout();
    const begin = Date.now();
    const onProgress = (line: string): void => console.log(`${((Date.now() - begin) / 1000).toFixed(1)} s ${line}`);
    platform = await startPlatform({ from: 'packages', checkout: earlier.root, speed: SPEED, onProgress });
    built = await buildPackages();
    onProgress(`npm run package of v${built.version}`);
    await kubectl(['create', 'namespace', 'team-a']);
  });

  after(async () => {
    const registry = platform?.controlPlane.registry?.address;
    await platform?.stop();
    if (registry !== undefined) await removeImage(publishedAt(registry, functionRepository));
    if (platform !== undefined && 'image' in platform.source && 'reference' in platform.source.image)
      await removeImage(platform.source.image.reference);
    built?.remove();
    earlier?.remove();
  });

  it('starts with databases of the earlier version', async () => {
    const asked = named(example('claims/claim.yaml'), CLAIM);
    await platform.apply(named(readmeExample(), XR), {
      ...asked,
      spec: { ...asked.spec, writeConnectionSecretToRef: { name: CLAIM } },
    });
    names = [XR, await xrOfClaim(platform, CLAIM)];
    await settled();
    assert.deepEqual(subnetsWithTheEndpoint(), [false, false, false, false]);
  });

  it('replaces and renames nothing when the Function is upgraded', async () => {
    const before = all();
    const apiBefore = await api();
    const identitiesBefore = identities([...owners(), ...before]);
    const revisions = owners().map((each) => machinery(each).compositionRevisionRef?.name);
    const change = platform.observer.changes.length;
    const sent = platform.requests.length;

    // As docs/install.md says.
    await pushPackages(built, platform.controlPlane.registry?.address ?? '');
    await applyInstall('rbac.yaml', 'runtime.yaml', 'failover-policy.yaml');
    await applyInstall('function.yaml');
    const revision = await activeFunctionRevision(platform.controlPlane, built.version);
    // Crossplane removes the Deployment of a revision that is not active, and makes the one of the new revision.
    await platform.function.kill();
    const image =
      'root' in built.image
        ? built.image
        : { reference: publishedAt(platform.controlPlane.registry?.address ?? '', functionRepository) };
    const upgraded = await startFunction({ image }, platform.controlPlane.functionCertsDir, platform.processes);
    await pointAt(platform.controlPlane, revision, `dns:///localhost:${upgraded.port}`);
    const begin = Date.now();
    await waitFor('the new version to be what is applied', () => subnetsWithTheEndpoint().every((has) => has));
    console.log(`both databases have it ${((Date.now() - begin) / 1000).toFixed(1)} s after its function was up`);
    await settled();
    const calls = total(await upgraded.metrics(), 'function_calls_total', { outcome: 'success' });
    assert.ok(calls >= 2, `Crossplane called the new function for both: ${calls} calls`);
    assert.deepEqual(await table('functionrevisions', '.spec.image', '.spec.desiredState'), [
      `${functionRepository}:v${EARLIER_VERSION} Inactive`,
      `${functionRepository}:v${built.version} Active`,
    ]);

    assert.deepEqual(identities([...owners(), ...all()]), identitiesBefore);
    nothingLost(platform, change);
    for (const now of all()) {
      const was = before.find((each) => keyOf(each) === keyOf(now));
      const lines = changedLines(applied(was), applied(now));
      if (lines.length === 0) continue;
      console.log(`${keyOf(now)}: ${lines.join(' ')}`);
      assert.equal(now.kind, 'Subnet', 'only what differs between the versions has changed');
    }
    const requests = platform.requests
      .slice(sent)
      .map(({ method, id }) => `${method} ${id.split('/').slice(-4).join('/')}`);
    console.log(`sent to Azure by the upgrade: ${requests.join(', ')}`);
    assert.ok(requests.length > 0 && requests.every((line) => /\/subnets\//.test(line)));
    assert.deepEqual(await api(), apiBefore);
    assert.deepEqual(
      owners().map((each) => machinery(each).compositionRevisionRef?.name),
      revisions,
      'the Compositions are not upgraded yet',
    );
  });

  it('takes the databases to the new Compositions when the Configurations are upgraded', async () => {
    const before = all().map((each) => [keyOf(each), each.metadata.uid, applied(each)]);
    const apiBefore = await api();
    const revisions = owners().map((each) => machinery(each).compositionRevisionRef?.name);
    const change = platform.observer.changes.length;
    const sent = platform.requests.length;

    await applyInstall('namespaced/configuration.yaml', 'claims/configuration.yaml');
    await configurationsHealthy(platform.controlPlane, built.version);
    await waitFor('the databases to have a new revision of their Composition', () => {
      const now = owners().map((each) => machinery(each).compositionRevisionRef?.name);
      if (now.every((name, index) => name !== undefined && name !== revisions[index])) return true;
      throw new Error(now.join(', '));
    });
    for (const each of owners())
      console.log(
        `${keyOf(each)}: ${machinery(each).compositionRevisionRef?.name}, policy ${machinery(each).compositionUpdatePolicy}`,
      );
    assert.deepEqual(
      await table(
        'compositionrevisions',
        '.spec.compositeTypeRef.apiVersion',
        '.spec.revision',
        '.metadata.labels.release',
      ),
      [
        'claims.database.platform.io/v1alpha1 1 earlier',
        'claims.database.platform.io/v1alpha1 2',
        'database.platform.io/v1alpha1 1 earlier',
        'database.platform.io/v1alpha1 2',
      ],
    );
    await settled();
    assert.deepEqual(
      all().map((each) => [keyOf(each), each.metadata.uid, applied(each)]),
      before,
    );
    nothingLost(platform, change);
    assert.deepEqual(platform.requests.slice(sent), [], 'nothing is sent to Azure');
    assert.deepEqual(await api(), apiBefore);
  });

  it('deletes what the earlier version made', async () => {
    const { namespace = '' } = readmeExample().metadata;
    await kubectl(['delete', 'xpg', XR, '-n', namespace, '--timeout=240s']);
    const claims = 'postgresqldatabases.claims.database.platform.io';
    await kubectl(['delete', claims, CLAIM, '-n', namespace, '--timeout=240s']);
    await waitFor('everything to be gone', () => all().length === 0);
    assert.deepEqual(Object.keys(platform.azure.state.resources), []);
  });
});
