import type { Phase } from '../failover/types.ts';
import { keys, nsgRuleKey, SECURITY_RULES } from '../names.ts';
import { type Condition, isAbsent, type Observed, type ObservedResource } from '../observed/observed.ts';
import type { Admission } from '../order/admit.ts';
import type { Plan, ServerPlan } from '../plan/types.ts';
import { isUnanswered, refusal } from './azure-errors.ts';
import { backupKeys, backupMessage, lacksGeoCopy } from './backup-condition.ts';

const CONDITION_TYPES = [
  'NetworkReady',
  'PrimaryReady',
  'ReplicaReady',
  'EndpointsReady',
  'BackupConfigured',
  'FailoverReady',
  'FailoverInProgress',
  'SplitBrainPossible',
] as const;
/** Only where it was asked for; from then on always, because Crossplane turns a condition that is left out into Unknown. */
const OPTIONAL_TYPES = [
  'AccessReady',
  'ParametersReady',
  'VirtualEndpointReady',
  'ObjectivesAttainable',
  'VersionReady',
] as const;
export type ConditionType = (typeof CONDITION_TYPES)[number] | (typeof OPTIONAL_TYPES)[number];

export interface OurCondition {
  readonly type: ConditionType;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: string;
  readonly message: string;
}

/** The first ones always, in this order, then those that were asked for. Messages name resources in a fixed order and carry no time or count, so they move only with the facts. */
export function conditions(plan: Plan, admission: Admission, observed: Observed): OurCondition[] {
  const asked = new Set(
    [...admission.desired, ...admission.waiting.map(({ resource }) => resource)].map(({ key }) => key),
  );
  // What a control plane that only observes cannot look at says nothing.
  const judge = (type: ConditionType, of: readonly string[], available: string): OurCondition => ({
    type,
    ...verdict(
      plan.observeOnly ? of.filter((key) => asked.has(key)) : of,
      available,
      admission,
      observed,
      plan.observeOnly,
    ),
  });
  const [writer, replica] = [
    plan.servers.find(({ role }) => role === 'Primary'),
    plan.servers.find(({ role, retiring }) => role === 'Replica' && !retiring),
  ];
  const network = [
    keys.resourceGroup,
    keys.dnsZone,
    ...plan.sites.flatMap(({ site, composed }) => [
      keys.vnet(site),
      ...composed.flatMap(({ ordinal, nsg }) => [
        keys.subnet(site, ordinal),
        ...(nsg === undefined ? [] : [keys.nsg(site, ordinal), keys.nsgAssociation(site, ordinal)]),
        // They come with the association; only what is wrong with one is worth saying.
        ...SECURITY_RULES.map((rule) => nsgRuleKey(site, ordinal, rule)).filter((key) => observed.resources.has(key)),
      ]),
      ...(plan.dnsZoneAt.links ? [keys.dnsLink(site)] : []),
      ...(plan.privateLink?.at.links ? [keys.privateLinkLink(site)] : []),
    ]),
    ...(plan.privateLink ? [keys.privateLinkZone, ...plan.privateLink.endpoints.map(({ key }) => key)] : []),
    ...plan.firewall.map(({ key }) => key),
    ...plan.sites.filter(({ peering }) => peering).map(({ site }) => keys.peering(site)),
    ...plan.hubs.hubs.flatMap(({ peerings, links }) => [
      ...peerings.flatMap(({ fromKey, toKey }) => [fromKey, toKey]),
      ...links.map(({ key }) => key),
    ]),
  ];
  const optional = (type: (typeof OPTIONAL_TYPES)[number], of: readonly string[], available: string): OurCondition[] =>
    of.length > 0 ? [judge(type, of, available)] : notRequested(type, observed);
  return [
    judge('NetworkReady', network, 'every network, subnet, security group, link and peering is ready'),
    doubted(plan, judge('PrimaryReady', writer ? [writer.key] : [], takesWrites(writer))),
    replica
      ? doubted(plan, judge('ReplicaReady', [replica.key], `the server in ${replica.region} follows the primary`))
      : { type: 'ReplicaReady', ...noReplica(plan) },
    judge(
      'EndpointsReady',
      [keys.writeRecord, keys.readRecord, ...trafficKeys(plan)],
      trafficKeys(plan).length === 0 ? 'both names point at their servers' : 'all three names point at their servers',
    ),
    backupConfigured(plan, judge('BackupConfigured', backupKeys(plan), backupMessage(plan))),
    { type: 'FailoverReady', ...plan.failover.ready },
    { type: 'FailoverInProgress', ...inProgress(plan, observed) },
    { type: 'SplitBrainPossible', ...plan.failover.splitBrain },
    ...optional('AccessReady', access(plan), 'the administrators and locks are set up on every server'),
    ...optional(
      'ParametersReady',
      plan.parameters.settings.map(({ key }) => key),
      'every parameter has its value on every server',
    ).map((condition) => (condition.status === 'True' ? (pending(plan) ?? condition) : condition)),
    ...(waitingEndpoint(plan, observed) ??
      optional(
        'VirtualEndpointReady',
        plan.virtualEndpoints.endpoints.filter(({ goes }) => !goes).map(({ key }) => key),
        'its names are those of the two servers that there are',
      )),
    ...(plan.objectives ? [attainable(plan.objectives)] : notRequested('ObjectivesAttainable', observed)),
    ...versionReady(plan, observed),
  ];
}

