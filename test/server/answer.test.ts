import { RunFunctionRequest, RunFunctionResponse, Severity } from '@crossplane-org/function-sdk-typescript';
import { answer as functionAnswer, runFunction } from '../../src/function.ts';
import { answer, CORE_RECEIVE_LIMIT, subjectOfBytes } from '../../src/server/answer.ts';
import { WireError } from '../../src/wire/wire.ts';
import { oneRegion, request, resource, xr } from '../support/requests.ts';
import { goodRequest } from './calls.ts';

const bytes = (from: RunFunctionRequest): Buffer =>
  Buffer.from(RunFunctionRequest.encode(RunFunctionRequest.fromPartial(from)).finish());
const SECRET = 'hunter2';
const run = (from: RunFunctionRequest) => ({ response: runFunction(from) });

it('answers what the handler answers', () => {
  const from = request(xr('namespaced', oneRegion));
  const { bytes: answered, subject, ...rest } = answer(bytes(from), run);
  const expected = RunFunctionResponse.decode(RunFunctionResponse.encode(runFunction(from)).finish());
  expect(RunFunctionResponse.decode(answered)).toEqual(expected);
  expect(rest).toEqual({
    outcome: 'success',
    resources: Object.keys(expected.desired?.resources ?? {}).length,
    fault: undefined,
  });
  expect(subject()).toEqual({ kind: 'XPostgreSQLDatabase', namespace: 'team-a', name: 'orders', tag: 'tag' });
});

it('knows a fatal result', () => {
  expect(answer(bytes(request(xr('namespaced', {}))), run)).toMatchObject({
    outcome: 'fatal',
    fault: undefined,
  });
});

const observedConditions = [
  { type: 'PrimaryReady', status: 'True', reason: 'Available', message: 'the server takes writes' },
];
const withConditions = request(
  { ...xr('namespaced', oneRegion), status: { conditions: observedConditions } },
  { desired: { other: resource({ kind: 'X' }) } },
);

it.each([
  [
    'throws',
    () => {
      throw new TypeError(`cannot read ${SECRET}`);
    },
    { error: 'TypeError' },
  ],
  [
    'answers what cannot be encoded',
    (from: RunFunctionRequest) => ({ response: { ...runFunction(from), context: { count: 1n, secret: SECRET } } }),
    { error: 'WireError' },
  ],
  [
    'answers more than Crossplane takes',
    (from: RunFunctionRequest) => ({
      response: { ...runFunction(from), context: { text: 'x'.repeat(CORE_RECEIVE_LIMIT) } },
    }),
    { error: 'ResponseTooLarge' },
  ],
])('makes a fatal result with TTL 0 and all conditions of a handler that %s', (_, handler, fault) => {
  const result = answer(bytes(withConditions), handler);
  const response = RunFunctionResponse.decode(result.bytes);
  expect(response.results).toEqual([expect.objectContaining({ severity: Severity.SEVERITY_FATAL })]);
  expect(response.meta).toEqual({ tag: 'tag', ttl: { seconds: 0, nanos: 0 } });
  expect(response.conditions.map(({ type, reason }) => `${type} ${reason}`)).toEqual([
    'NetworkReady NotRendered',
    'PrimaryReady Available',
    'ReplicaReady NotRendered',
    'EndpointsReady NotRendered',
    'BackupConfigured NotRendered',
    'FailoverReady NotRendered',
    'FailoverInProgress NotRendered',
    'SplitBrainPossible NotRendered',
  ]);
  expect(result).toMatchObject({ outcome: 'fatal', fault });
  expect(result.subject()).toMatchObject({ name: 'orders' });
  expect(JSON.stringify([response.results, result.fault])).not.toContain(SECRET);
});

it('tells the log what the function itself caught, and whose call it was', () => {
  // A lazy composite whose object ends beyond its bytes: seen by the function only, when it reads it.
  const damaged = Buffer.from([0x0a, 5, 0x0a, 3, ...Buffer.from('tag'), 0x12, 6, 0x0a, 4, 0x0a, 2, 0x0a, 9]);
  const result = answer(damaged, (from) => functionAnswer(from));
  expect(result).toMatchObject({
    outcome: 'fatal',
    fault: { error: 'WireError', stack: expect.stringMatching(/^at /) },
  });
  expect(result.subject()).toEqual({ tag: 'tag' });
  expect(RunFunctionResponse.decode(result.bytes).conditions).toHaveLength(8);
});

it('names whose call it is in as many characters as a name may have', () => {
  const from = request(xr('namespaced', oneRegion));
  const long = bytes({ ...from, meta: { tag: 'x'.repeat(100_000), capabilities: [] } });
  expect(JSON.stringify(subjectOfBytes(long)).length).toBeLessThan(1000);
});

it('refuses bytes that are no request', () => {
  expect(() => answer(Buffer.from([0xff]), run)).toThrow(WireError);
});

it('makes a fatal result of a request without a composite', () => {
  expect(answer(Buffer.alloc(0), run)).toMatchObject({ outcome: 'fatal', resources: 0 });
});

it('tells whose call it is, and of unreadable bytes nothing', () => {
  expect(subjectOfBytes(goodRequest())).toEqual({
    kind: 'XPostgreSQLDatabase',
    namespace: 'team-a',
    name: 'orders',
    tag: 'tag',
  });
  for (const bytes of [[0xff], [], [0x0a, 9]]) expect(subjectOfBytes(Buffer.from(bytes))).toEqual({});
  expect(subjectOfBytes(goodRequest().subarray(0, -1))).toEqual({ tag: 'tag' });
});
