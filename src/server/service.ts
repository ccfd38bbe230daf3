import {
  type handleUnaryCall,
  type ServerUnaryCall,
  type ServiceDefinition,
  type sendUnaryData,
  status,
} from '@grpc/grpc-js';
import { WireError } from '../wire/wire.ts';
import { answer, CORE_RECEIVE_LIMIT, type Handler, subjectOfBytes } from './answer.ts';
import { bytesMethod } from './bytes-method.ts';
import type { Log } from './log.ts';
import type { CallMeasures, CallOutcome, Metrics } from './metrics.ts';
import type { Queue } from './queue.ts';

/** Names of the service, newest first. Crossplane up to v1.16 calls v1beta1 only; the messages are the same. */
export const FUNCTION_SERVICES = [
  'apiextensions.fn.proto.v1.FunctionRunnerService',
  'apiextensions.fn.proto.v1beta1.FunctionRunnerService',
] as const;

export const functionService = (name: string): ServiceDefinition => ({
  runFunction: bytesMethod(`/${name}/RunFunction`),
});

/** From here on a response is worth a warning: 7/8 of what core takes. */
const LARGE_RESPONSE = (CORE_RECEIVE_LIMIT / 8) * 7;

/**
 * The implementation of RunFunction: waits for its turn, leaves out calls that nobody waits for any more, answers, and
 * tells the log and the metrics how it went.
 */
export function runFunctionMethod(
  handler: Handler,
  queue: Queue,
  metrics: Metrics,
  log: Log,
): handleUnaryCall<Buffer, Buffer> {
  return (call, respond) => {
    const arrived = performance.now();
    metrics.callStarted();
    const end = (outcome: CallOutcome, measures?: Pick<CallMeasures, 'responseBytes' | 'resources'>): void =>
      metrics.callEnded(outcome, {
        seconds: (performance.now() - arrived) / 1000,
        requestBytes: call.request.length,
        ...measures,
      });
    const run = (): void => runCall(call, respond, { handler, log, end });
    if (queue.offer(call.request.length, run)) return;
    end('refused');
    log('warn', 'call refused: too many calls wait', () => subjectOfBytes(call.request));
    respond({
      code: status.RESOURCE_EXHAUSTED,
      details: 'too many calls wait; add replicas or lower --max-reconcile-rate',
    });
  };
}

interface CallContext {
  readonly handler: Handler;
  readonly log: Log;
  readonly end: (outcome: CallOutcome, measures?: Pick<CallMeasures, 'responseBytes' | 'resources'>) => void;
}

function runCall(
  call: ServerUnaryCall<Buffer, Buffer>,
  respond: sendUnaryData<Buffer>,
  { handler, log, end }: CallContext,
): void {
  if (call.cancelled) {
    end('cancelled');
    log('debug', 'call left out: the client gave up');
    return;
  }
  if (isLate(call)) {
    end('late');
    log('warn', 'call left out: its deadline passed while it waited', () => subjectOfBytes(call.request));
    respond(LATE);
    return;
  }
  try {
    const { bytes, outcome, resources, subject, fault } = answer(call.request, handler);
    if (isLate(call)) {
      end('late');
      log('warn', 'answer dropped: the deadline of the call passed', subject);
      respond(LATE);
      return;
    }
    respond(null, bytes);
    end(outcome, { responseBytes: bytes.length, resources });
    if (fault) log('error', 'call failed', { ...subject(), ...fault });
    else if (outcome === 'fatal') log('warn', 'call ended with a fatal result', subject);
    else log('debug', 'call answered', subject);
    if (bytes.length >= LARGE_RESPONSE)
      log('warn', 'response nears the size that Crossplane takes', {
        ...subject(),
        bytes: bytes.length,
        limit: CORE_RECEIVE_LIMIT,
      });
  } catch (error) {
    end('malformed');
    // A WireError's message names offsets and fields, never values.
    const details = error instanceof WireError ? error.message : 'the request could not be read';
    log('error', 'call failed: the request could not be read', {
      ...subjectOfBytes(call.request),
      bytes: call.request.length,
      details,
    });
    respond({ code: status.INVALID_ARGUMENT, details });
  }
}

const LATE = { code: status.DEADLINE_EXCEEDED, details: 'Deadline exceeded' };

/** grpc-js ends a late call by a timer, which cannot fire while the event loop is busy with other calls. */
function isLate(call: ServerUnaryCall<Buffer, Buffer>): boolean {
  const deadline = call.getDeadline();
  return Date.now() >= (deadline instanceof Date ? deadline.getTime() : deadline);
}
