import { drawn } from './cli/draw.ts';
import { run } from './cli/run.ts';

// https://no-color.org: set and not empty.
const colour = process.stdout.isTTY === true && !process.env.NO_COLOR && process.env.TERM !== 'dumb';
const { status, stdout, stderr } = await drawn(run(process.argv.slice(2), colour));
process.stderr.write(stderr);
process.stdout.write(stdout);
process.exitCode = status;
