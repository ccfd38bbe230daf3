import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import { type Client, credentials, status } from '@grpc/grpc-js';
import { loadTls } from '../../src/server/credentials.ts';
import { createCertificateAuthority } from '../crossplane/certificates.ts';
import { type Certificates, makeCertificates } from './authorities.ts';
import { callFunction, clientCredentials, connect, goodRequest, statusOf } from './calls.ts';
import { type InProcess, serveInProcess } from './in-process.ts';

let directory: string;
let certificates: Certificates;
let server: InProcess;
const clients: Client[] = [];

function client(...channel: Parameters<typeof connect> extends [number, ...infer Rest] ? Rest : never): Client {
  const made = connect(server.port, ...channel);
  clients.push(made);
  return made;
}

const attempt = (made: Client): Promise<number | undefined> =>
  statusOf(callFunction(made, goodRequest(), { deadline: 2000 }));

beforeAll(async () => {
  directory = mkdtempSync(`${tmpdir()}/function-tls-`);
  certificates = await makeCertificates(directory);
  server = await serveInProcess({ settings: { tlsCertsDir: certificates.server } });
});

afterEach(() => {
  for (const made of clients.splice(0)) made.close();
});

afterAll(async () => {
  await server.stop(1000);
  rmSync(directory, { recursive: true });
});

it('serves a client with a certificate of the authority', async () => {
  expect((await callFunction(client(clientCredentials(certificates.client)))).results).toEqual([]);
});

it('refuses clients without such a certificate', async () => {
  expect(await attempt(client(credentials.createSsl(readFileSync(`${certificates.server}/ca.crt`))))).toBe(
    status.UNAVAILABLE,
  );
  for (const certsDir of Object.values(certificates.refused)) {
    const channel = credentials.createSsl(
      readFileSync(`${certificates.server}/ca.crt`),
      readFileSync(`${certsDir}/tls.key`),
      readFileSync(`${certsDir}/tls.crt`),
    );
    expect([certsDir, await attempt(client(channel))]).toEqual([certsDir, status.UNAVAILABLE]);
  }
  expect(await attempt(client(credentials.createInsecure()))).toBe(status.UNAVAILABLE);
});

it.each([
  ['TLSv1.3', true],
  ['TLSv1.2', true],
  ['TLSv1.1', false],
] as const)('speaks %s: %s', async (version, spoken) => {
  const options: ConnectionOptions = {
    port: server.port,
    host: '127.0.0.1',
    servername: 'localhost',
    ca: readFileSync(`${certificates.client}/ca.crt`),
    cert: readFileSync(`${certificates.client}/tls.crt`),
    key: readFileSync(`${certificates.client}/tls.key`),
    minVersion: version,
    maxVersion: version,
    // OpenSSL 3 offers TLS 1.1 at security level 0 only.
    ciphers: 'DEFAULT:@SECLEVEL=0',
  };
  const outcome = await new Promise<string | null>((resolve) => {
    const socket = connectTls(options, () => {
      resolve(socket.getProtocol());
      socket.destroy();
    });
    socket.once('error', () => resolve(null));
  });
  expect(outcome).toBe(spoken ? version : null);
});

describe('when the files change', () => {
  let certsDir: string;
  beforeEach(() => {
    certsDir = mkdtempSync(`${directory}/reload-`);
    copy(certificates.server, certsDir);
  });

  const copy = (from: string, to: string, files = ['ca.crt', 'tls.crt', 'tls.key']): void => {
    for (const name of files) copyFileSync(`${from}/${name}`, `${to}/${name}`);
  };

  it('takes new certificates without a new start, and keeps those in use while an update is half written', async () => {
    const reloading = await serveInProcess({ settings: { tlsCertsDir: certsDir } });
    try {
      const next = await createCertificateAuthority(`${certsDir}/next-ca`);
      await next.issue(`${certsDir}/next-server`, {
        commonName: 'function',
        usage: 'serverAuth',
        names: ['DNS:localhost'],
      });
      await next.issue(`${certsDir}/next-client`, { commonName: 'crossplane', usage: 'clientAuth' });
      const call = async (from: string): Promise<number | undefined> => {
        const made = connect(reloading.port, clientCredentials(from));
        clients.push(made);
        return attempt(made);
      };
      const old = connect(reloading.port, clientCredentials(certificates.client));
      clients.push(old);
      expect(await attempt(old)).toBeUndefined();

      copy(`${certsDir}/next-server`, certsDir, ['tls.crt']);
      reloading.reload();
      expect(reloading.lines.at(-1)).toMatchObject({
        level: 'error',
        details: expect.stringContaining('tls.key: does not belong to tls.crt'),
      });
      expect(await call(certificates.client)).toBeUndefined();

      copy(`${certsDir}/next-server`, certsDir);
      reloading.reload();
      expect(reloading.lines.at(-1)).toMatchObject({ level: 'info', message: 'certificates reloaded' });
      expect([await call(`${certsDir}/next-client`), await call(certificates.client)]).toEqual([
        undefined,
        status.UNAVAILABLE,
      ]);
      expect(await attempt(old)).toBeUndefined();

      const lines = reloading.lines.length;
      reloading.reload();
      expect(reloading.lines).toHaveLength(lines);
    } finally {
      await reloading.stop(1000);
    }
  });

  it.each([
    ['ca.crt', 'is no PEM certificate'],
    ['tls.crt', 'is no PEM certificate'],
    ['tls.key', 'does not belong to tls.crt'],
  ])('refuses to start with a broken %s, in one line without its content', (name, message) => {
    writeFileSync(`${certsDir}/${name}`, 'hunter2\nhunter2');
    const load = (): unknown => loadTls(certsDir, { loaded: () => {}, rejected: () => {} });
    expect(load).toThrow(`${certsDir}/${name}: ${message}`);
    expect(load).not.toThrow(/hunter2|\n/);
  });

  it('refuses to start with a missing file', () => {
    const empty = `${certsDir}/empty`;
    mkdirSync(empty);
    expect(() => loadTls(empty, { loaded: () => {}, rejected: () => {} })).toThrow(
      `${empty}/ca.crt: cannot be read (ENOENT)`,
    );
  });
});
