/**
 * A script for `node --expose-gc --require`: answers SIGUSR2 with a line `heap <bytes>` of what lives after a full garbage
 * collection. Only what measures a server loads it; the server itself has no such thing.
 */
export const HEAP_REPORT = `
process.on('SIGUSR2', () => {
  for (let round = 0; round < 4; round++) globalThis.gc();
  const { heapUsed, external } = process.memoryUsage();
  process.stdout.write('heap ' + (heapUsed + external) + '\\n');
});
`;
