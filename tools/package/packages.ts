import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type ConfigurationFlavour, repositoryRoot } from './publishing.ts';

/** Files of a package root and of its examples, as paths in the repository. */
export interface PackageContent {
  readonly files: readonly string[];
  readonly examples: readonly string[];
}

/** `crossplane xpkg build` takes every YAML file below a root, so each package has its files listed. */
export const functionContent: PackageContent = {
  files: [
    'package/crossplane.yaml',
    'package/input/postgresql.fn.platform.io_inputs.yaml',
    'package/input/postgresql.fn.platform.io_failoveroperations.yaml',
  ],
  examples: [],
};

export const configurationContents: Readonly<Record<ConfigurationFlavour, PackageContent>> = {
  namespaced: {
    files: [
      'crossplane.yaml',
      'apis/xpostgresqldatabases/definition.yaml',
      'compositions/namespaced.yaml',
      'package/namespaced/activation-policy.yaml',
    ],
    examples: ['examples/minimal/xr.yaml', 'examples/active-passive/xr.yaml', 'examples/zone-redundant/xr.yaml'],
  },
  claims: {
    files: [
      'package/claims/crossplane.yaml',
      'apis/claims/definition.yaml',
      'compositions/cluster.yaml',
      'package/claims/activation-policy.yaml',
    ],
    examples: ['examples/claims/claim.yaml'],
  },
};

/** Copies a package's files into `folder`/root and `folder`/examples, which both exist afterwards. */
export function stagePackage({ files, examples }: PackageContent, folder: string): void {
  const [root, examplesRoot] = [join(folder, 'root'), join(folder, 'examples')];
  for (const each of [root, examplesRoot]) mkdirSync(each, { recursive: true });
  for (const file of files) copyFileSync(join(repositoryRoot, file), join(root, basename(file)));
  for (const file of examples)
    copyFileSync(join(repositoryRoot, file), join(examplesRoot, `${basename(dirname(file))}.yaml`));
}

/** The Crossplane CLI: built by tools/build.sh, else the one in PATH. Throws when there is none. */
export function crossplaneCli(): string {
  const built = join(repositoryRoot, 'tools/bin/crossplane');
  if (existsSync(built)) return built;
  try {
    execFileSync('crossplane', ['version', '--client'], { stdio: 'ignore' });
    return 'crossplane';
  } catch {
    throw new Error('no Crossplane CLI: run tools/build.sh (needs Go), or put `crossplane` of v2.3 or newer into PATH');
  }
}

/** Builds a staged package into `output`; `runtimeTarball` is the image to embed. Throws with what its linter says. */
export function buildPackage(folder: string, output: string, runtimeTarball?: string): void {
  const args = [
    'xpkg',
    'build',
    `--package-root=${join(folder, 'root')}`,
    `--examples-root=${join(folder, 'examples')}`,
  ];
  if (runtimeTarball !== undefined) args.push(`--embed-runtime-image-tarball=${runtimeTarball}`);
  execFileSync(crossplaneCli(), [...args, `--package-file=${output}`], { stdio: ['ignore', 'ignore', 'inherit'] });
}
