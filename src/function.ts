import type { RunFunctionRequest, RunFunctionResponse } from '@crossplane-org/function-sdk-typescript';
import type { Database } from './api/database.ts';
import { read } from './api/door.ts';
import { type Problem, problemLine } from './api/problem.ts';
import { manifest } from './azure/flavour.ts';
import type { Composed } from './azure/managed.ts';
import { keys } from './names.ts';
import { type Observed, observe } from './observed/observed.ts';
import { type Admission, admit } from './order/admit.ts';
import { refusedLeavers } from './order/leave.ts';
import { refusedChanges } from './order/refuse.ts';
import { refusedAccessChanges } from './order/refuse-access.ts';
import { plan } from './plan/plan.ts';
import type { Plan } from './plan/types.ts';
import { resources } from './resources/all.ts';
import { fatal, type Outcome, success } from './response/build.ts';
import { carriedConditions, conditions } from './response/conditions.ts';
import { base64, connectionDetails } from './response/connection.ts';
import { events, passwordEvents, restartEvents, zoneEvents } from './response/events.ts';
import { status } from './response/status.ts';

/** What was decided for one request, for whoever wants to explain it. */
export interface Decision {
  readonly plan: Plan;
  readonly wanted: readonly Composed[];
  readonly admission: Admission;
  readonly connection: Readonly<Record<string, string>> | undefined;
}

/** Seconds. Composed resources are watched, so these only bound what a lost event costs. */
const TTL = { waiting: 60, settled: 600 };

/** A response with what led to it: the decision, or the problems that refused it. */
export interface Answer {
  readonly response: RunFunctionResponse;
  readonly decision?: Decision;
  readonly problems: readonly Problem[];
}

/**
 * Answers one RunFunction call. Pure: the same request gives the same response. It never throws: whatever goes wrong is a fatal result,
 * because a smaller success would make Crossplane delete what it lacks.
 */
export const runFunction = (request: RunFunctionRequest): RunFunctionResponse => answer(request).response;

/** As runFunction, for callers that show more than the response. */
export function answer(request: RunFunctionRequest): Answer {
  try {
    const composite = request.observed?.composite?.resource;
    if (!composite)
      return refused(request, [
        {
          field: 'observed.composite',
          message: 'is missing; this function composes resources and has no operation mode',
        },
      ]);
    const reading = read(composite, request.input);
    if ('problems' in reading) return refused(request, reading.problems);
    const observed = observe(request);
    const decision = decide(reading.database, observed, new Set(Object.keys(request.desired?.resources ?? {})));
    if ('problems' in decision) return refused(request, decision.problems);
    return { response: success(request, outcome(decision, observed)), decision, problems: [] };
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    return refused(request, [
      { field: 'function', message: `failed with "${cause}"; nothing was changed; report it with the XR` },
    ]);
  }
}

/** Spec and facts -> plan -> resources -> what is desired now, or why the change is refused. */
function decide(
  database: Database,
  observed: Observed,
  desiredBefore: ReadonlySet<string>,
): Decision | { readonly problems: readonly Problem[] } {
  const planned = plan(database, observed);
  const connection = connectionDetails(planned, observed);
  // A Secret that exists stays, even when nobody can tell the password any more.
  const published = connection ? base64(connection) : observed.resources.get(keys.connectionSecret)?.data;
  const wanted = resources(planned, published);
  const problems = [
    ...refusedChanges(database, planned, observed),
    ...refusedAccessChanges(planned, observed),
    ...refusedLeavers(wanted, desiredBefore, observed, planned.adminPassword.retired),
    ...wanted
      .filter(({ key }) => desiredBefore.has(key))
      .map(({ key }) => ({
        field: 'pipeline',
        message: `an earlier step already desires "${key}"; rename that step's resource`,
      })),
  ];
  if (problems.length > 0) return { problems };
  return { plan: planned, wanted, admission: admit(wanted, observed), connection };
}

function outcome({ plan, admission, connection }: Decision, observed: Observed): Outcome {
  const now = conditions(plan, admission, observed);
  const writable = [
    plan.endpoints.write.server,
    keys.writeRecord,
    ...(plan.flavour === 'namespaced' ? [keys.connectionSecret] : []),
  ];
  const settled = admission.waiting.length === 0 && now.every(({ status }) => status === 'True');
  return {
    resources: admission.desired.map((resource) => ({
      key: resource.key,
      manifest: manifest(resource, plan, observed.resources.get(resource.key)),
      ready: observed.resources.get(resource.key)?.ready === true,
    })),
    status: status(plan, observed),
    ready: connection !== undefined && writable.every((key) => observed.resources.get(key)?.ready),
    connection: plan.flavour === 'cluster' && connection ? connection : {},
    conditions: now,
    events: [
      ...events(observed.conditions, now),
      ...zoneEvents(plan, observed),
      ...restartEvents(plan, observed),
      ...passwordEvents(plan, observed),
    ],
    ttlSeconds: settled ? TTL.settled : TTL.waiting,
  };
}

/** Core reports only the first fatal result, so all problems go into one. */
const refused = (request: RunFunctionRequest, problems: readonly Problem[]): Answer => ({
  response: fatal(request, problems.map(problemLine).join('; '), carriedConditions(observedConditions(request))),
  problems,
});

/** The conditions that the XR carries; on the way to a fatal result nothing may throw again. */
function observedConditions(request: RunFunctionRequest): Observed['conditions'] {
  try {
    return observe({ ...request, observed: { composite: request.observed?.composite, resources: {} } }).conditions;
  } catch {
    return [];
  }
}
