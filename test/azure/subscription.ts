import { objectOf, textOf } from './json.ts';
import type { KubernetesObject, Simulation } from './state.ts';

/** The subscription of the provider configuration that an object names. */
export const subscriptionOf = ({ options }: Simulation, { spec }: KubernetesObject): string =>
  options.subscriptions[textOf(objectOf(objectOf(spec).providerConfigRef).name)] ?? options.subscription;
