import { resourceKey } from '../../azure/arm-id.ts';
import { objectOf, textOf } from '../../azure/json.ts';
import { isStatic, parameterOf } from '../../azure/kinds/server-configuration.ts';
import { storageTiersOf } from '../../azure/kinds/server-sizes.ts';
import { find } from '../../azure/objects.ts';
import type { AzureResource, Manifest, SentRequest } from '../../azure/state.ts';
import type { Json } from '../../support/requests.ts';
import { onlyLooks } from './control-plane-properties.ts';
import { failoverOf, servers } from './story.ts';
import { isGoing } from './upgrades.ts';
import type { Reconciled, World } from './world.ts';

type Bodies = Readonly<Record<string, Manifest>>;

const FENCE = 'default_transaction_read_only';

/** A parameter that a person asked for has a key of its own; the one of a fence has another. */
const serverOfParameter = (key: string): string | undefined => /^(.+-server(?:-\d+)?)-parameter-/.exec(key)?.[1];

const forProvider = (body: Manifest | undefined) => objectOf(body?.spec?.forProvider);
const askedOf = (body: Manifest | undefined): string | undefined =>
  onlyLooks(body) ? undefined : textOf(forProvider(body).value) || undefined;

/** The Azure resource of a composed server. */
function azureServer({ sim, refs }: World, key: string): AzureResource | undefined {
  const id = objectOf((refs[key] && find(sim, refs[key]))?.status?.atProvider).id;
  return typeof id === 'string' ? sim.resources[resourceKey(id)] : undefined;
}

/** Parameters that are no longer desired, and that Azure has been told to set back. */
const leaving = ({ applied }: World, { observed, desired }: Reconciled['answer']): readonly string[] =>
  observed.filter((key) => serverOfParameter(key) !== undefined && !(key in desired) && askedOf(applied[key]));

/** Whether a server goes, and what stands on it before it. */
const goes = (desired: Bodies, server: string): boolean => !(server in desired);

/** Sentences for everyday changes that are not made as they have to be. */
export function everyday(before: World, { answer }: Reconciled): string[] {
  const { desired } = answer;
  return [
    ...together(before, answer),
    ...untold(before, answer),
    ...elsewhere(before, desired),
    ...inBetween(before, answer),
  ];
}

/** One parameter at a time on each server: the others would be refused. A fence waits for nobody. */
function together(before: World, answer: Reconciled['answer']): string[] {
  const going = leaving(before, answer);
  const under = new Map<string, string[]>();
  for (const key of [...Object.keys(answer.desired), ...going]) {
    const server = serverOfParameter(key);
    const at = server === undefined ? undefined : azureServer(before, server);
    if (server === undefined || !at) continue;
    const body = answer.desired[key];
    const name = textOf(forProvider(body ?? before.applied[key]).name);
    const asked = askedOf(body);
    if (going.includes(key) || (asked !== undefined && asked !== parameterOf(before.sim, at.id, name)))
      under.set(server, [...(under.get(server) ?? []), name]);
  }
  return [...under]
    .filter(([, names]) => names.length > 1)
    .map(([server, names]) => `${names.join(' and ')} of ${server} are changed at once`);
}

/** A restart is in the status before it begins. */
function untold(before: World, answer: Reconciled['answer']): string[] {
  const told = (before.status.pendingRestarts ?? []) as readonly string[];
  const going = leaving(before, answer).filter((key) => askedOf(before.applied[key]) !== undefined);
  const begun = Object.keys(answer.desired).filter((key) => {
    const server = serverOfParameter(key);
    const asked = askedOf(answer.desired[key]);
    if (server === undefined || asked === undefined || asked === askedOf(before.applied[key])) return false;
    const at = azureServer(before, server);
    const name = textOf(forProvider(answer.desired[key]).name);
    return at !== undefined && asked !== parameterOf(before.sim, at.id, name);
  });
  return [...begun, ...going].flatMap((key) => {
    const server = serverOfParameter(key) ?? '';
    const name = textOf(forProvider(answer.desired[key] ?? before.applied[key]).name);
    if (!isStatic(name) || told.includes(`${server}: ${name}`) || goes(answer.desired, server)) return [];
    // It was asked to go before, and the answer stays the same until it has gone.
    if (isGoing(before, key)) return [];
    return [`${name} restarts ${server}, and the status has not told of it`];
  });
}

/** The maintenance window is that of the server that takes writes; one that took writes before keeps what it was given. */
const elsewhere = (before: World, desired: Bodies): string[] =>
  Object.entries(desired).flatMap(([key, body]) => {
    const window = forProvider(body).maintenanceWindow;
    const role = body.metadata.labels?.role;
    if (body.kind !== 'FlexibleServer' || window === undefined || role === 'primary') return [];
    const has = [forProvider(before.applied[key]), objectOf(azureServer(before, key)?.properties)];
    const same = has.some(({ maintenanceWindow }) => JSON.stringify(maintenanceWindow) === JSON.stringify(window));
    return same ? [] : [`${key} gets a maintenance window, and is ${role}`];
  });

const MOVING = new Set(['Fencing', 'Promoting', 'CuttingOver', 'Upgrading']);
const CAPACITY = ['skuName', 'storageMb', 'storageTier', 'autoGrowEnabled'] as const;

