import { adoptable } from '../response/status.ts';
import type { Pass } from './passes.ts';
import { Refused } from './refused.ts';
import { stream } from './yaml.ts';

const SAME =
  'For the same XPostgreSQLDatabase (name, namespace, the rest of the spec, Input) on another control plane.';
const GENERATED =
  'The password is generated here: copy it into a Secret there before this cluster is lost, and name that.';
const BROUGHT = 'The Secret has to exist there, with the same password.';

/** What the spec on another control plane has to say beside what it says here. Throws Refused while that is not known. */
export function exported({ answer: { decision } }: Pass): string {
  if (!decision) return '';
  const { plan } = decision;
  if (plan.failover.phase === 'Adopting')
    throw new Refused([
      `spec.adopt: nothing can be exported before the servers are taken over: ${plan.failover.message}`,
    ]);
  const { generated, ref } = plan.adminPassword;
  const writer = plan.servers.find(({ role }) => role === 'Primary')?.site;
  const spec = {
    ...(plan.entra.passwords
      ? {
          security: {
            adminPasswordSecretRef: { name: generated ? `${plan.owner.name}-password` : ref.name, key: ref.key },
          },
        }
      : {}),
    ...(plan.sites.length > 1 ? { failover: { activeRegion: writer } } : {}),
    adopt: { servers: adoptable(plan) },
  };
  return stream([{ object: { spec } }], [SAME, ...(plan.entra.passwords ? [generated ? GENERATED : BROUGHT] : [])]);
}
