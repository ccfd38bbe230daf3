import type { Database } from '../api/database.ts';
import type { SecretRef } from '../azure/managed.ts';
import { keys, keysOf, namespacedName } from '../names.ts';
import type { Observed } from '../observed/observed.ts';
import type { AdminPasswordPlan, PasswordSecret, ServerPlan } from './types.ts';

const KEY = 'password';

/**
 * The administrator's password. A generated one lives in a Secret of its own; a rotation makes another Secret, lets the server that takes
 * writes follow it, and keeps the old one until Azure has the new password, because until then the old one is what works.
 */
export function adminPassword(
  database: Database,
  observed: Observed,
  servers: readonly ServerPlan[],
): AdminPasswordPlan {
  const { spec, namespace } = database;
  const { adminPasswordSecretRef: given, passwordRotation, entra } = spec.security;
  const writer = servers.find(({ role }) => role === 'Primary');
  const server = writer && observed.resources.get(writer.key);
  // A login that exists stays: taking it out of the spec would ask azurerm to send an empty password.
  const used = entra?.passwordAuthentication !== false || server?.forProvider.administratorLogin !== undefined;
  if (given) {
    const ref: SecretRef = { namespace: given.namespace ?? namespace, name: given.name, key: given.key };
    return { generated: false, used, refs: refs(servers, observed, writer, ref), secrets: [], retired: [] };
  }

  const existing = passwordSecrets(observed);
  const secretOf = (key: string): PasswordSecret =>
    existing.find((secret) => secret.key === key) ?? { key, name: namespacedName(database.owner.name, key) };
  const referred = new Set(
    [...observed.resources.values()].map(({ forProvider }) => forProvider.administratorPasswordSecretRef?.name),
  );
  // A server that was made as a replica refers to no Secret: it has the password that its source was given.
  const followed =
    existing.find(({ name }) => name === server?.forProvider.administratorPasswordSecretRef?.name) ??
    existing.find(({ name }) => referred.has(name));
  const wanted = secretOf(
    passwordRotation ? keysOf.passwordVersion(passwordRotation.trigger) : (followed?.key ?? keys.adminPassword),
  );
  const isThere = existing.some(({ key }) => key === wanted.key);
  // A server follows a Secret that exists, so that it never looks for one that does not.
  const target = followed && !isThere ? followed : wanted;
  const working = workingSecret(observed, writer, existing, followed ?? target, wanted);
  const retired = existing.filter(({ key, name }) => working.isKnown && key !== working.key && !referred.has(name));
  return {
    generated: true,
    used,
    refs: refs(servers, observed, writer, { namespace, name: target.name, key: KEY }),
    secrets: [wanted, ...existing.filter((secret) => secret.key !== wanted.key && !retired.includes(secret))],
    retired: retired.map(({ key }) => key),
    target: target.key,
    working: {
      key: working.key,
      name: working.name,
      rotated: passwordRotation !== undefined || working.key !== keys.adminPassword,
    },
  };
}

const passwordSecrets = ({ resources }: Observed): PasswordSecret[] =>
  [...resources].flatMap(([key, { kind, name }]) =>
    kind === 'Secret' && (key === keys.adminPassword || key.startsWith(keysOf.passwordVersion()))
      ? [{ key, name }]
      : [],
  );

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
  const applied = writer && resources.get(writer.key)?.connection()['attribute.administrator_password'];
  if (!applied || applied.length === 0) return { ...followed, isKnown: false };
  const encoded = Buffer.from(applied).toString('base64');
  const holds = ({ key }: PasswordSecret): boolean => resources.get(key)?.data[KEY] === encoded;
  const found = holds(wanted) ? wanted : existing.find(holds);
  return { ...(found ?? followed), isKnown: found === wanted };
}

/**
 * What each server with a login of its own follows: the server that takes writes follows the target, and another one stays with what it
 * has, because Azure refuses to set the password of a replica.
 */
function refs(
  servers: readonly ServerPlan[],
  observed: Observed,
  writer: ServerPlan | undefined,
  target: SecretRef,
): AdminPasswordPlan['refs'] {
  return Object.fromEntries(
    servers.flatMap((server) => {
      const { name, key = target.key } =
        observed.resources.get(server.key)?.forProvider.administratorPasswordSecretRef ?? {};
      if (!server.created && name === undefined) return [];
      return [[server.key, server === writer || name === undefined ? target : { ...target, name, key }]];
    }),
  );
}
