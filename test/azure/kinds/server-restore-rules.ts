import { resourceKey } from '../arm-id.ts';
import { numberOf, textOf } from '../json.ts';
import type { RequestContext, Rule } from '../kind.ts';
import { timestamp } from '../state.ts';
import { serverType, sourceOf } from './server-lookup.ts';
import { found, haMode, rule } from './server-rule.ts';

const modeOf = ({ desired }: Pick<RequestContext, 'desired'>): string => textOf(desired.createMode);
const isRestore = (request: Pick<RequestContext, 'desired'>): boolean =>
  ['PointInTimeRestore', 'GeoRestore'].includes(modeOf(request));

/** How a server is made from a backup. */
export const restoreRules: readonly Rule[] = [
  rule(
    'restore-source',
    'azurerm 4.80 postgres (source_server_id); Microsoft, concepts-read-replicas (a replica has no backups)',
    ['create'],
    'RestoreSourceServerInvalid',
    (request) => {
      if (!isRestore(request)) return undefined;
      const source = found(request.state, request.desired.sourceServerId);
      if (source?.phase !== 'Ready' || source.type !== serverType)
        return `the source server ${textOf(request.desired.sourceServerId)} does not exist or is not ready`;
      return sourceOf(source) === '' ? undefined : `the source server ${source.id} is a read replica`;
    },
  ),
  rule(
    'restore-region',
    'Microsoft, concepts-backup-restore (point in time: the region of the source; geo: the paired region; only that it is another one is looked at here)',
    ['create'],
    'RestoreRegionInvalid',
    (request) => {
      const source = found(request.state, request.desired.sourceServerId);
      if (!source || !isRestore(request)) return undefined;
      const same = source.region === request.region;
      if (modeOf(request) === 'GeoRestore')
        return same ? `a geo-restore goes to another region than ${source.region}` : undefined;
      return same ? undefined : `a server is restored to a point in time in its own region ${source.region}`;
    },
  ),
  rule(
    'restore-time',
    'Microsoft, concepts-backup-restore (a point within the retention period; its begin is not looked at here)',
    ['create'],
    'InvalidRestorePointInTime',
    (request) =>
      modeOf(request) === 'PointInTimeRestore' &&
      textOf(request.desired.pointInTimeRestoreTimeInUtc) > timestamp(request.state.now)
        ? `the time ${textOf(request.desired.pointInTimeRestoreTimeInUtc)} is in the future`
        : undefined,
  ),
  rule(
    'restore-storage',
    'Microsoft, concepts-backup-restore (the storage of the source); storage never shrinks',
    ['create'],
    'InvalidStorageSize',
    (request) => {
      const source = found(request.state, request.desired.sourceServerId);
      // azurerm sends 32 GiB when the size is left out.
      return source &&
        isRestore(request) &&
        (numberOf(request.desired.storageMb) || 32768) < numberOf(source.properties.storageMb)
        ? `the storage is smaller than the source server's ${numberOf(source.properties.storageMb)} MB`
        : undefined;
    },
  ),
  rule(
    'restore-version',
    'Microsoft, concepts-backup-restore (the configuration of the source); what Azure answers to another version is inferred',
    ['create'],
    'InvalidParameterValue',
    (request) => {
      const source = found(request.state, request.desired.sourceServerId);
      const version = textOf(request.desired.version);
      return source && isRestore(request) && version !== '' && version !== source.properties.version
        ? `the version ${version} differs from the source server's ${textOf(source.properties.version)}`
        : undefined;
    },
    false,
  ),
  rule(
    'restore-without-standby',
    'Microsoft, concepts-backup-restore (restored as a single instance, high availability afterwards); that Azure refuses it is inferred',
    ['create'],
    'HighAvailabilityNotSupportedOnRestore',
    (request) =>
      (isRestore(request) || modeOf(request) === 'ReviveDropped') && haMode(request.desired) !== ''
        ? 'high availability is switched on after a restore'
        : undefined,
    false,
  ),
  rule(
    'revive-source',
    'Microsoft, how-to-restore-deleted-server (a server that was deleted, of the same subscription; the five days are not looked at here)',
    ['create'],
    'DroppedServerNotFound',
    (request) => {
      if (modeOf(request) !== 'ReviveDropped') return undefined;
      const key = resourceKey(textOf(request.desired.sourceServerId));
      const wasDropped = request.state.incarnations[key] !== undefined && request.state.resources[key] === undefined;
      return wasDropped ? undefined : `no server ${textOf(request.desired.sourceServerId)} was deleted lately`;
    },
  ),
];
