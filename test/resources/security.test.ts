import type { Database } from '../../src/api/database.ts';
import { read } from '../../src/api/door.ts';
import { manifest } from '../../src/azure/flavour.ts';
import type { Composed } from '../../src/azure/managed.ts';
import { PRIORITY } from '../../src/azure/network-priorities.ts';
import { plan } from '../../src/plan/plan.ts';
import { sites } from '../../src/plan/sites.ts';
import type { Plan, ServerPlan } from '../../src/plan/types.ts';
import { fences } from '../../src/resources/fence.ts';
import { network } from '../../src/resources/network.ts';
import { parameterOf } from '../azure/kinds/server-configuration.ts';
import { createMemoryCluster, type MemoryCluster } from '../azure/memory.ts';
import type { Manifest } from '../azure/state.ts';
import { reachable, serversTalk } from '../azure/traffic.ts';
import { crdProblems } from '../schemas.ts';
import { createEngine } from '../support/engine.ts';
import { facts } from '../support/observed.ts';
import { twoRegions, xr } from '../support/requests.ts';

const flavours = ['namespaced', 'cluster'] as const;
type Flavour = (typeof flavours)[number];

function database(flavour: Flavour): Database {
  const reading = read(xr(flavour, twoRegions), undefined);
  if ('problems' in reading) throw new Error(JSON.stringify(reading.problems));
  return reading.database;
}

const scope = { namespace: 'team-a', name: 'orders', resourceGroup: 'orders-007addb9', prefix: '' };

/** A plan in which a server of the second generation stands in the primary region. */
function withSecond(flavour: Flavour): Plan {
  const of = plan(database(flavour), facts({}), 0);
  const second: ServerPlan = { ...(of.servers[0] as ServerPlan), key: 'primary-server-2', subnet: 'primary-subnet-2' };
  return { ...of, sites: sites(database(flavour), facts({}), scope, [...of.servers, second]) };
}

const of = (all: readonly Composed[], key: string): object => {
  const found = all.find((each) => each.key === key);
  return found && 'azure' in found ? { policies: found.managementPolicies, ...found.forProvider } : {};
};

describe('the security groups', () => {
  it('let exactly the servers of all subnets through before any fence', () => {
    const all = network(withSecond('namespaced'));
    for (const nsg of ['primary-nsg', 'primary-nsg-2', 'secondary-nsg'])
      expect(of(all, `${nsg}-servers-in`)).toMatchObject({
        access: 'Allow',
        sourceAddressPrefixes: ['10.10.0.0/24', '10.10.1.0/24', '10.20.0.0/24'],
      });
  });

  it('put a fence, on or lifted, between the servers and the clients', () => {
    for (const generation of [1, 2, 40])
      for (const on of [true, false]) {
        expect(PRIORITY.fence(generation, on)).toBeGreaterThan(PRIORITY.servers);
        expect(PRIORITY.fence(generation, on)).toBeLessThan(PRIORITY.clients);
      }
  });

  it('never take over the rules that the provider sees in them, and keep the id of their tie', () => {
    const all = network(withSecond('namespaced'));
    expect(of(all, 'primary-nsg')).toMatchObject({ policies: ['Observe', 'Create', 'Update', 'Delete'] });
    expect(of(all, 'primary-nsg')).not.toHaveProperty('securityRule');
    expect(of(all, 'primary-nsg-association')).toMatchObject({ policies: undefined });
  });

  it.each(flavours)('have the fields of the real CRDs (%s)', (flavour) => {
    const wanted = withSecond(flavour);
    expect(network(wanted).flatMap((each) => crdProblems(manifest(each, wanted, new Map())))).toEqual([]);
  });
});

describe.each(flavours)('on the simulated Azure, %s', (flavour) => {
  const start = (): { cluster: MemoryCluster; apply: (plan: Plan, all: readonly Composed[]) => void } => {
    const cluster = createMemoryCluster();
    createEngine(xr(flavour, twoRegions), cluster).settle();
    const ownerReferences = cluster.objects('Subnet')[0]?.metadata.ownerReferences ?? [];
    const apply = (plan: Plan, all: readonly Composed[]): void => {
      for (const each of all) {
        // The function's output is plain JSON.
        const made = manifest(each, plan, new Map()) as unknown as Manifest;
        cluster.apply({ ...made, metadata: { ...made.metadata, ownerReferences } });
      }
      cluster.settle();
    };
    return { cluster, apply };
  };
  const subnet = ({ state }: MemoryCluster, region: string, name = 'postgresql'): string =>
    Object.values(state.resources).find(({ id, region: of }) => of === region && id.endsWith(`/subnets/${name}`))?.id ??
    '';
  const server = ({ state }: MemoryCluster, region: string): string =>
    Object.values(state.resources).find(({ id }) => id.includes(`/flexibleServers/orders-${region}`))?.id ?? '';

  it('a fence keeps clients away and servers together, and is lifted in the same place', () => {
    const { cluster, apply } = start();
    const fenced = (on: boolean): Plan => ({
      ...plan(database(flavour), facts({}), 0),
      fences: [{ server: 'primary-server', network: { nsg: 'primary-nsg' }, sessions: true, on }],
    });
    const clients = () => [5432, 6432].map((port) => reachable(cluster.state, subnet(cluster, 'eastus2'), port));
    const readOnly = () => parameterOf(cluster.state, server(cluster, 'eastus2'), 'default_transaction_read_only');
    expect(clients()).toEqual([true, true]);
    apply(fenced(true), fences(fenced(true)));
    expect(clients()).toEqual([false, false]);
    expect(readOnly()).toBe('on');
    const [here, there] = [subnet(cluster, 'eastus2'), subnet(cluster, 'centralus')];
    expect(reachable(cluster.state, there, 5432)).toBe(true);
    for (const [from, to] of [
      [here, there],
      [there, here],
      [here, here],
    ] as const)
      expect(serversTalk(cluster.state, from, to, 5432)).toBe(true);
    apply(fenced(false), fences(fenced(false)));
    expect(clients()).toEqual([true, true]);
    expect(readOnly()).toBe('off');
    cluster.forgetRequests();
    cluster.advance(3600);
    expect(cluster.requests).toEqual([]);
  });

  it('a fence does not reach the server of the next generation', () => {
    const { cluster, apply } = start();
    const wanted: Plan = {
      ...withSecond(flavour),
      fences: [{ server: 'primary-server', network: { nsg: 'primary-nsg' }, sessions: true, on: true }],
    };
    apply(wanted, [...network(wanted), ...fences(wanted)]);
    expect(cluster.requests.filter(({ outcome, id }) => !outcome.ok && id.includes('/subnets/'))).toEqual([]);
    const [first, second] = [subnet(cluster, 'eastus2'), subnet(cluster, 'eastus2', 'postgresql-2')];
    expect(reachable(cluster.state, first, 5432)).toBe(false);
    expect(reachable(cluster.state, second, 5432)).toBe(true);
    expect(serversTalk(cluster.state, second, first, 5432)).toBe(true);
    expect(serversTalk(cluster.state, subnet(cluster, 'centralus'), second, 5432)).toBe(true);
  });

  it('everything can be deleted, security groups and all', () => {
    const { cluster, apply } = start();
    const wanted = withSecond(flavour);
    apply(wanted, network(wanted));
    for (const { apiVersion, kind, metadata } of cluster.objects())
      cluster.remove({
        apiVersion,
        kind,
        name: metadata.name,
        ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }),
      });
    cluster.settle();
    expect(Object.keys(cluster.state.resources)).toEqual([]);
  });
});
