import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { readmeExample } from './platform/documents.ts';
import { samples, total } from './platform/metrics.ts';
import { type Platform, startPlatform } from './platform/platform.ts';
import { xrSettled } from './platform/readiness.ts';

/** A server takes five seconds, so that more happens at once than Crossplane's circuit breaker lets through. */
const SPEED = 120;

/** Crossplane calls again 10 % before a TTL ends at the earliest, so with the ten minutes nothing would happen before 540 s. */
const DEADLINE_SECONDS = 480;

/** Core's own: after the burst, events of one XR per second. */
const DEFAULT_REFILL_RATE = 1;
/** Fewer events than a platform of two regions makes, so that it opens in the middle; each pass after that costs a minute. */
const BURST = 400;

describe('an XR of which Crossplane drops the watch events', { timeout: 15 * 60_000 }, () => {
  let platform: Platform;

  before(async () => {
    platform = await startPlatform({
      from: 'checkout',
      speed: SPEED,
      refillRate: DEFAULT_REFILL_RATE,
      burst: BURST,
    });
    await platform.controlPlane.kubectl(['create', 'namespace', 'team-a']);
  });

  after(async () => {
    await platform?.stop();
  });

  it('becomes Ready long before the ten minutes of an XR that is watched are over', async () => {
    const document = readmeExample();
    await platform.apply(document);
    const seconds = await xrSettled(platform, document.metadata.name, DEADLINE_SECONDS);
    const core = samples(await (await fetch(platform.controlPlane.metricsUrl)).text());
    const dropped = total(core, 'circuit_breaker_events_total', { result: 'Dropped' });
    console.log(`settled after ${seconds.toFixed(1)} s, although ${dropped} watch events were dropped`);
    assert.ok(dropped > 0, 'the circuit breaker was open');
  });
});
