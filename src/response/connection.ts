import { keys } from '../names.ts';
import type { Observed } from '../observed/observed.ts';
import type { Plan } from '../plan/types.ts';

const PORT = 5432;
const DATABASE = 'postgres';
/**
 * `require` encrypts and needs no file on the client; the stricter verify-ca, which status.endpoints names, needs Azure's root
 * certificates there. The provider's own `username` (login@server) is the retired single server's form and fails, so it is not passed on.
 */
const SSL_MODE = 'require';

/**
 * The administrator's password: from the generated Secret whose password Azure has, from what the provider wrote beside the server, or from
 * what was published before, so that a source that is missing for a moment takes nothing away.
 */
function password(plan: Plan, observed: Observed): string | undefined {
  const { working } = plan.adminPassword;
  const generated = working && observed.resources.get(working.key)?.data.password;
  const writer = observed.resources.get(plan.endpoints.write.server)?.connection();
  const published = observed.resources.get(keys.connectionSecret)?.data.password;
  const bytes = writer?.['attribute.administrator_password'] ?? writer?.password ?? observed.connection.password;
  if (generated) return decode(generated);
  if (bytes && bytes.length > 0) return Buffer.from(bytes).toString('utf8');
  return published ? decode(published) : undefined;
}

const decode = (base64: string): string => Buffer.from(base64, 'base64').toString('utf8');

/** What an application needs to connect, or undefined until the password is known. With Entra logins alone there is none to know. */
export function connectionDetails(plan: Plan, observed: Observed): Readonly<Record<string, string>> | undefined {
  const { write, read } = plan.endpoints;
  const place = { host: write.host, readHost: read.host, port: String(PORT), database: DATABASE };
  if (!plan.entra.passwords)
    return {
      ...place,
      sslmode: SSL_MODE,
      uri: `postgresql://${write.host}:${PORT}/${DATABASE}?sslmode=${SSL_MODE}`,
    };
  const secret = password(plan, observed);
  const username = plan.adminLogin;
  if (secret === undefined) return undefined;
  return {
    ...place,
    username,
    password: secret,
    sslmode: SSL_MODE,
    uri: `postgresql://${encodeURIComponent(username)}:${encodeURIComponent(secret)}@${write.host}:${PORT}/${DATABASE}?sslmode=${SSL_MODE}`,
  };
}

/** Values of a Secret's `data`. */
export const base64 = (details: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(details).map(([key, value]) => [key, Buffer.from(value, 'utf8').toString('base64')]),
  );
