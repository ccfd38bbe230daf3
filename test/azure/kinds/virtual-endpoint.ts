import { groupIdOf, parentId, resourceKey } from '../arm-id.ts';
import { textOf } from '../json.ts';
import type { KindDefinition } from '../kind.ts';
import { isVirtualEndpoint, replicasOf, serverType, sourceOf } from './server-lookup.ts';

const same = (a: string, b: string): boolean => resourceKey(a) === resourceKey(b);

export const flexibleServerVirtualEndpoint: KindDefinition = {
  kind: 'FlexibleServerVirtualEndpoint',
  service: 'dbforpostgresql',
  clusterVersion: 'v1beta1',
  type: `${serverType}/virtualEndpoints`,
  naming: 'assigned',
  globalName: true,
  references: [
    { field: 'sourceServerId', kind: 'FlexibleServer', service: 'dbforpostgresql', by: 'id' },
    { field: 'replicaServerId', kind: 'FlexibleServer', service: 'dbforpostgresql', by: 'id' },
  ],
  // The composite id of azurerm: after a switchover the endpoint lives under what was the replica (provider-upjet-azure CRDs; azurerm virtual endpoint).
  id: (_name, params) =>
    params.name && params.sourceServerId && params.replicaServerId
      ? [params.sourceServerId, params.replicaServerId]
          .map((server) => `${textOf(server)}/virtualEndpoints/${textOf(params.name)}`)
          .join('|')
      : undefined,
  identifiers: ['name'],
  defaults: {},
  removable: [],
  forceNew: ['sourceServerId', 'type'],
  seconds: { create: 60, update: 60, delete: 60 },
  serialise: (id) => ({ busy: [resourceKey(parentId(id) ?? '')] }),
  // azurerm swaps the members back when it finds the endpoint under the replica: no difference after a switchover.
  read: (resource, terraformId) => {
    const [source = '', replica = ''] = terraformId.split('|').map((each) => parentId(each) ?? '');
    const swapped = same(parentId(resource.id) ?? '', replica) && !same(source, replica);
    const reader = textOf(resource.properties.replicaServerId);
    return swapped
      ? { ...resource.properties, sourceServerId: same(reader, source) ? source : reader, replicaServerId: replica }
      : resource.properties;
  },
  planUpdate: ({ resource, changes, recorded }) => {
    if (!same(parentId(resource.id) ?? '', textOf(recorded.sourceServerId))) {
      // azurerm #27796, #29424, #30789; seen live, VirtualEndpoint: "Changing either member id then: stuck".
      return { error: 'updating the virtual endpoint: it was not found under its source server after a switchover' };
    }
    const replicaServerId = changes.replicaServerId?.new ?? resource.properties.replicaServerId;
    return {
      requests: [{ method: 'PATCH', id: resource.id, body: { members: [replicaServerId ?? ''] } }],
      effect: { set: { replicaServerId } },
      change: { replicaServerId },
      seconds: 60,
    };
  },
  rules: [
    {
      id: 'virtual-endpoint-name',
      source: 'azurerm 4.80 postgres; Microsoft, resource naming rules',
      verified: true,
      on: ['create'],
      code: 'InvalidVirtualEndpointName',
      refuse: ({ name, desired }) => {
        if (desired.type !== 'ReadWrite') return `the type '${textOf(desired.type)}' is not ReadWrite`;
        return /^[A-Za-z0-9][A-Za-z0-9-]{2,62}$/.test(name)
          ? undefined
          : `'${name}' is not a valid virtual endpoint name`;
      },
    },
    {
      id: 'virtual-endpoint-members',
      source:
        'azurerm 4.80 postgres; Microsoft, virtual endpoints (managed on the primary; reader is a replica or the primary itself)',
      verified: true,
      on: ['create', 'update'],
      code: 'VirtualEndpointMemberInvalid',
      refuse: ({ state, id, desired }) => {
        const source = state.resources[resourceKey(parentId(id) ?? '')];
        const reader = textOf(desired.replicaServerId);
        if (!source) return undefined;
        if (sourceOf(source) !== '') return `${source.id} is a read replica; virtual endpoints are made on the primary`;
        if (same(reader, source.id)) return undefined;
        const replica = replicasOf(state, source.id).find((each) => same(each.id, reader));
        if (!replica) return `${reader} is not a read replica of ${source.id}`;
        return replica.phase === 'Ready' ? undefined : `the read replica ${reader} is not ready`;
      },
    },
    {
      id: 'virtual-endpoint-one-per-primary',
      source: 'Microsoft, virtual endpoints (one pair per primary)',
      verified: true,
      on: ['create'],
      code: 'VirtualEndpointAlreadyExists',
      refuse: ({ state, id }) => {
        const other = Object.values(state.resources).find(
          (each) => isVirtualEndpoint(each) && same(parentId(each.id) ?? '', parentId(id) ?? '') && !same(each.id, id),
        );
        return other ? `the server already has the virtual endpoint ${other.id}` : undefined;
      },
    },
    {
      id: 'virtual-endpoint-same-group',
      source:
        'azurerm 4.80 postgres (both servers in one resource group, or a force-new difference follows a failover)',
      verified: false,
      on: ['create'],
      code: 'VirtualEndpointMemberInvalid',
      refuse: ({ desired }) =>
        same(groupIdOf(textOf(desired.sourceServerId)), groupIdOf(textOf(desired.replicaServerId)))
          ? undefined
          : 'source and replica are in different resource groups',
    },
  ],
};
