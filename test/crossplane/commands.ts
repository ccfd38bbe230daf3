import { execFile } from 'node:child_process';

export interface Outcome {
  /** The exit status; null when the command was killed by a signal or its deadline. */
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface CommandOptions {
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  stdin?: string;
  /** Default 300 000. */
  timeoutMs?: number;
}

/** Runs a command to its end. Fails only when it cannot be started; see `code` for the rest. */
export function execute(command: string, args: readonly string[], options: CommandOptions = {}): Promise<Outcome> {
  const { stdin = '', timeoutMs = 300_000, ...rest } = options;
  return new Promise((resolve, reject) => {
    const child = execFile(
      command,
      args,
      { ...rest, timeout: timeoutMs, killSignal: 'SIGKILL', maxBuffer: 256 * 1024 * 1024 },
      (error, stdout, stderr) => {
        if (error && typeof error.code === 'string') {
          reject(new Error(`cannot run ${command}: ${error.message}`));
          return;
        }
        const late = error?.killed ? `\nkilled after ${timeoutMs} ms` : '';
        resolve({ code: child.exitCode, stdout, stderr: stderr + late });
      },
    );
    // EPIPE: a command that does not read its input has closed it; its status tells the rest.
    child.stdin?.on('error', () => {});
    child.stdin?.end(stdin);
  });
}

/** Runs a command to its end and gives its standard output. Fails with its standard error when the status is not 0. */
export async function run(command: string, args: readonly string[], options?: CommandOptions): Promise<string> {
  const { code, stdout, stderr } = await execute(command, args, options);
  if (code !== 0) throw new Error(`${command} ${args.join(' ')}: status ${code}: ${stderr.trim() || stdout.trim()}`);
  return stdout;
}
