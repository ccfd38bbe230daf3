import { isEmpty, type JsonObject, listOf, numberOf, objectOf, textOf } from '../json.ts';
import type { Rule } from '../kind.ts';
import { hasGeoBackup, hasZones } from '../regions.ts';
import type { Simulation } from '../state.ts';
import { hasRole } from './role-assignment.ts';
import { found, haMode, isReplica, rule, written } from './server-rule.ts';
import { storageTiersOf, tierOf, vCoresOf } from './server-sizes.ts';
import { principalOf } from './user-assigned-identity.ts';

/** Whose key it is, is not known here: any vault will do. */
const mayUseKeys = (state: Simulation, identity: string): boolean =>
  hasRole(state, principalOf(identity), '', 'Key Vault Crypto Service Encryption User');

/** Values that a server may have. */
export const valueRules: readonly Rule[] = [
  rule(
    'server-name',
    'azurerm 4.80 postgres/validate; Microsoft, resource naming rules',
    ['create'],
    'InvalidServerName',
    ({ name }) =>
      /^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/.test(name)
        ? undefined
        : `'${name}' is not a valid server name: 3 to 63 of a-z, 0-9 and hyphen, no hyphen at the edges`,
  ),
  rule(
    'server-login',
    'azurerm 4.80 postgres/validate (reserved logins)',
    written,
    'InvalidAdministratorLogin',
    ({ change }) => {
      const login = textOf(change.administratorLogin).toLowerCase();
      const reserved = ['azure_superuser', 'azure_pg_admin', 'admin', 'administrator', 'root', 'guest', 'public'];
      return reserved.includes(login) || login.startsWith('pg_') ? `'${login}' is a reserved login name` : undefined;
    },
  ),
  rule(
    'server-password',
    'azurerm 4.80 postgres/validate (8-128, three of four classes)',
    written,
    'InvalidPassword',
    ({ change }) => {
      const password = textOf(change.administratorPassword);
      if (password === '') return undefined;
      const classes = [/[a-z]/, /[A-Z]/, /[0-9]/, /[^A-Za-z0-9]/].filter((each) => each.test(password)).length;
      return password.length >= 8 && password.length <= 128 && classes >= 3
        ? undefined
        : 'the administrator password does not meet the complexity rules';
    },
  ),
  rule('server-version', 'azurerm 4.80 postgres/validate', written, 'InvalidParameterValue', ({ change }) =>
    change.version === undefined || ['11', '12', '13', '14', '15', '16', '17', '18'].includes(textOf(change.version))
      ? undefined
      : `the version '${textOf(change.version)}' is not one of 11 to 18`,
  ),
  rule('server-sku', 'azurerm 4.80 postgres/validate (size table)', written, 'InvalidSkuName', ({ change }) =>
    change.skuName === undefined || vCoresOf(textOf(change.skuName)) !== undefined
      ? undefined
      : `the size '${textOf(change.skuName)}' does not exist`,
  ),
  rule(
    'server-storage',
    'azurerm 4.80 postgres/validate (storage table)',
    written,
    'InvalidStorageSize',
    ({ desired }) => {
      const allowed = storageTiersOf(numberOf(desired.storageMb));
      if (!allowed)
        return isEmpty(desired.storageMb) ? undefined : `storage of ${numberOf(desired.storageMb)} MB is not offered`;
      const tier = textOf(desired.storageTier);
      return tier === '' || allowed.includes(tier)
        ? undefined
        : `the tier ${tier} is not offered for ${numberOf(desired.storageMb)} MB`;
    },
  ),
  rule(
    'server-retention',
    'azurerm 4.80 postgres/validate (7-35 days)',
    written,
    'InvalidBackupRetentionDays',
    ({ change }) => {
      const days = change.backupRetentionDays;
      return days === undefined || (numberOf(days) >= 7 && numberOf(days) <= 35)
        ? undefined
        : `backupRetentionDays ${numberOf(days)} is not between 7 and 35`;
    },
  ),
  rule(
    'server-maintenance-window',
    'azurerm 4.80 postgres/validate',
    written,
    'InvalidMaintenanceWindow',
    ({ change }) => {
      const window = objectOf(change.maintenanceWindow);
      const inside = (value: JsonObject[string], top: number): boolean =>
        numberOf(value) >= 0 && numberOf(value) <= top;
      return inside(window.dayOfWeek, 6) && inside(window.startHour, 23) && inside(window.startMinute, 59)
        ? undefined
        : 'the maintenance window is out of range';
    },
  ),
  rule(
    'server-authentication',
    'azurerm 4.80 postgres (tenant with Entra only)',
    written,
    'InvalidAuthConfig',
    ({ change }) => {
      if (change.authentication === undefined) return undefined;
      const { activeDirectoryAuthEnabled: entra, tenantId } = objectOf(change.authentication);
      if (entra === true)
        return isEmpty(tenantId) ? 'tenantId is required with Microsoft Entra authentication' : undefined;
      return isEmpty(tenantId) ? undefined : 'tenantId is only allowed with Microsoft Entra authentication';
    },
  ),
  rule(
    'server-customer-key',
    'azurerm 4.80 postgres (customer_managed_key needs its identities); Microsoft, security-data-encryption',
    ['create'],
    'InvalidDataEncryption',
    ({ state, desired }) => {
      const key = objectOf(desired.customerManagedKey);
      const { primaryUserAssignedIdentityId: own, geoBackupUserAssignedIdentityId: geo } = key;
      if (isEmpty(key.keyVaultKeyId)) return undefined;
      const known = listOf(objectOf(desired.identity).identityIds).map(textOf);
      if (!known.includes(textOf(own))) return 'the identity of the key is not an identity of the server';
      if (!isEmpty(geo) && !known.includes(textOf(geo)))
        return 'the identity of the geo-redundant copy is not an identity of the server';
      if (!isEmpty(geo) && geo === own) return 'the geo-redundant copy needs another identity';
      // Of an identity that this simulation has, its rights are known too; anybody else's may have been given elsewhere.
      for (const identity of [textOf(own), textOf(geo)])
        if (state.resources[identity.toLowerCase()] && !mayUseKeys(state, identity))
          return `the identity ${identity} has no right to the key`;
      return desired.geoRedundantBackupEnabled === true && isEmpty(key.geoBackupKeyVaultKeyId)
        ? 'geo-redundant backup needs a key in the paired region'
        : undefined;
    },
  ),
  rule(
    'server-zone',
    'Microsoft, reliability-postgresql-flexible-server; Microsoft, region pairs (zones of the region)',
    ['create'],
    'AvailabilityZoneNotSupported',
    ({ desired, region }) => {
      const zone = textOf(desired.zone);
      if (zone === '') return undefined;
      if (!hasZones(region ?? '')) return `the region ${region} has no availability zones`;
      return ['1', '2', '3'].includes(zone) ? undefined : `'${zone}' is not an availability zone`;
    },
  ),
];

