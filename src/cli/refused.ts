/** What was given cannot be rendered: one line for each problem, for stderr. */
export class Refused extends Error {
  readonly lines: readonly string[];

  constructor(lines: readonly string[]) {
    super(lines.join('\n'));
    this.name = 'Refused';
    this.lines = lines;
  }
}
