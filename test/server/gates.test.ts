import { gates, median, quantile, type Round, type Sample, sameServerTwice, verdict } from '../../bench/statistics.ts';

const sample = (parts: Partial<Sample> = {}): Sample => ({ p50: 600, p99: 5000, cpu: 600, throughput: 1500, ...parts });
const round = (samples: Record<string, Sample>): Round => ({ samples });
const good = round({
  ours: sample(),
  again: sample({ p50: 610 }),
  sdk: sample({ p50: 3300, cpu: 3900, throughput: 250 }),
  floor: sample({ p50: 400, cpu: 350, throughput: 2000 }),
  handler: sample({ p50: 700, cpu: 650 }),
  go: sample({ p50: 2000, cpu: 2500 }),
});
const extras = { start: { ours: 100, sdkModules: 200 }, memory: { ours: 110, sdk: 160 }, growth: 1.01 };

const failing = (rounds: Round[], other: Partial<typeof extras> = {}): string[] =>
  gates(rounds, { ...extras, ...other })
    .filter((gate) => verdict(gate) === 'fail')
    .map(({ name }) => name);

it('takes medians and quantiles', () => {
  expect([median([3, 1, 2]), quantile([1, 2, 3, 4], 0.99), quantile([], 0.5)]).toEqual([2, 4, Number.NaN]);
});

it('passes what keeps all bounds', () => {
  expect(failing([good, good, good])).toEqual([]);
});

it('judges the median of the rounds, so one bad round does not count', () => {
  const bad = round({ ...good.samples, ours: sample({ p50: 9000, cpu: 9000, throughput: 10 }) });
  expect(failing([good, bad, good])).toEqual([]);
  expect(failing([bad, bad, good])).toHaveLength(7);
});

it.each([
  ['p50', 1060, 'serving cost, p50, of the SDK’s'],
  ['cpu', 1210, 'serving cost, CPU, of the SDK’s'],
  ['throughput', 690, 'throughput at 16, of the SDK’s'],
  ['cpu', 2501, 'whole call, CPU, of the Go function’s'],
] as const)('fails a %s of %d', (field, value, name) => {
  expect(failing([round({ ...good.samples, ours: sample({ [field]: value }) })])).toContain(name);
});

it.each([
  [{ start: { ours: 121, sdkModules: 200 } }, 'start to first answer, of the SDK’s from node_modules'],
  [{ memory: { ours: 129, sdk: 160 } }, 'memory after 10,000 calls, of the SDK’s bundle'],
  [{ growth: 1.06 }, 'heap after GC, 40,000 calls over 10,000'],
])('fails %j', (other, name) => {
  expect(failing([good], other)).toEqual([name]);
});

it('does not judge what was not measured', () => {
  const { go: _, ...withoutGo } = good.samples;
  const judged = gates([round(withoutGo)], {
    ...extras,
    growth: undefined,
    memory: { ours: undefined, sdk: undefined },
  });
  expect(judged.filter((gate) => verdict(gate) === 'not measured').map(({ name }) => name)).toEqual([
    'whole call, CPU, of the Go function’s',
    'memory after 10,000 calls, of the SDK’s bundle',
    'heap after GC, 40,000 calls over 10,000',
  ]);
});

it('takes off what the handler costs where a server runs it', () => {
  const serving = (samples: Record<string, Sample>) =>
    gates([round(samples)], extras)
      .slice(0, 3)
      .map(({ measured }) => measured);
  expect(serving(good.samples)).toEqual([300 / 3000, 300 / 3600, 300 / 400]);
  const { handler: _, ...without } = good.samples;
  expect(serving(without)).toEqual([Number.NaN, Number.NaN, Number.NaN]);
});

it('trusts a run only when the same server measured twice is the same', () => {
  expect(sameServerTwice([good])).toMatchObject({ trusted: true });
  expect(sameServerTwice([round({ ...good.samples, again: sample({ p50: 700 }) })])).toMatchObject({ trusted: false });
  expect(sameServerTwice([round({ ...good.samples, again: sample({ cpu: 500 }) })])).toMatchObject({ trusted: false });
  expect(sameServerTwice([])).toMatchObject({ trusted: false });
});
