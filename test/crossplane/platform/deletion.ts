import assert from 'node:assert/strict';
import { it } from 'node:test';
import { waitFor } from '../wait-for.ts';
import { example, readmeExample } from './documents.ts';
import { keyOf } from './live-object.ts';
import { claim, type Platform, xr } from './platform.ts';
import { composed, xrOfClaim } from './readiness.ts';

/** Waits until an XR has left nothing behind, neither in Kubernetes nor in Azure; tells how long it took. */
export async function goneWithoutTrace(
  platform: Platform,
  composite: string,
  resourceGroup: string,
  deadlineSeconds = 240,
): Promise<void> {
  const begin = Date.now();
  const sent = platform.requests.length;
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
  const refused = deletes.flatMap(({ outcome }) => (outcome.ok ? [] : [outcome.code]));
  console.log(
    `${composite} gone after ${((Date.now() - begin) / 1000).toFixed(1)} s; ${deletes.length} DELETEs, ${refused.length} of them refused at first (${[...new Set(refused)].join(', ') || 'none'})`,
  );
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
