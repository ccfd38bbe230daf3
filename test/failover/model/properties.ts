import { resourceKey } from '../../azure/arm-id.ts';
import { objectOf } from '../../azure/json.ts';
import { parameterOf } from '../../azure/kinds/server-configuration.ts';
import { find } from '../../azure/objects.ts';
import type { Manifest, SentRequest } from '../../azure/state.ts';
import type { Json } from '../../support/requests.ts';
import { answerTo } from './answers.ts';
import { droppedBackups, untrueBackups } from './backup-properties.ts';
import { acting, onlyLooks, overstepping } from './control-plane-properties.ts';
import { roleOf } from './control-planes.ts';
import { everyday, leavesByWish, misdirected } from './everyday-properties.ts';
import { byHost, isReadOnly, record, unready, untrue } from './status-properties.ts';
import { failoverOf, servers } from './story.ts';
import { goesForUpgrade, upgradeEndsPair, wrongUpgrade } from './upgrades.ts';
import type { Reconciled, World } from './world.ts';

const isServer = (body: Manifest | undefined): boolean => body?.kind === 'FlexibleServer';
const isWitness = (key: string): boolean => key.includes('-witness-');
const label = (body: Manifest | undefined, name: string): unknown => body?.metadata.labels?.[name];

/** What must hold whenever the function has answered. Returns a sentence for each thing that does not. */
export function broken(before: World, { world, answer }: Reconciled): string[] {
  const { refusal, observed, desired } = answer;
  if (refusal !== undefined) return isForPeople(refusal) ? [] : [`the function refuses: ${refusal}`];
  const found: string[] = [];
  const adopting = failoverOf(answer.status).phase === 'Adopting';
  // Where another control plane's server is looked at with another role, its object comes back fresh, and Azure knows nothing of it.
  const renewed = (key: string): boolean => adopting && isServer(before.applied[key]) && onlyLooks(before.applied[key]);
  const gone = observed.filter((key) => !(key in desired) && !isWitness(key) && !renewed(key));
  for (const key of gone) {
    if (leavesByWish(before, key)) continue;
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
      if (isPair(before, key) && !upgradeEndsPair(before)) found.push(`${key} leaves while its servers are a pair`);
      continue;
    }
    if (!/^(primary|secondary)-server(-\d+)?$/.test(key)) found.push(`${key} is no longer desired`);
    else if (!mayLeave(before, key))
      found.push(`the server ${key} is no longer desired, and nobody said that it may go`);
  }
  // A record that is only looked at asks for nothing.
  const target = onlyLooks(desired['cname-write']) ? undefined : record(desired['cname-write']);
  const asked = byHost(world.sim, target);
  const earlier = recordOf(before);
  const moved = target !== undefined && earlier !== undefined && earlier !== target;
  const stays = earlier !== undefined && !moved;
  // Azure makes the writer a replica at a moment of its own, also when a person has taken a switchover back whose call was made; until a
  // witness has told of it, or while cutover is Manual, the name stays.
  const { phase } = failoverOf(world.status);
  const waits =
    phase === 'Fencing' ||
    phase === 'Promoting' ||
    (phase === 'CuttingOver' && failoverSpec(before).cutover === 'Manual');
  if (asked && asked.properties.sourceServerId !== undefined && !(stays && waits))
    found.push(`the write name is asked for on ${target}, which is a replica`);
  if (asked && moved && isReadOnly(world.sim, asked.id))
    found.push(`the write name is asked for on ${target}, which is still read-only`);
  if (moved && failoverSpec(before).cutover === 'Manual') found.push('the write name moves, and cutover is Manual');
  for (const [key, body] of Object.entries(desired)) {
    const server = sentPromotion(body) && !sentPromotion(before.applied[key]) && serverOf(before, key);
    if (server && server.properties.sourceServerId === undefined)
      found.push(`${key} is to be promoted, and follows nobody: its data is older`);
  }
  const option = ((world.spec.failover ?? {}) as Json).option ?? 'Planned';
  const former = moved ? byHost(world.sim, earlier) : undefined;
  if (
    former &&
    option === 'Planned' &&
    everPlanned(before) &&
    former.properties.sourceServerId === undefined &&
    parameterOf(world.sim, former.id, 'default_transaction_read_only') !== 'on'
  )
    found.push(`the write name leaves ${earlier}, which still takes writes`);
  const roles = Object.entries(desired).flatMap(([key, body]) =>
    isServer(body) && !isWitness(key) ? [label(body, 'role')] : [],
  );
  const writers = roles.filter((role) => role === 'primary').length;
  // A server that is only looked at has no role.
  if (writers !== 1 && roles.length > 0 && !roles.includes(undefined)) found.push(`${writers} servers are primary`);
  found.push(...untrue(world), ...unready(before.sim, answer), ...acting(before, { world, answer }));
  found.push(...untrueBackups({ ...world, sim: before.sim }), ...wrongUpgrade(before, { world, answer }));
  found.push(...everyday(before, { world, answer }));
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

/** Nothing happens until a person has taken the change back, and the refusal says how. */
const isForPeople = (refusal: string): boolean =>
  refusal.startsWith('spec.management.role: Standby, but the rest of the spec no longer asks for') ||
  refusal.startsWith('spec.restore.sourceServerId: is missing, and there is no server yet whose backup it could be');

const failoverSpec = ({ spec }: World) => (spec.failover ?? {}) as Json;

const sentPromotion = (body: Manifest | undefined): boolean =>
  isServer(body) && objectOf(body?.spec?.forProvider).replicationRole === 'None';

/** The Azure resource of a composed server. */
const serverOf = ({ sim, refs }: World, key: string) => {
  const object = refs[key] && find(sim, refs[key]);
  const id = objectOf(object?.status?.atProvider).id;
  return typeof id === 'string' ? sim.resources[resourceKey(id)] : undefined;
};

/** Where the write name is asked for so far; on a control plane that has only looked, where Azure has it. */
const recordOf = ({ applied, sim }: World): unknown =>
  applied['cname-write'] && !onlyLooks(applied['cname-write'])
    ? record(applied['cname-write'])
    : Object.values(sim.resources).find(({ id }) => id.endsWith('/CNAME/write'))?.properties.record;

/** Requests that nobody may send in such a world. */
export const wrong = (world: World, sent: readonly SentRequest[]): string[] => [
  ...illegal(sent),
  ...meddling(world, sent),
  ...overstepping(world, sent),
  ...droppedBackups(world, sent),
  ...misdirected(world, sent),
];

/** After the names have left a server, the first thing that is asked of it is its fence. */
const meddling = ({ sim, status }: World, sent: readonly SentRequest[]): string[] =>
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
function mayLeave(world: World, key: string): boolean {
  const { spec, status, sim, refs } = world;
  if (goesForUpgrade(world, key)) return true;
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

/** What Azure refused although nothing was broken: the function asked for something illegal. */
const illegal = (sent: readonly SentRequest[]): string[] =>
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
  // An upgrade that failed is tried once more by the provider before the function takes it back, and may succeed then.
  'replica-version',
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
  if (roleOf(world.spec) === 'Standby') return phase === 'Standby';
  return (
    /spec\.(failover|adopt|restore)|spec\.database\.version|status\.failover\.call|promote the replica by hand/.test(
      says,
    ) || isForPeople(answerTo(world).refusal ?? '')
  );
}
