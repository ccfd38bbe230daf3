import { wrongValue } from '../azure/server-parameters.ts';
import { keysOf } from '../names.ts';
import type { Database } from './database.ts';
import { quoted } from './problem.ts';
import { fine, type Rule, refuse } from './rule.ts';

/** Rules over the settings of every server: who may log in, and server parameters. */
const ENTRA = 'spec.security.entra';

/** CEL. azurerm 4.80: authentication needs tenant_id with active_directory_auth_enabled. */
const entraTenant: Rule = ({ spec: { security } }) =>
  security.entra?.enabled && security.entra.tenantId === undefined
    ? refuse(
        `${ENTRA}.tenantId`,
        'is missing, and Azure needs it with enabled true; give the id of the tenant in which the administrators are',
      )
    : fine;

/** CEL. */
const someLogin: Rule = ({ spec: { security } }) => {
  if (!security.entra || security.entra.passwordAuthentication) return fine;
  const { enabled, administrators } = security.entra;
  if (!enabled)
    return refuse(
      `${ENTRA}.passwordAuthentication`,
      'cannot be false while spec.security.entra.enabled is false, because nobody could log in; set enabled to true',
    );
  return administrators.length === 0
    ? refuse(
        `${ENTRA}.passwordAuthentication`,
        'cannot be false without an administrator, because nobody could log in; list one in spec.security.entra.administrators',
      )
    : fine;
};

/** CEL. Azure: an administrator is addressed by the object id. */
const distinctAdministrators: Rule = ({ spec: { security } }) => {
  const ids = (security.entra?.administrators ?? []).map(({ objectId }) => objectId);
  return new Set(ids).size < ids.length
    ? refuse(`${ENTRA}.administrators`, 'hold one objectId twice; keep one of the entries')
    : fine;
};

/** CEL. A Secret of the user's is the user's to change. */
const ownPasswordRotation: Rule = ({ spec: { security } }) =>
  security.passwordRotation && security.adminPasswordSecretRef
    ? refuse(
        'spec.security.passwordRotation',
        'works with a generated password only; remove it, and change the password inside the Secret of spec.security.adminPasswordSecretRef',
      )
    : fine;

const ENCRYPTION = 'spec.security.encryption';

/** CEL. Azure: the vault and the identity are in the server's region (data encryption with customer-managed keys). */
const secondaryKey: Rule = ({ spec: { regions, security } }) =>
  security.encryption && regions.secondary && !security.encryption.secondary
    ? refuse(`${ENCRYPTION}.secondary`, 'is missing; the replica needs a key and an identity of its own region')
    : fine;

/** CEL. */
const secondIdentity: Rule = ({ spec: { security } }) =>
  security.encryption?.geoBackup?.userAssignedIdentityId !== undefined &&
  security.encryption.geoBackup.userAssignedIdentityId === security.encryption.primary.userAssignedIdentityId
    ? refuse(
        `${ENCRYPTION}.geoBackup.userAssignedIdentityId`,
        'is the one of primary; Azure wants another identity for the copy in the paired region',
      )
    : fine;

const customerKeys = ({ spec: { security } }: Database) => {
  const { primary, secondary, geoBackup } = security.encryption ?? {};
  return Object.entries({ primary, secondary, geoBackup }).flatMap(([name, key]) =>
    key ? [{ ...key, field: `${ENCRYPTION}.${name}` }] : [],
  );
};

/** CEL, but for the vault's name. */
const keyIdentity: Rule = (database) =>
  customerKeys(database).flatMap(({ field, keyVaultKeyId, userAssignedIdentityId, keyVaultId }) => {
    if (userAssignedIdentityId === undefined && keyVaultId === undefined)
      return refuse(
        `${field}.userAssignedIdentityId`,
        'is missing; give an identity that may use the key, or keyVaultId, and one is made',
      );
    if (keyVaultId === undefined) return fine;
    if (userAssignedIdentityId !== undefined)
      return refuse(
        `${field}.keyVaultId`,
        'is given beside userAssignedIdentityId; remove one, because an identity of yours has its rights from you',
      );
    const vault = keyVaultId.split('/').at(-1) ?? '';
    return keyVaultKeyId.startsWith(`https://${vault.toLowerCase()}.`)
      ? fine
      : refuse(`${field}.keyVaultId`, `"${vault}" is not the vault of "${keyVaultKeyId}"; give the id of that vault`);
  });

