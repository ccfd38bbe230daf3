import { resourceKey } from '../../azure/arm-id.ts';
import { objectOf } from '../../azure/json.ts';
import { parameterOf } from '../../azure/kinds/server-configuration.ts';
import { find } from '../../azure/objects.ts';
import type { Manifest, SentRequest, Simulation } from '../../azure/state.ts';
import { reachable } from '../../azure/traffic.ts';
import type { Json } from '../../support/requests.ts';
import { answerTo } from './answers.ts';
import { failoverOf, servers } from './story.ts';
import type { Reconciled, World } from './world.ts';

const isServer = (body: Manifest | undefined): boolean => body?.kind === 'FlexibleServer';
const isWitness = (key: string): boolean => key.includes('-witness-');
const label = (body: Manifest | undefined, name: string): unknown => body?.metadata.labels?.[name];

const byHost = (sim: Simulation, host: unknown) =>
  Object.values(sim.resources).find(
    ({ id, type }) =>
      type.endsWith('/flexibleServers') && host === `${id.split('/').at(-1)}.postgres.database.azure.com`,
  );

const record = (body: Manifest | undefined): unknown => objectOf(body?.spec?.forProvider).record;

/** What must hold whenever the function has answered. Returns a sentence for each thing that does not. */
export function broken(before: World, { world, answer }: Reconciled): string[] {
  const { refusal, observed, desired } = answer;
  if (refusal !== undefined) return isForPeople(refusal) ? [] : [`the function refuses: ${refusal}`];
  const found: string[] = [];
  const gone = observed.filter((key) => !(key in desired) && !isWitness(key));
  for (const key of gone) {
    const server = /^((primary|secondary)-server(-\d+)?)-(?!\d+$)/.exec(key)?.[1];
    if (server !== undefined) {
      // What stands on a server that goes leaves before it, but for the network half of its fence.
      const early = key.endsWith('-fence') || !mayLeave(before, server);
      if (early && observed.includes(server)) found.push(`${key} leaves while its server is there`);
      continue;
    }
    // A Usage orders a deletion and holds nothing, nor does a Job.
    if (key.startsWith('usage-of-') || key.startsWith('failover-')) continue;
    if (key.startsWith('virtual-endpoint')) {
      if (isPair(before, key)) found.push(`${key} leaves while its servers are a pair`);
      continue;
    }
    if (!/^(primary|secondary)-server(-\d+)?$/.test(key)) found.push(`${key} is no longer desired`);
    else if (!mayLeave(before, key))
      found.push(`the server ${key} is no longer desired, and nobody said that it may go`);
  }
  const target = record(desired['cname-write']);
  const asked = byHost(world.sim, target);
  const stays = before.applied['cname-write'] !== undefined && !moves(before, target);
  // Azure makes the writer a replica at a moment of its own; until a witness has told of it, the name stays where it was.
  if (
    asked &&
    asked.properties.sourceServerId !== undefined &&
    !(stays && failoverOf(world.status).phase === 'Promoting')
  )
    found.push(`the write name is asked for on ${target}, which is a replica`);
  if (asked && moves(before, target) && isReadOnly(world.sim, asked.id))
    found.push(`the write name is asked for on ${target}, which is still read-only`);
  const earlier = before.applied['cname-write'];
  const moved = moves(before, target);
  if (moved && failoverSpec(before).cutover === 'Manual') found.push('the write name moves, and cutover is Manual');
  for (const [key, body] of Object.entries(desired)) {
    const server = sentPromotion(body) && !sentPromotion(before.applied[key]) && serverOf(before, key);
    if (server && server.properties.sourceServerId === undefined)
      found.push(`${key} is to be promoted, and follows nobody: its data is older`);
  }
  const option = ((world.spec.failover ?? {}) as Json).option ?? 'Planned';
  const former = moved ? byHost(world.sim, record(earlier)) : undefined;
  if (
    former &&
    option === 'Planned' &&
    everPlanned(before) &&
    former.properties.sourceServerId === undefined &&
    parameterOf(world.sim, former.id, 'default_transaction_read_only') !== 'on'
  )
    found.push(`the write name leaves ${record(earlier)}, which still takes writes`);
  const writers = Object.entries(desired).filter(
    ([key, body]) => isServer(body) && !isWitness(key) && label(body, 'role') === 'primary',
  );
  if (writers.length !== 1) found.push(`${writers.length} servers are primary`);
  found.push(...untrue(world), ...unready(before.sim, answer));
  return found;
}

/** Whether the members of a virtual endpoint replicate from each other in Azure, and nobody said that the pair may end. */
function isPair({ spec, applied, sim }: World, key: string): boolean {
  const { reprotect, retire = [] } = (spec.failover ?? {}) as { reprotect?: string; retire?: readonly string[] };
  const annotation = (of: string, name: string): string | undefined =>
    ((applied[of] ?? {}) as { metadata?: { annotations?: Record<string, string> } }).metadata?.annotations?.[name];
  const [one, other] = ['made-from', 'reader'].map((name) => {
    const server = annotation(key, `database.platform.io/${name}`) ?? '';
    return byHost(sim, `${annotation(server, 'crossplane.io/external-name')}.postgres.database.azure.com`);
  });
  const follows = (a: typeof one, b: typeof one): boolean =>
    a !== undefined && b !== undefined && resourceKey(String(a.properties.sourceServerId ?? '')) === resourceKey(b.id);
  return (follows(one, other) || follows(other, one)) && reprotect !== 'Now' && retire.length === 0;
}