/** High availability: where, on what, and how it changes. */
export const availabilityRules: readonly Rule[] = [
  rule('ha-mode', 'azurerm 4.80 postgres', written, 'InvalidHighAvailabilityMode', ({ desired }) =>
    ['', 'SameZone', 'ZoneRedundant'].includes(haMode(desired))
      ? undefined
      : `the mode '${haMode(desired)}' is unknown`,
  ),
  rule(
    'ha-not-on-burstable',
    'azurerm 4.80 postgres; Microsoft, compute tiers',
    written,
    'HighAvailabilityNotSupportedOnBurstable',
    ({ desired }) =>
      haMode(desired) !== '' && tierOf(textOf(desired.skuName)) === 'B'
        ? 'high availability is not available on Burstable servers'
        : undefined,
  ),
  rule(
    'ha-not-with-leaving-burstable',
    'azurerm 4.80 postgres (azurerm #27612)',
    ['update'],
    'HighAvailabilityNotSupportedOnBurstable',
    ({ desired, current }) =>
      haMode(desired) !== '' && current !== undefined && tierOf(textOf(current.properties.skuName)) === 'B'
        ? 'high availability cannot be switched on in the same update that leaves the Burstable tier'
        : undefined,
  ),
  rule(
    'ha-zone-redundant-region',
    'Microsoft, reliability-postgresql-flexible-server',
    written,
    'ZoneRedundantHANotSupported',
    ({ desired, region }) =>
      haMode(desired) === 'ZoneRedundant' && !hasZones(region ?? '')
        ? `zone-redundant high availability is not offered in ${region}`
        : undefined,
  ),
  rule(
    'ha-standby-zone',
    'azurerm 4.80 postgres; Microsoft, reliability',
    ['create'],
    'InvalidStandbyAvailabilityZone',
    ({ desired }) => {
      const standby = textOf(objectOf(desired.highAvailability).standbyAvailabilityZone);
      if (standby === '' || haMode(desired) === '') return undefined;
      if (!['1', '2', '3'].includes(standby)) return `'${standby}' is not an availability zone`;
      const same = standby === textOf(desired.zone);
      return haMode(desired) === 'ZoneRedundant' && same
        ? `the standby of a zone-redundant server cannot be in its own zone ${standby}`
        : undefined;
    },
  ),
  rule(
    'ha-mode-switch',
    'azurerm 4.80 postgres (remove first)',
    ['update'],
    'HighAvailabilityModeChangeNotSupported',
    ({ desired, current }) => {
      const [from, to] = [haMode(current?.properties ?? {}), haMode(desired)];
      return from !== '' && to !== '' && from !== to
        ? `high availability cannot change from ${from} to ${to}; disable it first`
        : undefined;
    },
  ),
  rule(
    'ha-not-on-replica',
    'azurerm 4.80 postgres; Microsoft, concepts-read-replicas',
    written,
    'HighAvailabilityNotSupportedOnReplica',
    (request) =>
      isReplica(request) &&
      haMode(request.verb === 'create' ? request.desired : { highAvailability: request.change.highAvailability }) !== ''
        ? 'high availability is not available on a read replica'
        : undefined,
  ),
];

