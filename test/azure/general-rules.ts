import { lastSegment, parentId, resourceKey, typeOfId } from './arm-id.ts';
import { isEmpty, textOf } from './json.ts';
import type { Rule } from './kind.ts';
import { lockType } from './kinds/management-lock.ts';
import { isBusy, serverType } from './kinds/server-lookup.ts';
import { definitionOfType } from './kinds.ts';
import { isRegion } from './regions.ts';
import type { AzureResource, Simulation } from './state.ts';

// blobServices/default is a level without a resource of its own.
const holderOf = (parent: string): string => parent.replace(/\/blobServices\/default$/, '');

/** Not simulated, and made by others: taken to be there. */
const isOutside = (parent: string): boolean => /\/providers\/Microsoft\.KeyVault\/vaults\/[^/]+$/i.test(parent);

/** Locks on the resource or on anything above it. */
export const locksOver = (state: Simulation, id: string): AzureResource[] =>
  Object.values(state.resources).filter(
    (each) =>
      each.type === lockType &&
      each.phase === 'Ready' &&
      `${resourceKey(id)}/`.startsWith(`${resourceKey(parentId(each.id) ?? '')}/`),
  );

/** Rules that hold for every kind. */
export const generalRules: readonly Rule[] = [
  {
    id: 'parent-exists',
    source: 'upjet references (404 parent, retried with back-off)',
    verified: true,
    on: ['create', 'update'],
    code: 'ParentResourceNotFound',
    refuse: ({ state, id }) => {
      const parent = parentId(id);
      if (parent === undefined || isOutside(parent)) return undefined;
      const holder = state.resources[resourceKey(holderOf(parent))];
      return holder?.phase === 'Ready'
        ? undefined
        : `the parent ${holderOf(parent)} could not be found or is not ready`;
    },
  },
  {
    id: 'region-known',
    source: 'ARM LocationNotAvailableForResourceType; Microsoft, region pairs',
    verified: true,
    on: ['create'],
    code: 'LocationNotAvailableForResourceType',
    refuse: ({ desired, region }) =>
      isEmpty(desired.location) || isRegion(region ?? '')
        ? undefined
        : `the location '${textOf(desired.location)}' is not available`,
  },
  {
    id: 'name-taken',
    source: 'Microsoft, resource naming rules (global names)',
    verified: true,
    on: ['create'],
    code: 'NameAlreadyExists',
    refuse: ({ state, id, name }) => {
      const definition = definitionOfType(typeOfId(id));
      if (!definition?.globalName) return undefined;
      const taken =
        state.options.taken.includes(`${definition.type.toLowerCase()}/${name.toLowerCase()}`) ||
        Object.values(state.resources).some(
          (each) =>
            each.type === definition.type &&
            lastSegment(each.id).toLowerCase() === name.toLowerCase() &&
            resourceKey(each.id) !== resourceKey(id),
        );
      return taken ? `the name '${name}' is already taken in Azure` : undefined;
    },
  },
  {
    id: 'lock-can-not-delete',
    source: 'Microsoft, reliability-postgresql-flexible-server; Microsoft, deletion (locks are inherited)',
    verified: true,
    on: ['delete'],
    code: 'ScopeLocked',
    refuse: ({ state, id }) => {
      if (typeOfId(id) === lockType) return undefined;
      const lock = locksOver(state, id)[0];
      return lock ? `the scope is locked against deletion by ${lock.id}` : undefined;
    },
  },
  {
    id: 'lock-read-only',
    source: 'Microsoft, reliability-postgresql-flexible-server (ReadOnly breaks reconciliation)',
    verified: true,
    on: ['create', 'update', 'promote', 'switchover'],
    code: 'ScopeLocked',
    refuse: ({ state, id }) => {
      if (typeOfId(id) === lockType) return undefined;
      const lock = locksOver(state, id).find((each) => each.properties.lockLevel === 'ReadOnly');
      return lock ? `the scope is locked against writing by ${lock.id}` : undefined;
    },
  },
  {
    id: 'server-busy',
    source: 'azurerm 4.80 postgres; Microsoft, concepts-read-replicas (ServerIsBusy, Updating while a replica is made)',
    verified: true,
    on: ['create', 'update', 'delete', 'promote', 'switchover'],
    code: 'ServerIsBusy',
    refuse: ({ state, id, desired, verb }) => {
      const concerned = [
        id,
        parentId(id) ?? '',
        ...(verb === 'create' && desired.createMode === 'Replica' ? [textOf(desired.sourceServerId)] : []),
      ];
      const busy = concerned.find((each) => typeOfId(each) === serverType && isBusy(state, each));
      return busy ? `the server ${busy} is busy with another operation` : undefined;
    },
  },
  {
    id: 'server-stopped-by-outage',
    source: 'inferred: a server without its zone takes no management operation that needs the database',
    verified: false,
    on: ['update'],
    code: 'ServerUnavailable',
    refuse: ({ current }) =>
      current?.type === serverType && current.hidden.available === false
        ? `the server ${current.id} is unavailable`
        : undefined,
  },
];