/** While writes move nothing begins that could make a server busy, or restart it. */
function inBetween(before: World, answer: Reconciled['answer']): string[] {
  const { phase } = failoverOf(answer.status);
  if (!MOVING.has(String(phase))) return [];
  const found: string[] = [];
  for (const [key, body] of Object.entries(answer.desired)) {
    const was = before.applied[key];
    // What was only looked at is taken over as it is.
    if (!was || onlyLooks(was)) continue;
    if (body.kind === 'FlexibleServer')
      for (const field of CAPACITY)
        if (forProvider(was)[field] !== undefined && forProvider(body)[field] !== forProvider(was)[field])
          found.push(`${field} of ${key} changes from ${forProvider(was)[field]} to ${forProvider(body)[field]}`);
    if (body.kind === 'FlexibleServer' && modeOf(body) !== modeOf(was))
      found.push(`high availability of ${key} changes from ${modeOf(was)} to ${modeOf(body)}`);
    const server = serverOfParameter(key);
    const at = server === undefined ? undefined : azureServer(before, server);
    const value = askedOf(body);
    if (
      at &&
      value !== undefined &&
      value !== askedOf(was) &&
      value !== parameterOf(before.sim, at.id, textOf(forProvider(body).name))
    )
      found.push(`${key} changes to ${value}`);
  }
  for (const key of leaving(before, answer))
    if (!isGoing(before, key) && !goes(answer.desired, serverOfParameter(key) ?? ''))
      found.push(`${key} goes back to its default`);
  return found.map((what) => `${what} in phase ${phase}`);
}

const modeOf = (body: Manifest): unknown =>
  objectOf(forProvider(body).highAvailability).mode ??
  objectOf(objectOf(body.spec?.initProvider).highAvailability).mode;

/** What is sent to the wrong server: the maintenance window of the writer, and any change to one that has lost its role. */
export function misdirected({ status, spec, sim }: World, sent: readonly SentRequest[]): string[] {
  const own = sent.filter(({ by, id }) => by !== undefined && id.includes('/flexibleServers/'));
  const { retire = [], formerPrimary } = (spec.failover ?? {}) as {
    retire?: readonly unknown[];
    formerPrimary?: string;
  };
  return own.flatMap(({ id, method, body }) => {
    const [, server = '', what = ''] = /^(.*\/flexibleServers\/[^/]+)(.*)$/i.exec(id) ?? [];
    const one = servers(status).find((each) => resourceKey(String(each.id)) === resourceKey(server));
    if (!one) return [];
    const last = id.split('/').at(-1);
    const window = objectOf(body).maintenanceWindow;
    if (window !== undefined && window !== null && what === '' && method === 'PATCH' && one.role !== 'Primary')
      return [`a maintenance window is sent to ${one.name}, whose role is ${one.role}`];
    const changes = (method === 'PATCH' && (what === '' || what.startsWith('/configurations/'))) || what === '/restart';
    const going = formerPrimary === 'Delete' || retire.includes(one.name);
    if (one.role === 'Former' && changes && last !== FENCE && !going && sim.resources[resourceKey(server)])
      return [`${method} ${last} is asked of ${one.name}, which has lost its role`];
    return [];
  });
}

/** What was asked for is what the server that takes writes has, once nothing moves any more; sentences for what is not. */
export function unsettled(world: World): string[] {
  const { status, sim, spec } = world;
  if (failoverOf(status).phase !== 'Stable') return [];
  const found: string[] = [];
  const told = (status.pendingRestarts ?? []) as readonly unknown[];
  if (told.length > 0) found.push(`a restart is still told: ${told.join(', ')}`);
  const database = (spec.database ?? {}) as Json;
  for (const one of servers(status)) {
    const at = typeof one.id === 'string' ? sim.resources[resourceKey(one.id)] : undefined;
    if (!at || (one.role !== 'Primary' && one.role !== 'Replica')) continue;
    const { skuName, storageMb, autoGrowEnabled, maintenanceWindow, highAvailability } = at.properties;
    const lacks = (what: string, has: unknown, wished: unknown): void => {
      if (JSON.stringify(has) !== JSON.stringify(wished))
        found.push(`${what} of ${one.name} is ${JSON.stringify(has)} and not ${JSON.stringify(wished)}`);
    };
    lacks('size', skuName, database.size ?? 'GP_Standard_D2ds_v5');
    lacks('growth', autoGrowEnabled, database.autoGrow ?? true);
    if (Number(storageMb) < Number(database.storageGB ?? 128) * 1024 || !storageTiersOf(Number(storageMb)))
      found.push(`storage of ${one.name} is ${storageMb} MB`);
    for (const [name, value] of Object.entries((spec.parameters ?? {}) as Record<string, string>))
      lacks(name, parameterOf(sim, at.id, name), value);
    if (spec.extensions !== undefined) lacks('extensions', parameterOf(sim, at.id, 'azure.extensions'), 'pgaudit');
    if (one.role !== 'Primary') continue;
    const { startHour } = (spec.maintenanceWindow ?? {}) as Json;
    lacks('maintenance', objectOf(maintenanceWindow).startHour, startHour);
    const { mode } = (spec.highAvailability ?? {}) as Json;
    lacks('high availability', objectOf(highAvailability).mode, mode);
  }
  return found;
}

export const leavesByWish = ({ spec, applied }: World, key: string): boolean => {
  const name = textOf(forProvider(applied[key]).name);
  const lists = ['azure.extensions', 'shared_preload_libraries'];
  return (
    serverOfParameter(key) !== undefined &&
    !(name in ((spec.parameters ?? {}) as Json)) &&
    !(lists.includes(name) && spec.extensions !== undefined)
  );
};
