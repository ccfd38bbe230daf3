import { samples, total } from './metrics.ts';

describe('samples', () => {
  const text = [
    '# HELP calls_total Calls.',
    '# TYPE calls_total counter',
    'calls_total{outcome="success",path="a\\"b,c"} 3',
    'calls_total{outcome="fatal"} 4',
    'up 1.5e+3',
    '',
  ].join('\n');

  it('reads names, labels and values', () => {
    expect(samples(text)).toEqual([
      { name: 'calls_total', labels: { outcome: 'success', path: 'a\\"b,c' }, value: 3 },
      { name: 'calls_total', labels: { outcome: 'fatal' }, value: 4 },
      { name: 'up', labels: {}, value: 1500 },
    ]);
  });

  it('adds up those with the labels asked for', () => {
    expect(total(samples(text), 'calls_total')).toBe(7);
    expect(total(samples(text), 'calls_total', { outcome: 'fatal' })).toBe(4);
    expect(total(samples(text), 'nothing')).toBe(0);
  });
});
