import { resourceKey } from '../arm-id.ts';
import { type JsonObject, objectOf, textOf } from '../json.ts';
import type { RequestContext, Rule } from '../kind.ts';
import type { AzureResource, Simulation } from '../state.ts';
import { sourceOf } from './server-lookup.ts';

/** The resource of this id. */
export const found = (state: Simulation, id: unknown): AzureResource | undefined =>
  typeof id === 'string' ? state.resources[resourceKey(id)] : undefined;

/** The server of which the request makes, or already made, a replica. */
export const isReplica = ({ desired, current, verb }: RequestContext): boolean =>
  verb === 'create' ? desired.createMode === 'Replica' : current !== undefined && sourceOf(current) !== '';

/** Mode of high availability, empty when it is off. */
export const haMode = (properties: JsonObject): string => {
  const mode = textOf(objectOf(properties.highAvailability).mode);
  return mode === 'Disabled' ? '' : mode;
};

/** A rule in one line; verified unless said otherwise. */
export const rule = (
  id: string,
  source: string,
  on: Rule['on'],
  code: string,
  refuse: Rule['refuse'],
  verified = true,
): Rule => ({ id, source, verified, on, code, refuse });

/** Where a value is written. */
export const written: Rule['on'] = ['create', 'update'];
