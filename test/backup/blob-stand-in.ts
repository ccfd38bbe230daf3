import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

/**
 * Stands in for Azure Blob Storage and for Microsoft Entra ID, over TLS on loopback: the calls that the SDKs make for an upload and a
 * download, and the exchange of a federated token. Everything needs the bearer token that it gave out.
 */
export interface BlobStandIn {
  readonly origin: string;
  /** By `<container>/<blob>`. */
  readonly blobs: Map<string, Buffer>;
  /** Method and kind of every call on a blob, in order, as `Put Block dumps/a`. */
  readonly calls: string[];
  close(): Promise<void>;
}

interface Trust {
  readonly tenant: string;
  readonly clientId: string;
  /** What the pod's token file holds. */
  readonly federatedToken: string;
}

const ACCESS_TOKEN = 'made-up-access-token';

/** `certificates` holds tls.crt and tls.key for 127.0.0.1. */
export async function startBlobStandIn(certificates: string, trust: Trust): Promise<BlobStandIn> {
  const blobs = new Map<string, Buffer>();
  const blocks = new Map<string, Buffer>();
  const calls: string[] = [];
  const server = createServer(
    { cert: readFileSync(join(certificates, 'tls.crt')), key: readFileSync(join(certificates, 'tls.key')) },
    (request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        const url = new URL(request.url ?? '', 'https://stand-in');
        const body = Buffer.concat(parts);
        if (url.pathname.startsWith(`/${trust.tenant}/`)) authority(url, body, response);
        else if (request.headers.authorization !== `Bearer ${ACCESS_TOKEN}`)
          refuse(response, 401, 'NoAuthenticationInformation');
        else storage(request, url, body, response);
      });
    },
  );

  function authority(url: URL, body: Buffer, response: ServerResponse): void {
    const origin = `https://${address()}/${trust.tenant}`;
    if (url.pathname.endsWith('/.well-known/openid-configuration')) {
      json(response, 200, {
        issuer: `${origin}/v2.0`,
        authorization_endpoint: `${origin}/oauth2/v2.0/authorize`,
        token_endpoint: `${origin}/oauth2/v2.0/token`,
        jwks_uri: `${origin}/discovery/v2.0/keys`,
      });
      return;
    }
    const form = new URLSearchParams(body.toString('utf8'));
    const wanted = {
      grant_type: 'client_credentials',
      client_id: trust.clientId,
      client_assertion: trust.federatedToken,
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    };
    const wrong = Object.entries(wanted).find(([name, value]) => form.get(name) !== value);
    if (wrong || !form.get('scope')?.includes('https://storage.azure.com/.default'))
      json(response, 401, { error: 'invalid_client', error_description: `AADSTS700016: ${wrong?.[0] ?? 'scope'}` });
    else json(response, 200, { token_type: 'Bearer', expires_in: 3600, access_token: ACCESS_TOKEN });
  }

  function storage(request: IncomingMessage, url: URL, body: Buffer, response: ServerResponse): void {
    const name = decodeURIComponent(url.pathname.slice(1));
    const comp = url.searchParams.get('comp');
    const found = blobs.get(name);
    if (request.method === 'PUT' && comp === 'block') {
      calls.push(`Put Block ${name}`);
      blocks.set(`${name} ${url.searchParams.get('blockid')}`, body);
      response.writeHead(201).end();
    } else if (request.method === 'PUT' && comp === 'blocklist') {
      calls.push(`Put Block List ${name}`);
      const ids = [...body.toString('utf8').matchAll(/<Latest>([^<]+)<\/Latest>/g)].map(([, id]) => id);
      const listed = ids.map((id) => blocks.get(`${name} ${id}`));
      const known = listed.filter((block) => block !== undefined);
      if (known.length < listed.length) refuse(response, 400, 'InvalidBlockList');
      else {
        blobs.set(name, Buffer.concat(known));
        response.writeHead(201).end();
      }
    } else if (request.method === 'PUT' && request.headers['x-ms-blob-type'] === 'BlockBlob') {
      calls.push(`Put Blob ${name}`);
      blobs.set(name, body);
      response.writeHead(201).end();
    } else if (request.method === 'GET' && comp === 'list') list(name, url.searchParams.get('prefix') ?? '', response);
    else if (!found) refuse(response, 404, 'BlobNotFound');
    else if (request.method === 'HEAD') response.writeHead(200, { ...headers, 'content-length': found.length }).end();
    else if (request.method === 'GET') get(request, found, response);
    else refuse(response, 400, 'UnsupportedHttpVerb');
  }

  function list(container: string, prefix: string, response: ServerResponse): void {
    const items = [...blobs.keys()]
      .filter((name) => name.startsWith(`${container}/${prefix}`))
      .map((name) => `<Blob><Name>${name.slice(container.length + 1)}</Name><Properties/></Blob>`);
    response
      .writeHead(200, { 'content-type': 'application/xml' })
      .end(
        `<?xml version="1.0"?><EnumerationResults><Blobs>${items.join('')}</Blobs><NextMarker/></EnumerationResults>`,
      );
  }

  const address = (): string => `127.0.0.1:${(server.address() as AddressInfo).port}`; // it listens on TCP
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `https://${address()}`,
    blobs,
    calls,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

const headers = { etag: '"0x1"', 'last-modified': 'Mon, 01 Jan 2024 00:00:00 GMT', 'x-ms-blob-type': 'BlockBlob' };

function get(request: IncomingMessage, blob: Buffer, response: ServerResponse): void {
  const range = request.headers['x-ms-range'] ?? request.headers.range;
  const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(String(range)) ?? [];
  if (from === undefined) {
    response.writeHead(200, { ...headers, 'content-length': blob.length }).end(blob);
    return;
  }
  const part = blob.subarray(Number(from), to ? Number(to) + 1 : undefined);
  const last = Number(from) + part.length - 1;
  const range206 = { 'content-length': part.length, 'content-range': `bytes ${from}-${last}/${blob.length}` };
  response.writeHead(206, { ...headers, ...range206 }).end(part);
}

function refuse(response: ServerResponse, status: number, code: string): void {
  response
    .writeHead(status, { 'content-type': 'application/xml', 'x-ms-error-code': code })
    .end(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>${code}</Message></Error>`);
}

function json(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
