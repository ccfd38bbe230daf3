import { deferMetrics } from '../../src/server/deferred-metrics.ts';

const measures = { seconds: 0.01, requestBytes: 1000, responseBytes: 2000, resources: 20 };

it('counts what happened before the library was loaded, and after', async () => {
  const metrics = deferMetrics();
  metrics.certificateExpires(new Date(1_000_000));
  metrics.handshakeFailed();
  metrics.callStarted();
  metrics.callStarted();
  metrics.callEnded('success', measures);
  const [first, same] = await Promise.all([metrics.expose(), metrics.expose()]);
  expect(same.text).toContain('function_calls_total{outcome="success"} 1\n');
  for (const line of [
    'function_calls_total{outcome="success"} 1',
    'function_calls_in_flight 1',
    'function_call_duration_seconds_count 1',
    'function_composed_resources_sum 20',
    'function_tls_handshake_failures_total 1',
    'function_tls_certificate_expiry_timestamp_seconds 1000',
  ])
    expect(first.text).toContain(`\n${line}\n`);
  metrics.callEnded('fatal', measures);
  const { text } = await metrics.expose();
  expect(text).toContain('\nfunction_calls_total{outcome="fatal"} 1\n');
  expect(text).toContain('\nfunction_calls_in_flight 0\n');
});
