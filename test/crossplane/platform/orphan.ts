import assert from 'node:assert/strict';
import { it } from 'node:test';
import { waitFor } from '../wait-for.ts';
import { type Document, example, named } from './documents.ts';
import { conditionOf, isTrue, type LiveObject } from './live-object.ts';
import { claim, type Platform, xr } from './platform.ts';
import { claimSettled, composed, xrOfClaim, xrSettled } from './readiness.ts';

const SECRET = 'kept-password';

/** A database that is to outlive its object, with the password in a Secret that the user made. */
const orphan = (document: Document, name: string): Document => {
  const copy = named(document, name);
  return {
    ...copy,
    spec: {
      ...copy.spec,
      security: { adminPasswordSecretRef: { name: SECRET } },
      deletion: { policy: 'Orphan' },
    },
  };
};

const passwordSecret = (namespace: string): object => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: SECRET, namespace },
  stringData: { password: 'Not-A-Real-Password-1' },
});

const inAzure = ({ azure }: Platform, group: string): string[] =>
  Object.values(azure.state.resources)
    .map(({ id }) => id)
    .filter((id) => id.toLowerCase().includes(`/resourcegroups/${group.toLowerCase()}`))
    .sort();

const policiesOf = ({ spec }: LiveObject): unknown => spec?.managementPolicies;

/** Waits until nothing that holds data may be created or deleted any more. */
const settledForGood = (platform: Platform, composite: string): Promise<boolean> =>
  waitFor(`the servers of ${composite} to be kept`, () => {
    const servers = composed(platform, composite).filter(({ kind }) => kind === 'FlexibleServer');
    const left = servers.filter((each) => JSON.stringify(policiesOf(each)) !== '["Observe","Update"]');
    if (servers.length === 0 || left.length > 0) throw new Error(JSON.stringify(left.map(policiesOf)));
    return true;
  });

/** Deletes by `remove` and checks that Kubernetes has nothing left, Azure has everything, and nobody asked it for a deletion. */
async function stays(platform: Platform, composite: string, remove: () => Promise<unknown>): Promise<void> {
  await settledForGood(platform, composite);
  const group = String(xr(platform.observer, composite)?.status?.resourceGroupName);
  const before = inAzure(platform, group);
  assert.ok(before.some((id) => id.includes('/flexibleServers/')));
  const sent = platform.requests.length;
  const begin = Date.now();
  await remove();
  await waitFor(`the objects of ${composite} to be gone`, () => composed(platform, composite).length === 0, {
    deadlineMs: 120_000,
  });
  console.log(
    `${composite} (Orphan) gone after ${((Date.now() - begin) / 1000).toFixed(1)} s; ${before.length} resources stay in Azure`,
  );
  assert.deepEqual(inAzure(platform, group), before);
  const deletes = platform.requests.slice(sent).filter(({ method, id }) => method === 'DELETE' && before.includes(id));
  assert.deepEqual(deletes, []);
}

/** `spec.deletion.policy: Orphan`: what is deleted in Kubernetes stays in Azure, and what is deleted in Azure is not made again. */
export function orphanScenarios(platform: () => Platform): void {
  it('keeps everything in Azure when the XR is deleted', { timeout: 240_000 }, async () => {
    const it = platform();
    const document = orphan(example('active-passive/xr.yaml'), 'kept');
    const { name, namespace = '' } = document.metadata;
    await it.apply(passwordSecret(namespace), document);
    await xrSettled(it, name);
    const group = String(xr(it.observer, name)?.status?.resourceGroupName);
    await stays(it, name, () => it.controlPlane.kubectl(['delete', 'xpg', name, '-n', namespace, '--timeout=120s']));
    await it.controlPlane.kubectl(['get', 'secret', SECRET, '-n', namespace]);

    // The same object again takes up what is there. The read name is with the writer until the replica is known.
    const sent = it.requests.length;
    await it.apply(document);
    await xrSettled(it, name);
    assert.deepEqual(
      it.requests
        .slice(sent)
        .map(({ method, id }) => `${method} ${id}`)
        .filter((line) => line.includes(`/resourceGroups/${group}/`) && !line.endsWith('/CNAME/read')),
      [],
    );
  });

  it('keeps everything in Azure when the claim is deleted', { timeout: 240_000 }, async () => {
    const it = platform();
    const document = orphan(example('claims/claim.yaml'), 'kept-claim');
    const { name, namespace = '' } = document.metadata;
    await it.apply(passwordSecret(namespace), document);
    await claimSettled(it, name);
    const composite = await xrOfClaim(it, name);
    const resource = 'postgresqldatabases.claims.database.platform.io';
    await stays(it, composite, () =>
      it.controlPlane.kubectl(['delete', resource, name, '-n', namespace, '--timeout=120s']),
    );
    await waitFor('the XR to be gone', () => xr(it.observer, composite) === undefined);
    assert.equal(claim(it.observer, name), undefined);
  });

  it('says that a server is lost and makes no empty one', { timeout: 240_000 }, async () => {
    const it = platform();
    const document = orphan(example('minimal/xr.yaml'), 'lost');
    const { name, namespace = '' } = document.metadata;
    await it.apply(passwordSecret(namespace), document);
    await xrSettled(it, name);
    await settledForGood(it, name);
    const group = String(xr(it.observer, name)?.status?.resourceGroupName);
    const server = inAzure(it, group).find((id) => id.includes('/flexibleServers/')) ?? '';
    const sent = it.requests.length;
    it.azure.happen({ type: 'incident', incident: { what: 'delete', id: server } });
    await waitFor('the loss to show', () => conditionOf(xr(it.observer, name), 'PrimaryReady')?.reason === 'Lost', {
      deadlineMs: 60_000,
    });
    const managed = composed(it, name).find(({ kind }) => kind === 'FlexibleServer');
    assert.ok(isTrue(managed, 'Ready'), 'Ready of the managed resource is stale');
    await waitFor('the XR not to be Ready', () => !isTrue(xr(it.observer, name), 'Ready'));
    const puts = it.requests.slice(sent).filter(({ method, id }) => method === 'PUT' && id === server);
    assert.deepEqual(puts, []);
    await it.controlPlane.kubectl(['delete', 'xpg', name, '-n', namespace, '--timeout=120s']);
    await waitFor(`${name} to be gone`, () => composed(it, name).length === 0, { deadlineMs: 120_000 });
  });
}
