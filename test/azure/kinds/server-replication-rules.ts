import { resourceKey } from '../arm-id.ts';
import { isEmpty, type JsonObject, numberOf, textOf } from '../json.ts';
import type { Rule } from '../kind.ts';
import { serversTalk } from '../traffic.ts';
import { endpointsOf, isVirtualEndpoint, replicasOf, serverType, sourceOf } from './server-lookup.ts';
import { connected } from './server-network-rules.ts';
import { found, isReplica, rule, written } from './server-rule.ts';
import { tierOf, vCoresOf } from './server-sizes.ts';

/** How a read replica is made. */
export const replicaRules: readonly Rule[] = [
  rule(
    'replica-source',
    'azurerm 4.80 postgres; Microsoft, concepts-read-replicas (exists, ready, GP or MO, at most five; cascades are a preview in few regions)',
    ['create'],
    'ReadReplicaSourceInvalid',
    ({ state, desired }) => {
      if (desired.createMode !== 'Replica') return undefined;
      const source = found(state, desired.sourceServerId);
      if (source?.phase !== 'Ready' || source.type !== serverType)
        return `the source server ${textOf(desired.sourceServerId)} does not exist or is not ready`;
      if (sourceOf(source) !== '') return `the source server ${source.id} is itself a read replica`;
      if (tierOf(textOf(source.properties.skuName)) === 'B')
        return 'read replicas are not available for Burstable servers';
      return replicasOf(state, source.id).length >= 5 ? 'the source server already has five read replicas' : undefined;
    },
  ),
  rule(
    'replica-size',
    'Microsoft, concepts-read-replicas (tier, vCores and storage at least the primary)',
    ['create'],
    'ReadReplicaSizeInvalid',
    ({ state, desired }) => {
      const source = found(state, desired.sourceServerId);
      if (desired.createMode !== 'Replica' || !source) return undefined;
      const sku = textOf(desired.skuName) || textOf(source.properties.skuName);
      if (tierOf(sku) === 'B') return 'a read replica cannot be Burstable';
      if ((vCoresOf(sku) ?? 0) < (vCoresOf(textOf(source.properties.skuName)) ?? 0))
        return `${sku} has fewer vCores than the primary`;
      // azurerm sends 32 GiB when the size is left out, for replicas too.
      return (numberOf(desired.storageMb) || 32768) < numberOf(source.properties.storageMb)
        ? `the replica's storage is smaller than the primary's ${numberOf(source.properties.storageMb)} MB`
        : undefined;
    },
  ),
  rule(
    'replica-version',
    'Microsoft, concepts-read-replicas (same major version)',
    ['create'],
    'ReadReplicaVersionInvalid',
    ({ state, desired }) => {
      const source = found(state, desired.sourceServerId);
      const version = textOf(desired.version);
      if (desired.createMode !== 'Replica' || !source || version === '' || version === source.properties.version)
        return undefined;
      return `the version ${version} differs from the primary's ${textOf(source.properties.version)}`;
    },
  ),
  rule(
    'replica-auto-grow',
    'Microsoft, concepts-read-replicas (on at the primary: on at its replicas)',
    written,
    'AutoGrowMismatch',
    ({ state, desired, verb, current, change }) => {
      if (verb === 'create') {
        const source = found(state, desired.sourceServerId);
        return desired.createMode === 'Replica' &&
          source?.properties.autoGrowEnabled === true &&
          desired.autoGrowEnabled !== true
          ? 'storage auto-grow must be on at the replica as on its primary'
          : undefined;
      }
      if (!current || change.autoGrowEnabled === undefined) return undefined;
      const source = sourceOf(current) === '' ? undefined : found(state, sourceOf(current));
      if (change.autoGrowEnabled === false && source?.properties.autoGrowEnabled === true)
        return 'storage auto-grow must be switched off at the primary first';
      const behind =
        change.autoGrowEnabled === true &&
        replicasOf(state, current.id).find((each) => each.properties.autoGrowEnabled !== true);
      return behind ? `storage auto-grow must be switched on at the replica ${behind.id} first` : undefined;
    },
  ),
  rule('replica-login', 'azurerm 4.80 postgres (inherited)', ['create'], 'ReadReplicaLoginInvalid', ({ change }) =>
    change.createMode === 'Replica' && (!isEmpty(change.administratorLogin) || !isEmpty(change.administratorPassword))
      ? 'a read replica inherits login and password and takes none'
      : undefined,
  ),
  rule(
    'replica-password',
    'Microsoft, concepts-read-replicas (not resettable on a replica)',
    ['update'],
    'OperationNotAllowedOnReplica',
    (request) =>
      isReplica(request) && !isEmpty(request.change.administratorPassword)
        ? 'the password of a read replica cannot be reset'
        : undefined,
  ),
  rule(
    'replica-network-mode',
    'Microsoft, concepts-backup-restore; Microsoft, concepts-networking-private (public or private as the source)',
    ['create'],
    'NetworkModeMismatch',
    ({ state, desired }) => {
      const source = found(state, desired.sourceServerId);
      return source && isEmpty(source.properties.delegatedSubnetId) !== isEmpty(desired.delegatedSubnetId)
        ? 'source and new server must both be in a virtual network, or both not'
        : undefined;
    },
  ),
  rule(
    'replica-needs-peering',
    'Microsoft, concepts-networking-private (networks peered in both directions)',
    ['create'],
    'ReadReplicaNetworkUnreachable',
    ({ state, desired }) => {
      const source = found(state, desired.sourceServerId);
      const [there, here] = [textOf(source?.properties.delegatedSubnetId), textOf(desired.delegatedSubnetId)];
      if (desired.createMode !== 'Replica' || there === '' || here === '' || connected(state, there, here))
        return undefined;
      return 'the virtual networks of primary and replica are not peered in both directions';
    },
  ),
  rule(
    'replica-security-rules',
    'Microsoft, concepts-networking-private (5432 open between the subnets of primary and replica); what Azure answers is inferred',
    ['create'],
    'ReadReplicaNetworkBlocked',
    ({ state, desired }) => {
      const source = found(state, desired.sourceServerId);
      const [there, here] = [textOf(source?.properties.delegatedSubnetId), textOf(desired.delegatedSubnetId)];
      if (desired.createMode !== 'Replica' || there === '' || here === '' || serversTalk(state, here, there, 5432))
        return undefined;
      return `network security rules keep the replica from port 5432 of its primary`;
    },
    false,
  ),
];

