import type {
  Resource,
  ResourceSelector,
  Result,
  RunFunctionRequest,
  RunFunctionResponse,
} from '@crossplane-org/function-sdk-typescript';
import { readOperation } from '../api/operation.ts';
import { problemLine } from '../api/problem.ts';
import type { FailoverOperation } from '../api/types.generated.ts';
import { fatal, result } from '../response/build.ts';
import { preflight } from './preflight.ts';
import { rotation } from './rotation.ts';
import { type Target, targetOf, titleOf } from './target.ts';

/** Name of the requirement under which Crossplane passes the database. */
const REQUIREMENT = 'target';
/** Key of the desired resource. It is told to nobody but later steps of the same pipeline. */
const DESIRED = 'failover-target';

/**
 * Answers the call of an Operation, which has no composite: looks at one database, and sets its spec.failover.activeRegion, or the trigger
 * of a password's rotation, where that is asked for. Crossplane applies what is desired here with force and an owner of its own for each
 * Operation (core v2.3.4 ops/operation/reconciler.go), so nothing but these fields is in it: the database has other owners.
 */
export function operate(request: RunFunctionRequest): RunFunctionResponse {
  const reading = readOperation(request.input);
  if ('problems' in reading) return fatal(request, reading.problems.map(problemLine).join('; '), []);
  const { operation } = reading;
  const answered = request.requiredResources[REQUIREMENT];
  // The first call; Crossplane calls again with the object.
  if (!answered) return respond(request, operation, {});
  const found = answered.items[0]?.resource;
  if (!found) return refused(request, operation, ['does not exist; correct input.spec.target']);

  const target = targetOf(operation, found);
  if (operation.mode === 'RotatePassword') return rotate(request, operation, target);
  const { mode, activeRegion } = operation;
  const done = mode !== 'Preflight' && target.claim === undefined && target.activeRegion === activeRegion;
  // Crossplane runs an Operation again when it could not record its end, so what is asked for already is no mistake.
  if (done)
    return respond(request, operation, {
      results: [result('Normal', `${target.title}: writes are to be in ${activeRegion} already; nothing is changed`)],
      output: output(operation, target, `asked for already; phase ${target.phase || 'unknown'}`),
    });

  const { refusals, warnings } = preflight(operation, target);
  if (refusals.length > 0) return refused(request, operation, refusals);
  const said =
    mode === 'Preflight'
      ? 'a failover would begin now'
      : `spec.failover.activeRegion is set to ${activeRegion}; status.failover says how far it is`;
  return respond(request, operation, {
    desired:
      mode === 'Preflight' ? undefined : patch(operation, target, { failover: failoverFields(operation, target) }),
    results: [
      ...warnings.map((warning) => result('Warning', `${target.title}: ${warning}`)),
      result('Normal', `${target.title}: ${said}`),
    ],
    output: output(operation, target, said, warnings),
  });
}

function rotate(request: RunFunctionRequest, operation: FailoverOperation, target: Target): RunFunctionResponse {
  const { refusals, trigger, says } = rotation(target);
  if (refusals.length > 0) return refused(request, operation, refusals);
  return respond(request, operation, {
    desired:
      trigger === undefined ? undefined : patch(operation, target, { security: { passwordRotation: { trigger } } }),
    results: [result('Normal', `${target.title}: ${says}`)],
    output: { mode: operation.mode, target: target.title, message: says, trigger: trigger ?? target.password.trigger },
  });
}

/** Asked for in every call: Crossplane stops once the requirements of two calls are the same. */
const selector = ({ target: { apiVersion, kind, namespace, name } }: FailoverOperation): ResourceSelector => ({
  apiVersion,
  kind,
  matchName: name,
  matchLabels: undefined,
  namespace,
});

function respond(
  request: RunFunctionRequest,
  operation: FailoverOperation,
  {
    desired,
    results = [],
    output,
  }: { readonly desired?: Resource; readonly results?: readonly Result[]; readonly output?: object },
): RunFunctionResponse {
  const before = request.desired?.resources;
  return {
    meta: { tag: request.meta?.tag ?? '', ttl: undefined },
    desired: { composite: undefined, resources: { ...before, ...(desired && { [DESIRED]: desired }) } },
    results: [...results],
    context: request.context,
    requirements: { extraResources: {}, resources: { [REQUIREMENT]: selector(operation) }, schemas: {} },
    conditions: [],
    output,
  };
}

const refused = (
  request: RunFunctionRequest,
  operation: FailoverOperation,
  refusals: readonly string[],
): RunFunctionResponse => fatal(request, refusals.map((refusal) => `${titleOf(operation)}: ${refusal}`).join('; '), []);

/** Only what is to change. With its uid, another object of the same name is not touched, and none is made. */
function patch({ target }: FailoverOperation, { uid }: Target, spec: object): Resource {
  const { apiVersion, kind, namespace, name } = target;
  return {
    resource: {
      apiVersion,
      kind,
      metadata: { name, ...(namespace !== undefined && { namespace }), ...(uid !== undefined && { uid }) },
      spec,
    },
    connectionDetails: {},
    ready: 0 as Resource['ready'],
  };
}

const failoverFields = ({ activeRegion, option }: FailoverOperation, { option: before }: Target): object => ({
  activeRegion,
  ...(option !== undefined && option !== before && { option }),
});

/** What `status.pipeline` of the Operation keeps. */
function output(
  { mode, activeRegion, option }: FailoverOperation,
  target: Target,
  message: string,
  warnings: readonly string[] = [],
): object {
  const server = (role: string) => {
    const found = target.servers.find((each) => each.role === role);
    return found && { name: found.name, region: found.region };
  };
  const ready = target.conditions.find(({ type }) => type === 'FailoverReady');
  return {
    mode,
    target: target.title,
    message,
    activeRegion: activeRegion ?? target.activeRegion,
    option: option ?? target.option,
    writer: server('Primary') ?? null,
    replica: server('Replica') ?? null,
    failoverReady: ready ? `${ready.status} ${ready.reason}: ${ready.message}` : null,
    warnings: [...warnings],
  };
}
