export function quantile(values: readonly number[], at: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * at))] ?? Number.NaN;
}

export const median = (values: readonly number[]): number => quantile(values, 0.5);

/** What one server showed in one round, per call in microseconds unless said otherwise. */
export interface Sample {
  readonly p50: number;
  readonly p99: number;
  readonly cpu: number;
  /** Calls per second at concurrency 16. */
  readonly throughput: number;
}

export interface Round {
  readonly samples: Readonly<Record<string, Sample>>;
}

/**
 * The handler alone on decoded objects, in one round: what the passthrough costs more when it runs the handler, too. So it is run as in a
 * server, one call after another with the reading and writing of messages in between; in a loop of its own it finds all caches warm.
 */
export const handlerOf = ({ samples: { handler, floor } }: Round, key: 'p50' | 'cpu'): number =>
  handler && floor ? handler[key] - floor[key] : Number.NaN;

/** The median over the rounds of what `ratio` gives for each; a round without a value does not count. */
export function medianRatio(rounds: readonly Round[], ratio: (round: Round) => number | undefined): number | undefined {
  const ratios = rounds.map(ratio).filter((value) => value !== undefined);
  return ratios.length > 0 ? median(ratios) : undefined;
}

export interface Gate {
  readonly name: string;
  readonly measured: number | undefined;
  readonly bound: number;
  readonly direction: 'at most' | 'at least' | 'below';
}

export type Verdict = 'pass' | 'fail' | 'not measured';

export function verdict({ measured, bound, direction }: Gate): Verdict {
  if (measured === undefined) return 'not measured';
  // NaN passes no gate.
  const holds =
    direction === 'at least' ? measured >= bound : direction === 'at most' ? measured <= bound : measured < bound;
  return holds ? 'pass' : 'fail';
}

export interface Extras {
  /** Milliseconds from start to first answer. */
  readonly start: { readonly ours: number; readonly sdkModules: number };
  /** MiB after 10,000 calls. */
  readonly memory: { readonly ours: number | undefined; readonly sdk: number | undefined };
  /** Memory of ours after 40,000 calls over that after 10,000. */
  readonly growth: number | undefined;
}

/** The gates on the steady state: ratios within each round, so that what slows the whole machine does not count. */
export function gates(rounds: readonly Round[], extras: Extras): Gate[] {
  const of = (ratio: (ours: Sample, other: Sample, round: Round) => number, other: string) =>
    medianRatio(rounds, (round) => {
      const [ours, theirs] = [round.samples.ours, round.samples[other]];
      return ours && theirs && ratio(ours, theirs, round);
    });
  const serving = (key: 'p50' | 'cpu') =>
    of((a, b, round) => (a[key] - handlerOf(round, key)) / (b[key] - handlerOf(round, key)), 'sdk');
  return [
    { name: 'serving cost, p50, of the SDK’s', measured: serving('p50'), bound: 0.25, direction: 'at most' },
    { name: 'serving cost, CPU, of the SDK’s', measured: serving('cpu'), bound: 0.25, direction: 'at most' },
    {
      name: 'serving cost, p50, of the grpc-js passthrough',
      measured: of((a, b, round) => (a.p50 - handlerOf(round, 'p50')) / b.p50, 'floor'),
      bound: 1.5,
      direction: 'at most',
    },
    {
      name: 'whole call, p50, of the SDK’s',
      measured: of((a, b) => a.p50 / b.p50, 'sdk'),
      bound: 0.35,
      direction: 'at most',
    },
    {
      name: 'whole call, CPU, of the SDK’s',
      measured: of((a, b) => a.cpu / b.cpu, 'sdk'),
      bound: 0.35,
      direction: 'at most',
    },
    {
      name: 'whole call, CPU, of the Go function’s',
      measured: of((a, b) => a.cpu / b.cpu, 'go'),
      bound: 1,
      direction: 'below',
    },
    {
      name: 'throughput at 16, of the SDK’s',
      measured: of((a, b) => a.throughput / b.throughput, 'sdk'),
      bound: 2.8,
      direction: 'at least',
    },
    {
      name: 'start to first answer, of the SDK’s from node_modules',
      measured: extras.start.ours / extras.start.sdkModules,
      bound: 0.6,
      direction: 'at most',
    },
    {
      name: 'memory after 10,000 calls, of the SDK’s bundle',
      measured:
        extras.memory.ours !== undefined && extras.memory.sdk !== undefined
          ? extras.memory.ours / extras.memory.sdk
          : undefined,
      bound: 0.8,
      direction: 'at most',
    },
    { name: 'heap after GC, 40,000 calls over 10,000', measured: extras.growth, bound: 1.05, direction: 'at most' },
  ];
}

/** The same server measured twice: p50 and CPU of the one over the other. Beyond 0.9 to 1.1 nothing else can be told. */
export function sameServerTwice(rounds: readonly Round[]): {
  readonly p50: number;
  readonly cpu: number;
  readonly trusted: boolean;
} {
  const ratio = (key: 'p50' | 'cpu') =>
    medianRatio(rounds, ({ samples: { ours, again } }) => ours && again && ours[key] / again[key]) ?? Number.NaN;
  const [p50, cpu] = [ratio('p50'), ratio('cpu')];
  return { p50, cpu, trusted: [p50, cpu].every((value) => value >= 0.9 && value <= 1.1) };
}
