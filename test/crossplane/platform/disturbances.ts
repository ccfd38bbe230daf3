import assert from 'node:assert/strict';
import { it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { waitFor } from '../wait-for.ts';
import { example, named, readmeExample } from './documents.ts';
import { serveFatalFunction } from './fatal-function.ts';
import { conditionOf, deletions, keyOf } from './live-object.ts';
import { type Platform, xr } from './platform.ts';
import { composed, replaced, untilServerIsBeingMade, xrOfClaim, xrSettled } from './readiness.ts';

const REFUSAL = 'the function refuses everything for a while';

/** What can happen to the function or the control plane; resolves when it is over. */
interface Disturbance {
  readonly name: string;
  readonly happen: (platform: Platform, composite: string) => Promise<void>;
}

const refused = (platform: Platform, composite: string): Promise<unknown> =>
  waitFor(`${composite} to say that it was refused`, () => {
    const { status, message = '' } = conditionOf(xr(platform.observer, composite), 'Synced') ?? {};
    return status === 'False' && message.includes(REFUSAL);
  });

/** A change that the function does not read, so that Crossplane looks at the XR at once. */
const nudge = async ({ controlPlane, observer }: Platform, composite: string): Promise<void> => {
  const found = xr(observer, composite);
  const group = found?.apiVersion.split('/')[0] ?? '';
  const namespace = found?.metadata.namespace;
  await controlPlane.kubectl([
    ...['annotate', `xpostgresqldatabases.${group}`, composite, `test.platform.io/nudge=${Date.now()}`, '--overwrite'],
    ...(namespace === undefined ? [] : ['-n', namespace]),
  ]);
};

const OF_THE_FUNCTION: readonly Disturbance[] = [
  {
    name: 'is killed and started again',
    happen: async (it, composite) => {
      await it.function.kill();
      await nudge(it, composite);
      await sleep(4_000);
      await it.replaceFunction(it.source);
    },
  },
  {
    name: 'hangs',
    happen: async (it, composite) => {
      await it.function.freeze();
      await nudge(it, composite);
      await sleep(6_000);
      await it.function.thaw();
    },
  },
  {
    name: 'is slow',
    happen: async (it, composite) => {
      it.relay.delay(1_500);
      await nudge(it, composite);
      await sleep(10_000);
      it.relay.delay(0);
    },
  },
  {
    name: 'answers with a fatal result',
    happen: async (it, composite) => {
      const fatal = await serveFatalFunction(it.controlPlane.functionCertsDir, REFUSAL);
      try {
        it.relay.leadTo(fatal.port);
        await nudge(it, composite);
        await refused(it, composite);
        await sleep(3_000);
        assert.ok(fatal.calls() > 0);
      } finally {
        it.relay.leadTo(it.function.port);
        fatal.stop();
      }
    },
  },
];

const OF_THE_CONTROL_PLANE: readonly Disturbance[] = [
  { name: 'Crossplane restarts', happen: ({ controlPlane }) => controlPlane.restartCore() },
  { name: 'the API server restarts', happen: ({ controlPlane }) => controlPlane.restartApiServer() },
];

/** Fails with what was deleted or made again since the observer's change number `begin`. */
export function nothingLost({ observer }: Platform, begin: number): void {
  const since = observer.changes.slice(begin);
  assert.deepEqual(deletions(since), [], 'no composed object was deleted');
  assert.deepEqual(replaced(since), [], 'no composed object was made again');
}

/** Each disturbance in the middle of a creation, with the README's database and a claim in their steady state beside it. */
export function disturbanceScenarios(platform: () => Platform): void {
  const whole = async (it: Platform, disturbance: Disturbance, name: string): Promise<void> => {
    const begin = it.observer.changes.length;
    const steady = [readmeExample().metadata.name, await xrOfClaim(it, example('claims/claim.yaml').metadata.name)];
    const before = steady.flatMap((each) => composed(it, each).map(keyOf));
    const creation = named(example('minimal/xr.yaml'), name);
    await it.apply(creation);
    await untilServerIsBeingMade(it, name);
    const since = Date.now();
    await Promise.all([disturbance.happen(it, name), ...steady.map((each) => nudge(it, each).catch(() => {}))]);
    const over = Date.now();
    await xrSettled(it, name);
    for (const each of steady) {
      await nudge(it, each);
      await xrSettled(it, each);
    }
    nothingLost(it, begin);
    assert.deepEqual(
      steady.flatMap((each) => composed(it, each).map(keyOf)),
      before,
    );
    const seconds = (from: number, to: number): string => ((to - from) / 1000).toFixed(1);
    console.log(
      `${disturbance.name}: for ${seconds(since, over)} s; Ready ${seconds(over, Date.now())} s later; nothing deleted`,
    );
    await it.controlPlane.kubectl(['delete', 'xpg', name, '-n', creation.metadata.namespace ?? '', '--timeout=240s']);
    await waitFor(`${name} to be gone`, () => composed(it, name).length === 0, { deadlineMs: 240_000 });
  };
  for (const [index, disturbance] of OF_THE_FUNCTION.entries())
    it(`loses nothing when the function ${disturbance.name}`, { timeout: 600_000 }, () =>
      whole(platform(), disturbance, `disturbed-${index}`),
    );
  for (const [index, disturbance] of OF_THE_CONTROL_PLANE.entries())
    it(`loses nothing when ${disturbance.name}`, { timeout: 600_000 }, () =>
      whole(platform(), disturbance, `restarted-${index}`),
    );
}
