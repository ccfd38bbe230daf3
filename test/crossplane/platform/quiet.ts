import assert from 'node:assert/strict';
import { it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { RunFunctionRequest } from '@crossplane-org/function-sdk-typescript';
import { callFunction, clientCredentials, connect } from '../../server/calls.ts';
import { waitFor } from '../wait-for.ts';
import { example, readmeExample } from './documents.ts';
import { keyOf, resourceName } from './live-object.ts';
import { measure } from './measures.ts';
import { type Platform, xr } from './platform.ts';
import { composed, xrOfClaim } from './readiness.ts';

/** src/response/ttl.ts: when all is settled. */
const SETTLED_SECONDS = 600;

/** How long what Crossplane may write after it has looked at everything is waited for. */
const AFTER_RESTART_SECONDS = 30;

/** The TTL that the running function answers an XR with, asked as Crossplane would with what is stored now. */
async function ttlOf(platform: Platform, composite: string): Promise<number | undefined> {
  const resources = composed(platform, composite).map((each) => [resourceName(each), { resource: each }]);
  const request = RunFunctionRequest.fromPartial({
    observed: {
      composite: { resource: { ...xr(platform.observer, composite) } },
      resources: Object.fromEntries(resources),
    },
  });
  const client = connect(platform.function.port, clientCredentials(platform.controlPlane.clientCertsDir));
  try {
    const { meta, results } = await callFunction(client, Buffer.from(RunFunctionRequest.encode(request).finish()));
    assert.deepEqual(results, [], `the function has nothing to say about ${composite}`);
    return meta?.ttl?.seconds;
  } finally {
    client.close();
  }
}

/** With what is Ready left alone, nothing is written, although Crossplane looks at it again. */
export function quietScenarios(platform: () => Platform, seconds: number): void {
  const name = `writes nothing for ${seconds} s once everything is Ready, nor when Crossplane starts again`;
  it(name, { timeout: (seconds + 300) * 1000 }, async () => {
    const it = platform();
    // Events of the last change may still be on their way.
    await sleep(12_000);
    const begin = it.observer.changes.length;
    const requests = it.requests.length;
    const before = await measure(it);
    const composites = [readmeExample().metadata.name, await xrOfClaim(it, example('claims/claim.yaml').metadata.name)];
    for (const each of composites)
      assert.equal(await ttlOf(it, each), SETTLED_SECONDS, `${each} is to be looked at again when its TTL ends`);
    await sleep(seconds * 1000);
    const calls = (await measure(it)).calls - before.calls;
    // One each may be left from a moment in which something was waited for.
    assert.ok(calls <= composites.length, `Crossplane calls when there is a reason: ${calls} calls`);
    // A new Crossplane looks at everything at once.
    await it.controlPlane.restartCore();
    await waitFor(
      'Crossplane to call the function for both databases',
      async () => (await measure(it)).calls >= composites.length,
      { intervalMs: 1000 },
    );
    await sleep(AFTER_RESTART_SECONDS * 1000);
    const after = await measure(it);
    console.log(
      `${it.observer.objects.size} objects: ${calls} function calls in ${seconds} s, TTL ${SETTLED_SECONDS} s; ${after.calls} calls in ${after.reconciles} reconciles after a restart of Crossplane`,
    );
    assert.deepEqual(
      it.observer.changes.slice(begin).map(({ what, object }) => `${what} ${keyOf(object)}`),
      [],
    );
    assert.deepEqual(it.requests.slice(requests), [], 'nothing is sent to Azure');
  });
}
