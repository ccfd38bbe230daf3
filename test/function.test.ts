import { runFunction } from '../src/function.ts';
import { oneRegion, request, xr } from './support/requests.ts';

it.each([
  ['an error', new TypeError('hunter2\n    at hunter2'), /^function: failed with TypeError at /],
  ['something that is no error', 'hunter2', /^function: failed with string; nothing was changed/],
])('%s that nobody expected is told by class and place, never by its words', (_, thrown, sentence) => {
  const broken = request(xr('namespaced', oneRegion));
  Object.defineProperty(broken.observed, 'resources', {
    get: () => {
      throw thrown;
    },
  });
  const { results } = runFunction(broken);
  expect(results.map(({ severity, message }) => `${severity} ${message}`)).toEqual([
    expect.stringMatching(new RegExp(`^1 ${sentence.source.slice(1)}`)),
  ]);
  expect(JSON.stringify(results)).not.toContain('hunter2');
});
