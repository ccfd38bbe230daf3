import type { Metrics } from './metrics.ts';

export interface DeferredMetrics extends Metrics {
  /** Loads them now; what happens before that is kept in memory. */
  readonly load: () => Promise<Metrics>;
}

/**
 * Metrics whose library is loaded when they are told to, or first asked for: the first call should not wait for it. What happens before
 * that is told to them then, so no count is lost.
 */
export function deferMetrics(): DeferredMetrics {
  let metrics: Metrics | undefined;
  const early: ((metrics: Metrics) => void)[] = [];
  const load = async (): Promise<Metrics> => {
    const { createMetrics } = await import('./metrics.ts');
    if (metrics === undefined) {
      metrics = createMetrics();
      for (const event of early.splice(0)) event(metrics);
    }
    return metrics;
  };
  const tell = (event: (metrics: Metrics) => void): void => {
    if (metrics === undefined) early.push(event);
    else event(metrics);
  };
  return {
    load,
    callStarted: () => tell((to) => to.callStarted()),
    callEnded: (outcome, measures) => tell((to) => to.callEnded(outcome, measures)),
    requestTooLarge: () => tell((to) => to.requestTooLarge()),
    handshakeFailed: () => tell((to) => to.handshakeFailed()),
    certificateExpires: (date) => tell((to) => to.certificateExpires(date)),
    expose: async () => (await load()).expose(),
  };
}
