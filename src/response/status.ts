import type { PostgreSQLStatus } from '../api/types.generated.ts';
import { storageGB } from '../azure/compute-storage.ts';
import { type FenceState, fenceHalves } from '../failover/evidence.ts';
import { keys } from '../names.ts';
import type { Observed } from '../observed/observed.ts';
import type { EndpointPlan, Plan, ServerPlan } from '../plan/types.ts';
import { backupStatus } from './backup-status.ts';
import { failoverHistory } from './failover-history.ts';
import { monitoringStatus } from './monitoring-status.ts';

const STRICTEST = 'verify-ca';

/**
 * The XR's status. The strictest sslmode is verify-ca: Azure's certificates hold names directly below postgres.database.azure.com, and the
 * endpoint names lie deeper (which exact names they hold is not documented) or, that of Traffic Manager, elsewhere.
 */
export function status(plan: Plan, observed: Observed): PostgreSQLStatus {
  const { working } = plan.adminPassword;
  const restarts = plan.parameters.pending.flatMap(({ restart }) => restart ?? []);
  return {
    resourceGroupName: plan.resourceGroup.name,
    dnsZoneName: plan.dnsZone,
    activeRegion: plan.activeRegion,
    version: versionOf(
      plan.servers.find(({ role }) => role === 'Primary'),
      observed,
    ),
    backup: backupStatus(plan, observed),
    connectionSecret:
      plan.flavour === 'namespaced' ? { name: plan.connectionSecret, namespace: plan.namespace } : undefined,
    failover: plan.sites.length > 1 || isRestoring(plan) ? failover(plan, observed) : undefined,
    adopt: isExportable(plan) ? { servers: adoptable(plan) } : undefined,
    credentials: working?.rotated
      ? { secretName: working.name, rotatedAt: observed.resources.get(working.key)?.created || undefined }
      : undefined,
    // An empty list takes the last entry out of a status that is merged.
    pendingRestarts: restarts.length > 0 || observed.announcedRestarts.size > 0 ? restarts : undefined,
    endpoints: {
      write: endpoint(plan.endpoints.write),
      read: endpoint(plan.endpoints.read),
      virtual: virtualEndpoint(plan, observed),
      trafficManager: trafficManager(plan, observed),
    },
    monitoring: monitoringStatus(plan, observed),
    servers: plan.servers.map((server) => {
      const found = observed.resources.get(server.key);
      return {
        name: server.name,
        region: server.region,
        role: server.role,
        generation: server.generation,
        fqdn: found?.atProvider.fqdn,
        id: found?.atProvider.id,
        version: versionOf(server, observed),
        zone: found?.atProvider.zone,
        storageGB: storageGB(found?.atProvider.storageMb ?? server.storageMb),
        ready: found?.ready === true,
        fence: fence(plan, server.key, observed),
      };
    }),
  };
}

/** What Azure has, or what is asked of a server that is not there yet. */
const versionOf = (server: ServerPlan | undefined, { resources }: Observed): string | undefined =>
  resources.get(server?.key ?? '')?.atProvider.version ?? server?.version;

/** Not while it is unknown which server takes writes, nor while only this cluster has the password. */
const isExportable = ({ failover: { phase }, adminPassword, entra }: Plan): boolean =>
  phase !== 'Adopting' && !(adminPassword.generated && entra.passwords);

/** The servers as spec.adopt lists them. One that is going need not be taken over. */
export const adoptable = ({ servers }: Plan) =>
  servers
    .filter(({ retiring }) => !retiring)
    .map(({ site, name, generation, role }) => ({
      region: site,
      externalName: name,
      generation,
      // What was restored and has not taken writes is kept there, as data that nobody uses.
      role: role === 'Restored' ? 'Former' : role,
    }));

/** In one region there is no failover to tell of, but a restore has its phases. */
const isRestoring = ({ servers, failover: { phase } }: Plan): boolean =>
  phase !== 'Stable' && servers.some(({ restores, term }) => restores !== undefined && term !== 1);

const endpoint = ({ host, target }: Pick<EndpointPlan, 'host' | 'target'>) => ({
  host,
  port: 5432,
  target,
  sslMode: STRICTEST,
});

const WORDS = { on: 'On', off: 'Off', pending: 'Pending' } as const;

/** Both halves of a server's fence. What is not there yet is on its way. */
function fence(plan: Plan, server: string, observed: Observed) {
  const planned = plan.fences.find((each) => each.server === server);
  if (!planned) return undefined;
  const { network, sessions } = fenceHalves(observed, planned);
  const word = (state: FenceState): string =>
    state === 'absent' ? (planned.on ? WORDS.pending : WORDS.off) : WORDS[state];
  return { network: network ? word(network) : 'None', sessions: planned.sessions ? word(sessions) : undefined };
}

function trafficManager({ trafficManager: traffic, endpoints: { write } }: Plan, { resources }: Observed) {
  if (!traffic || traffic.goes) return undefined;
  const served = traffic.endpoints.find(({ enabled }) => enabled);
  const ready = [keys.trafficManager, served?.key ?? ''].every((key) => resources.get(key)?.ready === true);
  return { ...endpoint({ host: traffic.host, target: write.target }), ready };
}

function virtualEndpoint({ virtualEndpoints }: Plan, observed: Observed) {
  const current = virtualEndpoints.endpoints.find(({ goes }) => !goes);
  return (
    current && {
      writeHost: current.writeHost,
      readHost: current.readHost,
      sslMode: STRICTEST,
      ready: observed.resources.get(current.key)?.ready === true,
    }
  );
}

function failover(plan: Plan, observed: Observed): PostgreSQLStatus['failover'] {
  const { phase, message, from, to, call } = plan.failover;
  const { sites } = plan;
  const region = (wanted: string | undefined) => sites.find(({ site }) => site === wanted)?.region;
  const carried = observed.conditions.find(({ type, reason }) => type === 'FailoverInProgress' && reason === phase);
  const history = failoverHistory(plan, observed);
  return {
    phase,
    from: region(from),
    to: region(to),
    since: carried?.lastTransitionTime || undefined,
    message,
    call,
    // An empty list takes the last entry out of a status that is merged.
    history: history.length > 0 || observed.failoverHistory.length > 0 ? [...history] : undefined,
  };
}
