import type { RunFunctionRequest, RunFunctionResponse } from '@crossplane-org/function-sdk-typescript';
import type { Database } from './api/database.ts';
import { read } from './api/door.ts';
import { OPERATION_KIND } from './api/operation.ts';
import { type Problem, problemLine } from './api/problem.ts';
import { manifest } from './azure/flavour.ts';
import type { Composed } from './azure/managed.ts';
import { Doubt } from './failover/creation.ts';
import { keys } from './names.ts';
import { type Observed, observe } from './observed/observed.ts';
import { operate } from './operation/operate.ts';
import { type Admission, admit } from './order/admit.ts';
import { refusedLeavers } from './order/leave.ts';
import { lifted } from './order/lift.ts';
import { observable, refusedDeletions } from './order/observe-only.ts';
import { refusedChanges } from './order/refuse.ts';
import { refusedAccessChanges } from './order/refuse-access.ts';
import { refusedBackupChanges } from './order/refuse-backups.ts';
import { refusedIdentityChanges } from './order/refuse-identities.ts';
import { refusedRestores } from './order/refuse-restores.ts';
import { refusedSubscriptions } from './order/refuse-subscriptions.ts';
import { refusedVersions } from './order/refuse-upgrade.ts';
import { plan } from './plan/plan.ts';
import type { Plan } from './plan/types.ts';
import { resources } from './resources/all.ts';
import { fatal, type Outcome, success } from './response/build.ts';
import { carriedConditions, conditions } from './response/conditions.ts';
import { base64, connectionDetails } from './response/connection.ts';
import { events, passwordEvents, restartEvents, zoneEvents } from './response/events.ts';
import { status } from './response/status.ts';
import { ttlSeconds } from './response/ttl.ts';

/** What was decided for one request, for whoever wants to explain it. */
export interface Decision {
  readonly plan: Plan;
  readonly wanted: readonly Composed[];
  readonly admission: Admission;
  readonly connection: Readonly<Record<string, string>> | undefined;
}

/** A response with what led to it: the decision, or the problems that refused it. */
export interface Answer {
  readonly response: RunFunctionResponse;
  readonly decision?: Decision;
  readonly problems: readonly Problem[];
  /** What was thrown on the way, which is a defect of the function or bytes that are no request. */
  readonly thrown?: unknown;
}

/**
 * Answers one RunFunction call. Pure: the same arguments give the same response. It never throws: whatever goes wrong is a fatal result,
 * because a smaller success would make Crossplane delete what it lacks. `now` is the time in milliseconds since 1970; left out, every
 * interval has passed. It is compared with observed times and never written.
 */
export const runFunction = (request: RunFunctionRequest, now?: number): RunFunctionResponse =>
  answer(request, now).response;

/** As runFunction, for callers that show more than the response. */
export function answer(request: RunFunctionRequest, now = Number.POSITIVE_INFINITY): Answer {
  try {
    const composite = request.observed?.composite?.resource;
    if (!composite) {
      if (request.input?.kind === OPERATION_KIND) return { response: operate(request), problems: [] };
      return refused(request, [
        {
          field: 'observed.composite',
          message: `is missing; in an Operation the input of the step has to be of kind ${OPERATION_KIND}`,
        },
      ]);
    }
    const reading = read(composite, request.input);
    if ('problems' in reading) return refused(request, reading.problems);
    const observed = observe(request);
    const before = new Set(Object.keys(request.desired?.resources ?? {}));
    const decision = decide(reading.database, observed, before, now);
    if ('problems' in decision) return refused(request, decision.problems);
    return { response: success(request, outcome(decision, observed)), decision, problems: [] };
  } catch (error) {
    if (error instanceof Doubt) return refused(request, [{ field: 'spec.failover', message: error.message }]);
    const message = `failed with ${fault(error)}; nothing was changed; report it with the XR`;
    return { ...refused(request, [{ field: 'function', message }]), thrown: error };
  }
}

/** Spec and facts -> plan -> resources -> what is desired now, or why the change is refused. */
function decide(
  database: Database,
  observed: Observed,
  desiredBefore: ReadonlySet<string>,
  now: number,
): Decision | { readonly problems: readonly Problem[] } {
  const planned = plan(database, observed, now);
  const connection = connectionDetails(planned, observed);
  // A Secret that exists stays, even when nobody can tell the password any more.
  const published = connection ? base64(connection) : observed.resources.get(keys.connectionSecret)?.data;
  const all = resources(planned, published);
  const asked = planned.observeOnly ? observable(all, observed) : all;
  const wanted = [...asked, ...lifted(asked, desiredBefore, observed, planned.namespace)];
  const problems = [
    ...refusedChanges(database, planned, observed),
    ...refusedSubscriptions(database, planned, observed),
    ...refusedAccessChanges(planned, observed),
    ...refusedBackupChanges(database, planned, observed),
    ...refusedIdentityChanges(database, observed),
    ...refusedVersions(database, planned, observed),
    ...refusedRestores(database, planned, observed),
    ...refusedLeavers(wanted, desiredBefore, observed, [
      ...planned.failover.leaving,
      ...planned.hubs.leaving,
      ...planned.adminPassword.retired,
      ...planned.virtualEndpoints.leaving,
      ...planned.onDemandBackups.released,
      ...(planned.longTerm?.released ?? []),
      ...planned.workloadIdentities.released,
    ]),
    ...(planned.observeOnly ? refusedDeletions(wanted, observed) : []),
    ...wanted
      .filter(({ key }) => desiredBefore.has(key))
      .map(({ key }) => ({
        field: 'pipeline',
        message: `an earlier step already desires "${key}"; rename that step's resource`,
      })),
  ];
  if (problems.length > 0) return { problems };
  return { plan: planned, wanted, admission: admit(wanted, observed, adopting(planned)), connection };
}

/** Keys of the servers that are looked at before anything is made beside them. */
const adopting = ({ failover, servers }: Plan): string[] =>
  failover.phase === 'Adopting' ? servers.map(({ key }) => key) : [];

function outcome({ plan, admission, connection }: Decision, observed: Observed): Outcome {
  const now = conditions(plan, admission, observed);
  const writable = [
    plan.endpoints.write.server,
    keys.writeRecord,
    ...(plan.privateLink?.endpoints ?? [])
      .filter(({ server }) => server === plan.endpoints.write.server)
      .map(({ key }) => key),
    ...(plan.flavour === 'namespaced' ? [keys.connectionSecret] : []),
  ];
  return {
    resources: admission.desired.map((resource) => ({
      key: resource.key,
      manifest: manifest(resource, plan, observed.resources),
      ready: observed.resources.get(resource.key)?.ready === true,
    })),
    status: status(plan, observed),
    ready:
      connection !== undefined && plan.failover.writable && writable.every((key) => observed.resources.get(key)?.ready),
    connection: plan.flavour === 'cluster' && connection ? connection : {},
    conditions: now,
    events: [
      ...events(observed.conditions, now),
      ...zoneEvents(plan, observed),
      ...restartEvents(plan, observed),
      ...passwordEvents(plan, observed),
    ],
    ttlSeconds: ttlSeconds(plan, observed, connection !== undefined),
  };
}

/** Class and place of an error that nobody expected. Its message could quote a value, and a result becomes an event. */
function fault(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  const frames = (error.stack ?? '').replace(error.message, '').split('\n');
  const place = frames.find((line) => /^ {4}at /.test(line))?.trim();
  return place === undefined ? error.name : `${error.name} ${place}`;
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
