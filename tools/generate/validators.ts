import { Ajv } from 'ajv';
import standalone from 'ajv/dist/standalone/index.js';

/** ajv's own function for lengths counts code points; the generated file has no import that Node would have to load. */
const LENGTH =
  'const $1 = (text: string): number => { let length = 0; for (const _ of text) length++; return length; };';

/**
 * The schemas as functions, compiled by ajv when files are generated: compiling takes longer than everything else in a process's first call,
 * and ajv would be a fifth of the bundle. Each fills in defaults and leaves all of its errors in `errors`, as ajv's own do.
 */
export function validators(schemas: Readonly<Record<string, object>>): string {
  const ajv = new Ajv({ allErrors: true, messages: false, useDefaults: true, code: { source: true, esm: true } });
  for (const [name, schema] of Object.entries(schemas)) ajv.addSchema(schema, name);
  const names = Object.fromEntries(Object.keys(schemas).map((name) => [name, name]));
  const code = standalone
    .default(ajv, names)
    .replace('"use strict";', '')
    .replaceAll(/const (\w+) = require\("ajv\/dist\/runtime\/ucs2length"\)\.default;/g, LENGTH)
    // Types in the signatures, because their inference makes the compiler analyse bodies that are too large for it (TS2563).
    .replaceAll(/(function validate\d+)\(data, \{[^)]*\)\{/g, (whole) => whole.replace(/\)\{$/, '): boolean {'))
    .replaceAll(/;(?=(const|function|export) )/g, ';\n');
  if (code.includes('require(')) throw new Error('the compiled schemas need a module that nobody replaced');
  return code;
}