/** Backup settings. */
export const backupRules: readonly Rule[] = [
  rule(
    'geo-backup-region',
    'Microsoft, concepts-backup-restore',
    ['create'],
    'GeoRedundantBackupNotSupported',
    ({ desired, region }) =>
      desired.geoRedundantBackupEnabled === true && !hasGeoBackup(region ?? '')
        ? `geo-redundant backup is not offered in ${region}`
        : undefined,
  ),
  rule(
    'geo-backup-creation-only',
    'Microsoft, concepts-backup-restore (never changed later)',
    ['update'],
    'GeoRedundantBackupCannotChange',
    ({ change, current }) =>
      change.geoRedundantBackupEnabled !== undefined &&
      change.geoRedundantBackupEnabled !== current?.properties.geoRedundantBackupEnabled
        ? 'geo-redundant backup cannot be changed after creation'
        : undefined,
  ),
  rule(
    'backup-settings-not-on-replica',
    'azurerm 4.80 postgres; Microsoft, concepts-read-replicas',
    written,
    'OperationNotAllowedOnReplica',
    (request) =>
      isReplica(request) &&
      (request.change.geoRedundantBackupEnabled === true || request.change.backupRetentionDays !== undefined)
        ? 'backup settings are not available on a read replica'
        : undefined,
  ),
  rule(
    'geo-restore-needs-geo-backup',
    'azurerm 4.80 postgres',
    ['create'],
    'GeoRestoreNotPossible',
    ({ state, desired }) =>
      desired.createMode === 'GeoRestore' &&
      found(state, desired.sourceServerId)?.properties.geoRedundantBackupEnabled !== true
        ? 'the source server has no geo-redundant backup'
        : undefined,
  ),
];
