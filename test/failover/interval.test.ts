import { fileURLToPath } from 'node:url';
import { load } from '../../src/cli/render.ts';
import { request } from '../../src/cli/request.ts';
import { runFunction } from '../../src/function.ts';
import { argumentsOf } from '../golden/case.ts';

const MINUTE = 60_000;
const ended = Date.parse('2026-01-01T01:16:05Z');

/** FailoverReady after a failover that ended then, asked so many minutes later. */
function readyAfter(minutes: number, conditions?: readonly object[]): string {
  const { world } = load(argumentsOf(fileURLToPath(new URL('../cases/failover-stable', import.meta.url))));
  const asked = request(world);
  const xr = asked.observed?.composite?.resource as { status: { conditions: readonly object[] } };
  const found = conditions ?? xr.status.conditions;
  const { conditions: told } = runFunction(
    {
      ...asked,
      observed: {
        resources: asked.observed?.resources ?? {},
        composite: {
          resource: { ...xr, status: { ...xr.status, conditions: found } },
          connectionDetails: {},
          ready: 0,
        },
      },
    },
    ended + minutes * MINUTE,
  );
  const ready = told.find(({ type }) => type === 'FailoverReady');
  return `${ready?.reason}: ${ready?.message}`;
}

describe('the next failover', () => {
  it('waits for the interval since the last one', () => {
    expect(readyAfter(29)).toBe(
      'TooSoon: the last failover ended less than 30 minutes ago (spec.failover.minimumIntervalMinutes)',
    );
    expect(readyAfter(31)).toMatch(/^Ready: /);
  });

  it('waits for it from now on where a status that was lost does not tell when the last one ended', () => {
    expect(readyAfter(31, [])).toMatch(/^TooSoon: it is not known when the last failover ended/);
  });
});
