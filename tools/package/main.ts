import { cpSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Bundle, bundleDumps, bundleFailoverCall, bundleServer } from './bundle.ts';
import { buildImage, dockerEngine, stageContext } from './image.ts';
import { hostArchitecture } from './libraries.ts';
import { type Architecture, NODE_VERSION } from './node-binary.ts';
import { buildPackage, configurationContents, crossplaneCli, functionContent, stagePackage } from './packages.ts';
import { type ConfigurationFlavour, readPublishing, repositoryRoot } from './publishing.ts';

const HELP = `Usage: npm run package -- [options]

Builds the Function package with its image, and both Configuration packages, into dist/.

Options:
  --arch LIST      architectures of the image: amd64, arm64 or both with a comma (default: this machine's)
  --base IMAGE     base of the image; the default, scratch, pulls nothing and takes glibc from this machine or Debian
  --skip-image     builds no image; the Function package is without a runtime then, and named so
  --context DIR    also leaves the build context there, one folder for each architecture
  --output DIR     default dist
  --help           this text
`;

const ARCHITECTURES: readonly Architecture[] = ['amd64', 'arm64'];

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      arch: { type: 'string', default: hostArchitecture },
      base: { type: 'string', default: 'scratch' },
      'skip-image': { type: 'boolean', default: false },
      context: { type: 'string' },
      output: { type: 'string', default: join(repositoryRoot, 'dist') },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return;
  }
  crossplaneCli();
  const wanted = values.arch.split(',').map((name) => {
    const architecture = ARCHITECTURES.find((each) => each === name);
    if (architecture === undefined) throw new Error(`--arch: "${name}" is none of ${ARCHITECTURES.join(', ')}`);
    return architecture;
  });
  const { output, base } = values;
  mkdirSync(output, { recursive: true });
  const bundleFile = join(output, 'function.cjs');
  const bundle = await bundleServer(bundleFile);
  report(bundleFile, `one file, ${bundle.packages.length} npm packages inside`);
  const dumpsFile = join(output, 'dumps.cjs');
  const dumps = await bundleDumps(dumpsFile);
  report(dumpsFile, `one file, ${dumps.packages.length} npm packages inside`);
  const callFile = join(output, 'failover.cjs');
  const failoverCall = await bundleFailoverCall(callFile);
  report(callFile, `one file, ${failoverCall.packages.length} npm packages inside`);

  const temporary = mkdtempSync(join(tmpdir(), 'package-'));
  try {
    const built: string[] = [];
    for (const architecture of wanted)
      built.push(
        await packFunction(architecture, {
          base,
          output,
          temporary,
          bundle: { ...bundle, file: bundleFile },
          dumps: { ...dumps, file: dumpsFile },
          failoverCall: { ...failoverCall, file: callFile },
          ...flags(values),
        }),
      );
    const configurations = (['namespaced', 'claims'] as const).map((flavour) =>
      packConfiguration(flavour, output, temporary),
    );
    if (!values['skip-image'] && dockerEngine() !== undefined) tellHowToPush(built, configurations);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

const flags = (values: { readonly 'skip-image': boolean; readonly context?: string | undefined }) => ({
  skipImage: values['skip-image'],
  context: values.context,
});

interface FunctionOptions {
  readonly base: string;
  readonly output: string;
  readonly temporary: string;
  readonly bundle: Bundle & { readonly file: string };
  readonly dumps: Bundle & { readonly file: string };
  readonly failoverCall: Bundle & { readonly file: string };
  readonly skipImage: boolean;
  readonly context: string | undefined;
}

/** Gives the Function package's file. */
async function packFunction(architecture: Architecture, options: FunctionOptions): Promise<string> {
  const { base, output, temporary, bundle, dumps, failoverCall, skipImage } = options;
  const { version } = readPublishing();
  const stem = `function-postgresql-v${version}`;
  const request = { architecture, base, bundle, dumps, failoverCall };
  const context = join(temporary, `context-${architecture}`);
  const engine = skipImage ? undefined : dockerEngine();
  if (!skipImage || options.context !== undefined) await stageContext(request, context);
  if (options.context !== undefined) cpSync(context, join(options.context, architecture), { recursive: true });

  let tarball: string | undefined;
  if (engine !== undefined) {
    tarball = join(output, `image-${architecture}.tar`);
    // A name of its own, because several builds may share the engine.
    const tag = `${stem}-${architecture}-${temporary.slice(-6)}`.replace('-v', ':v');
    buildImage(context, request, { version, tag, tarball });
    report(tarball, `image for linux/${architecture}, Node ${NODE_VERSION} on ${base}, Docker Engine ${engine}`);
  } else if (!skipImage) {
    const root = join(output, `image-root-${architecture}`);
    rmSync(root, { recursive: true, force: true });
    cpSync(join(context, 'root'), root, { recursive: true });
    console.log(`${root}: no Docker Engine answers, so no image was built; this is what its root would hold`);
  }

  const staged = join(temporary, `function-${architecture}`);
  stagePackage(functionContent, staged);
  const file = join(output, `${stem}-${tarball === undefined ? 'without-runtime' : architecture}.xpkg`);
  buildPackage(staged, file, tarball);
  report(file, tarball === undefined ? 'Function WITHOUT a runtime image: not for publishing' : 'Function');
  return file;
}

/** Gives the Configuration package's file. */
function packConfiguration(flavour: ConfigurationFlavour, output: string, temporary: string): string {
  const { version, configurationRepositories } = readPublishing();
  const name = configurationRepositories[flavour].split('/').at(-1);
  const staged = join(temporary, flavour);
  stagePackage(configurationContents[flavour], staged);
  const file = join(output, `${name}-v${version}.xpkg`);
  buildPackage(staged, file);
  report(file, `Configuration, ${flavour}`);
  return file;
}

function report(file: string, what: string): void {
  console.log(`${file}: ${(statSync(file).size / 1024).toFixed(0)} KiB, ${what}`);
}

function tellHowToPush(functions: readonly string[], configurations: readonly string[]): void {
  const { version, functionRepository, configurationRepositories } = readPublishing();
  const [namespaced, claims] = configurations;
  console.log(`
To publish, once logged in to the registry (docker login):
  crossplane xpkg push -f ${functions.join(',')} ${functionRepository}:v${version}
  crossplane xpkg push -f ${namespaced} ${configurationRepositories.namespaced}:v${version}
  crossplane xpkg push -f ${claims} ${configurationRepositories.claims}:v${version}`);
}

main().catch((error: unknown) => {
  console.error(`npm run package: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
});
