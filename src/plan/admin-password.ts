import type { Database } from '../api/database.ts';
import type { SecretRef } from '../azure/managed.ts';
import type { Failover } from '../failover/types.ts';
import { keys, keysOf, namespacedName } from '../names.ts';
import type { Observed, ObservedResource } from '../observed/observed.ts';
import { writesMove } from './in-service.ts';
import type { AdminPasswordPlan, PasswordSecret, ServerPlan } from './types.ts';

const KEY = 'password';

/**
 * Whether the servers have an administrator with a password: not where they were created for Microsoft Entra logins alone. One that exists
 * stays, because taking it out of the spec would ask azurerm to send an empty password. A server that was promoted has only the password.
 */
export function hasPasswords({ spec }: Database, observed: Observed, writer: string): boolean {
  const { administratorLogin, administratorPasswordSecretRef } = observed.resources.get(writer)?.forProvider ?? {};
  return (
    spec.security.entra?.passwordAuthentication !== false ||
    administratorLogin !== undefined ||
    administratorPasswordSecretRef !== undefined
  );
}

/**
 * The administrator's password. A generated one lives in a Secret of its own; a rotation makes another Secret, lets the server that takes
 * writes follow it, and keeps the old one until Azure has the new password, because until then the old one is what works.
 */
export function adminPassword(
  database: Database,
  observed: Observed,
  servers: readonly ServerPlan[],
  going: Pick<Failover, 'phase'>,
): AdminPasswordPlan {
  const { spec, namespace } = database;
  const { adminPasswordSecretRef: given, passwordRotation } = spec.security;
  const writer = servers.find(({ role }) => role === 'Primary');
  const existing = passwordSecrets(observed);
  if (given) {
    const ref: SecretRef = { namespace: given.namespace ?? namespace, name: given.name, key: given.key };
    return { generated: false, ref, refs: refs(servers, observed, writer, ref), secrets: existing, retired: [] };
  }

  const secretOf = (key: string): PasswordSecret =>
    existing.find((secret) => secret.key === key) ?? { key, name: namespacedName(database.owner.name, key) };
  const referred = new Set(
    [...observed.resources.values()].map((resource) =>
      resource.kind === 'FlexibleServer' ? resource.forProvider.administratorPasswordSecretRef?.name : undefined,
    ),
  );
  const followed = followedSecret(servers, observed, existing);
  const wanted = secretOf(
    passwordRotation ? keysOf.passwordVersion(passwordRotation.trigger) : (followed?.key ?? keys.adminPassword),
  );
  const isThere = existing.some(({ key }) => key === wanted.key);
  // A server follows a Secret that exists, so that it never looks for one that does not, and another one only while writes stay.
  const target = followed && (!isThere || writesMove(going)) ? followed : wanted;
  const working = workingSecret(observed, writer, existing, followed ?? target, wanted);
  const retired = existing.filter(({ key, name }) => working.isKnown && key !== working.key && !referred.has(name));
  // Nobody looks for a Secret where no server has a password.
  const used = servers.some(({ password, madeFrom }) => password || madeFrom?.takesPassword);
  return {
    generated: true,
    ref: { namespace, name: working.name, key: KEY },
    refs: refs(servers, observed, writer, { namespace, name: target.name, key: KEY }),
    secrets: used
      ? [wanted, ...existing.filter((secret) => secret.key !== wanted.key && !retired.includes(secret))]
      : existing,
    retired: retired.map(({ key }) => key),
    target: used ? target.key : undefined,
    // What was made from a backup has the backup's password until the provider has set this one.
    working:
      used && !(writer?.madeFrom && !isApplied(observed, writer.key))
        ? {
            key: working.key,
            name: working.name,
            rotated: passwordRotation !== undefined || working.key !== keys.adminPassword,
          }
        : undefined,
  };
}

/** Whether there is a password that a server could be given. */
export const isPasswordThere = ({ spec }: Database, observed: Observed): boolean =>
  spec.security.adminPasswordSecretRef !== undefined || passwordSecrets(observed).length > 0;

const passwordSecrets = ({ resources }: Observed): PasswordSecret[] =>
  [...resources].flatMap(([key, { kind, name }]) =>
    kind === 'Secret' && (key === keys.adminPassword || key.startsWith(keysOf.passwordVersion()))
      ? [{ key, name }]
      : [],
  );

/**
 * The Secret that the server which takes writes follows. One that was made as a replica refers to none before its promotion: it has the
 * password of the server that took writes before it, which is the one with the highest term beside its own.
 */
function followedSecret(
  servers: readonly ServerPlan[],
  { resources }: Observed,
  existing: readonly PasswordSecret[],
): PasswordSecret | undefined {
  const before = [...servers].sort(
    (a, b) => Number(b.role === 'Primary') - Number(a.role === 'Primary') || (b.term ?? 0) - (a.term ?? 0),
  );
  const names = before.map(({ key }) => resources.get(key)?.forProvider.administratorPasswordSecretRef?.name);
  const born = ({ key }: PasswordSecret): string => resources.get(key)?.created ?? '';
  // Where no object of a server is left to tell, the newest: a server that is found again must not get another password.
  const newest = [...existing].sort((a, b) => (born(a) < born(b) ? 1 : -1))[0];
  return names.flatMap((name) => existing.find((secret) => secret.name === name) ?? [])[0] ?? newest;
}

/** The password that the provider last applied to a server, if it did. */
function appliedPassword(server: ObservedResource | undefined): Uint8Array | undefined {
  const applied = server?.connection()['attribute.administrator_password'];
  return applied && applied.length > 0 ? applied : undefined;
}

const isApplied = ({ resources }: Observed, server: string): boolean =>
  appliedPassword(resources.get(server)) !== undefined;

/**
 * The Secret whose password Azure has. The provider publishes the password of its Terraform state, which is the one that it last applied
 * (upjet, GetConnectionDetails of the refreshed state), so the Secret that holds the same one works.
 */
function workingSecret(
  { resources }: Observed,
  writer: ServerPlan | undefined,
  existing: readonly PasswordSecret[],
  followed: PasswordSecret,
  wanted: PasswordSecret,
): PasswordSecret & { readonly isKnown: boolean } {
  const applied = writer && appliedPassword(resources.get(writer.key));
  if (!applied) return { ...followed, isKnown: false };
  const encoded = Buffer.from(applied).toString('base64');
  const holds = ({ key }: PasswordSecret): boolean => resources.get(key)?.data[KEY] === encoded;
  const found = holds(wanted) ? wanted : existing.find(holds);
  return { ...(found ?? followed), isKnown: found === wanted };
}

/**
 * What each server with a password follows: the server that takes writes follows the target, whether it was made so or promoted, and another
 * one stays with what it has, because nothing is asked of it any more.
 */
function refs(
  servers: readonly ServerPlan[],
  observed: Observed,
  writer: ServerPlan | undefined,
  target: SecretRef,
): AdminPasswordPlan['refs'] {
  return Object.fromEntries(
    servers
      .filter(({ password }) => password)
      .map((server) => {
        const has = observed.resources.get(server.key)?.forProvider.administratorPasswordSecretRef;
        if (server === writer || has?.name === undefined) return [server.key, target];
        return [
          server.key,
          { namespace: has.namespace ?? target.namespace, name: has.name, key: has.key ?? target.key },
        ];
      }),
  );
}