/** Changes of a server, its role included. */
export const changeRules: readonly Rule[] = [
  rule('storage-shrink', 'azurerm 4.80 postgres', ['update'], 'StorageShrinkNotSupported', ({ desired, current }) =>
    numberOf(desired.storageMb) < numberOf(current?.properties.storageMb)
      ? 'storage cannot be made smaller'
      : undefined,
  ),
  rule(
    'server-create-mode',
    'azurerm 4.80 postgres (PATCH takes Default and Update); seen live, Switchover [F]',
    ['update'],
    'InvalidCreateMode',
    ({ change }) =>
      ['', 'Default', 'Update'].includes(textOf(change.createMode))
        ? undefined
        : `createMode '${textOf(change.createMode)}' is not legal in an update`,
  ),
  rule(
    'scale-order',
    'Microsoft, concepts-read-replicas (up: replicas first; down: primary first)',
    ['update'],
    'ReadReplicaSizeInvalid',
    ({ state, change, current }) => {
      if (!current || (change.skuName === undefined && change.storageMb === undefined)) return undefined;
      const sku = (each: JsonObject): number => vCoresOf(textOf(each.skuName)) ?? 0;
      const next = { ...current.properties, ...change };
      const small = replicasOf(state, current.id).find(
        (each) => sku(each.properties) < sku(next) || numberOf(each.properties.storageMb) < numberOf(next.storageMb),
      );
      if (small) return `the read replica ${small.id} must be scaled up first`;
      const source = sourceOf(current) === '' ? undefined : found(state, sourceOf(current));
      return source && sku(next) < sku(source.properties) ? 'the primary must be scaled down first' : undefined;
    },
  ),
  rule(
    'tier-with-replicas',
    'Microsoft, compute tiers (no replicas on Burstable)',
    ['update'],
    'ReadReplicaNotSupportedOnBurstable',
    ({ state, change, current }) =>
      current &&
      tierOf(textOf(change.skuName)) === 'B' &&
      (sourceOf(current) !== '' || replicasOf(state, current.id).length > 0)
        ? 'a server with read replicas, or a replica, cannot become Burstable'
        : undefined,
  ),
  rule(
    'role-none-needs-replica',
    'azurerm 4.80 postgres; not run against Azure',
    ['promote'],
    'ServerIsNotReplica',
    ({ current }) => (current && sourceOf(current) !== '' ? undefined : 'the server is not a read replica'),
    false,
  ),
  rule(
    'promote-planned-needs-source',
    'Microsoft, concepts-read-replicas (only Forced skips checks in an outage); inferred',
    ['promote', 'switchover'],
    'SourceServerUnreachable',
    ({ state, current, forced }) => {
      const source = current && found(state, sourceOf(current));
      return !forced &&
        source &&
        (state.outages.regions.includes(source.region ?? '') || source.hidden.available === false)
        ? 'a planned promotion needs the source server; it cannot be reached'
        : undefined;
    },
    false,
  ),
  rule(
    'switchover-needs-endpoint',
    'Microsoft, concepts-read-replicas; Microsoft, virtual endpoints',
    ['switchover'],
    'VirtualEndpointRequired',
    ({ state, current }) => {
      if (!current || sourceOf(current) === '') return 'the server is not a read replica';
      const endpoint = endpointsOf(state, sourceOf(current)).find(
        (each) => resourceKey(textOf(each.properties.replicaServerId)) === resourceKey(current.id),
      );
      return endpoint?.phase === 'Ready'
        ? undefined
        : 'a switchover needs a virtual endpoint that has the replica as its reader';
    },
  ),
  rule(
    'switchover-symmetric',
    'Microsoft, concepts-read-replicas (identical tier and storage; Forced in an outage skips it)',
    ['switchover'],
    'ServersNotSymmetric',
    ({ state, current, forced }) => {
      const source = current && found(state, sourceOf(current));
      if (!current || !source) return undefined;
      if (forced && state.outages.regions.includes(source.region ?? '')) return undefined;
      const same = ['skuName', 'storageMb', 'storageTier'].every(
        (field) => current.properties[field] === source.properties[field],
      );
      return same ? undefined : 'primary and replica differ in size or storage';
    },
  ),
];

/** When a server may go. */
export const deletionRules: readonly Rule[] = [
  rule(
    'server-has-replicas',
    'Microsoft, concepts-read-replicas; Microsoft, deletion; seen live, Deletion (409 on the primary)',
    ['delete'],
    'ServerHasReplicas',
    ({ state, id }) => {
      const [replica] = replicasOf(state, id);
      return replica ? `the server has the read replica ${replica.id}; delete that first` : undefined;
    },
  ),
  rule(
    'server-in-endpoint',
    'issue 6 (virtual endpoint before servers); no primary source read, stricter on purpose',
    ['delete'],
    'ServerInVirtualEndpoint',
    ({ state, id }) => {
      const [endpoint] = endpointsOf(state, id).filter(isVirtualEndpoint);
      return endpoint ? `the server is a member of the virtual endpoint ${endpoint.id}; delete that first` : undefined;
    },
    false,
  ),
];
