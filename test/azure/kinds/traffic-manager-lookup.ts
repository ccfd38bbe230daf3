import { lastSegment, parentId, resourceKey } from '../arm-id.ts';
import { numberOf, objectOf, textOf } from '../json.ts';
import type { AzureResource, Simulation } from '../state.ts';

export const profileType = 'Microsoft.Network/trafficManagerProfiles';
/** As in the ids that azurerm makes; Azure compares them without case. */
export const trafficEndpointType = `${profileType}/ExternalEndpoints`;

export const isRelativeName = (label: string): boolean => /^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/.test(label);

export const relativeNameOf = ({ properties }: AzureResource): string =>
  textOf(objectOf(properties.dnsConfig).relativeName);

export const trafficEndpointsOf = (state: Simulation, profile: string): AzureResource[] =>
  Object.values(state.resources).filter(
    ({ id, type }) => type === trafficEndpointType && resourceKey(parentId(id) ?? '') === resourceKey(profile),
  );

/**
 * The host name that a profile's name leads to: the enabled endpoint of the lowest priority (Microsoft, Traffic Manager routing methods). Health
 * counts for nothing with Always Serve, and an endpoint without it is not simulated: asking for it throws.
 */
export function trafficTarget(state: Simulation, host: string): string | undefined {
  const profile = Object.values(state.resources).find(
    (each) =>
      each.type === profileType && each.phase === 'Ready' && `${relativeNameOf(each)}.trafficmanager.net` === host,
  );
  const [first] = trafficEndpointsOf(state, profile?.id ?? '')
    .filter(({ phase, properties }) => phase !== 'Creating' && properties.enabled !== false)
    .sort((a, b) => numberOf(a.properties.priority) - numberOf(b.properties.priority));
  if (first && first.properties.alwaysServeEnabled !== true)
    throw new Error(`${lastSegment(first.id)} would be probed`);
  return first && textOf(first.properties.target);
}
