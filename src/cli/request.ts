import type { Ready, RunFunctionRequest } from '@crossplane-org/function-sdk-typescript';
import type { Composite } from './composite.ts';
import type { Fields, KubernetesObject } from './load.ts';
import { connectionDetails } from './observed.ts';

/** Everything that Crossplane would know when it calls the function. */
export interface World {
  readonly composite: Composite;
  readonly resources: ReadonlyMap<string, KubernetesObject>;
  readonly secrets: readonly KubernetesObject[];
  readonly input: Fields | undefined;
}

// run_function.proto: Crossplane never sets it in a request. The SDK's enum would load all of the SDK.
const UNSPECIFIED = 0 as Ready;

/** The request that Crossplane would send for `world`. */
export function request({ composite: { xr }, resources, secrets, input }: World): RunFunctionRequest {
  const observed = (object: KubernetesObject) => ({
    resource: object,
    connectionDetails: connectionDetails(object, secrets),
    ready: UNSPECIFIED,
  });
  return {
    meta: { tag: 'render', capabilities: [] },
    observed: {
      composite: observed(xr),
      resources: Object.fromEntries([...resources].map(([key, object]) => [key, observed(object)])),
    },
    desired: { composite: undefined, resources: {} },
    input,
    extraResources: {},
    credentials: {},
    requiredResources: {},
    requiredSchemas: {},
  };
}
