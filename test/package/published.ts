import { join } from 'node:path';
import { readPublishing } from '../../tools/package/publishing.ts';
import { run } from '../crossplane/commands.ts';
import type { ControlPlane } from '../crossplane/control-plane.ts';
import { repositoryRoot, tool } from '../crossplane/tools.ts';
import type { BuiltPackages } from './build.ts';

const { version: current, functionRepository, configurationRepositories } = readPublishing();

/** The path of a file of examples/install. */
export const install = (name: string, checkout = repositoryRoot): string => join(checkout, 'examples/install', name);

/** What our own packages are published below. */
export const ownPrefix = functionRepository.slice(0, functionRepository.lastIndexOf('/'));

/** Where `registry`, a host and port, has a package of ours: under the path and the tag with which it is published. */
export const publishedAt = (registry: string, repository: string, version = current): string =>
  `${registry}/${repository.slice(repository.indexOf('/') + 1)}:v${version}`;

/** Pushes a package file of ours to `registry`. */
export const push = (file: string, repository: string, registry: string, version = current): Promise<string> =>
  run(tool('crossplane'), ['xpkg', 'push', `--package-files=${file}`, publishedAt(registry, repository, version)]);

/** Pushes the three packages to `registry`. */
export async function pushPackages(built: BuiltPackages, registry: string): Promise<void> {
  await push(built.functionFile, functionRepository, registry, built.version);
  for (const flavour of ['namespaced', 'claims'] as const)
    await push(built.configurations[flavour], configurationRepositories[flavour], registry, built.version);
}

/** The Helm chart's ServiceAccount of Crossplane itself, of which the package runtime takes its image pull secrets. */
export const makeCrossplaneAccount = (kubectl: ControlPlane['kubectl']): Promise<string> =>
  kubectl(['create', 'serviceaccount', 'crossplane', '-n', 'crossplane-system']);