/** From the first upgrade on. Its message tells what a person may do about one that waits or failed. */
function versionReady({ failover: { upgrade } }: Plan, observed: Observed): OurCondition[] {
  const type = 'VersionReady';
  const { phase, failed, waits } = upgrade ?? {};
  if (phase !== undefined) return [{ type, status: 'False', reason: 'Upgrading', message: phase }];
  if (failed !== undefined) return [{ type, status: 'False', reason: 'UpgradeFailed', message: failed }];
  if (waits !== undefined) return [{ type, status: 'False', reason: 'Waiting', message: waits }];
  return observed.conditions.every((before) => before.type !== type)
    ? []
    : [{ type, status: 'True', reason: 'Available', message: 'the server has the version of the spec' }];
}

/** Of the public name: the profile, and its way to the server that takes writes. The way to the replica is made after that one. */
const trafficKeys = ({ trafficManager: traffic }: Plan): string[] =>
  !traffic || traffic.goes
    ? []
    : [keys.trafficManager, ...traffic.endpoints.filter(({ enabled }) => enabled).map(({ key }) => key)];

/** Once it was there it stays, because Crossplane turns a condition that is left out into Unknown. */
function notRequested(type: (typeof OPTIONAL_TYPES)[number], observed: Observed): OurCondition[] {
  if (observed.conditions.every((before) => before.type !== type)) return [];
  return [{ type, status: 'True', reason: 'NotRequested', message: 'nothing of this is asked for' }];
}

function attainable(shortfalls: NonNullable<Plan['objectives']>): OurCondition {
  const type = 'ObjectivesAttainable';
  const [first] = shortfalls;
  if (first)
    return {
      type,
      status: 'False',
      reason: first.reason,
      message: shortfalls.map(({ message }) => message).join('; '),
    };
  return {
    type,
    status: 'True',
    reason: 'NothingRulesThemOut',
    message:
      'nothing in the spec rules them out, and a drill tells the times; when a region is lost, the time of the person who asks comes on top, and with executor Manual that of the call in status.failover',
  };
}

/** With what keeps a zone failover that is asked for, which is no reason for it not to be ready. */
const takesWrites = (writer: ServerPlan | undefined): string =>
  [`the server in ${writer?.region} takes writes`, ...(writer?.zones.told ? [writer.zones.told] : [])].join('; ');

/** A server that is there is not known yet to be what it is said to be. */
const doubted = ({ failover: { phase, message, writable } }: Plan, condition: OurCondition): OurCondition =>
  phase === 'Adopting' || (phase === 'Standby' && !writable && condition.status === 'True')
    ? { type: condition.type, status: 'False', reason: phase, message }
    : condition;

const noReplica = ({ sites, failover }: Plan) =>
  sites.length > 1
    ? ({ status: 'False', reason: 'Unprotected', message: failover.message } as const)
    : ({
        status: 'True',
        reason: 'NotRequested',
        message: 'no secondary region is asked for, so there is no replica',
      } as const);

