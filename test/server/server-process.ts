import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { createInterface } from 'node:readline';
import { HEAP_REPORT } from '../../bench/heap-report.ts';
import { bundle, SERVER } from '../../tools/package/bundle.ts';
import { bundleStart, entrypoint, writeCodeCache } from '../../tools/package/code-cache.ts';

/** The server bundled as the image holds it, with what starts it, in a directory of its own; `remove` deletes it. */
export async function bundleServer(): Promise<{
  readonly file: string;
  readonly directory: string;
  readonly remove: () => void;
}> {
  const directory = mkdtempSync(`${tmpdir()}/function-server-`);
  const file = (name: string): string => `${directory}/${name}`;
  await bundle(SERVER, file('function.cjs'));
  await bundleStart(file('start.cjs'));
  await writeCodeCache(process.execPath, file('function.cjs'), file('function.cache'));
  return { file: file('start.cjs'), directory, remove: () => rmSync(directory, { recursive: true, force: true }) };
}

export interface ServerProcess {
  readonly port: number;
  readonly httpPort: number;
  readonly child: ChildProcess;
  /** Bytes of live heap after a full garbage collection. */
  readonly heap: () => Promise<number>;
  /** Log lines so far, and whatever else came on stderr. */
  readonly lines: string[];
  /** Sends SIGTERM and gives the exit code. */
  readonly stop: () => Promise<number | null>;
}

/** Starts the bundled server on free ports, with the flags and the environment of the image, and waits until it serves. */
export async function startProcess(
  bundled: { readonly file: string; readonly directory: string },
  args: readonly string[],
): Promise<ServerProcess> {
  const report = `${bundled.directory}/heap-report.cjs`;
  writeFileSync(report, HEAP_REPORT);
  const child = spawn(
    process.execPath,
    [
      ...entrypoint().flags,
      '--expose-gc',
      '--require',
      report,
      bundled.file,
      '--address',
      '127.0.0.1:0',
      '--http-address',
      '127.0.0.1:0',
      ...args,
    ],
    { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, NODE_ENV: 'production', MALLOC_ARENA_MAX: '1' } },
  );
  const lines: string[] = [];
  const serving = new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stderr }).on('line', (line) => {
      lines.push(line);
      if (line.includes('"message":"serving"')) resolve(line);
    });
    child.once('exit', (code) => reject(new Error(`exit ${code}: ${lines.join('\n')}`)));
  });
  const reports = createInterface({ input: child.stdout });
  const { address, http } = JSON.parse(await serving);
  return {
    port: Number(address.split(':').at(-1)),
    httpPort: Number(http.split(':').at(-1)),
    child,
    lines,
    async heap() {
      const line = once(reports, 'line');
      child.kill('SIGUSR2');
      return Number(String((await line)[0]).split(' ')[1]);
    },
    async stop() {
      if (child.exitCode !== null) return child.exitCode;
      const exit = once(child, 'exit');
      child.kill('SIGTERM');
      return (await exit)[0];
    },
  };
}
