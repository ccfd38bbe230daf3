import { RunFunctionRequest, RunFunctionResponse, Severity } from '@crossplane-org/function-sdk-typescript';
import { runFunction } from '../../src/function.ts';
import { answer, CORE_RECEIVE_LIMIT, subjectOfBytes } from '../../src/server/answer.ts';
import { WireError } from '../../src/wire/wire.ts';
import { oneRegion, request, resource, xr } from '../support/requests.ts';
import { goodRequest } from './calls.ts';

const bytes = (from: RunFunctionRequest): Buffer =>
  Buffer.from(RunFunctionRequest.encode(RunFunctionRequest.fromPartial(from)).finish());
const SECRET = 'hunter2';

it('answers what the handler answers', () => {
  const from = request(xr('namespaced', oneRegion));
  const { bytes: answered, subject, ...rest } = answer(bytes(from), runFunction);
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
  expect(answer(bytes(request(xr('namespaced', {}))), runFunction)).toMatchObject({
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
    (from: RunFunctionRequest) => ({ ...runFunction(from), context: { count: 1n, secret: SECRET } }),
    { error: 'WireError' },
  ],
  [
    'answers more than Crossplane takes',
    (from: RunFunctionRequest) => ({ ...runFunction(from), context: { text: 'x'.repeat(CORE_RECEIVE_LIMIT) } }),
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

it('refuses bytes that are no request', () => {
  expect(() => answer(Buffer.from([0xff]), runFunction)).toThrow(WireError);
});

it('makes a fatal result of a request without a composite', () => {
  expect(answer(Buffer.alloc(0), runFunction)).toMatchObject({ outcome: 'fatal', resources: 0 });
});

it('tells whose call it is, and of unreadable bytes nothing', () => {
  expect(subjectOfBytes(goodRequest())).toEqual({
    kind: 'XPostgreSQLDatabase',
    namespace: 'team-a',
    name: 'orders',
    tag: 'tag',
  });
  expect(subjectOfBytes(Buffer.from([0xff]))).toEqual({});
});
