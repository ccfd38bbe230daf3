import { lastSegment, parentId, resourceKey, typeOfId } from './arm-id.ts';
import { textOf } from './json.ts';
import type { RequestContext } from './kind.ts';
import { serverType } from './kinds/server-lookup.ts';
import { vCoresOf } from './kinds/server-sizes.ts';
import { normaliseRegion } from './regions.ts';
import type { Fault, Outcome, Simulation, Verb } from './state.ts';

/** Region of a resource: its own, or that of what holds it. Global resources have none. */
export function regionOf(state: Simulation, id: string, location?: string): string | undefined {
  if (location) return normaliseRegion(location);
  for (let at: string | undefined = id; at !== undefined; at = parentId(at)) {
    const resource = state.resources[resourceKey(at)];
    if (resource)
      return resource.type === 'Microsoft.Resources/resourceGroups' && at !== id ? undefined : resource.region;
  }
  return undefined;
}

/** Whether a fault is meant for a request; a fault without a verb is meant for writing ones. */
export const matches = (
  fault: Fault,
  request: { kind: string; id: string; verb: Verb | 'read'; region?: string },
): boolean =>
  (fault.on.kind === undefined || fault.on.kind === request.kind) &&
  (fault.on.name === undefined || fault.on.name === lastSegment(request.id)) &&
  (fault.on.verb === undefined ? request.verb !== 'read' : fault.on.verb === request.verb) &&
  (fault.on.region === undefined || fault.on.region === request.region);

/** A fault that strikes a limited number of times has struck once more. */
export const spend = (state: Simulation, fault: Fault): Simulation =>
  fault.times === undefined
    ? state
    : {
        ...state,
        faults: state.faults.flatMap((each) =>
          each.id !== fault.id ? [each] : (each.times ?? 0) > 1 ? [{ ...each, times: (each.times ?? 0) - 1 }] : [],
        ),
      };

/** Why a read fails: the region is out, or a fault says so. */
export function readError(state: Simulation, kind: string, id: string, location?: string): string | undefined {
  const region = regionOf(state, id, location);
  // A resource group is answered by ARM itself, whose metadata this simulator keeps in every region.
  if (region !== undefined && kind !== 'ResourceGroup' && state.outages.regions.includes(region))
    return `ServiceUnavailable: the region ${region} does not answer`;
  const fault = state.faults.find(
    (each) => each.effect.type === 'fail' && matches(each, { kind, id, verb: 'read', ...(region ? { region } : {}) }),
  );
  return fault?.effect.type === 'fail'
    ? (fault.effect.message ?? `InternalServerError: injected fault ${fault.id}`)
    : undefined;
}

/** The refusal of a server for which a quota has no vCores left. */
export function quotaError(state: Simulation, context: RequestContext): Outcome | undefined {
  for (const fault of state.faults) {
    if (fault.effect.type !== 'quota' || fault.on.region !== context.region || typeOfId(context.id) !== serverType)
      continue;
    if (context.verb !== 'create' && context.change.skuName === undefined) continue;
    const used = Object.values(state.resources)
      .filter(
        (each) =>
          each.type === serverType &&
          each.region === context.region &&
          resourceKey(each.id) !== resourceKey(context.id),
      )
      .reduce((sum, each) => sum + (vCoresOf(textOf(each.properties.skuName)) ?? 0), 0);
    const wanted = vCoresOf(textOf(context.desired.skuName)) ?? 0;
    if (used + wanted > fault.effect.vCores) {
      return {
        ok: false,
        rule: `fault:${fault.id}`,
        code: 'QuotaExceeded',
        message: `${used + wanted} vCores exceed the quota of ${fault.effect.vCores} in ${context.region}`,
      };
    }
  }
  return undefined;
}
