import type {
  Ready,
  Resource,
  Result,
  RunFunctionRequest,
  RunFunctionResponse,
  Severity,
  Status,
  Target,
  Condition as WireCondition,
} from '@crossplane-org/function-sdk-typescript';
import type { Manifest } from '../azure/flavour.ts';
import type { OurCondition } from './conditions.ts';
import type { Event } from './events.ts';

// Values of run_function.proto. The SDK's enums would load all of the SDK into the server.
const READY = { unspecified: 0 as Ready, true: 1 as Ready, false: 2 as Ready };
const SEVERITY = { Fatal: 1 as Severity, Warning: 2 as Severity, Normal: 3 as Severity };
const STATUS = { Unknown: 1 as Status, True: 2 as Status, False: 3 as Status };
const COMPOSITE_AND_CLAIM = 2 as Target;

export interface DesiredResource {
  readonly key: string;
  readonly manifest: Manifest;
  readonly ready: boolean;
}

export interface Outcome {
  readonly resources: readonly DesiredResource[];
  readonly status: object;
  /** Whether applications can write through the write endpoint. */
  readonly ready: boolean;
  readonly connection: Readonly<Record<string, string>>;
  readonly conditions: readonly OurCondition[];
  readonly events: readonly Event[];
  /** Seconds after which Crossplane should ask again even if nothing happens. */
  readonly ttlSeconds: number;
}

/** Adds our part to what earlier pipeline steps desired, which is passed on as it came. */
export function success(request: RunFunctionRequest, outcome: Outcome): RunFunctionResponse {
  const before = request.desired?.composite;
  const resources: Record<string, Resource> = { ...request.desired?.resources };
  for (const { key, manifest, ready } of outcome.resources)
    resources[key] = { resource: manifest, connectionDetails: {}, ready: ready ? READY.true : READY.false };
  const xr = request.observed?.composite?.resource;
  return {
    meta: { tag: request.meta?.tag ?? '', ttl: { seconds: outcome.ttlSeconds, nanos: 0 } },
    desired: {
      composite: {
        resource: {
          apiVersion: xr?.apiVersion,
          kind: xr?.kind,
          ...before?.resource,
          status: { ...before?.resource?.status, ...outcome.status },
        },
        connectionDetails: {
          ...before?.connectionDetails,
          ...Object.fromEntries(
            Object.entries(outcome.connection).map(([key, value]) => [key, Buffer.from(value, 'utf8')]),
          ),
        },
        ready: outcome.ready ? READY.true : READY.false,
      },
      resources,
    },
    results: outcome.events.map(({ severity, reason, message }) => result(severity, message, reason)),
    context: request.context,
    requirements: undefined,
    conditions: outcome.conditions.map(wire),
  };
}

export const result = (severity: Event['severity'], message: string, reason?: string): Result => ({
  severity: SEVERITY[severity],
  reason,
  message,
  target: COMPOSITE_AND_CLAIM,
});

/**
 * Ends the reconcile without changing anything. TTL 0, because Crossplane would cache a fatal response as well. Core shows a fatal result on
 * the XR only (composition_functions.go), so the owner of a claim hears of it by a warning.
 */
export function fatal(
  request: RunFunctionRequest,
  message: string,
  conditions: readonly OurCondition[],
): RunFunctionResponse {
  return {
    meta: { tag: request.meta?.tag ?? '', ttl: { seconds: 0, nanos: 0 } },
    desired: request.desired,
    results: [
      ...(hasClaim(request)
        ? [{ severity: SEVERITY.Warning, reason: 'Refused', message, target: COMPOSITE_AND_CLAIM }]
        : []),
      { severity: SEVERITY.Fatal, reason: 'Refused', message, target: COMPOSITE_AND_CLAIM },
    ],
    context: request.context,
    requirements: undefined,
    conditions: conditions.map(wire),
  };
}

/** Asked of a request that may be malformed, so nothing is taken for granted: bytes that are no object are an error when they are read. */
function hasClaim(request: RunFunctionRequest): boolean {
  try {
    const spec: unknown = request.observed?.composite?.resource?.spec;
    return typeof spec === 'object' && spec !== null && 'claimRef' in spec;
  } catch {
    return false;
  }
}

const wire = ({ type, status, reason, message }: OurCondition): WireCondition => ({
  type,
  status: STATUS[status],
  reason,
  message,
  target: COMPOSITE_AND_CLAIM,
});
