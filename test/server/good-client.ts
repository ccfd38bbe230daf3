import type { Target } from './attacks.ts';
import { callFunction, clientCredentials, connect } from './calls.ts';

export interface GoodClient {
  /** Ends it and gives how many calls it made, and what went wrong with any of them. */
  readonly stop: () => Promise<{ readonly calls: number; readonly failures: readonly unknown[] }>;
}

/** A client that is let in and behaves: one call after the other until it is stopped. */
export function keepCalling(target: Target): GoodClient {
  const client = connect(target.port, clientCredentials(target.certificates.client));
  let stopped = false;
  let calls = 0;
  const failures: unknown[] = [];
  const running = (async () => {
    while (!stopped || calls === 0) {
      const response = await callFunction(client, undefined, { deadline: 20_000 }).catch((error: unknown) => {
        failures.push(error);
      });
      if (response?.results.length) failures.push(response.results);
      calls++;
    }
    client.close();
  })();
  return {
    async stop() {
      stopped = true;
      await running;
      return { calls, failures };
    },
  };
}
