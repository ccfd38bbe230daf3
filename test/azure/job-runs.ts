import { lastSegment, parentId, resourceKey } from './arm-id.ts';
import { conditionOf } from './conditions.ts';
import { happen } from './incidents.ts';
import { listOf, objectOf, textOf } from './json.ts';
import { parameterOf } from './kinds/server-configuration.ts';
import { isBusy } from './kinds/server-lookup.ts';
import { objectAt, write } from './objects.ts';
import { type AzureResource, type KubernetesObject, type ObjectKey, type Simulation, timestamp } from './state.ts';
import { reachable } from './traffic.ts';

/** Kubernetes' Jobs, as far as Jobs of a failover go: they run once, at any time after they are made, and see the simulated Azure. */
const ended = (object: KubernetesObject): boolean =>
  ['Complete', 'Failed'].some((type) => conditionOf(object, type)?.status === 'True');

/** Jobs that could go on now. */
export const runningJobs = (state: Simulation): ObjectKey[] =>
  Object.keys(state.objects)
    .filter((key) => key.startsWith('Job.batch/'))
    .filter((key) => {
      const object = objectAt(state, key);
      return object !== undefined && !ended(object) && !waits(state, object);
    })
    .sort();

const environment = (job: KubernetesObject): Readonly<Record<string, string>> => {
  const pod = objectOf(objectOf(objectOf(job.spec).template).spec);
  const [container] = listOf(pod.containers).map(objectOf);
  return Object.fromEntries(
    listOf(container?.env)
      .map(objectOf)
      .map(({ name, value }) => [textOf(name), textOf(value)]),
  );
};

const serverAt = (state: Simulation, host: string): AzureResource | undefined => {
  const resources = Object.values(state.resources);
  const record = resources.find(
    ({ id, type }) => type.endsWith('/CNAME') && `${lastSegment(id)}.${lastSegment(parentId(id) ?? '')}` === host,
  );
  const target = record ? textOf(record.properties.record) : host;
  return resources.find(
    ({ id, type }) => type.endsWith('/flexibleServers') && target === `${lastSegment(id)}.postgres.database.azure.com`,
  );
};

const recovers = (server: AzureResource | undefined): string | undefined =>
  server?.properties.sourceServerId === undefined ? undefined : 'it is in recovery';

/** Why a client cannot connect to this host; undefined when it can. */
function cannotReach(state: Simulation, host: string): string | undefined {
  const server = serverAt(state, host);
  if (!server) return `could not translate host name "${host}" to address`;
  const { properties, region = '' } = server;
  return server.phase !== 'Ready' ||
    state.outages.regions.includes(region) ||
    !reachable(state, textOf(properties.delegatedSubnetId), 5432)
    ? `connection to server at "${host}" failed`
    : undefined;
}

/** Why a client that connects to this host cannot write there; undefined when it can. */
function cannotWrite(state: Simulation, host: string): string | undefined {
  const unreached = cannotReach(state, host);
  const server = serverAt(state, host);
  if (unreached !== undefined || !server) return unreached;
  const { properties } = server;
  return properties.sourceServerId !== undefined ||
    parameterOf(state, server.id, 'default_transaction_read_only') === 'on'
    ? 'cannot execute CREATE SCHEMA in a read-only transaction'
    : undefined;
}

/** What a Job of the composed ones would find. */
function finds(state: Simulation, job: KubernetesObject): string | undefined {
  const { PGHOST = '', TARGET } = environment(job);
  // The one that only asks a server whether it recovers.
  if (TARGET === undefined) return cannotReach(state, PGHOST) ?? recovers(serverAt(state, PGHOST));
  const refused = cannotWrite(state, PGHOST);
  if (refused !== undefined) return refused;
  return serverAt(state, PGHOST) === serverAt(state, TARGET) ? undefined : `${TARGET} does not have what was written`;
}

interface Call {
  readonly mode: string;
  readonly option: string;
  readonly source: string;
  readonly target: string;
}

/** The call that a Job makes in Azure; undefined for one that looks at a server. */
function callOf(job: KubernetesObject): Call | undefined {
  const pod = objectOf(objectOf(objectOf(job.spec).template).spec);
  const [container] = listOf(pod.containers).map(objectOf);
  const words = listOf(container?.command).map(textOf);
  const after = (flag: string): string => words[words.indexOf(flag) + 1] ?? '';
  if (!words.includes('failover')) return undefined;
  return { mode: after('--mode'), option: after('--option'), source: after('--source'), target: after('--target') };
}

/** As src/failover-call/failover.ts: nothing is done unless both servers have the roles that the call was asked for. */
function applies(state: Simulation, { source, target }: Call): boolean {
  const follows = textOf(state.resources[resourceKey(target)]?.properties.sourceServerId);
  const above = textOf(state.resources[resourceKey(source)]?.properties.sourceServerId);
  return resourceKey(follows) === resourceKey(source) && above === '';
}

/** How far a Job gets: it makes its call and goes on, or ends. `asks`: whether the object still asks for the failover. */
function runCall(state: Simulation, job: KubernetesObject, call: Call, asks: boolean): Simulation {
  if (!asks || !applies(state, call)) return finished(state, job);
  const next = happen(state, {
    what: 'promote',
    id: call.target,
    mode: call.mode === 'Switchover' ? 'switchover' : 'standalone',
    option: call.option === 'Forced' ? 'forced' : 'planned',
  });
  const refused = next.sent.find(({ outcome }) => !outcome.ok);
  return refused ? finished(next, job, 'Azure refuses the call') : next;
}

/** A Job goes on: it ends with what it finds, or because something else went wrong. */
export function runJob(state: Simulation, key: ObjectKey, failure?: string, asks = true): Simulation {
  const job = objectAt(state, key);
  if (!job || ended(job) || waits(state, job)) return state;
  const call = callOf(job);
  if (call && failure === undefined) return runCall(state, job, call, asks);
  return finished(state, job, failure ?? finds(state, job));
}

/** It waits for the end of the operation that it has begun, or for that of another. */
const waits = (state: Simulation, job: KubernetesObject): boolean => {
  const target = callOf(job)?.target;
  return target !== undefined && isBusy(state, target);
};

const COMPLETE = {
  type: 'Complete',
  reason: 'CompletionsReached',
  message: 'Reached expected number of succeeded pods',
};
const FAILED = {
  type: 'Failed',
  reason: 'BackoffLimitExceeded',
  message: 'Job has reached the specified backoff limit',
};

function finished(state: Simulation, job: KubernetesObject, failure?: string): Simulation {
  const condition = failure === undefined ? COMPLETE : FAILED;
  return write(state, {
    ...job,
    status: { conditions: [{ ...condition, status: 'True', lastTransitionTime: timestamp(state.now) }] },
  });
}
