export interface QueueLimits {
  /** Calls that may wait. */
  readonly calls: number;
  /** Bytes of requests that may wait. */
  readonly bytes: number;
}

export interface Queue {
  /** Runs `job` at once or in its turn; false, and nothing is run, when too much waits already. `job` must not throw. */
  offer(bytes: number, job: () => void): boolean;
}

/**
 * Runs one job per turn of the event loop, in the order they came. Between two jobs Node reads its sockets, so cancelled
 * calls, deadlines, pings and health checks are seen before the next job starts, however many wait.
 */
export function createQueue(limits: QueueLimits): Queue {
  const waiting: { readonly bytes: number; readonly job: () => void }[] = [];
  let waitingBytes = 0;
  let scheduled = false;

  const turn = (): void => {
    const next = waiting.shift();
    if (next === undefined) {
      scheduled = false;
      return;
    }
    setImmediate(turn);
    waitingBytes -= next.bytes;
    next.job();
  };

  return {
    offer(bytes, job) {
      if (!scheduled) {
        // Nothing ran in this turn of the loop yet: no need to wait.
        scheduled = true;
        setImmediate(turn);
        job();
        return true;
      }
      if (waiting.length >= limits.calls || waitingBytes + bytes > limits.bytes) return false;
      waiting.push({ bytes, job });
      waitingBytes += bytes;
      return true;
    },
  };
}
