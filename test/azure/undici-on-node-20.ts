import workerThreads from 'node:worker_threads';
import zlib from 'node:zlib';

/**
 * @kubernetes/client-node 2.0.1 brings undici 8, which is written for Node 22.19 and newer: it names two functions of Node 22 when it is
 * loaded (lib/interceptor/decompress.js, lib/web/cache/cachestorage.js), never called here, and uses Promise.withResolvers. This module,
 * imported before the client, lets it run on Node 20.
 */
const zstd = zlib as { createZstdDecompress?: () => never };
zstd.createZstdDecompress ??= () => {
  throw new Error('zstd needs Node 22.15 or newer');
};

const worker = workerThreads as { markAsUncloneable?: (value: object) => void };
worker.markAsUncloneable ??= () => {};

interface Resolvers {
  promise: Promise<unknown>;
  resolve: (value: unknown) => void;
  reject: (reason: unknown) => void;
}

const promises = Promise as { withResolvers?: () => Resolvers };
promises.withResolvers ??= () => {
  const made: Partial<Resolvers> = {};
  made.promise = new Promise((resolve, reject) => {
    made.resolve = resolve;
    made.reject = reject;
  });
  // The executor above has run: all three are there.
  return made as Resolvers;
};
