import { resourceKey } from '../../azure/arm-id.ts';
import { objectOf } from '../../azure/json.ts';
import { parameterOf } from '../../azure/kinds/server-configuration.ts';
import type { Manifest, Simulation } from '../../azure/state.ts';
import { reachable } from '../../azure/traffic.ts';
import type { Json } from '../../support/requests.ts';
import { failoverOf, servers } from './story.ts';
import type { Reconciled, World } from './world.ts';

/** The server of this host name. */
export const byHost = (sim: Simulation, host: unknown) =>
  Object.values(sim.resources).find(
    ({ id, type }) =>
      type.endsWith('/flexibleServers') && host === `${id.split('/').at(-1)}.postgres.database.azure.com`,
  );

/** The target of a name. */
export const record = (body: Manifest | undefined): unknown => objectOf(body?.spec?.forProvider).record;

/** Whether the sessions half of a fence is on. */
export const isReadOnly = (sim: Simulation, id: string): boolean =>
  parameterOf(sim, id, 'default_transaction_read_only') === 'on';

/** XR Ready means that applications can write: where the name points in Azure there is a server that takes writes. */
export function unready(sim: Simulation, { ready, desired, status }: Reconciled['answer']): string[] {
  const name = Object.values(sim.resources).find(({ id }) => id.endsWith('/CNAME/write'));
  if (!ready) return [];
  const server = byHost(sim, name?.properties.record ?? record(desired['cname-write']));
  const open =
    server && !isReadOnly(sim, server.id) && reachable(sim, String(server.properties.delegatedSubnetId), 5432);
  if (open && server.properties.sourceServerId === undefined) return [];
  // A switchover demotes it at a moment of its own, and until a witness has told of it nobody here can know; a standby asks none.
  if (
    server?.properties.sourceServerId !== undefined &&
    ['Promoting', 'Standby'].includes(String(failoverOf(status).phase))
  )
    return [];
  return ['the XR is Ready, and applications cannot write'];
}

/** The status does not say what is not so. */
export function untrue({ status, sim }: World): string[] {
  const found: string[] = [];
  const conditions = (status.conditions ?? []) as readonly Json[];
  const is = (type: string, value: string): boolean =>
    conditions.some((each) => each.type === type && each.status === value);
  const open = servers(status).filter(({ role, id }) => {
    const former = typeof id === 'string' ? sim.resources[resourceKey(id)] : undefined;
    return (
      role === 'Former' &&
      former &&
      former.properties.sourceServerId === undefined &&
      former.hidden.retired !== true &&
      !isReadOnly(sim, former.id) &&
      reachable(sim, String(former.properties.delegatedSubnetId), 5432)
    );
  });
  if (open.length > 0 && is('SplitBrainPossible', 'False'))
    found.push(`${open.map(({ name }) => name).join(', ')} takes writes, and SplitBrainPossible is False`);
  const believed = servers(status).find(({ role }) => role === 'Primary');
  const taking = sim.resources[resourceKey(String(believed?.id))];
  if (failoverOf(status).phase === 'Stable' && taking?.properties.sourceServerId !== undefined)
    found.push(`Stable, but ${believed?.name} does not take writes`);
  if (is('FailoverReady', 'True')) {
    const replica = servers(status).find(({ role }) => role === 'Replica');
    const truth = replica && sim.resources[resourceKey(String(replica.id))];
    // A provider that restarts during the creation reports Ready as soon as it sees the server: upjet knows no provisioning state.
    if (truth?.phase !== 'Ready' && replica?.ready !== true)
      found.push('FailoverReady is True, and there is no replica');
    if (is('FailoverInProgress', 'True') && failoverOf(status).to !== undefined)
      found.push('FailoverReady is True in the middle of a failover');
  }
  for (const region of ['eastus2', 'centralus'])
    if (servers(status).filter((server) => server.role === 'Former' && server.region === region).length > 1)
      found.push(`two former primaries are kept in ${region}`);
  if (failoverOf(status).phase === 'Stable' && is('ReplicaReady', 'True')) {
    const pair = servers(status).filter(({ role }) => role !== 'Former');
    const writer = pair.find(({ role }) => role === 'Primary');
    const replica = pair.find(({ role }) => role === 'Replica');
    const truth = replica && sim.resources[resourceKey(String(replica.id))];
    if (truth && resourceKey(String(truth.properties.sourceServerId ?? '')) !== resourceKey(String(writer?.id)))
      found.push('Stable, but the replica does not follow the writer');
  }
  return found;
}
