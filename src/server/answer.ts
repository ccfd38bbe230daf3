import { BinaryReader } from '@bufbuild/protobuf/wire';
import type { RunFunctionRequest, RunFunctionResponse } from '@crossplane-org/function-sdk-typescript';
import { type Condition, observe } from '../observed/observed.ts';
import { fatal } from '../response/build.ts';
import { carriedConditions } from '../response/conditions.ts';
import { decodeRequest, encodeResponse, pick } from '../wire/wire.ts';
import { errorFields, type Fields } from './log.ts';

/** crossplane core v2.3.4 internal/xfn/function_runner.go sets no call options, so grpc-go's default holds: 4 MiB. */
export const CORE_RECEIVE_LIMIT = 4 * 1024 * 1024;

/** Answers a request. One that answers although something was thrown gives that too, for the log. */
export type Handler = (request: RunFunctionRequest) => {
  readonly response: RunFunctionResponse;
  readonly thrown?: unknown;
};

export interface Answer {
  readonly bytes: Buffer;
  readonly outcome: 'success' | 'fatal';
  /** Composed resources in the response, those of earlier pipeline steps included. */
  readonly resources: number;
  /** Whose call it was; only the log asks. */
  readonly subject: () => Fields;
  /** What broke, when the handler or the encoder threw, or the handler gave what was thrown. */
  readonly fault: Fields | undefined;
}

/**
 * Answers the bytes of a request with the bytes of a response. Whatever goes wrong once the request is read is a fatal
 * result: a gRPC error would leave the XR without its conditions, and a smaller success would delete what it lacks.
 * Throws a WireError only, for bytes that are no request.
 */
export function answer(bytes: Buffer, handler: Handler): Answer {
  const request = decodeRequest(bytes);
  const subject = (): Fields => subjectOf(request);
  let response: RunFunctionResponse;
  let thrown: unknown;
  let encoded: Buffer;
  try {
    ({ response, thrown } = handler(request));
    encoded = encodeResponse(response);
  } catch (error) {
    const fault = errorFields(error);
    return {
      ...failed(request, `failed with ${fault.error}; nothing was changed; report it with the log of the function`),
      subject,
      fault,
    };
  }
  if (encoded.length > CORE_RECEIVE_LIMIT) {
    const message = `the response has ${encoded.length} bytes, and Crossplane takes ${CORE_RECEIVE_LIMIT}; compose fewer resources in one XR`;
    return { ...failed(request, message), subject, fault: { error: 'ResponseTooLarge', bytes: encoded.length } };
  }
  return {
    bytes: encoded,
    // 1 is SEVERITY_FATAL of run_function.proto.
    outcome: response.results.some(({ severity }) => severity === 1) ? 'fatal' : 'success',
    resources: Object.keys(response.desired?.resources ?? {}).length,
    subject,
    fault: thrown === undefined ? undefined : errorFields(thrown),
  };
}

/** Without desired state and context: core drops both after a fatal result, and they may be what cannot be encoded. */
function failed(request: RunFunctionRequest, message: string): Pick<Answer, 'bytes' | 'outcome' | 'resources'> {
  const response = fatal(request, `function: ${message}`, carriedConditions(conditionsOf(request)));
  return {
    bytes: encodeResponse({ ...response, desired: undefined, context: undefined }),
    outcome: 'fatal',
    resources: 0,
  };
}

function conditionsOf(request: RunFunctionRequest): readonly Condition[] {
  try {
    return observe({ ...request, observed: { composite: request.observed?.composite, resources: {} } }).conditions;
  } catch {
    return [];
  }
}

const SUBJECT = { kind: true, metadata: { name: true, namespace: true } } as const;

function subjectOf(request: RunFunctionRequest): Fields {
  const tag = text(request.meta?.tag);
  try {
    const composite = request.observed?.composite;
    const { kind, metadata } = composite ? pick(composite, SUBJECT) : {};
    const { name, namespace } =
      typeof metadata === 'object' && metadata !== null ? { name: undefined, namespace: undefined, ...metadata } : {};
    return { kind: text(kind), namespace: text(namespace), name: text(name), tag };
  } catch {
    return { tag };
  }
}

/** No name in Kubernetes is longer; a log line should not be, whatever a client sends. */
const MAX_NAME = 253;

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value.slice(0, MAX_NAME) : undefined);

/** Whose call the bytes of a request are, for calls that are not answered: of bytes that are no request the tag, if it comes first. Never throws. */
export function subjectOfBytes(bytes: Buffer): Fields {
  for (const part of [() => bytes, () => metaOf(bytes)]) {
    try {
      return subjectOf(decodeRequest(part()));
    } catch {
      // The next one may do.
    }
  }
  return {};
}

/** The first field, which is the meta of a request: protobuf-go writes fields in the order of their numbers. */
function metaOf(bytes: Buffer): Buffer {
  const reader = new BinaryReader(bytes);
  reader.tag();
  const length = reader.uint32();
  return bytes.subarray(0, reader.pos + length);
}
