import { conditionText, createMemoryCluster, type MemoryCluster } from '../azure/memory.ts';
import type { Manifest } from '../azure/state.ts';
import { createEngine, type Engine } from './engine.ts';
import { type Json, xr } from './requests.ts';

/** A platform on the simulated Azure, and the engine that keeps it. */
export interface World {
  readonly cluster: MemoryCluster;
  readonly engine: Engine;
}

/** The platform of a spec, ready, with the requests that made it forgotten. */
export function world(
  flavour: 'namespaced' | 'cluster',
  spec: object,
  /** What is there before the platform. */
  ...given: readonly Manifest[]
): World {
  const cluster = createMemoryCluster();
  for (const manifest of given) cluster.apply(manifest);
  const engine = createEngine(xr(flavour, spec), cluster);
  engine.settle();
  expect(engine.refusals).toEqual([]);
  expect(engine.ready).toBe(true);
  cluster.forgetRequests();
  return { cluster, engine };
}

/** The Azure id of the server in a region. */
export const serverId = (cluster: MemoryCluster, region: string): string =>
  Object.values(cluster.state.resources).find(
    ({ id }) => id.includes(`/flexibleServers/orders-${region}`) && !id.includes('/administrators/'),
  )?.id ?? '';

export const properties = (cluster: MemoryCluster, region: string): Json =>
  cluster.state.resources[serverId(cluster, region).toLowerCase()]?.properties as Json;

/** Managed resources that are not Ready or not Synced. */
export const troubled = ({ cluster }: Pick<World, 'cluster'>): string[] =>
  cluster.objects().flatMap((object) => {
    const states = ['Ready', 'Synced']
      .map((type) => conditionText(object, type))
      .filter((text) => text !== '' && text !== 'True');
    return states.map((state) => `${object.kind} ${object.metadata.name}: ${state}`);
  });

/** status.failover of the XR. */
export const failoverOf = ({ engine }: Pick<World, 'engine'>): Json => (engine.status as { failover: Json }).failover;
