import assert from 'node:assert/strict';
import { it } from 'node:test';
import { waitFor } from '../wait-for.ts';
import { example, readmeExample } from './documents.ts';
import { type Change, keyOf, type LiveObject } from './live-object.ts';
import { claim, type Platform, xr } from './platform.ts';
import { composed, xrOfClaim } from './readiness.ts';

/** The last type in an ARM id, in lower case, as `subnets`. */
const typeOf = (id: string): string => id.toLowerCase().split('/').at(-2) ?? '';

interface Side {
  readonly kind: string;
  readonly resourceRef: { readonly name: string };
}

/** By the watches: what a Usage protects was told to go only after its user had gone. */
function inOrder(usages: readonly LiveObject[], changes: readonly Change[]): void {
  assert.ok(usages.length > 0, 'there are Usages');
  for (const { metadata, spec } of usages) {
    const { of, by } = spec as unknown as { readonly of: Side; readonly by: Side }; // by Crossplane's CRD
    const first = ({ kind, resourceRef }: Side, happened: (change: Change) => boolean): number =>
      changes.findIndex(
        (change) => change.object.kind === kind && change.object.metadata.name === resourceRef.name && happened(change),
      );
    const gone = first(by, ({ what }) => what === 'deleted');
    const told = first(of, ({ object }) => object.metadata.deletionTimestamp !== undefined);
    assert.ok(gone >= 0 && gone < told, `${metadata.name}: ${gone} is before ${told}`);
  }
}

/** Waits until an XR has left nothing behind, neither in Kubernetes nor in Azure; tells how long it took. */
export async function goneWithoutTrace(
  platform: Platform,
  composite: string,
  resourceGroup: string,
  deadlineSeconds = 240,
): Promise<void> {
  const begin = Date.now();
  const sent = platform.requests.length;
  const seen = platform.observer.changes.length;
  const usages = composed(platform, composite).filter(({ spec }) => spec?.of !== undefined && spec.by !== undefined);
  const inAzure = (): string[] =>
    Object.values(platform.azure.state.resources)
      .map(({ id }) => id)
      .filter((id) => id.toLowerCase().includes(`/resourcegroups/${resourceGroup.toLowerCase()}`));
  await waitFor(
    `everything of ${composite} to be gone`,
    () => {
      const left = [...composed(platform, composite).map(keyOf), ...inAzure()];
      if (left.length > 0) throw new Error(left.join('\n'));
      return true;
    },
    { deadlineMs: deadlineSeconds * 1000 },
  );
  const deletes = platform.requests
    .slice(sent)
    .filter(({ method, id }) => method === 'DELETE' && id.toLowerCase().includes(resourceGroup.toLowerCase()));
  const refused = deletes.flatMap(({ id, outcome }) => (outcome.ok ? [] : [{ type: typeOf(id), code: outcome.code }]));
  const kinds = [...new Set(refused.map(({ type, code }) => `${type} ${code}`))].sort();
  console.log(
    `${composite} gone after ${((Date.now() - begin) / 1000).toFixed(1)} s; ${deletes.length} DELETEs, ${refused.length} of them refused at first (${kinds.join(', ') || 'none'})`,
  );
  // What servers stand on waits for them, and a primary for its replica, without a refusal by Azure. What is only a container is refused until it is empty.
  const containers = ['resourcegroups', 'virtualnetworks', 'networksecuritygroups', 'privatednszones'];
  assert.deepEqual(
    refused.filter(({ type }) => !containers.includes(type)),
    [],
  );
  inOrder(usages, platform.observer.changes.slice(seen));
  assert.ok(deletes.length > 0, 'Azure was told');
}

/** Deletes what the ready scenarios left, by the objects that people own. */
export function deletionScenarios(platform: () => Platform): void {
  it('leaves nothing behind when the XR is deleted', { timeout: 600_000 }, async () => {
    const it = platform();
    const { name, namespace = '' } = readmeExample().metadata;
    const group = String(xr(it.observer, name)?.status?.resourceGroupName);
    const secrets = composed(it, name).filter(({ kind }) => kind === 'Secret');
    assert.ok(secrets.length > 0);
    const gone = goneWithoutTrace(it, name, group);
    await it.controlPlane.kubectl(['delete', 'xpg', name, '-n', namespace, '--timeout=240s']);
    await gone;
    await waitFor('the Secrets to be collected', () => !secrets.some((each) => it.observer.objects.has(keyOf(each))));
  });

  it('leaves nothing behind when the claim is deleted', { timeout: 600_000 }, async () => {
    const it = platform();
    const { name, namespace = '' } = example('claims/claim.yaml').metadata;
    const composite = await xrOfClaim(it, name);
    const group = String(xr(it.observer, composite)?.status?.resourceGroupName);
    const gone = goneWithoutTrace(it, composite, group);
    const resource = 'postgresqldatabases.claims.database.platform.io';
    await it.controlPlane.kubectl(['delete', resource, name, '-n', namespace, '--timeout=240s']);
    await gone;
    await waitFor('the XR to be gone', () => xr(it.observer, composite) === undefined);
    assert.equal(claim(it.observer, name), undefined);
  });
}
