import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { run } from './commands.ts';

export interface CertificateRequest {
  commonName: string;
  /** Becomes O, which the Kubernetes API server takes for a group of the user. */
  organization?: string;
  usage: 'serverAuth' | 'clientAuth';
  /** Subject alternative names as openssl writes them, e.g. `DNS:localhost`, `IP:127.0.0.1`. */
  names?: readonly string[];
}

export interface CertificateAuthority {
  /** The path of the CA's own certificate (PEM). */
  readonly certificate: string;
  /**
   * Writes `ca.crt`, `tls.crt` and `tls.key` into `directory` (made when missing), the layout of a Kubernetes TLS Secret,
   * readable by every user of the machine, as a mounted Secret is.
   */
  issue(directory: string, request: CertificateRequest): Promise<void>;
}

/** Long enough for a sandbox that is left running, short enough that a leaked key is worth nothing. */
const days = '7';

const newKey = (file: string): Promise<string> =>
  run('openssl', ['genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256', '-out', file]);

/** A new certificate authority under `directory` (made when missing). Needs the `openssl` command, 1.1.1 or newer. */
export async function createCertificateAuthority(directory: string): Promise<CertificateAuthority> {
  mkdirSync(directory, { recursive: true });
  const certificate = `${directory}/ca.crt`;
  const key = `${directory}/ca.key`;
  await newKey(key);
  await run('openssl', [
    'req',
    '-x509',
    '-new',
    '-key',
    key,
    '-out',
    certificate,
    '-days',
    days,
    '-subj',
    '/CN=test-ca',
  ]);
  return {
    certificate,
    issue: async (target, { commonName, organization, usage, names = [] }) => {
      mkdirSync(target, { recursive: true });
      const subject = `${organization ? `/O=${organization}` : ''}/CN=${commonName}`;
      const extensions = `${target}/extensions`;
      writeFileSync(
        extensions,
        [
          'basicConstraints=critical,CA:FALSE',
          'keyUsage=critical,digitalSignature',
          `extendedKeyUsage=${usage}`,
          ...(names.length > 0 ? [`subjectAltName=${names.join(',')}`] : []),
        ].join('\n'),
      );
      await newKey(`${target}/tls.key`);
      const request = await run('openssl', ['req', '-new', '-key', `${target}/tls.key`, '-subj', subject]);
      await run(
        'openssl',
        ['x509', '-req', '-CA', certificate, '-CAkey', key, '-CAcreateserial', '-days', days].concat([
          '-extfile',
          extensions,
          '-out',
          `${target}/tls.crt`,
        ]),
        { stdin: request },
      );
      copyFileSync(certificate, `${target}/ca.crt`);
      for (const name of ['ca.crt', 'tls.crt', 'tls.key']) chmodSync(`${target}/${name}`, 0o644);
    },
  };
}

/** Makes a key pair for the API server to sign ServiceAccount tokens with: `privateKey` and `publicKey` are paths (PEM). */
export async function createServiceAccountKeys(privateKey: string, publicKey: string): Promise<void> {
  await newKey(privateKey);
  await run('openssl', ['pkey', '-in', privateKey, '-pubout', '-out', publicKey]);
}
