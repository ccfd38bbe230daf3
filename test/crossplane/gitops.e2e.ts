import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type ControlPlane, startControlPlane } from './control-plane.ts';
import { readmeExample } from './platform/documents.ts';
import { repositoryRoot } from './tools.ts';
import { waitFor } from './wait-for.ts';

/*
 * What becomes of spec.failover in the cluster when a GitOps tool applies an XR again: the requests that Flux and Argo CD send, on a real API
 * server. The tools themselves do not run here. Flux: github.com/fluxcd/kustomize-controller, internal/controller/kustomization_controller.go,
 * and github.com/fluxcd/pkg, ssa/patch.go. Argo CD: docs/user-guide/sync-options.md.
 */

const RESOURCE = 'xpostgresqldatabases.database.platform.io';

interface Owner {
  readonly manager: string;
  readonly operation: string;
}
interface Stored {
  readonly metadata: { readonly uid: string; readonly managedFields: readonly Owner[] };
  readonly spec: { readonly failover: Readonly<Record<string, unknown>>; readonly tags?: object };
}

/** The README's database as Git has it. */
function inGit(name: string, failover?: object, more: object = {}): object {
  const { metadata, spec, ...rest } = readmeExample();
  return { ...rest, metadata: { ...metadata, name }, spec: { ...spec, ...more, ...(failover && { failover }) } };
}

