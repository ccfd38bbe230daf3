import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { thirdPartyLicences } from './bundle.ts';
import { bundleStart, writeCodeCache } from './code-cache.ts';
import { copyLibraries, hostArchitecture } from './libraries.ts';
import { type Architecture, fetchNode } from './node-binary.ts';
import { repositoryRoot } from './publishing.ts';

export interface ImageRequest {
  readonly architecture: Architecture;
  /** `scratch`, for which the shared libraries are staged as well, or an image that has them. */
  readonly base: string;
  /** The server, and the programs for dumps and for the call of a failover. */
  readonly bundle: BundleFile;
  readonly dumps: BundleFile;
  readonly failoverCall: BundleFile;
}

interface BundleFile {
  readonly file: string;
  readonly packages: readonly { readonly name: string }[];
}

/** Whether V8's compiled code can be recorded: not for an architecture that this machine does not run. */
export const isCompiled = (architecture: Architecture): boolean => architecture === hostArchitecture;

/** Makes the Docker build context in `folder`, which is empty: Dockerfile and root/, and nothing else. */
export async function stageContext(request: ImageRequest, folder: string): Promise<void> {
  const { architecture, base, bundle, dumps, failoverCall } = request;
  const root = join(folder, 'root');
  const doc = join(root, 'usr/share/doc');
  mkdirSync(join(doc, 'function-postgresql'), { recursive: true });
  copyFileSync(join(repositoryRoot, 'Dockerfile'), join(folder, 'Dockerfile'));
  const node = join(root, 'usr/bin/node');
  fetchNode(architecture, { binary: node, licence: join(doc, 'node/LICENSE') });
  if (base === 'scratch') copyLibraries(architecture, node, root);
  copyFileSync(bundle.file, join(root, 'function.cjs'));
  copyFileSync(dumps.file, join(root, 'dumps.cjs'));
  copyFileSync(failoverCall.file, join(root, 'failover.cjs'));
  await bundleStart(join(root, 'start.cjs'));
  if (isCompiled(architecture)) await writeCodeCache(node, bundle.file, join(root, 'function.cache'));
  copyFileSync(join(repositoryRoot, 'LICENSE'), join(doc, 'function-postgresql/LICENSE'));
  writeFileSync(
    join(doc, 'function-postgresql/THIRD_PARTY_LICENSES'),
    thirdPartyLicences(
      [...new Set([bundle, dumps, failoverCall].flatMap(({ packages }) => packages.map(({ name }) => name)))].sort(),
    ),
  );
  makeReadable(folder);
}

/** Modes that do not depend on the umask here: everybody reads, nobody but the owner writes; programs keep their x. */
function makeReadable(folder: string): void {
  chmodSync(folder, 0o755);
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) makeReadable(path);
    else chmodSync(path, entry.name === 'node' || /^ld-linux|\.so\./.test(entry.name) ? 0o755 : 0o644);
  }
}

/** Version of the Docker Engine that answers; undefined when none does. */
export function dockerEngine(): string | undefined {
  try {
    const version = execFileSync('docker', ['version', '--format', '{{.Server.Version}}'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return version.trim() || undefined;
  } catch {
    return undefined;
  }
}

/** Builds a staged context and writes what `docker save` gives, as `crossplane xpkg build` takes it, to `tarball`. */
export function buildImage(
  context: string,
  { architecture, base }: ImageRequest,
  { version, tag, tarball }: { readonly version: string; readonly tag: string; readonly tarball: string },
): void {
  const args = [
    'build',
    '--quiet',
    // The classic builder takes the cached image of another platform for this one.
    '--no-cache',
    `--platform=linux/${architecture}`,
    `--build-arg=BASE=${base}`,
    `--build-arg=VERSION=v${version}`,
    `--tag=${tag}`,
    context,
  ];
  // What it says on stderr is in the error, if there is one.
  execFileSync('docker', args, { stdio: 'pipe' });
  execFileSync('docker', ['save', '--output', tarball, tag], { stdio: 'pipe' });
  // The tarball is the product; the engine need not keep another copy after each build.
  execFileSync('docker', ['image', 'rm', tag], { stdio: 'pipe' });
}
