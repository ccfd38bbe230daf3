import type { FailoverRecord } from '../../src/observed/observed.ts';
import { failoverHistory } from '../../src/response/failover-history.ts';
import { facts } from '../support/observed.ts';

const sites = [
  { site: 'primary', region: 'eastus2' },
  { site: 'secondary', region: 'centralus' },
] as const;
const there = { from: 'primary', to: 'secondary' } as const;
const at = (minute: number): string => `2026-01-01T00:${String(minute).padStart(2, '0')}:00Z`;

/** What the function found: the phase that was stored, since when, and what it told of before. */
interface Call {
  readonly phase: string;
  readonly since?: string;
  /** What the plan says now. */
  readonly failover?: { readonly from?: 'primary' | 'secondary'; readonly to?: 'primary' | 'secondary' };
  readonly active?: string;
}

const MOVING = ['Fencing', 'Promoting', 'CuttingOver', 'Validating'];

function call(before: readonly FailoverRecord[], { phase, since, failover = {}, active = 'eastus2' }: Call) {
  const status = MOVING.includes(phase) ? 'True' : 'False';
  const carried = { type: 'FailoverInProgress', status, reason: phase, message: '', lastTransitionTime: since };
  const observed = { ...facts({}, [carried]), failoverHistory: before };
  return failoverHistory({ failover, sites, activeRegion: active }, observed);
}

const run = (calls: readonly Call[], before: readonly FailoverRecord[] = []): readonly FailoverRecord[] =>
  calls.reduce(call, before);

const over: readonly Call[] = [
  { phase: 'Stable', since: at(0), failover: there },
  { phase: 'Fencing', since: at(1), failover: there },
  { phase: 'Fencing', since: at(1), failover: there },
  { phase: 'Promoting', since: at(2), failover: there },
  { phase: 'CuttingOver', since: at(4), failover: there, active: 'centralus' },
];
const done: readonly Call[] = [
  { phase: 'Unprotected', since: at(5), active: 'centralus' },
  { phase: 'Reprotecting', since: at(6), active: 'centralus' },
  { phase: 'Stable', since: at(16), active: 'centralus' },
];
const started = { from: 'eastus2', to: 'centralus', startedAt: at(1) };
const writable = { ...started, writableAt: at(5), secondsToWritable: 240 };
const whole = { ...writable, protectedAt: at(16), secondsToProtected: 900 };

it('begins with the first phase, and each time is known one call later', () => {
  expect(run(over.slice(0, 1))).toEqual([]);
  expect(run(over.slice(0, 2))).toEqual([started]);
  expect(run(over)).toEqual([started]);
  expect(run([...over, ...done.slice(0, 1)])).toEqual([writable]);
  expect(run([...over, ...done.slice(0, 2)])).toEqual([writable]);
  expect(run([...over, ...done])).toEqual([whole]);
});

it('is writable before the probe that looks at it has ended', () => {
  const probe = { phase: 'Validating', since: at(5), failover: there, active: 'centralus' };
  const [unprotected, ...others] = done;
  expect(run([...over, probe])).toEqual([writable]);
  expect(run([...over, probe, { ...(unprotected as Call), since: at(7) }, ...others])).toEqual([whole]);
});

it('does not move once it is whole', () => {
  const later = { phase: 'Stable', since: at(40), active: 'centralus' };
  expect(run([...over, ...done, later, later])).toEqual([whole]);
});

it('keeps both times where the phases between were too short to be stored', () => {
  expect(run([...over, { phase: 'Stable', since: at(7), active: 'centralus' }])).toEqual([
    { ...started, writableAt: at(7), secondsToWritable: 360, protectedAt: at(7), secondsToProtected: 360 },
  ]);
});

it('forgets a failover that was taken back', () => {
  const back: readonly Call[] = [
    { phase: 'Fencing', since: at(1) },
    { phase: 'Stable', since: at(3) },
  ];
  expect(run([...over.slice(0, 3), ...back], [whole])).toEqual([whole]);
});

it('keeps the last three, newest first', () => {
  const kept = [whole, { ...whole, startedAt: at(2) }, { ...whole, startedAt: at(3) }];
  expect(run(over.slice(0, 2), kept)).toEqual([started, ...kept.slice(0, 2)]);
});

it('says nothing of a failover whose beginning nobody saw', () => {
  expect(run([over[4] as Call, ...done])).toEqual([]);
});

it.each(['', undefined])('goes without a time that is not there: %p', (since) => {
  expect(run([{ ...(over[1] as Call), since }])).toEqual([]);
  expect(run([{ phase: 'Stable', since, active: 'centralus' }], [started])).toEqual([started]);
});
