import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execute, run } from './commands.ts';
import { freePorts } from './free-ports.ts';
import { superviseProcesses } from './supervisor.ts';
import { repositoryRoot } from './tools.ts';
import { waitFor } from './wait-for.ts';

const node = process.execPath;
const sleeper = 'setTimeout(() => {}, 600_000)';
const alive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

describe('processes', () => {
  let logs: string;
  beforeEach(() => {
    logs = mkdtempSync(join(tmpdir(), 'processes-'));
  });
  afterEach(() => {
    rmSync(logs, { recursive: true });
  });

  it('die with a parent that is killed', async () => {
    const abandon = fileURLToPath(new URL('fixtures/abandon.ts', import.meta.url));
    const parent = spawn(node, ['--import', 'tsx', abandon, logs], {
      cwd: repositoryRoot,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = await once(parent.stdout, 'data');
    const pid = Number(line);
    expect(alive(pid)).toBe(true);
    parent.kill('SIGKILL');
    await waitFor('the child to die', () => !alive(pid));
  });

  it('stop in the reverse order of their start, and are gone then', async () => {
    const supervisor = superviseProcesses(logs);
    const report = (name: string): string =>
      `process.on('SIGTERM', () => { console.log('${name}'); process.exit(0) }); console.log('up'); ${sleeper}`;
    const first = await supervisor.start('same-log', node, ['-e', report('first')]);
    const second = await supervisor.start('same-log', node, ['-e', report('second')]);
    expect(supervisor.pids()).toEqual([first.pid, second.pid]);
    await waitFor('both to be up', () => readFileSync(first.logFile, 'utf8') === 'up\nup\n');
    await supervisor.stopAll();
    expect(readFileSync(first.logFile, 'utf8')).toBe('up\nup\nsecond\nfirst\n');
    expect([first.pid, second.pid].filter(alive)).toEqual([]);
    expect(supervisor.pids()).toEqual([]);
    expect(first.ended()).toBe('exited with status 0');
  });

  it('are killed when they ignore SIGTERM', async () => {
    const supervisor = superviseProcesses(logs);
    const stubborn = await supervisor.start('stubborn', node, [
      '-e',
      `process.on('SIGTERM', () => {}); console.log('up'); ${sleeper}`,
    ]);
    await waitFor('it to be up', () => readFileSync(stubborn.logFile, 'utf8') === 'up\n');
    await stubborn.stop(50);
    expect(stubborn.ended()).toBe('was ended by SIGKILL');
    await supervisor.stopAll();
  });

  it('refuses a command that does not exist', async () => {
    await expect(superviseProcesses(logs).start('nothing', '/nonexistent', [])).rejects.toThrow('cannot start nothing');
    await expect(execute('/nonexistent', [])).rejects.toThrow('cannot run /nonexistent');
  });

  it('gives up with the log of a process that has ended', async () => {
    const supervisor = superviseProcesses(logs);
    const broken = await supervisor.start('broken', node, ['-e', 'console.error("no such flag"); process.exit(3)']);
    const waiting = waitFor('something', () => undefined, { processes: [broken] });
    await expect(waiting).rejects.toThrow(/^waited for something: broken exited with status 3(.|\n)*no such flag/);
    await supervisor.stopAll();
  });

  it('gives up at the deadline with the last answer', async () => {
    const probe = (): never => {
      throw new Error('refused');
    };
    const waiting = waitFor('something', probe, { deadlineMs: 1, intervalMs: 2 });
    await expect(waiting).rejects.toThrow('waited for something: not there after 0.001 s\nlast answer: refused');
  });

  it('runs commands with input and reports how they failed', async () => {
    await expect(run('cat', [], { stdin: 'text' })).resolves.toBe('text');
    await expect(run(node, ['-e', 'console.error("why"); process.exit(4)'])).rejects.toThrow(/status 4: why$/);
    await expect(execute(node, ['-e', sleeper], { timeoutMs: 50 })).resolves.toMatchObject({
      code: null,
      stderr: expect.stringContaining('killed after 50 ms'),
    });
  });

  it('finds different free ports', async () => {
    expect(new Set(await freePorts(20)).size).toBe(20);
  });
});
