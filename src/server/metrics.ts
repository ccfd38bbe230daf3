import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** How a call ended. */
export type CallOutcome =
  | 'success'
  | 'fatal'
  /** The bytes were no request. */
  | 'malformed'
  /** Too many calls waited already. */
  | 'refused'
  /** The deadline passed before the answer was there. */
  | 'late'
  /** The client gave up. */
  | 'cancelled';

/** Larger than --max-recv-message-size: refused while it arrives, so it never is a call that waits or runs. */
const OVERSIZED = 'oversized';

const OUTCOMES = ['success', 'fatal', 'malformed', 'refused', 'late', 'cancelled', OVERSIZED] as const;

export interface CallMeasures {
  /** Since the whole request was there. */
  readonly seconds: number;
  readonly requestBytes: number;
  readonly responseBytes?: number;
  readonly resources?: number;
}

export interface Metrics {
  readonly callStarted: () => void;
  readonly callEnded: (outcome: CallOutcome, measures: CallMeasures) => void;
  readonly requestTooLarge: () => void;
  readonly handshakeFailed: () => void;
  readonly certificateExpires: (date: Date) => void;
  /** In Prometheus' text format, with its content type. */
  readonly expose: () => Promise<{ readonly contentType: string; readonly text: string }>;
}

const BYTES = [4, 16, 64, 128, 256, 512, 1024, 2048, 3584, 4096, 16_384].map((kibibytes) => kibibytes * 1024);

/** Metrics of the server and of its process. The only label is the outcome, so their number is fixed. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 20 });
  const calls = new Counter({
    name: 'function_calls_total',
    help: 'RunFunction calls by outcome.',
    labelNames: ['outcome'],
    registers,
  });
  for (const outcome of OUTCOMES) calls.inc({ outcome }, 0);
  const inFlight = new Gauge({ name: 'function_calls_in_flight', help: 'Calls that wait or run.', registers });
  const duration = new Histogram({
    name: 'function_call_duration_seconds',
    help: 'From the end of the request to the answer, waiting included.',
    buckets: [0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5, 30],
    registers,
  });
  const requestBytes = new Histogram({
    name: 'function_request_bytes',
    help: 'Size of requests.',
    buckets: BYTES,
    registers,
  });
  const responseBytes = new Histogram({
    name: 'function_response_bytes',
    help: 'Size of responses; Crossplane takes 4194304.',
    buckets: BYTES,
    registers,
  });
  const resources = new Histogram({
    name: 'function_composed_resources',
    help: 'Composed resources in one response.',
    buckets: [0, 10, 20, 30, 50, 100, 200, 500, 1000],
    registers,
  });
  const handshakes = new Counter({
    name: 'function_tls_handshake_failures_total',
    help: 'Connections refused in the TLS handshake.',
    registers,
  });
  const expires = new Gauge({
    name: 'function_tls_certificate_expiry_timestamp_seconds',
    help: 'When the server certificate in use ends.',
    registers,
  });
  return {
    callStarted: () => inFlight.inc(),
    callEnded(outcome, measures) {
      inFlight.dec();
      calls.inc({ outcome });
      duration.observe(measures.seconds);
      requestBytes.observe(measures.requestBytes);
      if (measures.responseBytes !== undefined) responseBytes.observe(measures.responseBytes);
      if (measures.resources !== undefined) resources.observe(measures.resources);
    },
    requestTooLarge: () => calls.inc({ outcome: OVERSIZED }),
    handshakeFailed: () => handshakes.inc(),
    certificateExpires: (date) => expires.set(date.getTime() / 1000),
    expose: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
  };
}
