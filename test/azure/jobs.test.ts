import { createMemoryCluster, type MemoryCluster } from './memory.ts';
import * as p from './platform.ts';
import type { Manifest } from './state.ts';

const namespaced = { namespaced: true };
const WRITE = 'write.orders.private.postgres.database.azure.com';
const host = (name: string): string => `${name}.postgres.database.azure.com`;

const job = (target: string, image = 'postgres:18'): Manifest => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name: 'probe', namespace: 'default', finalizers: ['foregroundDeletion'] },
  spec: {
    template: {
      spec: {
        containers: [
          {
            name: 'probe',
            image,
            env: [
              { name: 'PGHOST', value: WRITE },
              { name: 'TARGET', value: target },
            ],
          },
        ],
      },
    },
  },
});

/** How a Job ends on this platform: the type of its last condition. */
function end(cluster: MemoryCluster, made: Manifest): unknown {
  cluster.apply(made);
  cluster.settle();
  const [{ status } = {}] = cluster.objects('Job');
  return (status?.conditions as { type: string }[] | undefined)?.at(-1)?.type;
}

function platform(...more: readonly Manifest[]): MemoryCluster {
  const cluster = createMemoryCluster();
  cluster.apply(...p.platform(namespaced), ...more);
  cluster.settle();
  return cluster;
}

describe('a simulated Job', () => {
  it('is complete when the write name leads to a server that takes writes', () => {
    expect(end(platform(), job(host('orders-a')))).toBe('Complete');
  });

  it('fails when the name leads to another server than it should', () => {
    expect(end(platform(), job(host('orders-b')))).toBe('Failed');
  });

  it('fails on a read-only server, on a replica, and while the region is out', () => {
    const readOnly = p.configuration(namespaced, 'server-a', 'default_transaction_read_only', 'on');
    expect(end(platform(readOnly), job(host('orders-a')))).toBe('Failed');
    expect(end(platform(p.record(namespaced, 'write', host('orders-b'))), job(host('orders-b')))).toBe('Failed');
    const out = platform();
    out.happen({ what: 'region-outage', region: 'eastus2' });
    expect(end(out, job(host('orders-a')))).toBe('Failed');
  });

  it('runs once, and has a template that nobody can change', () => {
    const cluster = platform();
    expect(end(cluster, job(host('orders-a')))).toBe('Complete');
    cluster.happen({ what: 'region-outage', region: 'eastus2' });
    expect(end(cluster, job(host('orders-a')))).toBe('Complete');
    expect(() => cluster.apply(job(host('orders-a'), 'postgres:17'))).toThrow('field is immutable');
  });

  it('goes when it is deleted, and can be made again', () => {
    const cluster = platform();
    end(cluster, job(host('orders-a')));
    cluster.remove({ apiVersion: 'batch/v1', kind: 'Job', namespace: 'default', name: 'probe' });
    expect(cluster.objects('Job')).toEqual([]);
    expect(end(cluster, job(host('orders-b'), 'postgres:17'))).toBe('Failed');
  });

  it('that only asks whether a server recovers fails on a replica, not on a read-only server', () => {
    const asks = (name: string): Manifest => ({
      ...job(host(name)),
      spec: { template: { spec: { containers: [{ name: 'probe', env: [{ name: 'PGHOST', value: host(name) }] }] } } },
    });
    const readOnly = p.configuration(namespaced, 'server-a', 'default_transaction_read_only', 'on');
    expect(end(platform(readOnly), asks('orders-a'))).toBe('Complete');
    expect(end(platform(), asks('orders-b'))).toBe('Failed');
    expect(end(platform(), asks('orders-c'))).toBe('Failed');
  });
});
