import type { Database } from '../api/database.ts';
import { extensionParameters } from '../azure/extensions.ts';
import { azureValue, isNotBelowPrimary, restartsServer, sameValue } from '../azure/server-parameters.ts';
import type { Failover } from '../failover/types.ts';
import { keysOf } from '../names.ts';
import type { Observed, ObservedResource } from '../observed/observed.ts';
import { mayNotDelete, takesChanges, writesMove } from './in-service.ts';
import type { ParameterPlan, ParametersPlan, PendingParameter, ServerPlan } from './types.ts';

/** Parameters that were asked for, by name, as Azure writes their values. */
function wishedParameters({ spec }: Database): ReadonlyMap<string, string> {
  const { tls, scramOnly } = spec.security;
  const all = {
    ...spec.parameters,
    ...extensionParameters(spec.extensions ?? []),
    ...(tls?.minVersion ? { ssl_min_protocol_version: tls.minVersion } : {}),
    ...(scramOnly
      ? { password_encryption: 'scram-sha-256', 'azure.accepted_password_auth_method': 'scram-sha-256' }
      : {}),
  };
  const byName = Object.entries<string>(all).sort(([a], [b]) => (a < b ? -1 : 1));
  return new Map(byName.map(([name, value]) => [name, azureValue(name, value)]));
}

/** One parameter of one server, and what has become of it. */
interface Setting {
  readonly server: ServerPlan;
  readonly key: string;
  readonly name: string;
  readonly found: ObservedResource | undefined;
  /** What the provider has been told to send; undefined while the parameter is only read. */
  readonly asked: string | undefined;
  readonly reported: string | undefined;
  /** Undefined: Azure's default. In Azure's own spelling where that says the same. */
  readonly target: string | undefined;
}

/**
 * Server parameters, each read before it is written. A parameter exists with its server, so it is imported by its id and observed first:
 * nothing is sent for a value that Azure has already, in whatever spelling, and it is known in which direction a value moves. Then one
 * change at a time on each server, because a server that changes refuses the next one; a change that restarts the server only once the
 * status has told of it; and those that a replica may not have lower than its primary in the order that replication allows.
 */
export function parameters(
  database: Database,
  observed: Observed,
  all: readonly ServerPlan[],
  going: Pick<Failover, 'phase'>,
): ParametersPlan {
  const servers = all.filter((server) => takesChanges(server) && !server.retiring);
  const wishes = wishedParameters(database);
  const settings = servers.flatMap((server) => settingsOf(wishes, observed, server));
  const planned = all.filter((server) => !servers.includes(server)).flatMap((server) => leftAlone(observed, server));
  const pending: PendingParameter[] = [];
  for (const server of servers) {
    const own = settings.filter((setting) => setting.server === server);
    const waits = own.filter(isPending);
    const turn = nextOf(own, waits, settings, observed, writesMove(going));
    for (const setting of own) {
      const value = setting === turn || !isPending(setting) ? setting.target : setting.asked;
      // Left out, the provider resets it. One that was only read goes without a trace.
      const goes = value === undefined && (setting === turn || !wishes.has(setting.name));
      // Kept for one more pass where it could not be reset as it is.
      const held = setting === turn && setting.found !== undefined && mayNotDelete(setting.found);
      if (goes && !held) continue;
      planned.push({ ...planOf(setting, goes ? setting.asked : value, observed), goes });
    }
    for (const setting of own.filter((one) => waits.includes(one) || inFlight(one)))
      pending.push({
        server: server.key,
        name: setting.name,
        restart: isRead(setting) ? restartOf(setting) : undefined,
      });
  }
  return { settings: planned, pending };
}

/** How status.pendingRestarts names the restart that a change causes, or undefined. */
const restartOf = ({ server, name }: Pick<Setting, 'server' | 'name'>): string | undefined =>
  restartsServer(name) ? `${server.key}: ${name}` : undefined;

/** What a server has of these objects. */
const existingOf = (observed: Observed, server: ServerPlan): readonly (readonly [string, string, ObservedResource])[] =>
  [...observed.resources].flatMap(([key, resource]) =>
    key.startsWith(keysOf.parameter(server.key, '')) && resource.forProvider.name !== undefined
      ? [[key, resource.forProvider.name, resource] as const]
      : [],
  );

/**
 * Of a server that has lost its role, or that goes, parameters are only read from then on: a change that could not be made in time would be
 * sent to it when it answers again, before its fence. And an object that may only look leaves without a trace, where the deletion of another
 * one sets the parameter back, and restarts the server for it; on a replica Azure refuses a default that is lower than its primary's value.
 */