/** Messages are constant in each phase, so that the time of the condition is the time at which the phase began. */
const PHASES: Readonly<Record<Phase, string>> = {
  Stable: 'no failover is under way',
  Fencing: 'the server that takes writes is being fenced',
  Promoting: 'the replica is becoming the server that takes writes',
  CuttingOver: 'the names are moving to the server that takes writes',
  Validating: 'a probe writes by the write name, which is at the server that takes writes',
  Unprotected: 'no failover is under way; there is no replica',
  Reprotecting: 'no failover is under way; the replica is being made',
  Upgrading: 'no failover is under way; the server that takes writes gets another major version',
  Restoring: 'a server is made from a backup; writes stay where they are',
  Adopting: 'servers of another control plane are looked at; this one changes nothing yet',
  Standby: 'another control plane acts; this one only observes',
};

function inProgress({ failover: { phase }, servers }: Plan, { resources }: Observed) {
  if (phase === 'Restoring') {
    const [refused] = servers.flatMap(({ key, name, role }) => {
      const found = role === 'Restored' ? resources.get(key) : undefined;
      const why = found && !found.ready ? refusal(found) : undefined;
      return why ? [`${key}: ${why}; correct spec.restore, and add "${name}" to spec.failover.retire`] : [];
    });
    if (refused) return { status: 'False', reason: phase, message: refused } as const;
  }
  const moving = ['Fencing', 'Promoting', 'CuttingOver', 'Validating'].includes(phase);
  return { status: moving ? 'True' : 'False', reason: phase, message: PHASES[phase] } as const;
}

/** True all the same: there are backups, but a lost region would take them along. */
const backupConfigured = (plan: Plan, condition: OurCondition): OurCondition =>
  condition.reason === 'Available' && lacksGeoCopy(plan) ? { ...condition, reason: 'NoGeoCopy' } : condition;

/**
 * The names of the zone move without it, so it may wait: for another pair, and for the old one to be gone, which takes an answer of the region
 * that lost the writer. Crossplane shows the old one until it has asked for its deletion.
 */
function waitingEndpoint({ virtualEndpoints }: Plan, { resources }: Observed): OurCondition[] | undefined {
  const { asked, endpoints, leaving } = virtualEndpoints;
  const waiting = (message: string): OurCondition[] => [
    { type: 'VirtualEndpointReady', status: 'False', reason: 'Waiting', message },
  ];
  const old = leaving.filter((key) => resources.has(key));
  const refused = old.flatMap((key) => refusal(resources.get(key) as ObservedResource) ?? []); // `old` are observed
  if (old.length > 0)
    return waiting(
      `${old.join(', ')}: its servers are no pair any more, and another one is made when it is gone${refused.length > 0 ? ` (${refused[0]})` : '; that waits until the region of the former writer answers and its server has no lock'}`,
    );
  return asked && endpoints.every(({ goes }) => goes)
    ? waiting(
        'there is no pair of servers for it; it is made with the next replica, and an old one leaves Azure once the region of the former writer answers and its server has no lock',
      )
    : undefined;
}

/** Keys of what decides who may do what with the servers. */
const access = ({ entra, locks }: Plan): string[] => [...entra.administrators, ...locks].map(({ key }) => key);

/** The parameters exist and answer, and some do not have their values yet. */
function pending({ parameters }: Plan): OurCondition | undefined {
  if (parameters.pending.length === 0) return undefined;
  const restarts = parameters.pending.some(({ restart }) => restart !== undefined);
  return {
    type: 'ParametersReady',
    status: 'False',
    reason: restarts ? 'RestartPending' : 'Changing',
    message: parameters.pending
      .map(({ server, name, restart }) => `${name} on ${server}${restart ? ', which restarts it' : ''}`)
      .join('; '),
  };
}

/** Which reasons go with which status. */
type Verdict =
  | { status: 'True'; reason: 'Available' | 'UpdateRefused'; message: string }
  | { status: 'Unknown'; reason: 'NotAnswering'; message: string }
  | {
      status: 'False';
      reason: 'Lost' | 'NotFound' | 'Refused' | 'Deleting' | 'Unavailable' | 'Creating' | 'Waiting';
      message: string;
    };

