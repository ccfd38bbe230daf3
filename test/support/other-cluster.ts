import { createMemoryCluster, type MemoryCluster } from '../azure/memory.ts';
import type { Manifest } from '../azure/state.ts';

/** The Secret with the password that a person brings. */
export const ownSecret: Manifest = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'mine', namespace: 'team-a' },
  data: { password: Buffer.from('Not-A-Real-Password-1').toString('base64') },
};

export const ownPassword = { security: { adminPasswordSecretRef: { name: 'mine' } } };

/** Another control plane in front of the same Azure: nothing in Kubernetes but what is given, and a provider that knows nothing. */
export function otherCluster({ state }: MemoryCluster, ...given: readonly Manifest[]): MemoryCluster {
  const cluster = createMemoryCluster({}, { ...state, objects: {}, memory: {}, sent: [] });
  cluster.apply(...given);
  return cluster;
}
