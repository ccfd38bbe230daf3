import { createMemoryCluster } from '../azure/memory.ts';
import type { Manifest } from '../azure/state.ts';
import { createEngine } from './engine.ts';
import type { Json } from './requests.ts';
import type { World } from './world.ts';

/** A platform that came to rest beside what others have in Azure. `before`: the ids of what was there, in lower case and sorted. */
export function settledBeside(
  given: readonly Manifest[],
  composite: Json,
  { input, subscriptions }: { readonly input?: object; readonly subscriptions?: Readonly<Record<string, string>> } = {},
): World & { readonly before: readonly string[] } {
  const cluster = createMemoryCluster(subscriptions ? { subscriptions } : {});
  cluster.apply(...given);
  cluster.settle();
  const before = Object.keys(cluster.state.resources).sort();
  cluster.forgetRequests();
  const engine = createEngine(composite, cluster, input);
  engine.settle();
  expect(engine.refusals).toEqual([]);
  expect(engine.ready).toBe(true);
  return { cluster, engine, before };
}