/** The worst that is true of these resources. */
function verdict(
  of: readonly string[],
  available: string,
  admission: Admission,
  observed: Observed,
  observeOnly: boolean,
): Verdict {
  const found = of.map((key) => ({ key, resource: observed.resources.get(key) }));
  const unready = found.filter(({ resource }) => !resource?.ready);
  const silent = found.filter(({ resource }) => resource && isUnanswered(resource)).map(({ key }) => key);
  if (silent.length > 0)
    return {
      status: 'Unknown',
      reason: 'NotAnswering',
      message: `${silent.join(', ')}: Azure does not answer; nothing is changed until it does`,
    };
  const missing = observeOnly ? unready.find(({ resource }) => resource && isAbsent(resource)) : undefined;
  if (missing)
    return {
      status: 'False',
      reason: 'NotFound',
      message: `${missing.key}: Azure has no "${missing.resource?.externalName}", or it is somewhere else; nothing is made in its place`,
    };
  const lost = unready.find(({ resource }) => resource?.lost);
  if (lost)
    return {
      status: 'False',
      reason: 'Lost',
      message: `${lost.key}: the provider would have to make "${lost.resource?.externalName}" again, and nothing is made in its place; with spec.deletion.policy Orphan this is how something looks that was deleted in Azure, so look for it there`,
    };
  const refused = firstRefusal(unready);
  if (refused) return { status: 'False', reason: 'Refused', message: refused };

  const waiting = new Map(admission.waiting.map((entry) => [entry.resource.key, entry.for]));
  const named = (
    reason: 'Deleting' | 'Unavailable' | 'Creating',
    says: string,
    keep: (resource: ObservedResource | undefined, key: string) => boolean,
  ) => {
    const names = unready.filter(({ key, resource }) => keep(resource, key)).map(({ key }) => key);
    return names.length > 0
      ? ({ status: 'False', reason, message: `${names.join(', ')}: ${says}` } as const)
      : undefined;
  };
  const state =
    named('Deleting', 'being deleted', (resource) => resource?.deleting === true) ??
    named('Unavailable', 'exists, but is not ready', (resource) => resource?.atProvider.id !== undefined) ??
    named('Creating', 'being created', (_, key) => !waiting.has(key));
  if (state) return state;

  if (unready.length > 0) {
    const keys = unready.map(({ key }) => key);
    const causes = [...new Set(keys.flatMap((key) => rootCauses(key, waiting)))];
    return { status: 'False', reason: 'Waiting', message: `${keys.join(', ')}: waiting for ${causes.join(', ')}` };
  }
  const update = firstRefusal(found);
  return update
    ? { status: 'True', reason: 'UpdateRefused', message: update }
    : { status: 'True', reason: 'Available', message: available };
}

/** What a resource waits for in the end: what it waits for may itself be waiting. */
function rootCauses(key: string, waiting: ReadonlyMap<string, readonly string[]>): string[] {
  return (waiting.get(key) ?? []).flatMap((cause) => (waiting.has(cause) ? rootCauses(cause, waiting) : [cause]));
}

function firstRefusal(
  resources: readonly { readonly key: string; readonly resource: ObservedResource | undefined }[],
): string | undefined {
  for (const { key, resource } of resources) {
    const sentence = resource && refusal(resource);
    if (sentence !== undefined) return `${key}: ${sentence}`;
  }
  return undefined;
}

/** For runs that end fatally: the conditions stay as they were, because a condition that is left out becomes Unknown. */
export function carriedConditions(before: readonly Condition[]): OurCondition[] {
  const carried = OPTIONAL_TYPES.filter((type) => before.some((condition) => condition.type === type));
  return [...CONDITION_TYPES, ...carried].map((type) => {
    const found = before.find((condition) => condition.type === type);
    return found && (found.status === 'True' || found.status === 'False' || found.status === 'Unknown')
      ? { type, status: found.status, reason: found.reason, message: found.message }
      : {
          type,
          status: 'Unknown',
          reason: 'NotRendered',
          message: 'nothing could be rendered; condition Synced says why',
        };
  });
}
