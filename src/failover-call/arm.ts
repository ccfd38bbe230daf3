import { WorkloadIdentityCredential } from '@azure/identity';
import { type Azure, isReplica, type ServerRole } from './failover.ts';

const API_VERSION = '2025-08-01';
const REQUEST_MILLISECONDS = 60_000;
/** Where Azure does not say when to ask again. */
const POLL_SECONDS = 15;

interface Server {
  readonly properties?: { readonly replicationRole?: string; readonly sourceServerResourceId?: string };
}

/**
 * Azure Resource Manager at `endpoint`, by the identity that Microsoft Entra Workload ID gives to the pod in its environment. The authority
 * is the one that the webhook names, so it is not asked at login.microsoftonline.com whether it is one.
 */
export function arm(endpoint: string): Azure {
  const credential = new WorkloadIdentityCredential({ disableInstanceDiscovery: true });
  const send = async (url: string, init: RequestInit = {}): Promise<Response> => {
    // The token goes nowhere but to Azure Resource Manager, whatever a header says.
    if (new URL(url).origin !== new URL(endpoint).origin) throw new Error(`${url}: is not at ${endpoint}`);
    const { token } = await credential.getToken(`${endpoint}/.default`);
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    return fetch(url, { ...init, headers, redirect: 'error', signal: AbortSignal.timeout(REQUEST_MILLISECONDS) });
  };
  const urlOf = (server: string): string => `${endpoint}${server}?api-version=${API_VERSION}`;
  const role = async (server: string): Promise<ServerRole | undefined> => {
    const response = await send(urlOf(server));
    if (response.status === 404) return undefined;
    await expectSuccess(response, `GET ${server}`);
    const { properties } = (await response.json()) as Server; // the fields that are read, of ARM's own format
    if (properties?.replicationRole === undefined && properties?.sourceServerResourceId === undefined)
      throw new Error(`GET ${server}: Azure does not tell its role`);
    return {
      replicationRole: properties.replicationRole ?? '',
      source: properties.sourceServerResourceId || undefined,
    };
  };
  return {
    role,
    promote: async (server, replica) => {
      const response = await send(urlOf(server), {
        method: 'PATCH',
        body: JSON.stringify({ properties: { replica } }),
      });
      await expectSuccess(response, `PATCH ${server}`);
      if ((await finished(response, send)) === 'unseen') await promoted(server, role);
    },
  };
}

/**
 * The long-running operation of a response, until it has ended: Azure REST, "Track asynchronous Azure operations". It belongs to the
 * subscription, so an identity that has its rights on a resource group may not see it.
 */
async function finished(response: Response, send: (url: string) => Promise<Response>): Promise<'ended' | 'unseen'> {
  const operation = response.headers.get('azure-asyncoperation');
  const location = response.headers.get('location');
  const url = operation ?? location;
  if (url === null) return 'ended';
  let last = response;
  for (;;) {
    await pause(Number(last.headers.get('retry-after') ?? POLL_SECONDS));
    last = await send(url);
    if (last.status === 429 || last.status >= 500) continue;
    if (last.status === 403) return 'unseen';
    await expectSuccess(last, 'the promotion');
    if (operation === null) {
      if (last.status !== 202) return 'ended';
      continue;
    }
    const { status, error } = (await last.json()) as { status?: string; error?: { code?: string; message?: string } };
    if (status === 'Succeeded') return 'ended';
    if (status === 'Failed' || status === 'Canceled')
      throw new Error(`the promotion ${status.toLowerCase()}: ${error?.code ?? ''} ${error?.message ?? ''}`.trim());
  }
}

/** Asks the server itself. What failed is not told then: the deadline of the Job ends it. */
async function promoted(server: string, role: Azure['role']): Promise<void> {
  for (;;) {
    const now = await role(server);
    if (!now || !isReplica(now)) return;
    await pause(POLL_SECONDS);
  }
}

const pause = (seconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, (Number.isFinite(seconds) ? seconds : POLL_SECONDS) * 1000));

async function expectSuccess(response: Response, what: string): Promise<void> {
  if (response.ok) return;
  const text = await response.text();
  throw new Error(`${what}: Azure answers ${response.status}: ${text.slice(0, 500)}`);
}
