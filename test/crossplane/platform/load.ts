import assert from 'node:assert/strict';
import { it } from 'node:test';
import { waitFor } from '../wait-for.ts';
import { named, readmeExample } from './documents.ts';
import { isTrue, OUR_CONDITIONS } from './live-object.ts';
import { difference, measure, tell } from './measures.ts';
import { total } from './metrics.ts';
import { type Platform, xr } from './platform.ts';
import { composed } from './readiness.ts';

const MEBIBYTE = 1024 * 1024;

/**
 * `count` databases applied at once. They go with the control plane: deletion is another scenario's, and takes long of so many at once
 * (docs/deletion.md).
 */
export function loadScenarios(platform: () => Platform, count: number): void {
  it(`makes ${count} databases Ready at once`, { timeout: 900_000 }, async () => {
    const it = platform();
    const names = Array.from({ length: count }, (_, index) => `load-${String(index).padStart(2, '0')}`);
    const documents = names.map((name) => named(readmeExample(), name));
    const before = await measure(it);
    const cpuBefore = total(await it.function.metrics(), 'process_cpu_seconds_total');
    const begin = Date.now();
    await it.apply(...documents);
    const writable = new Map<string, number>();
    const settled = new Map<string, number>();
    let memory = 0;
    await waitFor(
      `${count} XRs to be Ready`,
      async () => {
        for (const name of names) {
          const seconds = (Date.now() - begin) / 1000;
          const found = xr(it.observer, name);
          if (isTrue(found, 'Ready') && !writable.has(name)) writable.set(name, seconds);
          if (['Ready', 'Synced', ...OUR_CONDITIONS].every((type) => isTrue(found, type)) && !settled.has(name))
            settled.set(name, seconds);
        }
        memory = Math.max(memory, total(await it.function.metrics(), 'process_resident_memory_bytes'));
        if (settled.size === count) return true;
        throw new Error(
          `${settled.size} settled, ${writable.size} Ready; e.g. ${names.filter((name) => !settled.has(name))[0]}`,
        );
      },
      { deadlineMs: 720_000, intervalMs: 1_000 },
    );
    const metrics = await it.function.metrics();
    const cpu = total(metrics, 'process_cpu_seconds_total') - cpuBefore;
    const spread = (times: ReadonlyMap<string, number>): string => {
      const sorted = [...times.values()].sort((a, b) => a - b);
      const at = (share: number): string =>
        (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0).toFixed(0);
      return `${at(0)} / ${at(0.5)} / ${at(1)} s`;
    };
    const counted = difference(before, await measure(it));
    console.log(
      `${count} XRs, ${names.reduce((sum, name) => sum + composed(it, name).length, 0)} composed objects: Ready after (first / median / last) ${spread(writable)}, all conditions after ${spread(settled)}`,
    );
    console.log(
      `${tell(counted)}; function: ${cpu.toFixed(1)} s of CPU, ${((cpu * 1000) / counted.calls).toFixed(1)} ms per call, at most ${(memory / MEBIBYTE).toFixed(0)} MiB resident`,
    );
    for (const outcome of ['malformed', 'refused', 'late'])
      assert.equal(total(metrics, 'function_calls_total', { outcome }), 0, `no call was ${outcome}`);
  });
}
