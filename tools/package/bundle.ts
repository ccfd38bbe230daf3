import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BuildOptions, build, type Metafile } from 'esbuild';
import { repositoryRoot } from './publishing.ts';

export interface Bundle {
  readonly bytes: number;
  /** The npm packages of which code is in the bundle, sorted by name, with their share in bytes. */
  readonly packages: readonly { readonly name: string; readonly bytes: number }[];
  /** Modules that are asked for at run time: Node's own, and what was left out on purpose. */
  readonly imports: readonly string[];
}

/** Modules of which no line is ever run, so that what asks for them need not find them. */
const LEFT_OUT = [
  // grpc-js loads it for its channelz and ORCA services only (build/src/channelz.js, orca.js); the server registers neither.
  '@grpc/proto-loader',
];

/**
 * Bundles a program into one CommonJS file: CommonJS, because grpc-js is. White space goes, because there is less to read and parse at the
 * start; names stay, because stack traces in logs have to be readable.
 */
export async function bundle(entry: string, outfile: string, more: BuildOptions = {}): Promise<Metafile> {
  const { metafile } = await build({
    absWorkingDir: repositoryRoot,
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: 'node',
    // The oldest Node on which it is run; the image has a newer one.
    target: 'node20',
    format: 'cjs',
    minifyWhitespace: true,
    minifySyntax: true,
    external: LEFT_OUT,
    // The image carries the licences as a file of their own.
    legalComments: 'none',
    logLevel: 'warning',
    ...more,
    metafile: true,
  });
  return metafile;
}

/** The server's entry, from the repository's root. */
export const SERVER = 'src/main.ts';

/** Bundles the server, and tells what is in it. */
export const bundleServer = async (outfile: string): Promise<Bundle> => contentOf(await bundle(SERVER, outfile));

/** A program with Azure's SDK, a file of its own that the server never loads. */
async function bundleWithAzure(entry: string, outfile: string): Promise<Bundle> {
  // msal-node and open ask where they are, which a CommonJS file knows by another name.
  const where = { banner: { js: "const here=require('node:url').pathToFileURL(__filename).href;" } };
  return contentOf(await bundle(entry, outfile, { ...where, define: { 'import.meta.url': 'here' } }));
}

/** Bundles the program that uploads and downloads dumps. */
export const bundleDumps = (outfile: string): Promise<Bundle> => bundleWithAzure('src/dumps/main.ts', outfile);

/** Bundles the program that makes the call of a failover. */
export const bundleFailoverCall = (outfile: string): Promise<Bundle> =>
  bundleWithAzure('src/failover-call/main.ts', outfile);

function contentOf(metafile: Metafile): Bundle {
  const [output] = Object.values(metafile.outputs);
  if (output === undefined || Object.keys(metafile.outputs).length !== 1)
    throw new Error('esbuild: more than one file');
  const shares = new Map<string, number>();
  for (const [input, { bytesInOutput }] of Object.entries(output.inputs)) {
    const name = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(input)?.[1];
    if (name !== undefined && bytesInOutput > 0) shares.set(name, (shares.get(name) ?? 0) + bytesInOutput);
  }
  return {
    bytes: output.bytes,
    packages: [...shares].map(([name, bytes]) => ({ name, bytes })).sort((a, b) => (a.name < b.name ? -1 : 1)),
    imports: [...new Set(output.imports.map(({ path }) => path))].sort(),
  };
}

/** The licence texts of the bundled packages, which their licences want to travel with their code. */
export function thirdPartyLicences(packages: readonly string[]): string {
  return packages
    .map((name) => {
      const folder = join(repositoryRoot, 'node_modules', name);
      const { version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')); // any: two fields of npm's own format
      const files = readdirSync(folder).filter((file) => /^(licen[cs]e|notice)/i.test(file));
      const texts = files.map((file) => readFileSync(join(folder, file), 'utf8').trim());
      return [`${name} ${version}, ${license}`, ...texts].join('\n\n');
    })
    .join(`\n\n${'-'.repeat(80)}\n\n`)
    .concat('\n');
}
