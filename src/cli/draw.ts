import { writeFileSync } from 'node:fs';
import { svg } from './graphviz.ts';
import { isFields } from './load.ts';
import type { Run } from './run.ts';

/** Draws the picture that a run asks for, if any, and writes its file. */
export async function drawn(run: Run): Promise<Run> {
  if (!run.picture) return run;
  const { file, dot } = run.picture;
  const picture = await svg(dot);
  try {
    writeFileSync(file, picture);
    return run;
  } catch (error) {
    const code = isFields(error) ? error.code : undefined;
    return { status: 1, stdout: '', stderr: `${file}: cannot be written (${code ?? error})\n` };
  }
}
