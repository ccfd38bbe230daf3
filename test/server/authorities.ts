import { writeFileSync } from 'node:fs';
import { type CertificateAuthority, createCertificateAuthority } from '../crossplane/certificates.ts';
import { run } from '../crossplane/commands.ts';

export interface Certificates {
  readonly authority: CertificateAuthority;
  readonly server: string;
  readonly client: string;
  /** Client directories that a server must refuse, by what is wrong with them. */
  readonly refused: Readonly<Record<string, string>>;
}

/** What Crossplane would mount, and what others might try, in subdirectories of `directory`. */
export async function makeCertificates(directory: string): Promise<Certificates> {
  const authority = await createCertificateAuthority(`${directory}/ca`);
  const other = await createCertificateAuthority(`${directory}/other-ca`);
  const names = ['DNS:localhost', 'IP:127.0.0.1'];
  await authority.issue(`${directory}/server`, { commonName: 'function', usage: 'serverAuth', names });
  await authority.issue(`${directory}/client`, { commonName: 'crossplane', usage: 'clientAuth' });
  await other.issue(`${directory}/stranger`, { commonName: 'crossplane', usage: 'clientAuth' });
  await authority.issue(`${directory}/not-a-client`, { commonName: 'crossplane', usage: 'serverAuth' });
  await authority.issue(`${directory}/expired`, { commonName: 'crossplane', usage: 'clientAuth' });
  await expire(`${directory}/expired`, `${directory}/ca`);
  return {
    authority,
    server: `${directory}/server`,
    client: `${directory}/client`,
    refused: {
      'a certificate of another authority': `${directory}/stranger`,
      'a certificate that is not for clients': `${directory}/not-a-client`,
      'an expired certificate': `${directory}/expired`,
    },
  };
}

/** Replaces tls.crt of `directory` by one of the same key that ended in 2021. */
async function expire(directory: string, ca: string): Promise<void> {
  const file = (name: string): string => `${directory}/${name}`;
  writeFileSync(file('database'), '');
  writeFileSync(file('serial'), '01\n');
  writeFileSync(
    file('ca.cnf'),
    [
      '[ca]',
      'default_ca = own',
      '[own]',
      `database = ${file('database')}`,
      `serial = ${file('serial')}`,
      `new_certs_dir = ${directory}`,
      'default_md = sha256',
      'policy = any',
      '[any]',
      'commonName = supplied',
    ].join('\n'),
  );
  await run('openssl', ['req', '-new', '-key', file('tls.key'), '-subj', '/CN=crossplane', '-out', file('request')]);
  await run('openssl', [
    ...['ca', '-batch', '-notext', '-config', file('ca.cnf'), '-cert', `${ca}/ca.crt`, '-keyfile', `${ca}/ca.key`],
    ...['-startdate', '20200101000000Z', '-enddate', '20210101000000Z', '-extfile', file('extensions')],
    ...['-in', file('request'), '-out', file('tls.crt')],
  ]);
}
