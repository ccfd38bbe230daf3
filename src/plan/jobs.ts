import type { Database } from '../api/database.ts';
import type { SecretRef } from '../azure/managed.ts';
import { keys, namespacedName } from '../names.ts';
import type { Observed } from '../observed/observed.ts';
import type { JobPlan, Plan } from './types.ts';

interface Around extends Pick<Plan, 'servers' | 'failover' | 'endpoints'> {
  readonly password: SecretRef;
}

/** The Jobs of the failover that is under way: what each connects to, and as whom. */
export function jobs(
  { flavour, owner, spec, platform }: Database,
  observed: Observed,
  { servers, failover, endpoints, password }: Around,
): JobPlan[] {
  const image = spec.failover.validation?.image ?? platform.probeImage ?? '';
  return failover.jobs.flatMap(({ key, does, server }): JobPlan[] => {
    const target = servers.find((each) => each.key === server);
    if (!target) return [];
    return [
      {
        key,
        does,
        via: flavour === 'cluster' ? 'Object' : 'Native',
        // A pod reads Secrets of its own namespace only.
        namespace: password.namespace,
        name: namespacedName(owner.name, key),
        template: observed.resources.get(key)?.job?.template,
        image,
        host: endpoints.write.host,
        after: keys.writeRecord,
        target: target.fqdn,
        login: spec.security.adminUsername,
        password,
      },
    ];
  });
}
