import { lastSegment, providerId, resourceGroupId, resourceKey } from '../arm-id.ts';
import { isEmpty, isObject, type JsonObject, numberOf, objectOf, textOf } from '../json.ts';
import { type KindDefinition, resourceGroupName, type UpdateContext, type UpdatePlan } from '../kind.ts';
import { hasZones, normaliseRegion } from '../regions.ts';
import type { Effect, PlannedRequest } from '../state.ts';
import { serverType } from './server-lookup.ts';
import { networkRules } from './server-network-rules.ts';
import { changeRules, deletionRules, replicaRules } from './server-replication-rules.ts';
import { restoreRules } from './server-restore-rules.ts';
import { storageTiersOf } from './server-sizes.ts';
import { upgradeRules } from './server-upgrade-rules.ts';
import { availabilityRules, backupRules, valueRules } from './server-value-rules.ts';

/** azurerm 4.80 internal/services/postgres/postgresql_flexible_server_resource.go, function by function. */
const passwordEnabled = (config: JsonObject): boolean => objectOf(config.authentication).passwordAuthEnabled !== false;

const isDefaultMode = (config: JsonObject): boolean => isEmpty(config.createMode) || config.createMode === 'Default';

/** resourcePostgresqlFlexibleServerCreate: what fails before a request is sent. */
function refuseCreate(config: JsonObject, password: string | undefined): string | undefined {
  const mode = textOf(config.createMode);
  if (!isEmpty(config.replicationRole)) return '`replication_role` cannot be set while creating';
  if (mode === 'PointInTimeRestore' || mode === 'GeoRestore') {
    if (isEmpty(config.sourceServerId)) return `\`source_server_id\` is required when \`create_mode\` is ${mode}`;
    if (isEmpty(config.pointInTimeRestoreTimeInUtc)) {
      return `\`point_in_time_restore_time_in_utc\` is required when \`create_mode\` is ${mode}`;
    }
  }
  if (mode === 'Replica' && isEmpty(config.sourceServerId))
    return '`source_server_id` is required when `create_mode` is `Replica`';
  if (isDefaultMode(config)) {
    const login = !isEmpty(config.administratorLogin);
    if (passwordEnabled(config)) {
      if (!login)
        return '`administrator_login` is required when `create_mode` is `Default` and `authentication.password_auth_enabled` is set to `true`';
      if (!password)
        return '`administrator_password` or `administrator_password_wo` is required when `create_mode` is `Default` and `authentication.password_auth_enabled` is set to `true`';
    } else if (login || password) {
      return '`administrator_login`, `administrator_password` and `administrator_password_wo` cannot be set during creation when `authentication.password_auth_enabled` is set to `false`';
    }
    if (isEmpty(config.skuName)) return '`sku_name` is required when `create_mode` is `Default`';
    if (isEmpty(config.version)) return '`version` is required when `create_mode` is `Default`';
  }
  return unknownTier(config);
}

function unknownTier(config: JsonObject): string | undefined {
  const sku = textOf(config.skuName);
  return sku === '' || /^(B|GP|MO)_/.test(sku)
    ? undefined
    : `sku_name ${sku} has unknown sku tier ${sku.split('_')[0]}_`;
}

/** CustomizeDiff: a storage_mb outside the table dereferences nil, and the panic leaves no condition (seen live). */
const customizeDiff: NonNullable<KindDefinition['customizeDiff']> = (_changes, config, recorded) => {
  const mb = numberOf(config.storageMb) || numberOf(recorded.storageMb);
  const oldTier = textOf(recorded.storageTier);
  if (mb === 0 && isEmpty(config.storageTier)) return undefined;
  const allowed = storageTiersOf(mb === 0 ? 32768 : mb);
  if (!allowed) return 'panic';
  const tier = textOf(config.storageTier) || oldTier;
  if (tier === '' || allowed.includes(tier)) return undefined;
  // Left out of the configuration, the tier follows the size.
  if (isEmpty(config.storageTier)) return undefined;
  return `invalid 'storage_tier' "${tier}" for defined 'storage_mb' size '${mb}', expected one of [${allowed.map((each) => `"${each}"`).join(',')}]`;
};

