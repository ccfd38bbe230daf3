import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

/**
 * Stands in for Microsoft Entra ID, Azure Resource Manager and the Kubernetes API, over TLS on loopback: the exchange of a federated token,
 * Servers - Get and Update with a long-running operation, and one object.
 */
export interface ArmStandIn {
  readonly origin: string;
  readonly port: number;
  /** properties of each server, by ARM id. */
  readonly servers: Map<string, Record<string, unknown>>;
  /** spec.failover of the object, or undefined when it is gone. */
  failover: Record<string, unknown> | undefined;
  /** Answers to the looks at the operation, then `Succeeded`. A number is a status code; 403 also ends the promotion. */
  operation: (string | number)[];
  /** Status of the next PATCH instead of 202. */
  refuse: number | undefined;
  /** Every PATCH with its body, and every look at the operation. */
  readonly calls: string[];
  close(): Promise<void>;
}

interface Trust {
  readonly tenant: string;
  readonly clientId: string;
  readonly federatedToken: string;
  readonly serviceAccountToken: string;
  readonly object: string;
}

type Reply = readonly [status: number, body: object, headers?: Record<string, string>];

const ACCESS_TOKEN = 'made-up-access-token';

/** `certificates` holds tls.crt and tls.key for 127.0.0.1. */
export async function startArmStandIn(certificates: string, trust: Trust): Promise<ArmStandIn> {
  let patched: string | undefined;
  const state: Omit<ArmStandIn, 'origin' | 'port' | 'close'> = {
    servers: new Map(),
    failover: undefined,
    operation: [],
    refuse: undefined,
    calls: [],
  };
  const origin = (): string => `https://127.0.0.1:${(server.address() as AddressInfo).port}`; // it listens on TCP
  const json = (response: ServerResponse, status: number, body: object, headers: Record<string, string> = {}): void => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
  };

  function authority(url: URL, body: string, response: ServerResponse): void {
    const base = `${origin()}/${trust.tenant}`;
    if (url.pathname.endsWith('/.well-known/openid-configuration')) {
      json(response, 200, {
        issuer: `${base}/v2.0`,
        authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
        token_endpoint: `${base}/oauth2/v2.0/token`,
        jwks_uri: `${base}/discovery/v2.0/keys`,
      });
      return;
    }
    const form = new URLSearchParams(body);
    const known =
      form.get('client_id') === trust.clientId &&
      form.get('client_assertion') === trust.federatedToken &&
      form.get('scope')?.includes(`${origin()}/.default`);
    if (known) json(response, 200, { token_type: 'Bearer', expires_in: 3600, access_token: ACCESS_TOKEN });
    else json(response, 401, { error: 'invalid_client', error_description: 'AADSTS700016' });
  }

  function cluster(request: IncomingMessage, url: URL, response: ServerResponse): void {
    if (request.headers.authorization !== `Bearer ${trust.serviceAccountToken}`) json(response, 401, {});
    else if (url.pathname !== trust.object) json(response, 403, { message: 'not this object' });
    else if (!state.failover) json(response, 404, {});
    else json(response, 200, { metadata: {}, spec: { failover: state.failover } });
  }

  function manager(request: IncomingMessage, url: URL, body: string): Reply {
    if (request.headers.authorization !== `Bearer ${ACCESS_TOKEN}`) return [401, {}];
    if (url.searchParams.get('api-version') !== '2025-08-01') return [400, { error: 'api-version' }];
    if (url.pathname === '/operation') {
      const status = state.operation.shift() ?? 'Succeeded';
      state.calls.push(`GET operation: ${status}`);
      if ((status === 'Succeeded' || status === 403) && patched)
        state.servers.set(patched, { replicationRole: 'Primary' });
      if (typeof status === 'number') return [status, {}, { 'retry-after': '0' }];
      const error = { code: 'PromotionFailed', message: 'made up' };
      return [200, status === 'Failed' ? { status, error } : { status }, { 'retry-after': '0' }];
    }
    const properties = state.servers.get(url.pathname);
    if (!properties) return [404, { error: { code: 'ResourceNotFound' } }];
    if (request.method === 'GET') return [200, { id: url.pathname, properties }];
    state.calls.push(`PATCH ${url.pathname.split('/').at(-1)} ${body}`);
    if (state.refuse !== undefined) return [state.refuse, { error: { code: 'ServerIsBusy' } }];
    patched = url.pathname;
    const operation = `${origin()}/operation?api-version=2025-08-01`;
    return [202, {}, { 'azure-asyncoperation': operation, 'retry-after': '0' }];
  }

  const server = createServer(
    { cert: readFileSync(join(certificates, 'tls.crt')), key: readFileSync(join(certificates, 'tls.key')) },
    (request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        const url = new URL(request.url ?? '', 'https://stand-in');
        const body = Buffer.concat(parts).toString('utf8');
        if (url.pathname.startsWith(`/${trust.tenant}/`)) authority(url, body, response);
        else if (url.pathname.startsWith('/apis/')) cluster(request, url, response);
        else json(response, ...manager(request, url, body));
      });
    },
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return Object.assign(state, {
    origin: origin(),
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  });
}
