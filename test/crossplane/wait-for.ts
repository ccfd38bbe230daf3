import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RunningProcess } from './supervisor.ts';

export interface WaitOptions {
  /** Default 180 000. */
  deadlineMs?: number;
  /** Default 200. */
  intervalMs?: number;
  /** Their last log lines go into the error; when one of them ends, waiting ends too. */
  processes?: readonly RunningProcess[];
}

/** The last `count` lines of a file, or '' when there is none. */
function lastLines(file: string, count: number): string {
  if (!existsSync(file)) return '';
  return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-count).join('\n');
}

/**
 * Calls `probe` until it gives something other than undefined or false, and gives that. What `probe` throws counts as
 * "not yet". Past the deadline, or when one of `processes` has ended, fails with what was waited for, the last answer and
 * the last log lines.
 */
export async function waitFor<T>(
  what: string,
  probe: () => Promise<T | undefined | false> | T | undefined | false,
  options: WaitOptions = {},
): Promise<T> {
  const { deadlineMs = 180_000, intervalMs = 200, processes = [] } = options;
  const deadline = Date.now() + deadlineMs;
  let lastError = '';
  const fail = (why: string): Error => {
    const logs = processes.map(
      ({ name, logFile }) => `--- last lines of ${name} (${logFile})\n${lastLines(logFile, 20)}`,
    );
    return new Error(
      [`waited for ${what}: ${why}`, ...(lastError ? [`last answer: ${lastError}`] : []), ...logs].join('\n'),
    );
  };
  for (;;) {
    try {
      const found = await probe();
      if (found !== undefined && found !== false) return found;
      lastError = '';
    } catch (error) {
      lastError = error instanceof Error ? error.message : String(error);
    }
    const dead = processes.find((each) => each.ended() !== undefined);
    if (dead) throw fail(`${dead.name} ${dead.ended()}`);
    if (Date.now() >= deadline) throw fail(`not there after ${deadlineMs / 1000} s`);
    await sleep(intervalMs);
  }
}