const onlySwapped =
  '`zone` can only be changed when exchanged with the zone specified in `high_availability.0.standby_availability_zone`';

/** The part of Update that judges zones, undefined when nothing is to be done about them. */
function zonePlan({ changes, config, resource }: UpdateContext): { error: string } | { failover: true } | undefined {
  const observed = objectOf(resource.properties.highAvailability);
  const wished = textOf(objectOf(config.highAvailability).standbyAvailabilityZone);
  const standbyChanged = changes.highAvailability !== undefined && wished !== textOf(observed.standbyAvailabilityZone);
  if (changes.zone) {
    const swapped =
      standbyChanged &&
      textOf(config.zone) === textOf(observed.standbyAvailabilityZone) &&
      wished === textOf(resource.properties.zone);
    return swapped && wished !== '' ? { failover: true } : { error: onlySwapped };
  }
  const modeKept = textOf(objectOf(config.highAvailability).mode) === textOf(observed.mode);
  if (standbyChanged && observed.mode === 'ZoneRedundant' && modeKept) {
    return {
      error:
        'an existing `high_availability.0.standby_availability_zone` can only be changed when exchanged with the zone specified in `zone`',
    };
  }
  return undefined;
}

const patched = [
  'backupRetentionDays',
  'maintenanceWindow',
  'skuName',
  'tags',
  'authentication',
  'identity',
  'version',
  'privateDnsZoneId',
];

/** resourcePostgresqlFlexibleServerUpdate: its requests in their order, an empty PATCH at the end included. */
function planUpdate(update: UpdateContext): UpdatePlan {
  const { changes, config, resource, password } = update;
  if (isDefaultMode(config) && passwordEnabled(config)) {
    if (isEmpty(config.administratorLogin))
      return {
        error: '`administrator_login` is required when `authentication.password_auth_enabled` is set to `true`',
      };
    if (!password?.new)
      return {
        error:
          '`administrator_password` or `administrator_password_wo` is required when `authentication.password_auth_enabled` is set to `true`',
      };
  }
  const zones = zonePlan(update);
  if (zones && 'error' in zones) return zones;
  const { id } = resource;
  const requests: PlannedRequest[] = [];
  const promote = changes.replicationRole !== undefined;
  if (promote) {
    if (config.createMode !== 'Replica' || config.replicationRole !== 'None') {
      return { error: '`replication_role` only can be updated to `None` for replica server' };
    }
    requests.push({ method: 'PATCH', id, body: { replicationRole: 'None' } });
  }
  const set: Record<string, JsonObject[string]> = {};
  if (changes.storageMb || changes.storageTier || changes.autoGrowEnabled) {
    const mb = numberOf(config.storageMb) || numberOf(resource.properties.storageMb);
    const kept = textOf(resource.properties.storageTier);
    const allowed = storageTiersOf(mb) ?? [];
    const storage = {
      storageMb: mb,
      storageTier: textOf(config.storageTier) || (allowed.includes(kept) ? kept : (allowed[0] ?? kept)),
      autoGrowEnabled: config.autoGrowEnabled === true,
    };
    requests.push({ method: 'PATCH', id, body: { storage } });
    Object.assign(set, storage);
  }
  const body: Record<string, JsonObject[string]> = {};
  if (password && password.new !== password.old) body.administratorLoginPassword = '(secret)';
  for (const field of patched) if (changes[field]) body[field] = config[field] ?? null;
  if (changes.publicNetworkAccessEnabled) body.publicNetworkAccessEnabled = config.publicNetworkAccessEnabled !== false;
  // The standby zone is sent at creation only; a block left out is the mode Disabled.
  if (changes.highAvailability)
    body.highAvailability = { mode: textOf(objectOf(config.highAvailability).mode) || 'Disabled' };
  if (changes.createMode) body.createMode = textOf(config.createMode);
  const sku = unknownTier(config);
  if (changes.skuName && sku) return { error: sku };
  requests.push({ method: 'PATCH', id, body });
  const unset = Object.keys(body).filter((field) => body[field] === null);
  Object.assign(
    set,
    Object.fromEntries(
      Object.entries(body).filter(
        ([field, value]) =>
          value !== null && !['createMode', 'administratorLoginPassword', 'highAvailability'].includes(field),
      ),
    ),
  );
  if (zones)
    requests.push({
      method: 'POST',
      id: `${id}/restart`,
      body: { restartWithFailover: true, failoverMode: 'PlannedFailover' },
    });
  else if (isObject(body.highAvailability)) {
    if (body.highAvailability.mode === 'Disabled') unset.push('highAvailability');
    else set.highAvailability = chosenStandby(resource.properties, textOf(body.highAvailability.mode));
  }
  const effect: Effect = {
    set,
    unset,
    ...(promote ? { promote } : {}),
    ...(zones ? { failover: true } : {}),
    ...(body.administratorLoginPassword ? { hide: { password: password?.new } } : {}),
  };
  const modeChanges =
    changes.highAvailability !== undefined &&
    textOf(objectOf(config.highAvailability).mode) !== textOf(objectOf(resource.properties.highAvailability).mode);
  const slow = modeChanges ? 600 : changes.skuName || changes.version ? 300 : promote ? 180 : 60;
  return { requests, effect, change: { ...set, ...body }, seconds: slow, ...(promote ? { promote } : {}) };
}

