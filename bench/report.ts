import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { arch, availableParallelism, cpus, release, totalmem, type } from 'node:os';
import { gzipSync } from 'node:zlib';
import { type Recipe, type Recipes, sizeOf } from './servers.ts';
import {
  type Gate,
  handlerOf,
  median,
  medianRatio,
  type Round,
  type Sample,
  type sameServerTwice,
  verdict,
} from './statistics.ts';

export interface Report {
  readonly machine: string;
  readonly recipes: Recipes;
  readonly observed: number;
  readonly requestBytes: number;
  readonly steady: readonly Round[];
  readonly others: Readonly<Record<string, readonly Round[]>>;
  readonly twice: ReturnType<typeof sameServerTwice>;
  readonly gates: readonly Gate[];
  readonly startOf: (recipe: Recipe | undefined) => number;
  readonly memoryOf: (recipe: Recipe) => { readonly idle: number; readonly loaded: number } | undefined;
  /** Of all files in the image of this function; absent where it was not asked for or Node could not be fetched. */
  readonly imageBytes: number | undefined;
  readonly calls: { readonly rounds: number; readonly calls: number };
}

const NAMES: Readonly<Record<string, string>> = {
  ours: 'this function',
  again: 'this function, a second time',
  sdk: 'the same handler on the SDK’s `serve()`',
  floor: 'grpc-js passthrough, reads nothing',
  go: 'Go function on function-sdk-go, same output',
  python: 'Python function on its SDK, same output',
};

/** Machine and versions in one line. */
export function machine(): string {
  const require = createRequire(import.meta.url);
  const version = (name: string): string =>
    `${name} ${JSON.parse(readFileSync(packageFile(require, name), 'utf8')).version}`;
  return [
    `${availableParallelism()} × ${cpus()[0]?.model ?? 'unknown CPU'} (${arch()})`,
    `${(totalmem() / 2 ** 30).toFixed(0)} GiB`,
    `${type()} ${release()}`,
    `Node ${process.versions.node}`,
    version('@grpc/grpc-js'),
    version('@crossplane-org/function-sdk-typescript'),
  ].join(', ');
}

function packageFile(require: NodeJS.Require, name: string): string {
  const folder = require.resolve
    .paths(name)
    ?.find((path) => require('node:fs').existsSync(`${path}/${name}/package.json`));
  return `${folder}/${name}/package.json`;
}

const middle = (rounds: readonly Round[], key: string, field: keyof Sample): number | undefined =>
  medianRatio(rounds, ({ samples }) => samples[key]?.[field]);

const number = (value: number | undefined, digits = 0): string =>
  value === undefined || Number.isNaN(value)
    ? '–'
    : value.toLocaleString('en-US', { maximumFractionDigits: digits, minimumFractionDigits: digits });

function rows(rounds: readonly Round[]): string[] {
  const ratio = (key: string, field: keyof Sample): string =>
    `${number(
      medianRatio(rounds, ({ samples: { [key]: theirs, ours } }) => ours && theirs && theirs[field] / ours[field]),
      2,
    )}`;
  return [
    '| server | p50 µs (×) | CPU µs (×) | p99 at 16, µs | calls/s at 16 (×) |',
    '|---|---:|---:|---:|---:|',
    ...Object.entries(NAMES)
      .filter(([key]) => rounds[0]?.samples[key])
      .map(
        ([key, name]) =>
          `| ${name} | ${number(middle(rounds, key, 'p50'))} (${ratio(key, 'p50')}) | ${number(middle(rounds, key, 'cpu'))} (${ratio(key, 'cpu')}) | ` +
          `${number(middle(rounds, key, 'p99'))} | ${number(middle(rounds, key, 'throughput'))} (${ratio(key, 'throughput')}) |`,
      ),
  ];
}

function gateRows({ gates, twice }: Report): string[] {
  return [
    '| gate | measured | bound | verdict |',
    '|---|---:|---:|---|',
    ...gates.map(
      (gate) =>
        `| ${gate.name} | ${number(gate.measured, 3)} | ${gate.direction} ${gate.bound} | ${twice.trusted ? verdict(gate) : 'inconclusive'} |`,
    ),
  ];
}

function resourceRows({ recipes, startOf, memoryOf }: Report): string[] {
  const sizeless = [recipes.sdkModules, recipes.python];
  const row = (name: string, recipe: Recipe): string => {
    const memory = memoryOf(recipe);
    const size = sizeOf(recipe.file);
    const gzipped = gzipSync(readFileSync(recipe.file)).length;
    const sizes = sizeless.includes(recipe) ? 'its packages' : `${number(size / 1024)} (${number(gzipped / 1024)})`;
    return `| ${name} | ${number(startOf(recipe))} | ${number(memory?.idle)} | ${number(memory?.loaded)} | ${sizes} |`;
  };
  return [
    '| server | start to first answer, ms | RSS idle, MiB | RSS after 10,000 calls, MiB | file, KiB (gzip) |',
    '|---|---:|---:|---:|---:|',
    row('this function, bundle with the image’s flags', recipes.ours),
    row('SDK `serve()`, bundle', recipes.sdkBundle),
    row('SDK `serve()`, node_modules', recipes.sdkModules),
    ...(recipes.go ? [row('Go function', recipes.go)] : []),
    ...(recipes.python ? [row('Python function', recipes.python)] : []),
  ];
}

