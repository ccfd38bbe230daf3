import type { Database } from '../api/database.ts';
import type { SecretRef } from '../azure/managed.ts';
import type { FailoverJob } from '../failover/types.ts';
import { keys, namespacedName } from '../names.ts';
import type { Observed } from '../observed/observed.ts';
import type { ExecutorPlan, JobPlan, Plan } from './types.ts';

interface Around extends Pick<Plan, 'servers' | 'failover' | 'endpoints' | 'adminLogin'> {
  readonly password: SecretRef;
  readonly executor: ExecutorPlan | undefined;
}

/** The Jobs of the failover that is under way: what each does, and as whom. */
export function jobs(database: Database, observed: Observed, around: Around): JobPlan[] {
  const { flavour, owner } = database;
  return around.failover.jobs.flatMap((job): JobPlan[] => {
    const work = job.does === 'Call' ? call(database, job, around) : probe(database, job, around);
    if (!work) return [];
    return [
      {
        key: job.key,
        via: flavour === 'cluster' ? 'Object' : 'Native',
        name: namespacedName(owner.name, job.key),
        template: observed.resources.get(job.key)?.job?.template,
        ...work,
      },
    ];
  });
}

type Work = Pick<JobPlan, 'namespace' | 'after' | 'until' | 'work'>;

function probe(
  { spec, platform }: Database,
  { does, server }: FailoverJob,
  { servers, endpoints, adminLogin, password }: Around,
): Work | undefined {
  const target = servers.find((each) => each.key === server);
  const image = spec.failover.validation?.image ?? platform.probeImage;
  if (!target || image === undefined || does === 'Call') return undefined;
  const validates = does === 'Validate';
  return {
    // A pod reads Secrets of its own namespace only.
    namespace: password.namespace,
    after: validates ? [keys.writeRecord] : [],
    until: [],
    work: {
      does,
      image,
      host: validates ? endpoints.write.host : target.fqdn,
      target: validates ? target.fqdn : undefined,
      login: adminLogin,
      password,
    },
  };
}

function call({ platform }: Database, { call }: FailoverJob, { executor }: Around): Work | undefined {
  if (!call || !executor) return undefined;
  const { mode, option, activeRegion, source, target } = call;
  return {
    namespace: executor.namespace,
    after: [keys.failoverServiceAccount, keys.failoverRoleBinding, ...executor.standsOn],
    until: executor.until,
    work: {
      does: 'Call',
      image: platform.functionImage,
      serviceAccount: executor.serviceAccount,
      arguments: [
        ...['--mode', mode, '--option', option, '--active-region', activeRegion],
        ...['--source', source, '--target', target, '--object', executor.object],
      ],
    },
  };
}
