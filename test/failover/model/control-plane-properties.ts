import { resourceKey } from '../../azure/arm-id.ts';
import { listOf, objectOf } from '../../azure/json.ts';
import { parameterOf } from '../../azure/kinds/server-configuration.ts';
import type { Manifest, SentRequest, Simulation } from '../../azure/state.ts';
import type { Json } from '../../support/requests.ts';
import { listed, roleOf } from './control-planes.ts';
import { failoverOf } from './story.ts';
import type { Reconciled, World } from './world.ts';

/** An object that only looks: nothing is sent for it, and nothing is deleted with it. */
export const onlyLooks = (body: Manifest | undefined): boolean => {
  const policies = listOf(body?.spec?.managementPolicies);
  return policies.length === 1 && policies[0] === 'Observe';
};

/** Whether this control plane may not act, or does not know yet whether it may. */
const looksOn = ({ phase }: ReturnType<typeof failoverOf>): boolean => phase === 'Standby' || phase === 'Adopting';

/** A control plane that stands back, or that has not found the listed servers to be what they are said to be, asks for looks alone. */
export function acting({ spec }: World, { answer: { desired, status } }: Reconciled): string[] {
  const { phase } = failoverOf(status);
  if (roleOf(spec) === 'Standby' && phase !== 'Standby')
    return [`the control plane is a standby, and its phase is ${phase}`];
  if (!looksOn({ phase })) return [];
  return Object.entries(desired)
    .filter(([, body]) => body.apiVersion.includes('upbound.io/') && !onlyLooks(body))
    .map(([key]) => `${key} may change something in Azure in phase ${phase}`);
}

/** What is sent to Azure by a control plane that only looks, or against what the list says. `status` is what the function has said last. */
export function overstepping({ sim, spec, status }: World, sent: readonly SentRequest[]): string[] {
  const own = sent.filter(({ by }) => by !== undefined);
  const { phase } = failoverOf(status);
  if (looksOn({ phase }))
    return own.map(({ method, id }) => `${method} ${lastOf(id)} is sent to Azure in phase ${phase}`);
  return own.flatMap(({ method, id, body, outcome }) => {
    if (method === 'PUT' && outcome.ok && isServer(id) && isMadeAnew(sim, spec, id))
      return [`a server is made in place of ${lastOf(id)}, which spec.adopt lists`];
    const target = id.endsWith('/CNAME/write') ? objectOf(body).record : undefined;
    return target === undefined
      ? []
      : badTarget(sim, target).map((why) => `the write name is moved to ${target}, ${why}`);
  });
}

const lastOf = (id: string): string => id.split('/').slice(-2).join('/');
const isServer = (id: string): boolean => /\/flexibleServers\/[^/]+$/.test(id);

/** A listed server that Azure does not have, and that nobody said may go. */
function isMadeAnew(sim: Simulation, spec: Json, id: string): boolean {
  const { retire = [], formerPrimary } = (spec.failover ?? {}) as {
    retire?: readonly string[];
    formerPrimary?: string;
  };
  const name = id.split('/').at(-1) ?? '';
  return (
    listed({ spec }).some(({ externalName }) => externalName === name) &&
    sim.resources[resourceKey(id)] === undefined &&
    formerPrimary !== 'Delete' &&
    !retire.includes(name)
  );
}

/** A name that is moved in Azure is moved to a server that takes writes. */
function badTarget(sim: Simulation, target: unknown): string[] {
  const names = Object.values(sim.resources);
  const record = names.find(({ id }) => id.endsWith('/CNAME/write'))?.properties.record;
  if (record === undefined || record === target) return [];
  const server = names.find(
    ({ id }) => isServer(id) && target === `${id.split('/').at(-1)}.postgres.database.azure.com`,
  );
  if (!server) return ['which is no server'];
  if (parameterOf(sim, server.id, 'default_transaction_read_only') === 'on') return ['which is read-only'];
  return [];
}
