import { createLog, errorFields } from '../../src/server/log.ts';

it('writes one line of JSON per message, debug only when asked for', () => {
  for (const debug of [false, true]) {
    const lines: string[] = [];
    const log = createLog((line) => lines.push(line), debug);
    log('debug', 'a');
    log('warn', 'two\nlines', { name: 'orders', missing: undefined });
    expect(lines.map((line) => line.endsWith('\n') && JSON.parse(line))).toEqual([
      ...(debug ? [{ time: expect.any(String), level: 'debug', message: 'a' }] : []),
      { time: expect.any(String), level: 'warn', message: 'two\nlines', name: 'orders' },
    ]);
    expect(lines.join('').split('\n')).toHaveLength(lines.length + 1);
  }
});

it('tells class, code and place of an error, never its message', () => {
  const error = Object.assign(new RangeError('secret\n    secret too'), { code: 'ERR_X' });
  const fields = errorFields(error);
  expect(fields).toEqual({ error: 'RangeError', code: 'ERR_X', stack: expect.stringMatching(/^at .*log\.test\.ts/) });
  expect(JSON.stringify(fields)).not.toContain('secret');
  expect(errorFields('secret')).toEqual({ error: 'string' });
});
