import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import { ServerCredentials } from '@grpc/grpc-js';

/** Certificates that cannot be used; the message is one line for the user. */
export class CertificateError extends Error {
  override readonly name = 'CertificateError';
}

interface Certificates {
  readonly ca: Buffer;
  readonly cert: Buffer;
  readonly key: Buffer;
  readonly validTo: Date;
}

/** Reads ca.crt, tls.crt and tls.key, and checks that they are such and belong together. Throws a CertificateError. */
function readCertificates(directory: string): Certificates {
  const [ca, cert, key] = [read(directory, 'ca.crt'), read(directory, 'tls.crt'), read(directory, 'tls.key')];
  certificate(directory, 'ca.crt', ca);
  const own = certificate(directory, 'tls.crt', cert);
  try {
    createSecureContext({ ca, cert, key });
  } catch (error) {
    throw new CertificateError(`${join(directory, 'tls.key')}: does not belong to tls.crt (${reason(error)})`);
  }
  return { ca, cert, key, validTo: new Date(own.validTo) };
}

function read(directory: string, name: string): Buffer {
  try {
    return readFileSync(join(directory, name));
  } catch (error) {
    throw new CertificateError(`${join(directory, name)}: cannot be read (${reason(error)})`);
  }
}

function certificate(directory: string, name: string, pem: Buffer): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch {
    throw new CertificateError(`${join(directory, name)}: is no PEM certificate`);
  }
}

/** The code of a system or OpenSSL error. */
const reason = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : 'unknown reason';

/** Milliseconds for a client to finish the TLS handshake, which Crossplane does in a few. */
const HANDSHAKE_TIMEOUT = 10_000;

/**
 * Mutual TLS that takes new certificates while it serves. A class, because grpc-js has credentials extended, not
 * configured: createSsl knows neither reloading nor a handshake timeout.
 */
class ReloadedCredentials extends ServerCredentials {
  constructor(certificates: Certificates) {
    // Node refuses clients without a certificate of `ca`, and those whose certificate is not for clients.
    super({ requestCert: true, rejectUnauthorized: true, handshakeTimeout: HANDSHAKE_TIMEOUT }, context(certificates));
  }

  use(certificates: Certificates): void {
    this.updateSecureContextOptions(context(certificates));
  }

  override _equals(other: ServerCredentials): boolean {
    return this === other;
  }
}

const context = ({ ca, cert, key }: Certificates): SecureContextOptions => ({ ca, cert, key, minVersion: 'TLSv1.2' });

export interface TlsEvents {
  readonly loaded: (validTo: Date, first: boolean) => void;
  /** Changed files that cannot be used; those in use stay. */
  readonly rejected: (error: CertificateError) => void;
}

export interface Tls {
  readonly credentials: ServerCredentials;
  /** Looks whether the files have changed. */
  readonly reload: () => void;
}

/**
 * Credentials from the files of `directory`. Throws a CertificateError. On `reload` changed files are taken when all three
 * fit together, so an update that is half written is taken at the next one.
 */
export function loadTls(directory: string, events: TlsEvents): Tls {
  let current = readCertificates(directory);
  const credentials = new ReloadedCredentials(current);
  events.loaded(current.validTo, true);
  return {
    credentials,
    reload() {
      try {
        const read = readCertificates(directory);
        if (read.ca.equals(current.ca) && read.cert.equals(current.cert) && read.key.equals(current.key)) return;
        credentials.use(read);
        current = read;
        events.loaded(current.validTo, false);
      } catch (error) {
        if (!(error instanceof CertificateError)) throw error;
        events.rejected(error);
      }
    },
  };
}