/** A change that Azure does not know: nothing happens until a person has taken it back, and the refusal says how. */
const isForPeople = (refusal: string): boolean =>
  refusal.startsWith('spec.highAvailability.mode: Azure cannot change directly');

const failoverSpec = ({ spec }: World) => (spec.failover ?? {}) as Json;

const sentPromotion = (body: Manifest | undefined): boolean =>
  isServer(body) && objectOf(body?.spec?.forProvider).replicationRole === 'None';

/** The Azure resource of a composed server. */
const serverOf = ({ sim, refs }: World, key: string) => {
  const object = refs[key] && find(sim, refs[key]);
  const id = objectOf(object?.status?.atProvider).id;
  return typeof id === 'string' ? sim.resources[resourceKey(id)] : undefined;
};

const isReadOnly = (sim: Simulation, id: string): boolean =>
  parameterOf(sim, id, 'default_transaction_read_only') === 'on';

const moves = ({ applied }: World, target: unknown): boolean =>
  applied['cname-write'] !== undefined && record(applied['cname-write']) !== target;

/** XR Ready means that applications can write: where the name points in Azure there is a server that takes writes. */
function unready(sim: Simulation, { ready, desired, status }: Reconciled['answer']): string[] {
  const name = Object.values(sim.resources).find(({ id }) => id.endsWith('/CNAME/write'));
  if (!ready) return [];
  const server = byHost(sim, name?.properties.record ?? record(desired['cname-write']));
  if (server && server.properties.sourceServerId === undefined && !isReadOnly(sim, server.id)) return [];
  // A switchover demotes it at a moment of its own, and until a witness has told of it nobody here can know.
  if (server?.properties.sourceServerId !== undefined && failoverOf(status).phase === 'Promoting') return [];
  return ['the XR is Ready, and applications cannot write'];
}

/** After the names have left a server, the first thing that is asked of it is its fence. */
export const meddling = ({ sim, status }: World, sent: readonly SentRequest[]): string[] =>
  servers(status).flatMap(({ role, id, name }) => {
    if (role !== 'Former' || typeof id !== 'string') return [];
    const former = sim.resources[resourceKey(id)];
    if (!former || former.properties.sourceServerId !== undefined || isReadOnly(sim, former.id)) return [];
    return sent
      .filter(
        (request) =>
          request.by !== undefined &&
          request.method !== 'DELETE' &&
          resourceKey(request.id).startsWith(resourceKey(id)) &&
          !resourceKey(request.id).endsWith('/default_transaction_read_only'),
      )
      .map(({ method, id: asked }) => `${method} ${asked.split('/').at(-1)} is asked of ${name} before its fence`);
  });

/** Whether no story before this one was Forced: then the fence comes first. */
const everPlanned = ({ spec }: World): boolean => ((spec.failover ?? {}) as Json).option !== 'Forced';

/** The user said that a server may go, and it is neither the writer nor its replica. */
function mayLeave({ spec, status, sim, refs }: World, key: string): boolean {
  const { retire = [], formerPrimary } = (spec.failover ?? {}) as {
    retire?: readonly string[];
    formerPrimary?: string;
  };
  const object = Object.values(sim.objects).find(
    ({ object: { kind, metadata } }) => kind === 'FlexibleServer' && metadata.name === refs[key]?.name,
  )?.object;
  const name = object?.metadata.annotations?.['crossplane.io/external-name'];
  const role = servers(status).find((server) => server.name === name)?.role;
  const named = name !== undefined && retire.includes(name);
  const isProtected = Object.values(sim.resources).some(
    ({ type, phase, properties: { sourceServerId } }) =>
      type.endsWith('/flexibleServers') && phase === 'Ready' && sourceServerId !== undefined,
  );
  // One that was restored beside the writer is no candidate any more in the moment in which it is named.
  if (role === 'Restored') return named;
  return (role === 'Former' || role === undefined) && (named || (formerPrimary === 'Delete' && isProtected));
}

/** The status does not say what is not so. */
function untrue({ status, sim }: World): string[] {
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

/** What Azure refused although nothing was broken: the function asked for something illegal. */
export const illegal = (sent: readonly SentRequest[]): string[] =>
  sent.flatMap(({ method, id, outcome, by }) => {
    if (outcome.ok || by === undefined) return [];
    if (outcome.rule.startsWith('fault:') || outcome.rule === 'region-outage' || EXCUSED.has(outcome.rule)) return [];
    return [`Azure refuses ${method} ${id.split('/').slice(-2).join('/')}: ${outcome.rule}: ${outcome.message}`];
  });

/** Refusals that a misfortune after the decision causes, and that heal. */
const EXCUSED = new Set([
  // A provider that restarts between the promotion and its next look asks for it again.
  'role-none-needs-replica',
  'promote-planned-needs-source',
  'server-busy',
  'primary-busy',
  // One that restarts while a server is made reports it as Ready: upjet knows no provisioning state.
  'parent-exists',
]);

/** Whether a story may end here: writes are where they belong, or a person is told what to do. */
export function atRest(world: World): boolean {
  const { phase, message } = failoverOf(world.status);
  const wished = ((world.spec.failover ?? {}) as Json).activeRegion === 'secondary' ? 'centralus' : 'eastus2';
  if (phase === 'Stable' && world.status.activeRegion === wished) return true;
  const conditions = (world.status.conditions ?? []) as readonly Json[];
  const ready = conditions.find(({ type }) => type === 'FailoverReady');
  const says = [message, phase === 'Stable' ? ready?.message : ''].join(' ');
  return (
    /spec\.failover\.|spec\.restore|status\.failover\.call/.test(says) || isForPeople(answerTo(world).refusal ?? '')
  );
}