const handlerLine = (rounds: readonly Round[]): string =>
  `The handler alone, on decoded objects: p50 ${number(median(rounds.map((round) => handlerOf(round, 'p50'))))} µs, CPU ${number(median(rounds.map((round) => handlerOf(round, 'cpu'))))} µs.`;

/** Everything that was measured, in Markdown. */
export function table(report: Report): string {
  return [
    `Machine: ${report.machine}.`,
    '',
    `Steady state over mutual TLS: ${report.observed} observed resources, ${number(report.requestBytes / 1000)} kB per request; ${report.calls.rounds} rounds of ${report.calls.calls} calls. ` +
      `The same server measured twice: p50 ${number(report.twice.p50, 2)}, CPU ${number(report.twice.cpu, 2)}.`,
    '',
    ...rows(report.steady),
    '',
    handlerLine(report.steady),
    '',
    ...gateRows(report),
    '',
    ...resourceRows(report),
    '',
    ...(report.imageBytes === undefined
      ? []
      : [
          `The image of this function holds ${number(report.imageBytes / 2 ** 20)} MiB of files, Node and its libraries among them.`,
          '',
        ]),
    ...Object.entries(report.others).flatMap(([name, rounds]) => [
      `${name[0]?.toUpperCase()}${name.slice(1)}:`,
      '',
      ...rows(rounds),
      '',
    ]),
  ].join('\n');
}

/** docs/performance.md. */
export function document(report: Report): string {
  return `# Performance

Written by \`npm run bench\`. Read the ratios, not the microseconds: the numbers in brackets are multiples of this function,
medians of the ratios within each round, so what slows the whole machine does not count.

![Time and CPU per call](performance.svg)

${table(report)}
## What is measured

- The requests are made from \`examples/active-passive\`: the function is run until nothing changes, and every resource that it
  desires is observed with what Crossplane, the API server and the provider put into it, \`metadata.managedFields\` included.
  grpc-go marshals maps in random order, so every request has its own order of keys.
- A client in a process of its own replays them over one connection per server, as Crossplane does. Servers take turns in
  every round.
- Servers have the environment of a pod, not that of a shell: with \`NODE_EXTRA_CA_CERTS\`, for example, Node 20 reads all root
  certificates before it does anything else.
- This function is started as the image starts it: its flags are read from the \`Dockerfile\`, and V8's compiled code is recorded
  before, as when the image is built.
- CPU is that of all threads of the server, from the kernel (\`/proc/<pid>/task/*/schedstat\`).
- *Serving cost* is a whole call minus the same handler on objects that are decoded already. The latter is what the passthrough
  costs more when it runs the handler for each call, too: as in a server, and in turns with the others.
  Between calls a server reads and decrypts requests, and the handler finds its caches cold: in a loop of its own it took about 0.6 of that time
  (2 × Intel Xeon), and the serving cost would come out at 1.6 of the passthrough instead of 0.9.
- The Go and the Python function copy what they desire from a template, which is less work than rendering it. They are
  \`bench/go\` and \`bench/python\`, and are left out where there is no Go, or no crossplane-function-sdk-python.
- p99 repeats within a factor of two only; no gate depends on it.
- When the same server measured twice differs by more than a tenth, the run repeats, at most three times; then it is
  *inconclusive*, which is neither a pass nor a failure. CI runs \`npm run bench -- --gates\`: the same rounds, starts and calls,
  without what no gate looks at. A run in which a gate fails is repeated once by \`.ci/run\`, and the second decides; both are printed.
`;
}

/** Bars of p50 and CPU per call in the steady state. */
export function chart({ steady }: Report): string {
  const keys = Object.keys(NAMES).filter((key) => key !== 'again' && steady[0]?.samples[key]);
  const fields = [
    ['p50', 'p50'],
    ['cpu', 'CPU'],
  ] as const;
  const largest = Math.max(...keys.flatMap((key) => fields.map(([field]) => middle(steady, key, field) ?? 0)));
  const [left, width, bar, gap] = [330, 420, 16, 18];
  const bars = keys.flatMap((key, index) => {
    const top = 40 + index * (2 * bar + gap);
    return [
      `<text x="${left - 10}" y="${top + bar + 5}" text-anchor="end">${(NAMES[key] ?? '').replaceAll('`', '')}</text>`,
      ...fields.map(([field, label], row) => {
        const value = middle(steady, key, field) ?? 0;
        const length = Math.max(1, (value / largest) * width);
        const y = top + row * bar;
        return (
          `<rect x="${left}" y="${y}" width="${length.toFixed(0)}" height="${bar - 2}" fill="${field === 'p50' ? '#2f6db5' : '#9dbfe6'}"/>` +
          `<text x="${left + length + 6}" y="${y + bar - 4}" font-size="11">${label} ${number(value)} µs</text>`
        );
      }),
    ];
  });
  const height = 50 + keys.length * (2 * bar + gap);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${left + width + 120}" height="${height}" font-family="sans-serif" font-size="13">`,
    `<rect width="100%" height="100%" fill="#ffffff"/>`,
    `<text x="10" y="22" font-weight="bold">Time and CPU per call, steady state over mutual TLS</text>`,
    ...bars,
    '</svg>',
    '',
  ].join('\n');
}