/** Azure picks the standby zone when it is switched on after creation, and reports one for SameZone too (seen live, [F]). */
function chosenStandby(properties: JsonObject, mode: string): JsonObject {
  const current = objectOf(properties.highAvailability);
  if (current.mode === mode) return current;
  const zone = textOf(properties.zone);
  if (zone === '') return { mode };
  return { mode, standbyAvailabilityZone: mode === 'SameZone' ? zone : zone === '1' ? '2' : '1' };
}

export const flexibleServer: KindDefinition = {
  kind: 'FlexibleServer',
  service: 'dbforpostgresql',
  clusterVersion: 'v1beta2',
  type: serverType,
  naming: 'external-name',
  globalName: true,
  references: [
    resourceGroupName,
    { field: 'delegatedSubnetId', kind: 'Subnet', service: 'network', by: 'id' },
    { field: 'privateDnsZoneId', kind: 'PrivateDNSZone', service: 'network', by: 'id' },
    { field: 'sourceServerId', kind: 'FlexibleServer', service: 'dbforpostgresql', by: 'id' },
  ],
  id: (name, { resourceGroupName: group }, subscription) =>
    group ? providerId(resourceGroupId(subscription, textOf(group)), serverType, name) : undefined,
  identifiers: [
    'resourceGroupName',
    'autoGeneratePassword',
    'administratorPasswordSecretRef',
    'administratorPasswordWo',
  ],
  defaults: { autoGrowEnabled: false, geoRedundantBackupEnabled: false, publicNetworkAccessEnabled: true },
  removable: [
    'tags',
    'zone',
    'highAvailability',
    'maintenanceWindow',
    'identity',
    'customerManagedKey',
    'cluster',
    'delegatedSubnetId',
    'sourceServerId',
    'createMode',
    'replicationRole',
    'pointInTimeRestoreTimeInUtc',
  ],
  forceNew: [
    'location',
    'delegatedSubnetId',
    'sourceServerId',
    'pointInTimeRestoreTimeInUtc',
    'geoRedundantBackupEnabled',
    'customerManagedKey',
    'cluster',
  ],
  forcesNew: (field, { old, new: next }) =>
    (field === 'storageMb' && numberOf(next) > 0 && numberOf(next) < numberOf(old)) ||
    (field === 'version' && Number(textOf(next)) < Number(textOf(old))) ||
    (field === 'administratorLogin' && textOf(old) !== ''),
  echoed: ['createMode', 'replicationRole', 'pointInTimeRestoreTimeInUtc', 'sourceServerId'],
  neverLateInitialised: ['zone'],
  seconds: {
    create: (params) => (params.createMode === 'Replica' ? 1800 : isEmpty(params.highAvailability) ? 600 : 900),
    update: 60,
    delete: 180,
  },
  serialise: (_id, params, verb) => {
    const source = textOf(params.sourceServerId);
    if (verb !== 'create' || source === '') return {};
    return {
      lock: `source:${lastSegment(source).toLowerCase()}`,
      ...(params.createMode === 'Replica' ? { busy: [resourceKey(source)] } : {}),
    };
  },
  stored: (params, { state, id }) => {
    const source = state.resources[resourceKey(textOf(params.sourceServerId))];
    const region = normaliseRegion(textOf(params.location));
    const mb = numberOf(params.storageMb) || 32768;
    const replica = params.createMode === 'Replica';
    const inherited = source && !isDefaultMode(params) ? source : undefined;
    const dropped = params.createMode === 'ReviveDropped' ? textOf(params.sourceServerId) : undefined;
    const {
      createMode,
      replicationRole,
      pointInTimeRestoreTimeInUtc,
      administratorPasswordWo,
      administratorPasswordWoVersion,
      highAvailability,
      sourceServerId,
      ...rest
    } = params;
    const zone = textOf(params.zone) || (hasZones(region) ? '1' : '');
    const ha = objectOf(highAvailability);
    const standby = textOf(ha.standbyAvailabilityZone);
    return {
      properties: {
        autoGrowEnabled: false,
        geoRedundantBackupEnabled: false,
        publicNetworkAccessEnabled: true,
        backupRetentionDays: 7,
        authentication: { activeDirectoryAuthEnabled: false, passwordAuthEnabled: true },
        ...rest,
        location: region,
        skuName: params.skuName ?? inherited?.properties.skuName,
        version: params.version ?? inherited?.properties.version,
        administratorLogin: params.administratorLogin ?? inherited?.properties.administratorLogin,
        storageMb: mb,
        storageTier: params.storageTier ?? storageTiersOf(mb)?.[0],
        ...(zone === '' ? {} : { zone }),
        ...(ha.mode === undefined
          ? {}
          : {
              highAvailability:
                standby === ''
                  ? chosenStandby({ zone }, textOf(ha.mode))
                  : { mode: ha.mode, standbyAvailabilityZone: standby },
            }),
        ...(replica ? { sourceServerId } : {}),
      },
      hidden: {
        available: true,
        // Tells servers with data apart from empty ones of the same name: a replica or restore has its source's content.
        content: inherited
          ? inherited.hidden.content
          : dropped
            ? `${lastSegment(dropped)}#${numberOf(state.incarnations[resourceKey(dropped)])}`
            : `${lastSegment(id)}#${numberOf(state.incarnations[resourceKey(id)]) + 1}`,
        ...(inherited ? { password: inherited.hidden.password, parameters: inherited.hidden.parameters } : {}),
      },
    };
  },
  read: ({ properties }) => ({
    ...properties,
    highAvailability: properties.highAvailability ?? {},
    sourceServerId: properties.sourceServerId ?? '',
  }),
  computed: ({ id }) => ({ fqdn: `${lastSegment(id)}.postgres.database.azure.com` }),
  refuseCreate,
  customizeDiff,
  planUpdate,
  connection: ({ id, properties }, password) => ({
    endpoint: `${lastSegment(id)}.postgres.database.azure.com`,
    port: '5432',
    // The form of the retired single server: what the provider really writes (seen live, Secrets).
    username: `${textOf(properties.administratorLogin)}@${lastSegment(id)}`,
    ...(password ? { password, 'attribute.administrator_password': password } : {}),
  }),
  rules: [
    ...valueRules,
    ...availabilityRules,
    ...backupRules,
    ...networkRules,
    ...replicaRules,
    ...restoreRules,
    ...changeRules,
    ...upgradeRules,
    ...deletionRules,
  ],
};
