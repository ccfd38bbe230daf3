import { lastSegment, parentId } from './arm-id.ts';
import { conditionOf } from './conditions.ts';
import { equal, type JsonObject, listOf, objectOf, textOf } from './json.ts';
import { parameterOf } from './kinds/server-configuration.ts';
import { objectAt, write } from './objects.ts';
import {
  type AzureResource,
  type KubernetesObject,
  type Manifest,
  type ObjectKey,
  type Simulation,
  timestamp,
} from './state.ts';
import { reachable } from './traffic.ts';

/** Kubernetes' Jobs, as far as Jobs of a failover go: they run once, at any time after they are made, and see the simulated Azure. */
export const isJob = ({ apiVersion, kind }: Pick<Manifest, 'apiVersion' | 'kind'>): boolean =>
  apiVersion === 'batch/v1' && kind === 'Job';

const ended = (object: KubernetesObject): boolean =>
  ['Complete', 'Failed'].some((type) => conditionOf(object, type)?.status === 'True');

/** Jobs that still run. */
export const runningJobs = (state: Simulation): ObjectKey[] =>
  Object.keys(state.objects)
    .filter((key) => key.startsWith('Job.batch/'))
    .filter((key) => {
      const object = objectAt(state, key);
      return object !== undefined && !ended(object);
    })
    .sort();

/** batch/v1: the API server never lets anybody change a Job's template. Undefined when it stays. */
export const templateChange = (before: KubernetesObject | undefined, after: JsonObject): string | undefined =>
  before && isJob(before) && !equal(objectOf(before.spec).template, objectOf(after.spec).template)
    ? 'spec.template: Invalid value: field is immutable'
    : undefined;

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

/** Why a client that connects to this host cannot write there; undefined when it can. */
function cannotWrite(state: Simulation, host: string): string | undefined {
  const server = serverAt(state, host);
  if (!server) return `could not translate host name "${host}" to address`;
  const { properties, region = '' } = server;
  if (
    server.phase !== 'Ready' ||
    state.outages.regions.includes(region) ||
    !reachable(state, textOf(properties.delegatedSubnetId), 5432)
  )
    return `connection to server at "${host}" failed`;
  return properties.sourceServerId !== undefined ||
    parameterOf(state, server.id, 'default_transaction_read_only') === 'on'
    ? 'cannot execute CREATE SCHEMA in a read-only transaction'
    : undefined;
}

/** What a Job of the composed ones would find. */
function finds(state: Simulation, job: KubernetesObject): string | undefined {
  const { PGHOST = '', TARGET = '' } = environment(job);
  const refused = cannotWrite(state, PGHOST);
  if (refused !== undefined) return refused;
  return serverAt(state, PGHOST) === serverAt(state, TARGET) ? undefined : `${TARGET} does not have what was written`;
}

/** A Job ends, with what it found or because something else went wrong. */
export function endJob(state: Simulation, key: ObjectKey, failure?: string): Simulation {
  const job = objectAt(state, key);
  if (!job || ended(job)) return state;
  const message = failure ?? finds(state, job);
  const condition =
    message === undefined
      ? {
          type: 'Complete',
          status: 'True',
          reason: 'CompletionsReached',
          message: 'Reached expected number of succeeded pods',
        }
      : {
          type: 'Failed',
          status: 'True',
          reason: 'BackoffLimitExceeded',
          message: 'Job has reached the specified backoff limit',
        };
  return write(state, {
    ...job,
    status: { conditions: [{ ...condition, lastTransitionTime: timestamp(state.now) }] },
  });
}