describe('spec.failover and what is applied from Git, on a real API server', { timeout: 10 * 60_000 }, () => {
  let controlPlane: ControlPlane;
  const kubectl: ControlPlane['kubectl'] = (args, stdin) => controlPlane.kubectl(args, stdin);

  before(async () => {
    controlPlane = await startControlPlane();
    await kubectl(['create', 'namespace', 'team-a']);
    const xrd = join(repositoryRoot, 'apis/xpostgresqldatabases/definition.yaml');
    await kubectl(['apply', '--server-side', '-f', '-'], readFileSync(xrd, 'utf8'));
    await kubectl(['wait', '--for=condition=Established', `xrd/${RESOURCE}`, '--timeout=240s']);
    await waitFor('the API to be served', () => fluxMerge(inGit('first')));
  });

  after(() => controlPlane?.stop());

  const stored = async (name: string): Promise<Stored> =>
    JSON.parse(await kubectl(['get', RESOURCE, name, '-n', 'team-a', '-o', 'json', '--show-managed-fields']));
  const activeRegion = async (name: string): Promise<unknown> => (await stored(name)).spec.failover.activeRegion;

  const serverSide = (manager: string, object: object): Promise<string> =>
    kubectl(
      ['apply', '--server-side', '--force-conflicts', `--field-manager=${manager}`, '-f', '-'],
      JSON.stringify(object),
    );

  /** Annotation kustomize.toolkit.fluxcd.io/ssa: Merge, with which Flux applies and does nothing else. */
  const fluxMerge = (object: object): Promise<string> => serverSide('kustomize-controller', object);

  /** By default Flux first makes what kubectl owns its own: managers whose name begins so. */
  async function flux(object: object): Promise<void> {
    const { name } = (object as { metadata: { name: string } }).metadata;
    const before = await stored(name).catch(() => undefined);
    const managedFields = before?.metadata.managedFields.map((owner) =>
      owner.manager.startsWith('kubectl') ? { ...owner, manager: 'kustomize-controller', operation: 'Apply' } : owner,
    );
    // One entry for each manager: Flux merges what it takes over with what it has. Here it has the rest of the spec anyway.
    const kept = managedFields?.filter(
      (owner, index) =>
        owner.manager !== 'kustomize-controller' ||
        managedFields.findLastIndex(({ manager }) => manager === owner.manager) === index,
    );
    if (kept && kept.length < (before?.metadata.managedFields.length ?? 0)) {
      const patch = [{ op: 'replace', path: '/metadata/managedFields', value: kept }];
      await kubectl(['patch', RESOURCE, name, '-n', 'team-a', '--type=json', '-p', JSON.stringify(patch)]);
    }
    await serverSide('kustomize-controller', object);
  }

  /** What an Operation applies, as core does it: by force, under a manager of its own. */
  const operation = async (name: string): Promise<void> => {
    const { metadata } = await stored(name);
    await serverSide('ops.crossplane.io/operation/6e2f0a4e-0000-4000-8000-000000000001', {
      apiVersion: 'database.platform.io/v1alpha1',
      kind: 'XPostgreSQLDatabase',
      metadata: { name, namespace: 'team-a', uid: metadata.uid },
      spec: { failover: { activeRegion: 'secondary' } },
    });
  };

  const person = (name: string): Promise<string> =>
    kubectl([
      ...['patch', RESOURCE, name, '-n', 'team-a', '--type=merge'],
      ...['-p', JSON.stringify({ spec: { failover: { activeRegion: 'secondary' } } })],
    ]);

  const changed = { tags: { team: 'a' } };

  for (const [how, apply] of [
    ['Flux', flux],
    ['Flux with ssa: Merge', fluxMerge],
  ] as const)
    it(`${how} leaves what an Operation has set, where Git does not have the field`, async () => {
      const name = `operation-${how.length}`;
      await apply(inGit(name));
      assert.equal(await activeRegion(name), 'primary');
      await operation(name);
      await apply(inGit(name, undefined, changed));
      const { spec } = await stored(name);
      assert.deepEqual([spec.failover.activeRegion, spec.tags], ['secondary', changed.tags]);
      // Another field of spec.failover in Git does no harm.
      await apply(inGit(name, { formerPrimary: 'Delete' }, changed));
      assert.equal(await activeRegion(name), 'secondary');
    });

  it('Flux takes back what a person has patched, and with ssa: Merge it does not', async () => {
    await flux(inGit('patched'));
    await person('patched');
    assert.equal(await activeRegion('patched'), 'secondary');
    await flux(inGit('patched'));
    assert.equal(await activeRegion('patched'), 'primary');

    await fluxMerge(inGit('merged'));
    await person('merged');
    await fluxMerge(inGit('merged', undefined, changed));
    assert.equal(await activeRegion('merged'), 'secondary');
  });

  it('what Git has, Flux and Argo CD set again, whoever has changed it', async () => {
    await fluxMerge(inGit('in-git', { activeRegion: 'primary' }));
    await operation('in-git');
    assert.equal(await activeRegion('in-git'), 'secondary');
    await fluxMerge(inGit('in-git', { activeRegion: 'primary' }));
    assert.equal(await activeRegion('in-git'), 'primary');

    const argo = (object: object): Promise<string> => kubectl(['apply', '-f', '-'], JSON.stringify(object));
    await argo(inGit('argo', { activeRegion: 'primary' }));
    await operation('argo');
    await argo(inGit('argo', { activeRegion: 'primary' }));
    assert.equal(await activeRegion('argo'), 'primary');
  });

  it('Argo CD leaves what is not in Git, and with RespectIgnoreDifferences applies what is in the cluster', async () => {
    const ways = {
      'client-side': (object: object) => kubectl(['apply', '-f', '-'], JSON.stringify(object)),
      'server-side': (object: object) => serverSide('argocd-controller', object),
    };
    for (const [way, apply] of Object.entries(ways)) {
      await apply(inGit(way));
      await operation(way);
      await apply(inGit(way, undefined, changed));
      assert.equal(await activeRegion(way), 'secondary', way);
      // The desired state with the live value of /spec/failover: every field of it, defaults as well.
      const { failover } = (await stored(way)).spec;
      await apply(inGit(way, failover, changed));
      assert.equal(await activeRegion(way), 'secondary', way);
      await person(way);
      await apply(inGit(way, (await stored(way)).spec.failover, changed));
      assert.equal(await activeRegion(way), 'secondary', way);
    }
  });
});
