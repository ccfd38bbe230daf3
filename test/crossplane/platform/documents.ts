import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { repositoryRoot } from '../tools.ts';

/** A manifest as far as scenarios change it. */
export interface Document {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly [field: string]: unknown };
  readonly spec: Readonly<Record<string, unknown>>;
}

const read = (path: string): string => readFileSync(join(repositoryRoot, path), 'utf8');

/** The XR that the README shows. Throws when it shows none. */
export function readmeExample(): Document {
  const text = /```yaml\n([\s\S]*?)```/.exec(read('README.md'))?.[1];
  if (text === undefined) throw new Error('README.md has no YAML block');
  return parse(text);
}

export const example = (path: string): Document => parse(read(`examples/${path}`));

/** The same database under another name. */
export const named = (document: Document, name: string): Document => ({
  ...document,
  metadata: { ...document.metadata, name },
});
