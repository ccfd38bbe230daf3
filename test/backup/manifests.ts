import { readFileSync } from 'node:fs';
import { parse, parseAllDocuments } from 'yaml';
import { run } from '../../src/cli/run.ts';
import { repositoryRoot } from '../crossplane/tools.ts';

/** A container of a composed CronJob or of the example Job, as far as it is run here. */
export interface Container {
  readonly command: readonly string[];
  readonly env: readonly { readonly name: string; readonly value?: string }[];
}

interface PodTemplate {
  readonly spec: { readonly initContainers: readonly Container[]; readonly containers: readonly Container[] };
}

const both = ({ spec }: PodTemplate): readonly [Container, Container] => {
  const [first] = spec.initContainers;
  const [second] = spec.containers;
  if (!first || !second) throw new Error('the pod has not the two containers that it should have');
  return [first, second];
};

/** What the CronJob of an XR runs: the dump, then the upload. */
export function cronJobContainers(xr: string): readonly [Container, Container] {
  const { status, stdout, stderr } = run(['render', xr, '--until-ready'], false);
  if (status !== 0) throw new Error(stderr);
  const job = parseAllDocuments(stdout)
    .map((document) => document.toJS())
    .find(({ kind }) => kind === 'CronJob');
  return both(job.spec.jobTemplate.spec.template);
}

/** What the Job of examples/restore runs: the download, then the restore. */
export const restoreContainers = (): readonly [Container, Container] =>
  both(parse(readFileSync(`${repositoryRoot}examples/restore/job.yaml`, 'utf8')).spec.template);

/** The environment of a container; what is taken from Secrets is left to the caller. */
export const environment = ({ env }: Container): Record<string, string> =>
  Object.fromEntries(env.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value]])));
