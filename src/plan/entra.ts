import type { Database } from '../api/database.ts';
import { keysOf } from '../names.ts';
import type { Authentication, Observed } from '../observed/observed.ts';
import { mayNotDelete, takesChanges } from './in-service.ts';
import type { AdministratorPlan, AuthenticationPlan, EntraPlan, ServerPlan } from './types.ts';

/**
 * Microsoft Entra logins. They are settings of each server, which a replica does not take from its primary (Azure: read replicas,
 * considerations), so every server gets them, and a promoted one has them already.
 */
export function entra(database: Database, observed: Observed, servers: readonly ServerPlan[]): EntraPlan {
  const { entra = OFF } = database.spec.security;
  return {
    authentication: Object.fromEntries(
      servers.flatMap((server) => {
        const wanted = authentication(entra, observed.resources.get(server.key)?.forProvider.authentication, server);
        return wanted ? [[server.key, wanted]] : [];
      }),
    ),
    passwords: entra.passwordAuthentication,
    administrators: servers.flatMap((server) => {
      const before = existing(observed, server);
      // What stands on a server goes before it.
      if (server.retiring) return before.filter(({ goes }) => goes);
      if (!takesChanges(server)) return before.map((administrator) => ({ ...administrator, goes: false }));
      const asked = wanted(entra, observed, server);
      return [...asked, ...before.filter(({ key, goes }) => goes && asked.every((one) => one.key !== key))];
    }),
  };
}

type Entra = NonNullable<Database['spec']['security']['entra']>;

const OFF: Entra = { enabled: false, administrators: [], passwordAuthentication: true };

/** Left out, the block would stay as it is, so a server that was given one keeps one (azurerm: optional and computed). */
function authentication(
  { enabled, tenantId, passwordAuthentication }: Entra,
  before: Authentication | undefined,
  server: ServerPlan,
): AuthenticationPlan | undefined {
  if (!takesChanges(server)) return before as AuthenticationPlan | undefined; // ours, so it is whole
  if (!enabled) return before && { activeDirectoryAuthEnabled: false, passwordAuthEnabled: true };
  return { activeDirectoryAuthEnabled: true, passwordAuthEnabled: passwordAuthentication, tenantId };
}

/** In the order of the spec, each after the one before: while one is added the server is busy, and Azure refuses the next. */
function wanted({ enabled, tenantId, administrators }: Entra, observed: Observed, server: ServerPlan) {
  if (!enabled || tenantId === undefined) return []; // the rules refuse enabled without a tenant
  const reported = observed.resources.get(server.key)?.atProvider.authentication;
  return administrators.map((administrator, index): AdministratorPlan => {
    const before = administrators[index - 1];
    return {
      key: keysOf.administrator(server.key, administrator.objectId),
      server: server.key,
      serverName: server.name,
      tenantId,
      ...administrator,
      goes: false,
      after: before ? [server.key, keysOf.administrator(server.key, before.objectId)] : [server.key],
      // Azure refuses administrators until Entra authentication is on.
      until: reported?.activeDirectoryAuthEnabled === true ? [] : [server.key],
    };
  });
}

/** What a server has, whatever is asked for; `goes` where it could not leave Azure as it is. */
function existing(observed: Observed, server: ServerPlan): AdministratorPlan[] {
  const prefix = keysOf.administrator(server.key, '');
  return [...observed.resources].flatMap(([key, resource]) => {
    if (!key.startsWith(prefix)) return [];
    const { objectId, principalName, principalType, tenantId } = resource.forProvider;
    if (!objectId || !principalName || !principalType || !tenantId) return [];
    const same = { objectId, principalName, principalType, tenantId };
    return [
      { key, server: server.key, serverName: server.name, ...same, goes: mayNotDelete(resource), after: [], until: [] },
    ];
  });
}
