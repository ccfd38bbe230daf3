import type { ResourceKey } from './state.ts';

/** ARM ids: how they are built, taken apart and compared. */
export const resourceGroupId = (subscription: string, name: string): string =>
  `/subscriptions/${subscription}/resourceGroups/${name}`;

export const providerId = (group: string, type: string, ...names: readonly string[]): string => {
  const [namespace = '', ...types] = type.split('/');
  return `${group}/providers/${namespace}/${types.map((each, i) => `${each}/${names[i] ?? ''}`).join('/')}`;
};

export const resourceKey = (id: string): ResourceKey => id.toLowerCase();

export const lastSegment = (id: string): string => id.slice(id.lastIndexOf('/') + 1);

/** The id that holds this one: the server of a firewall rule, the resource group of a server; undefined for a resource group. */
export function parentId(id: string): string | undefined {
  const segments = id.split('/').filter((segment) => segment !== '');
  const at = segments.findLastIndex((segment) => segment.toLowerCase() === 'providers');
  if (at < 0) return undefined;
  // An extension resource such as a lock, or a top-level resource: namespace, type and name follow `providers`.
  const kept = segments.length - at === 4 ? segments.slice(0, at) : segments.slice(0, -2);
  return `/${kept.join('/')}`;
}

/** Resource group part of an id. */
export function groupIdOf(id: string): string {
  return `/${id
    .split('/')
    .filter((segment) => segment !== '')
    .slice(0, 4)
    .join('/')}`;
}

/** Whether `inner` is `outer` or lies below it. */
export const isWithin = (inner: ResourceKey, outer: ResourceKey): boolean =>
  inner === outer || inner.startsWith(`${outer}/`);

/** ARM type of an id. */
export function typeOfId(id: string): string {
  const segments = id.split('/').filter((segment) => segment !== '');
  const at = segments.lastIndexOf('providers');
  if (at < 0) return segments.length === 4 ? 'Microsoft.Resources/resourceGroups' : '';
  const [namespace = '', ...rest] = segments.slice(at + 1);
  return [namespace, ...rest.filter((_, i) => i % 2 === 0)].join('/');
}
