import assert from 'node:assert/strict';
import { waitFor } from '../wait-for.ts';
import { type Document, example, named } from './documents.ts';
import { isTrue, type LiveObject } from './live-object.ts';
import type { Platform } from './platform.ts';

/** What the only step of an Operation put out. */
export function reportOf({ status }: LiveObject): { message?: string; failoverReady?: string } {
  const { pipeline } = (status ?? {}) as { pipeline?: { output: { message: string; failoverReady: string } }[] }; // by core's CRD
  return pipeline?.[0]?.output ?? {};
}

/** The example CronOperation under another name, each minute, for another database. */
function eachMinute(name: string, target: string): Document {
  const document = example('operations/cron-preflight.yaml');
  const template = document.spec.operationTemplate as { spec: { pipeline: { input: { spec: { target: object } } }[] } };
  const pipeline = template.spec.pipeline.map((step) => {
    const { spec } = step.input;
    return { ...step, input: { ...step.input, spec: { ...spec, target: { ...spec.target, name: target } } } };
  });
  const operationTemplate = { ...template, spec: { ...template.spec, pipeline } };
  return { ...named(document, name), spec: { ...document.spec, schedule: '* * * * *', operationTemplate } };
}

/** Applies a CronOperation `name` for the database `target`, waits until an Operation of it has succeeded, and deletes it. */
export async function preflightEachMinute(platform: Platform, name: string, target: string): Promise<void> {
  const { kubectl } = platform.controlPlane;
  const cron = ['cronoperation.ops.crossplane.io', name];
  const asked = Date.now();
  await platform.apply(eachMinute(name, target));
  const object = await waitFor(
    `an Operation of ${name} to succeed`,
    async () => {
      const label = `ops.crossplane.io/cronoperation=${name}`;
      const list = await kubectl(['get', 'operations.ops.crossplane.io', '-l', label, '-o', 'json']);
      const { items }: { items: LiveObject[] } = JSON.parse(list);
      const found = items.find((each) => isTrue(each, 'Succeeded'));
      if (found) return found;
      throw new Error(JSON.stringify(items.map(({ status }) => status)));
    },
    { deadlineMs: 300_000, intervalMs: 1_000 },
  );
  console.log(`${name}: an Operation succeeded after ${((Date.now() - asked) / 1000).toFixed(1)} s`);
  assert.equal(reportOf(object).message, 'a failover would begin now');
  assert.equal(object.status?.appliedResourceRefs, undefined);
  await waitFor(`${name} to know of it`, async () => {
    const { status } = JSON.parse(await kubectl(['get', ...cron, '-o', 'json'])) as LiveObject;
    if (status?.lastScheduleTime !== undefined && status.lastSuccessfulTime !== undefined) return true;
    throw new Error(JSON.stringify(status));
  });
  await kubectl(['delete', ...cron, '--timeout=120s']);
}
