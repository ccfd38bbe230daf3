import { listOf, objectOf } from '../azure/json.ts';
import { parameterOf } from '../azure/kinds/server-configuration.ts';
import { find } from '../azure/objects.ts';
import type { Manifest } from '../azure/state.ts';
import type { Json } from '../support/requests.ts';
import type { Property } from './model/explore.ts';
import type { Reconciled, World } from './model/world.ts';

// What goes wrong without a gate, where the properties of every story do not tell. Nothing of src/ is loaded here: see gates.test.ts.

/** A new server is asked for. Only where the story has no outage that could begin after the answer of a witness. */
const made: Property = (before, { answer }) =>
  Object.keys(answer.desired).filter((key) => /-server-\d+$/.test(key) && !before.refs[key]);
export const inLostRegion: Property = (before, answered) =>
  before.sim.outages.regions.length === 0
    ? []
    : Object.keys(answered.answer.desired)
        .filter((key) => /^primary-(server|subnet|nsg)/.test(key) && !/witness|fence|read-only/.test(key))
        .filter((key) => !before.refs[key])
        .map((key) => `${key} is asked for in a region that does not answer`);
export const beforeStandby: Property = (before, answered) =>
  Object.values(before.sim.resources).some(
    ({ id, properties }) =>
      id.includes('/flexibleServers/orders-centralus') && properties.highAvailability !== undefined,
  )
    ? []
    : made(before, answered).map((key) => `${key} is asked for before the writer has its standby`);

const termOf = (of: Manifest | undefined): unknown => of?.metadata.annotations?.['database.platform.io/writer-term'];
/** Servers made from a backup that are told to take writes now, with what Azure has of them. */
const takingOver = (before: World, { answer }: Reconciled) =>
  Object.entries(answer.desired).flatMap(([key, manifest]) => {
    const restored = manifest.metadata.annotations?.['database.platform.io/restores'] !== undefined;
    if (!restored || termOf(manifest) === undefined || termOf(before.applied[key]) !== undefined) return [];
    const name = manifest.metadata.annotations?.['crossplane.io/external-name'];
    return [
      { key, found: Object.values(before.sim.resources).find(({ id }) => id.endsWith(`/flexibleServers/${name}`)) },
    ];
  });
export const restoredEarly: Property = (before, answered) =>
  takingOver(before, answered).flatMap(({ key, found }) =>
    found?.phase === 'Ready' ? [] : [`${key} takes writes before it is restored`],
  );
export const restoredBesideWriter: Property = (before, answered) => {
  const writer = Object.values(before.sim.resources).find(({ id }) => id.includes('/flexibleServers/orders-eastus2-'));
  const open = writer && parameterOf(before.sim, writer.id, 'default_transaction_read_only') !== 'on';
  return takingOver(before, answered).flatMap(({ key }) => (open ? [`${key} takes writes while another does`] : []));
};
export const restoredTwice: Property = (_, { answer }) => {
  const made = Object.entries(answer.desired).filter(
    ([, { metadata }]) => metadata.annotations?.['database.platform.io/restores'] !== undefined,
  );
  return made.length > 1 ? [`${made.map(([key]) => key).join(', ')}: made from a backup twice`] : [];
};

/** Servers that are told to take writes now, and had not been told before. */
const told = (before: World, { answer }: Reconciled): string[] =>
  Object.entries(answer.desired).flatMap(([key, manifest]) =>
    termOf(manifest) !== undefined && termOf(before.applied[key]) === undefined ? [key] : [],
  );
const isComplete = ({ sim, refs }: World, job: string): boolean => {
  const object = refs[job] && find(sim, refs[job]);
  return listOf(object?.status?.conditions)
    .map(objectOf)
    .some(({ type, status }) => type === 'Complete' && status === 'True');
};
export const unreported: Property = (before, answered) =>
  told(before, answered).flatMap((key) =>
    isComplete(before, 'failover-call-2') ? [] : [`${key} takes writes before the Job that promotes it is over`],
  );
export const unverified: Property = (before, answered) =>
  told(before, answered).flatMap((key) =>
    isComplete(before, 'failover-verification-2') ? [] : [`${key} takes writes before PostgreSQL has said so`],
  );
export const unvalidated: Property = (before, answered) =>
  made(before, answered).flatMap((key) =>
    isComplete(before, 'failover-validation-2') ? [] : [`${key} is made before a write has arrived`],
  );
const servers = ({ sim }: World) =>
  Object.values(sim.resources).filter(({ id }) => /\/flexibleServers\/[^/]+$/.test(id));
export const sizes = (world: World) => new Set(servers(world).map(({ properties }) => properties.skuName));
export const unequal: Property = (before, { answer }) => {
  const { call } = (answer.status.failover ?? {}) as Json;
  return call !== undefined && sizes(before).size > 1 ? ['a switchover is called for, and the servers differ'] : [];
};
const NAMES = /\/CNAME\/(write|read)$/;
const nameAt = ({ sim }: World, name: string): unknown =>
  Object.values(sim.resources).find(({ id }) => NAMES.exec(id)?.[1] === name)?.properties.record;
const hostOf = ({ sim, refs }: World, key: string): unknown => {
  const object = refs[key] && find(sim, refs[key]);
  return objectOf(object?.status?.atProvider).fqdn;
};
export const twice: Property = (before, { answer }) => {
  const [writer] = Object.entries(before.applied).find(([, { metadata }]) => metadata.labels?.role === 'primary') ?? [];
  const { phase } = (answer.status.failover ?? {}) as Json;
  return writer !== undefined && phase === 'Promoting' && nameAt(before, 'write') !== hostOf(before, writer)
    ? ['a failover begins, and the write name is still elsewhere']
    : [];
};
/** Servers that leave now. */
const leavers = ({ answer }: Reconciled): string[] =>
  answer.observed.filter((key) => /^(primary|secondary)-server(-\d+)?$/.test(key) && !(key in answer.desired));
export const dependents: Property = (_, answered) =>
  leavers(answered).flatMap((server) =>
    answered.answer.observed
      .filter((key) => new RegExp(`^(usage-of-)?${server}-(?!\\d|fence$)`).test(key))
      .map((key) => `${server} leaves, and ${key} is there`),
  );
export const stillRead: Property = (before, answered) =>
  leavers(answered).flatMap((key) =>
    nameAt(before, 'read') === hostOf(before, key) ? [`${key} leaves, and the read name is there`] : [],
  );
