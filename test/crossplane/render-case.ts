import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, parseAllDocuments, stringify } from 'yaml';
import { execute, type Outcome } from './commands.ts';
import { type RenderedDocument, resourceNameAnnotation, withoutEngineOnly } from './engine-only.ts';
import { repositoryRoot, tool } from './tools.ts';

/** The XRD and the Composition that an XR is rendered with: paths. */
export interface Flavour {
  definition: string;
  composition: string;
}

export interface Engine {
  /** The gRPC target of the function, served without TLS, e.g. `127.0.0.1:9443`. */
  target: string;
  /** Files and folders with the CRDs of the composed kinds. */
  schemas: readonly string[];
}

interface Composition {
  spec: { pipeline: { functionRef: { name: string }; input?: object }[]; [field: string]: unknown };
  [field: string]: unknown;
}

interface Validation {
  summary: { total: number; valid: number };
  resources: { kind: string; name: string; status: string; errors?: { message: string }[] }[];
}

export const documents = (yaml: string): RenderedDocument[] =>
  parseAllDocuments(yaml)
    .map((document) => document.toJS())
    .filter((document) => document !== null);

const title = ({ kind, metadata }: RenderedDocument): string =>
  `${kind} ${metadata?.annotations?.[resourceNameAnnotation] ?? metadata?.name}`;

/** How two documents differ, '' when they do not. Left: the engine's. */
const difference = (actual: RenderedDocument, expected: RenderedDocument): string => {
  try {
    assert.deepStrictEqual(withoutEngineOnly(actual), withoutEngineOnly(expected));
    return '';
  } catch (error) {
    return `${title(actual)}: ${error instanceof Error ? error.message : error}\n`;
  }
};

/** A function of every name that a pipeline calls, all at the one target. */
export const functionsFile = (
  pipeline: readonly { readonly functionRef: { readonly name: string } }[],
  target: string,
): string =>
  pipeline
    .map(({ functionRef: { name } }) =>
      stringify({
        apiVersion: 'pkg.crossplane.io/v1',
        kind: 'Function',
        metadata: {
          name,
          annotations: {
            'render.crossplane.io/runtime': 'Development',
            'render.crossplane.io/runtime-development-target': target,
          },
        },
        // Required by the schema, and never pulled.
        spec: { package: `127.0.0.1:1/${name}:v0.0.0` },
      }),
    )
    .join('---\n');

/** The Composition of the flavour, with the case's own Input in every step when it has one. */
const compositionOf = (directory: string, flavour: Flavour): Composition => {
  const composition: Composition = parse(readFileSync(flavour.composition, 'utf8'));
  const inputFile = join(directory, 'input.yaml');
  if (!existsSync(inputFile)) return composition;
  const input: object = parse(readFileSync(inputFile, 'utf8'));
  const pipeline = composition.spec.pipeline.map((step) => ({ ...step, input }));
  return { ...composition, spec: { ...composition.spec, pipeline } };
};

/** Flags for those of a case's optional files that are there. */
const optionalFiles = (directory: string, flags: Record<string, string>): string[] =>
  Object.entries(flags)
    .map(([flag, name]) => [flag, join(directory, name)] as const)
    .flatMap(([flag, file]) => (existsSync(file) ? [`${flag}=${file}`] : []));