/** Azure: with a key of the user's, the copy of the backups in the paired region needs a second one there. */
const backupKey: Rule = ({ spec, primary }) => {
  const { encryption } = spec.security;
  if (!encryption) return fine;
  const copied = spec.database.geoRedundantBackup ?? primary.region.geoBackup;
  if (copied && !encryption.geoBackup)
    return refuse(
      `${ENCRYPTION}.geoBackup`,
      'is missing, and the backups are copied to the paired region; give a key and another identity there, or set spec.database.geoRedundantBackup to false',
    );
  return !copied && encryption.geoBackup
    ? refuse(
        `${ENCRYPTION}.geoBackup`,
        'has nothing to encrypt, because the backups are not copied to another region; remove it, or set spec.database.geoRedundantBackup to true',
      )
    : fine;
};

/**
 * CEL. PostgreSQL and Azure compare names without case: another spelling would get past the rule below, past the order that replicas need,
 * and past what is known of restarts. These three are the only ones with capitals (PostgreSQL 17 documentation, chapter 20).
 */
const parameterNames: Rule = ({ spec: { parameters = {} } }) =>
  Object.keys(parameters).every((name) =>
    /^([a-z][a-z0-9_]{0,40}([.][a-z][a-z0-9_]{0,40})?|DateStyle|IntervalStyle|TimeZone)$/.test(name),
  )
    ? fine
    : refuse(
        'spec.parameters',
        'a name has lower-case letters, digits and underscores, and at most one dot, as work_mem or pgbouncer.enabled; only DateStyle, IntervalStyle and TimeZone have capitals',
      );

const PLATFORM_PARAMETERS = [
  'default_transaction_read_only',
  'azure.extensions',
  'shared_preload_libraries',
  'require_secure_transport',
  'ssl_min_protocol_version',
  'password_encryption',
  'azure.accepted_password_auth_method',
];

/** CEL. */
const platformParameters: Rule = ({ spec: { parameters = {} } }) =>
  PLATFORM_PARAMETERS.some((name) => Object.hasOwn(parameters, name))
    ? refuse(
        'spec.parameters',
        'holds a parameter that the platform sets itself: default_transaction_read_only fences servers off, require_secure_transport stays on, azure.extensions and shared_preload_libraries follow spec.extensions, ssl_min_protocol_version follows spec.security.tls.minVersion, password_encryption and azure.accepted_password_auth_method follow spec.security.scramOnly; remove it',
      )
    : fine;

const parameterField = (name: string): string =>
  /^\w+$/.test(name) ? `spec.parameters.${name}` : `spec.parameters[${quoted(name)}]`;

/** PostgreSQL compares names without case, so two of one object's parameters would be one. */
const distinctParameters: Rule = ({ spec: { parameters = {} } }) => {
  const names = Object.keys(parameters).sort();
  const key = (name: string): string => keysOf.parameter('', name);
  const twin = names.find((name, index) => names.slice(0, index).some((other) => key(other) === key(name)));
  const first = names.find((name) => twin !== undefined && key(name) === key(twin));
  return twin === undefined
    ? fine
    : refuse('spec.parameters', `"${first}" and "${twin}" are the same parameter; keep one of them`);
};

/** Azure answers InvalidParameterValue, and the parameter waits until the value is right. */
const parameterValues: Rule = ({ spec: { parameters = {} } }) =>
  Object.entries(parameters)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([name, value]) => {
      const advice = wrongValue(name, value);
      return advice ? refuse(parameterField(name), `${quoted(value)} is not possible; ${advice}`) : fine;
    });

/** Azure: PgBouncer is not part of the Burstable tier. */
const burstablePooler: Rule = ({ spec }) =>
  spec.database.size.startsWith('B_') && /^(true|on|yes|1)$/i.test(spec.parameters?.['pgbouncer.enabled']?.trim() ?? '')
    ? refuse(
        parameterField('pgbouncer.enabled'),
        `"true" is not possible with the Burstable size "${spec.database.size}", which has no PgBouncer; choose a GP_ or MO_ size, or remove it`,
      )
    : fine;

export const settingRules: readonly Rule[] = [
  entraTenant,
  someLogin,
  distinctAdministrators,
  ownPasswordRotation,
  secondaryKey,
  secondIdentity,
  keyIdentity,
  backupKey,
  parameterNames,
  platformParameters,
  distinctParameters,
  parameterValues,
  burstablePooler,
];
