import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import type { Asked } from './failover.ts';

interface Answer {
  readonly status: number;
  readonly text: string;
}

/** Where the kubelet mounts the ServiceAccount's token and the API server's certificate authority. */
export const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';

/** Reads spec.failover of the object at `path` from the API server at `origin`, with the pod's own ServiceAccount. */
export function asked(origin: string, path: string, folder: string): Asked {
  return async () => {
    const { status, text } = await get(new URL(path, origin), {
      token: readFileSync(join(folder, 'token'), 'utf8').trim(),
      ca: readFileSync(join(folder, 'ca.crt'), 'utf8'),
    });
    if (status === 404) return undefined;
    if (status !== 200) throw new Error(`GET ${path}: the API server answers ${status}: ${text.slice(0, 300)}`);
    const { metadata, spec } = JSON.parse(text) as {
      metadata?: { deletionTimestamp?: string };
      spec?: { failover?: Record<string, unknown> };
    };
    return metadata?.deletionTimestamp === undefined ? (spec?.failover ?? {}) : undefined;
  };
}

const get = (url: URL, { token, ca }: { readonly token: string; readonly ca: string }): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const sent = request(url, { ca, headers: { authorization: `Bearer ${token}` }, timeout: 30_000 }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('error', reject);
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, text: Buffer.concat(parts).toString('utf8') }),
      );
    });
    sent.on('timeout', () => sent.destroy(new Error(`GET ${url.pathname}: the API server does not answer`)));
    sent.on('error', reject);
    sent.end();
  });
