import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { Script } from 'node:vm';

type Program = (
  exports: object,
  require: NodeJS.Require,
  module: { readonly exports: object },
  file: string,
  folder: string,
) => void;

/**
 * A CommonJS file as a script, with what V8 compiled of it earlier. V8 checks that this is of the same version, flags and length of source,
 * and otherwise compiles as it always does: what does not fit costs time and nothing else.
 */
export function compile(file: string, cached: Buffer | undefined): Script {
  const source = `(function (exports, require, module, __filename, __dirname) {${readFileSync(file, 'utf8')}\n})`;
  return new Script(source, { filename: file, ...(cached && { cachedData: cached }) });
}

/** Runs the script of a CommonJS file as Node would run the file. */
export function run(script: Script, file: string): void {
  // The script is one expression, the function that `compile` puts around the file.
  const program = script.runInThisContext() as Program;
  const module = { exports: {} };
  program(module.exports, createRequire(file), module, file, dirname(file));
}
