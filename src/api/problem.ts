/** One mistake in what a user wrote: where, and one sentence that says which value is wrong and what to do. */
export interface Problem {
  /** Dotted path from the object's root, as `spec.regions.primary.cidr`; a step's input begins with `input`. */
  readonly field: string;
  readonly message: string;
}

/** The problem as one line: `spec.network.ttlSeconds: 0 is too small; choose 1 to 3600`. */
export function problemLine({ field, message }: Problem): string {
  return `${field}: ${message}`;
}

const LONGEST = 60;

/** `value` as it stands in a message: JSON on one line, cut at 60 characters. */
export function quoted(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(cut(value));
  return cut(JSON.stringify(value) ?? 'nothing');
}

function cut(text: string): string {
  const characters = [...text.slice(0, 2 * LONGEST + 2)];
  return characters.length <= LONGEST ? text : `${characters.slice(0, LONGEST - 3).join('')}...`;
}
