import { createMemoryCluster, type MemoryCluster } from '../azure/memory.ts';
import { createEngine, type Engine } from '../support/engine.ts';
import { type Json, twoRegions, xr } from '../support/requests.ts';

/** One XR on the simulated Azure. */
export interface Platform {
  readonly cluster: MemoryCluster;
  readonly engine: Engine;
}

/** A platform of two regions, with more in its spec, that has become Ready. */
export function readyPlatform(flavour: 'namespaced' | 'cluster', more: object = {}): Platform {
  const cluster = createMemoryCluster();
  const engine = createEngine(xr(flavour, { ...twoRegions, ...more }), cluster);
  engine.settle();
  expect(engine.refusals).toEqual([]);
  expect(engine.ready).toBe(true);
  return { cluster, engine };
}

/** status.failover of its XR. */
export const failoverOf = ({ engine }: Platform): Json => (engine.status as { failover: Json }).failover;
