import { stringify } from 'yaml';

/** One document of a stream, and the comment line that goes before it. */
export interface Document {
  readonly comment?: string;
  readonly object: object;
}

/**
 * YAML documents, each after `---`. Comment lines for the whole stream stand directly on the first document: crossplane CLI v2.5 takes
 * comments that are followed by `---` for an empty object.
 */
export function stream(documents: readonly Document[], heading: readonly string[] = []): string {
  const all = documents.map(({ comment, object }) => `${comment === undefined ? '' : `# ${comment}\n`}${text(object)}`);
  const start = heading.length > 0 ? heading.map((line) => `# ${line}\n`).join('') : '---\n';
  return `${start}${all.join('---\n')}`;
}

/** Strings that YAML 1.1, which kubectl reads, would take for something else are quoted. */
const text = (object: object): string =>
  stringify(object, { lineWidth: 0, compat: 'yaml-1.1', aliasDuplicateObjects: false });
