import assert from 'node:assert/strict';
import { it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { keyOf } from './live-object.ts';
import { measure } from './measures.ts';
import type { Platform } from './platform.ts';

/** With what is Ready left alone, nothing is written, although Crossplane looks at it again. */
export function quietScenarios(platform: () => Platform, seconds: number): void {
  it(`writes nothing for ${seconds} s once everything is Ready`, { timeout: (seconds + 120) * 1000 }, async () => {
    const it = platform();
    // Events of the last change may still be on their way.
    await sleep(12_000);
    const begin = it.observer.changes.length;
    const requests = it.requests.length;
    await sleep((seconds / 2) * 1000);
    // The function asks to be called again after ten minutes; a new Crossplane looks at everything at once.
    await it.controlPlane.restartCore();
    await sleep((seconds / 2) * 1000);
    const { calls, reconciles } = await measure(it);
    console.log(
      `${it.observer.objects.size} objects, ${seconds} s; ${reconciles} reconciles, ${calls} function calls since a restart`,
    );
    assert.deepEqual(
      it.observer.changes.slice(begin).map(({ what, object }) => `${what} ${keyOf(object)}`),
      [],
    );
    assert.deepEqual(it.requests.slice(requests), [], 'nothing is sent to Azure');
    assert.ok(calls >= 2, `Crossplane called the function for both databases: ${calls} calls`);
  });
}
