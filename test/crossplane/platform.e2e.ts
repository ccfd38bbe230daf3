import { after, before, describe } from 'node:test';
import { azureFaultScenarios } from './platform/azure-faults.ts';
import { deletionScenarios } from './platform/deletion.ts';
import { disturbanceScenarios } from './platform/disturbances.ts';
import { failoverScenarios } from './platform/failover.ts';
import { loadScenarios } from './platform/load.ts';
import { orphanScenarios } from './platform/orphan.ts';
import { type Platform, preferredFrom, startPlatform } from './platform/platform.ts';
import { protectionScenarios } from './platform/protection.ts';
import { quietScenarios } from './platform/quiet.ts';
import { readyScenarios } from './platform/ready.ts';
import { refusalScenarios } from './platform/refusals.ts';

/** How many times faster than Azure the simulated one is: a server takes five seconds. */
const SPEED = 120;

/** Each wait has a deadline that a loaded machine can keep; this one bounds them all together. */
const timeout = 60 * 60_000;

describe('the whole platform on a real control plane with a simulated Azure', { concurrency: false, timeout }, () => {
  let running: Platform | undefined;
  const platform = (): Platform => {
    if (running === undefined) throw new Error('the control plane did not start');
    return running;
  };

  before(async () => {
    const begin = Date.now();
    const onProgress = (line: string): void => console.log(`${((Date.now() - begin) / 1000).toFixed(1)} s ${line}`);
    const from = preferredFrom();
    console.log(`from ${from}`);
    running = await startPlatform({ from, speed: SPEED, onProgress });
    for (const namespace of ['team-a', 'team-b'])
      await running.controlPlane.kubectl(['create', 'namespace', namespace]);
  });

  after(async () => {
    await running?.stop();
  });

  readyScenarios(platform);
  quietScenarios(platform, 240);
  refusalScenarios(platform);
  disturbanceScenarios(platform);
  azureFaultScenarios(platform);
  failoverScenarios(platform);
  deletionScenarios(platform);
  protectionScenarios(platform);
  orphanScenarios(platform);
  loadScenarios(platform, 50);
});
