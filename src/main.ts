import { writeSync } from 'node:fs';
import { answer } from './function.ts';
import { CertificateError } from './server/credentials.ts';
import { formatAddress, parseFlags, UsageError } from './server/flags.ts';
import { createLog, errorFields } from './server/log.ts';
import { StartError, startServer } from './server/server.ts';

/** Milliseconds. Kubernetes kills a pod 30 seconds after SIGTERM unless told otherwise. */
const DRAIN_DEADLINE = 20_000;

const EXIT = { failed: 1, usage: 2 };

async function main(): Promise<void> {
  const settings = parseFlags(process.argv.slice(2), process.env);
  if ('help' in settings) {
    process.stdout.write(settings.help);
    return;
  }
  const log = createLog((line) => process.stderr.write(line), settings.debug);
  // Node would print the message and the source line, which may hold values.
  process.on('uncaughtException', (error) => {
    log('error', 'crashed', errorFields(error));
    process.exit(EXIT.failed);
  });
  const server = await startServer(settings, (request) => answer(request, Date.now()), log);
  log('info', 'serving', {
    address: formatAddress({ ...settings.address, port: server.port }),
    tls: settings.tlsCertsDir !== undefined,
    http:
      settings.httpAddress &&
      formatAddress({ ...settings.httpAddress, port: server.httpPort ?? settings.httpAddress.port }),
  });

  let stopping = false;
  const stop = (signal: NodeJS.Signals, number: number): void => {
    // What a shell reports of a process that died of the signal.
    if (stopping) process.exit(128 + number);
    stopping = true;
    log('info', 'stopping', { signal });
    void server.stop(DRAIN_DEADLINE).then((drained) => {
      log(drained ? 'info' : 'error', drained ? 'stopped' : 'stopped with calls unfinished');
      process.exit(drained ? 0 : EXIT.failed);
    });
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}

main().catch((error: unknown) => {
  const expected = error instanceof UsageError || error instanceof StartError || error instanceof CertificateError;
  const message = expected ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error);
  // process.exit does not wait for process.stderr when that is a pipe.
  writeSync(2, `function-postgresql: ${message}\n`);
  process.exit(error instanceof UsageError ? EXIT.usage : EXIT.failed);
});
