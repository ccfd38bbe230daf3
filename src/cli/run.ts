import { readArguments } from './arguments.ts';
import { Refused } from './refused.ts';
import { render, topology } from './render.ts';

/** What a run of the command gives: nothing is written yet. */
export interface Run {
  /** 0 done, 1 the input is refused, 2 wrong usage. */
  readonly status: 0 | 1 | 2;
  readonly stdout: string;
  readonly stderr: string;
  readonly picture?: Picture;
}

/** A picture that is asked for: DOT text, and the file for the SVG that is drawn from it. */
export interface Picture {
  readonly file: string;
  readonly dot: string;
}

/** Runs the command on its words, as `render xr.yaml --explain`. stdout is empty unless the status is 0. */
export function run(words: readonly string[], colour: boolean): Run {
  const read = readArguments(words);
  if ('help' in read) return { status: 0, stdout: read.help, stderr: '' };
  if ('wrong' in read) return { status: 2, stdout: '', stderr: `${read.wrong}\n` };
  const { diagram, explain } = read.render;
  try {
    return diagram === undefined
      ? { status: 0, stdout: render(read.render, colour), stderr: '' }
      : {
          status: 0,
          stdout: explain ? render(read.render, colour) : '',
          stderr: '',
          picture: { file: diagram, dot: topology(read.render) },
        };
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return {
      status: 1,
      stdout: '',
      stderr: error.lines.map((line) => `${line.replaceAll(/\s*\n\s*/g, ' ')}\n`).join(''),
    };
  }
}
