import { type ChildProcess, fork, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { ReaperMessage } from './reaper.ts';
import { repositoryRoot } from './tools.ts';

export interface RunningProcess {
  readonly name: string;
  readonly pid: number;
  /** Standard output and error, appended over restarts. */
  readonly logFile: string;
  /** A description of how the process ended, undefined while it runs. */
  ended(): string | undefined;
  /** SIGTERM, and SIGKILL to the whole process group when that takes longer than `graceMs` (default 10 s). */
  stop(graceMs?: number): Promise<void>;
}

export interface ProcessOptions {
  env?: NodeJS.ProcessEnv;
  cwd?: string;
}

export interface Supervisor {
  /** Starts a long-running process that cannot outlive this one. Throws when the command cannot be started. */
  start(name: string, command: string, args: readonly string[], options?: ProcessOptions): Promise<RunningProcess>;
  /** The ids of the processes that run now. */
  pids(): number[];
  /** Stops everything that still runs, last started first, with `graceMs` for each (default 10 s). */
  stopAll(graceMs?: number): Promise<void>;
}

const startReaper = async (): Promise<ChildProcess> => {
  const reaper = fork(fileURLToPath(new URL('./reaper.ts', import.meta.url)), {
    cwd: repositoryRoot,
    execArgv: ['--import', 'tsx'],
    // A group of its own: Ctrl-C in a terminal reaches every process of the foreground group.
    detached: true,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  await new Promise<void>((resolve, reject) => {
    reaper.once('message', () => resolve());
    reaper.once('error', reject);
    reaper.once('exit', (code) => reject(new Error(`cannot start the reaper: status ${code}`)));
  });
  // Only what is awaited may keep this process alive.
  reaper.unref();
  reaper.channel?.unref();
  return reaper;
};

/** A supervisor whose processes log to `<logsDir>/<name>.log`. */
export function superviseProcesses(logsDir: string): Supervisor {
  const running: RunningProcess[] = [];
  let starting: Promise<ChildProcess> | undefined;

  const start: Supervisor['start'] = async (name, command, args, options = {}) => {
    starting ??= startReaper();
    const reaper = await starting;
    const tell = (message: ReaperMessage): void => {
      if (reaper.connected) reaper.send(message);
    };
    const logFile = `${logsDir}/${name}.log`;
    const log = openSync(logFile, 'a');
    const child = spawn(command, args, { ...options, detached: true, stdio: ['ignore', log, log] });
    closeSync(log);
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', (error) => reject(new Error(`cannot start ${name}: ${error.message}`)));
    });
    const { pid } = child;
    if (pid === undefined) throw new Error(`cannot start ${name}: no process id`);
    tell({ watch: pid });
    // Only what is awaited may keep this process alive.
    child.unref();

    let end: string | undefined;
    const exit = new Promise<void>((resolve) => {
      child.once('exit', (code, signal) => {
        end = signal ? `was ended by ${signal}` : `exited with status ${code}`;
        running.splice(running.indexOf(handle), 1);
        tell({ forget: pid });
        resolve();
      });
    });
    const handle: RunningProcess = {
      name,
      pid,
      logFile,
      ended: () => end,
      stop: async (graceMs = 10_000) => {
        if (end !== undefined) return;
        child.ref();
        child.kill('SIGTERM');
        const killer = setTimeout(() => process.kill(-pid, 'SIGKILL'), graceMs);
        await exit;
        clearTimeout(killer);
      },
    };
    running.push(handle);
    return handle;
  };

  return {
    start,
    pids: () => running.map((each) => each.pid),
    stopAll: async (graceMs) => {
      for (const each of [...running].reverse()) await each.stop(graceMs);
      const reaper = await starting;
      starting = undefined;
      if (reaper?.connected) reaper.disconnect();
    },
  };
}
