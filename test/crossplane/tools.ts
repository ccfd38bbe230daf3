import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export type Tool =
  | 'crane'
  | 'crossplane'
  | 'crossplane-core'
  | 'etcd'
  | 'kube-apiserver'
  | 'kube-controller-manager'
  | 'kubectl';

/** The repository's root folder, with a trailing slash. */
export const repositoryRoot = fileURLToPath(new URL('../../', import.meta.url));

const built = (name: string): string => {
  const path = `${repositoryRoot}tools/bin/${name}`;
  if (!existsSync(path)) throw new Error(`${path} is missing: run tools/build.sh first (needs Go)`);
  return path;
};

/** The absolute path of a binary built by `tools/build.sh`. Throws when it has not been built. */
export const tool = (name: Tool): string => built(name);

/** The folder of Crossplane's own `crds` and `webhookconfigurations`, out of core's module. Throws when it is missing. */
export const crossplaneClusterFiles = (): string => built('crossplane-cluster');