const leftAlone = (observed: Observed, server: ServerPlan): ParameterPlan[] =>
  existingOf(observed, server)
    .filter(([, , found]) => !(server.retiring && (found.deleting || mayNotDelete(found))))
    .map(([key, name]) => ({ ...planOf({ server, key, name }, undefined, observed), goes: false }));

function settingsOf(wishes: ReadonlyMap<string, string>, observed: Observed, server: ServerPlan): Setting[] {
  const existing = existingOf(observed, server).map(([, name]) => name);
  return [...new Set([...wishes.keys(), ...existing])].sort().map((name): Setting => {
    const key = keysOf.parameter(server.key, name);
    const found = observed.resources.get(key);
    const before = found?.forProvider.value;
    const reported = found?.atProvider.value;
    // What a replica may not have lower has no default that could be reset to in the right order, so it keeps its last value.
    const wish = wishes.get(name) ?? (isNotBelowPrimary(name) ? before : undefined);
    const adopted = wish !== undefined && reported !== undefined && sameValue(name, wish, reported);
    return {
      server,
      key,
      name,
      found,
      asked: before,
      reported,
      target: adopted ? reported : wish,
    };
  });
}

/** Whether getting to the target takes a request to Azure. While a parameter has not been read, nobody knows. */
function isPending({ asked, reported, target, name }: Setting): boolean {
  if (target === undefined) return asked !== undefined;
  return reported === undefined || !sameValue(name, target, reported);
}

/** Before that, nobody knows whether anything has to change. */
const isRead = ({ asked, reported }: Setting): boolean => asked !== undefined || reported !== undefined;

/** Whether Azure has yet to take what the provider was told. A refused value counts: it is being tried again. */
function isMoving({ found, asked, reported, name }: Setting): boolean {
  if (!found || asked === undefined) return false;
  return found.deleting || reported === undefined || !sameValue(name, asked, reported);
}

/** The same, or the provider cannot say. */
const inFlight = (setting: Setting): boolean => {
  const { found, asked } = setting;
  return isMoving(setting) || (asked !== undefined && found !== undefined && !(found.ready && found.synced));
};

/** The one parameter of a server that may move now: the one that is moving, else the first that may begin. */
function nextOf(
  own: readonly Setting[],
  waits: readonly Setting[],
  all: readonly Setting[],
  observed: Observed,
  held: boolean,
): Setting | undefined {
  const moving = own.find(isMoving);
  // Another value for it, asked for meanwhile, has to keep the order too, and to be told where the status was lost.
  if (moving)
    return waits.includes(moving) && !held && mayMove(moving, all, observed) && isAnnounced(moving, observed)
      ? moving
      : undefined;
  if (held) return undefined;
  // In an outage all of them are such, and none begins; the one that is in the way can be corrected.
  const unknown = own.find(inFlight);
  return waits.find((setting) => {
    if (unknown !== undefined && setting !== unknown) return false;
    const server = observed.resources.get(setting.server.key);
    return (
      server?.ready &&
      server.synced &&
      isRead(setting) &&
      mayMove(setting, all, observed) &&
      isAnnounced(setting, observed)
    );
  });
}

const isAnnounced = (setting: Setting, { announcedRestarts }: Observed): boolean => {
  const restart = restartOf(setting);
  return restart === undefined || announcedRestarts.has(restart);
};

/** A replica rises first and falls last (Microsoft, concepts-read-replicas). */
function mayMove(setting: Setting, all: readonly Setting[], observed: Observed): boolean {
  const { server, name, reported } = setting;
  if (!isNotBelowPrimary(name)) return true;
  const target = Number(setting.target);
  const rises = !(target <= Number(reported));
  if (rises !== (server.role === 'Primary')) return true;
  return all.every((other) => {
    if (other.name !== name || other.server === server || !observed.resources.has(other.server.key)) return true;
    if (rises) return Number(other.reported) >= target;
    return other.server.role !== 'Primary' || Number(other.reported) <= target;
  });
}

function planOf(
  { server, key, name }: Pick<Setting, 'server' | 'key' | 'name'>,
  value: string | undefined,
  observed: Observed,
): Omit<ParameterPlan, 'goes'> {
  const id = observed.resources.get(server.key)?.atProvider.id;
  return {
    key,
    server: server.key,
    name,
    value,
    id: id && `${id}/configurations/${name}`,
    until: id === undefined ? [server.key] : [],
  };
}