/** `crossplane composition render` of the case in `directory`, by core's own reconciler. */
async function renderWithEngine(directory: string, flavour: Flavour, target: string): Promise<Outcome> {
  const scratch = mkdtempSync(join(tmpdir(), 'render-'));
  try {
    const composition = compositionOf(directory, flavour);
    const compositionFile = join(scratch, 'composition.yaml');
    const functionsYaml = join(scratch, 'functions.yaml');
    writeFileSync(compositionFile, stringify(composition));
    writeFileSync(functionsYaml, functionsFile(composition.spec.pipeline, target));
    return await execute(tool('crossplane'), [
      ...['composition', 'render', join(directory, 'xr.yaml'), compositionFile, functionsYaml],
      ...[`--crossplane-binary=${tool('crossplane-core')}`, `--xrd=${flavour.definition}`, '--include-full-xr'],
      // It waits for a function that does not answer.
      '--timeout=240s',
      ...optionalFiles(directory, {
        '--observed-resources': 'observed.yaml',
        '--function-credentials': 'credentials.yaml',
      }),
    ]);
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

/** `crossplane resource validate` of a YAML stream; every problem as one line, none when all is valid. */
export async function validateWithEngine(yaml: string, schemas: readonly string[]): Promise<string[]> {
  const scratch = mkdtempSync(join(tmpdir(), 'validate-'));
  try {
    const { stdout, stderr } = await execute(
      tool('crossplane'),
      [
        ...['resource', 'validate', schemas.join(','), '-', '--error-on-missing-schemas', '--output=json'],
        // The default is an image to download the schemas of Crossplane's own kinds from.
        ...['--crossplane-image=', `--cache-dir=${scratch}`],
      ],
      { stdin: yaml },
    );
    if (!stdout.startsWith('{')) return [stderr.trim() || 'no answer'];
    const { summary, resources }: Validation = JSON.parse(stdout);
    const problems = resources
      .filter(({ status }) => status !== 'valid')
      .map(({ kind, name, status, errors = [] }) =>
        [`${kind} ${name}: ${status}`, ...errors.map(({ message }) => message)].join(': '),
      );
    const expected = documents(yaml).length;
    // Nothing to validate is a success to the command.
    if (summary.total !== expected) problems.push(`${summary.total} of ${expected} documents were validated`);
    return problems;
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

/** `npm run render` of the case in `directory`. */
export const renderWithOurs = (directory: string): Promise<Outcome> =>
  execute(
    process.execPath,
    [
      ...['--import', 'tsx', '--no-warnings', 'src/cli.ts', 'render', join(directory, 'xr.yaml')],
      ...optionalFiles(directory, {
        '--observed': 'observed.yaml',
        '--function-credentials': 'credentials.yaml',
        '--input': 'input.yaml',
        // The engine takes no earlier state of the XR, so rules about changes are the API server's and ours alone.
        '--old': 'old.yaml',
      }),
    ],
    { cwd: repositoryRoot },
  );

/**
 * Renders the case in `directory` with the real engine. With `expected.yaml` the documents must be the same but for what
 * the engine alone adds, and valid under the real schemas. With `refused.txt` each line of that file must be in what the
 * engine says when it fails, and on the standard error of `ours`, which must fail as well. Fails with what differs.
 */
export async function checkCase(
  directory: string,
  flavour: Flavour,
  engine: Engine,
  ours = renderWithOurs,
): Promise<void> {
  const rendered = await renderWithEngine(directory, flavour, engine.target);
  const schemas = [flavour.definition, ...engine.schemas];
  if (existsSync(join(directory, 'refused.txt'))) {
    const refusals = readFileSync(join(directory, 'refused.txt'), 'utf8').trim().split('\n');
    // The engine does not look at the schema of the XR; where it renders, the refusal has to come from validating.
    const problems = rendered.code === 0 ? await validateWithEngine(rendered.stdout, schemas) : [rendered.stderr];
    assert.notDeepEqual(problems, [], 'the engine renders it, and what it renders is valid');
    const own = await ours(directory);
    assert.notEqual(own.code, 0, 'npm run render accepts it');
    assert.equal(own.stdout, '', 'npm run render prints documents beside its refusal');
    for (const refusal of refusals) {
      assert.ok(
        problems.join('\n').includes(refusal),
        `the engine does not say "${refusal}" but:\n${problems.join('\n')}`,
      );
      assert.ok(own.stderr.includes(refusal), `npm run render does not say "${refusal}" but:\n${own.stderr}`);
    }
    return;
  }
  const expectedFile = join(directory, 'expected.yaml');
  assert.ok(existsSync(expectedFile), `${directory} has neither expected.yaml nor refused.txt`);
  assert.equal(rendered.code, 0, rendered.stderr);
  const actual = documents(rendered.stdout);
  const expected = documents(readFileSync(expectedFile, 'utf8'));
  assert.deepEqual(actual.map(title), expected.map(title), 'the documents or their order differ');
  const differences = actual.map((document, index) => difference(document, expected[index] ?? {}));
  if (differences.some(Boolean)) throw new Error(differences.filter(Boolean).join('\n'));
  const problems = await validateWithEngine(rendered.stdout, schemas);
  if (problems.length > 0) throw new Error(`refused by the schemas:\n${problems.join('\n')}`);
}
