import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

/** The repository's root folder, with a trailing slash. */
export const repositoryRoot = fileURLToPath(new URL('../../', import.meta.url));

export type ConfigurationFlavour = 'namespaced' | 'claims';

/** Where the packages are published, and under which tag. */
export interface Publishing {
  /** With its version, e.g. `0.1.0`; tags are `v<version>`. */
  readonly version: string;
  /** OCI repository of the Function package, without a tag. */
  readonly functionRepository: string;
  /** Name of the Function object, which is the functionRef.name of Compositions. */
  readonly functionName: string;
  /** OCI repositories of the Configuration packages, without a tag. */
  readonly configurationRepositories: Readonly<Record<ConfigurationFlavour, string>>;
}

interface PublishFile {
  readonly registry: string;
  readonly function: string;
  readonly configurations: Readonly<Record<ConfigurationFlavour, string>>;
}

/** Reads package/publish.yaml and the version of package.json of a checkout, given as its root folder with a trailing slash. */
export function readPublishing(checkout = repositoryRoot): Publishing {
  // Both are ours, and the tests compare every field with where it is used.
  const file = parse(readFileSync(`${checkout}package/publish.yaml`, 'utf8')) as PublishFile;
  const { version } = JSON.parse(readFileSync(`${checkout}package.json`, 'utf8')) as { version: string };
  const functionRepository = `${file.registry}/${file.function}`;
  return {
    version,
    functionRepository,
    functionName: packageName(functionRepository),
    configurationRepositories: {
      namespaced: `${file.registry}/${file.configurations.namespaced}`,
      claims: `${file.registry}/${file.configurations.claims}`,
    },
  };
}

/**
 * The name that Crossplane gives to the object of a package that it installs as a dependency: the repository's path without
 * the registry's host (crossplane-runtime pkg/xpkg/name.go ToDNSLabel): at most 63 of a-z, 0-9 and hyphen; capitals go.
 */
export function packageName(repository: string): string {
  return repository
    .slice(repository.indexOf('/') + 1)
    .slice(0, 63)
    .replaceAll(/[/.:-]/g, '-')
    .replaceAll(/[^a-z0-9-]/g, '')
    .replaceAll(/^-+|-+$/g, '');
}
