import { FlexibleServer } from '../../src/azure/dbforpostgresql.ts';
import type { Managed, Usage } from '../../src/azure/managed.ts';
import { managementPolicies } from '../../src/azure/management-policies.ts';
import { ResourceGroup } from '../../src/azure/resource-group.ts';
import { Account } from '../../src/azure/storage.ts';
import { runFunction } from '../../src/function.ts';
import { keys, usageKey } from '../../src/names.ts';
import type { ObservedResource } from '../../src/observed/observed.ts';
import { admit } from '../../src/order/admit.ts';
import { lifted } from '../../src/order/lift.ts';
import type { Plan, ServerPlan, VirtualEndpointPlan } from '../../src/plan/types.ts';
import { usages } from '../../src/plan/usages.ts';
import { fact, facts } from '../support/observed.ts';
import { settle } from '../support/passes.ts';
import { type Json, type Observed, oneRegion, request, resource, twoRegions, xr } from '../support/requests.ts';

const OWN = { security: { adminPasswordSecretRef: { name: 'mine' } } };

describe('which resource outlives which', () => {
  const server = (site: 'primary' | 'secondary', generation: number, role: ServerPlan['role']): ServerPlan => ({
    key: keys.server(site, generation),
    site,
    generation,
    name: '',
    fqdn: '',
    region: '',
    ground: [],
    subnet: keys.subnet(site),
    promote: false,
    retiring: false,
    lookedAt: false,
    password: true,
    role,
    version: '17',
    size: '',
    storageMb: 0,
    storageTier: '',
    autoGrow: true,
    zones: {},
  });
  const ground = {
    mode: 'VNetIntegration',
    zone: { resourceGroup: 'rg', existing: false, links: true },
    link: undefined,
    endpoints: [],
  } as const;
  const lines = (servers: ServerPlan[], encryption: Plan['encryption'] = {}) =>
    usages(servers, { ...ground, encryption }).map(({ of, by }) => `${of} <- ${by}`);

  it('a server with an identity that was made for its key stands on that too', () => {
    const standsOn = ['primary-key-identity', 'primary-key-role'];
    expect(lines([server('primary', 1, 'Primary')], { 'primary-server': { standsOn, until: [] } }).slice(3)).toEqual([
      'primary-key-identity <- primary-server',
      'primary-key-role <- primary-server',
    ]);
  });

  it('one server stands on its subnet, its link and the zone', () => {
    expect(lines([server('primary', 1, 'Primary')])).toEqual([
      'primary-subnet <- primary-server',
      'primary-dns-link <- primary-server',
      'private-dns-zone <- primary-server',
    ]);
  });

  it('follows the roles and every generation, whoever is the writer', () => {
    expect(lines([server('secondary', 3, 'Primary'), server('primary', 2, 'Replica')])).toEqual([
      'secondary-subnet <- secondary-server-3',
      'secondary-dns-link <- secondary-server-3',
      'private-dns-zone <- secondary-server-3',
      'secondary-server-3 <- primary-server-2',
      'primary-subnet <- primary-server-2',
      'primary-dns-link <- primary-server-2',
      'private-dns-zone <- primary-server-2',
    ]);
  });

  it('a virtual endpoint stands on both of its servers, and one that goes holds nothing up', () => {
    const endpoint: VirtualEndpointPlan = {
      key: 'virtual-endpoint',
      name: 'orders',
      source: 'primary-server',
      reader: 'secondary-server',
      writeHost: '',
      readHost: '',
      goes: false,
      until: [],
    };
    const of = (each: VirtualEndpointPlan) =>
      usages([], { ...ground, endpoints: [each], encryption: {} }).map(({ of, by }) => `${of} <- ${by}`);
    expect(of(endpoint)).toEqual(['primary-server <- virtual-endpoint', 'secondary-server <- virtual-endpoint']);
    expect(of({ ...endpoint, goes: true })).toEqual([]);
  });
});

const usage = (of: string, by: string): Usage => ({
  key: usageKey(of, by),
  why: 'test',
  after: [of, by],
  of: { apiVersion: 'v1', kind: 'ConfigMap', name: of },
  reason: 'test',
  without: [usageKey(by, of)],
});

describe('when a Usage comes and goes', () => {
  const observedUsage = (parts: Partial<ObservedResource> = {}): ObservedResource =>
    fact({
      apiVersion: 'protection.crossplane.io/v1beta1',
      kind: 'Usage',
      usage: { of: { apiVersion: 'x/v1', kind: 'FlexibleServer', name: 'orders-primary-server' }, by: true },
      ...parts,
    });

  it.each([
    ['waits until both are there', { a: fact() }, ['b']],
    ['takes them as they are', { a: fact({ ready: false }), b: fact({ ready: false, synced: false }) }, []],
    [
      'waits until the one in the other direction is gone, or both would wait for ever',
      { a: fact(), b: fact(), [usageKey('b', 'a')]: observedUsage() },
      [usageKey('b', 'a')],
    ],
  ])('%s', (_, observed, waitsFor) => {
    const { desired, waiting } = admit([usage('a', 'b')], facts(observed));
    expect(waiting.flatMap((entry) => entry.for)).toEqual(waitsFor);
    expect(desired).toHaveLength(waitsFor.length === 0 ? 1 : 0);
  });

  it('first loses its user when nobody asks for it any more', () => {
    const observed = facts({ old: observedUsage(), 'other-function': observedUsage({ labels: {} }) });
    expect(lifted([], new Set(), observed, 'team-a')).toEqual([
      {
        key: 'old',
        why: 'is no longer needed, and lets go before it leaves',
        after: [],
        of: { apiVersion: 'x/v1', kind: 'FlexibleServer', name: 'orders-primary-server', namespace: 'team-a' },
        reason: 'no longer needed',
        without: [],
      },
    ]);
  });

  it('leaves once it has no user', () => {
    const { of } = observedUsage().usage ?? { of: undefined };
    if (!of) throw new Error('it protects something');
    expect(lifted([], new Set(), facts({ old: observedUsage({ usage: { of, by: false } }) }), 'team-a')).toEqual([]);
  });

  it.each(['namespaced', 'cluster'] as const)('does both through the function (%s)', (flavour) => {
    const { observed } = settle(xr(flavour, twoRegions));
    const key = usageKey('primary-server', 'secondary-server');
    const stale = structuredClone(observed[key]?.resource) as Json & { metadata: Json };
    stale.metadata.name = 'stale';
    const ask = (object: object) =>
      runFunction(request(xr(flavour, twoRegions), { observed: { ...observed, stale: resource(object) } })).desired
        ?.resources.stale?.resource;
    const { kind, apiVersion, spec } = ask(stale) as Json & { spec: Json };
    expect({ kind, apiVersion, spec }).toEqual({
      apiVersion: 'protection.crossplane.io/v1beta1',
      kind: flavour === 'namespaced' ? 'Usage' : 'ClusterUsage',
      spec: { of: (stale.spec as Json).of, reason: 'no longer needed' },
    });
    expect(ask({ ...stale, spec })).toBeUndefined();
  });
});

describe('policy Orphan', () => {
  const POLICIES = ['Observe', 'Create', 'Update', 'Delete'];
  const of = (azure: Managed['azure'], managementPolicies?: readonly string[]): Managed => ({
    key: 'a',
    why: 'test',
    after: [],
    azure,
    forProvider: {},
    managementPolicies,
  });
  const server = of(FlexibleServer, POLICIES);

  it.each([
    ['a server that is to be made', server, undefined, ['Observe', 'Create', 'Update']],
    ['one that is being made', server, fact({ ready: false }), ['Observe', 'Create', 'Update']],
    ['one that is there', server, fact(), ['Observe', 'Update']],
    ['one that was there', server, fact({ ready: false, mayCreate: false }), ['Observe', 'Update']],
    ['a group that is there', of(ResourceGroup), fact(), ['Observe', 'Create', 'Update', 'LateInitialize']],
    ['an account that is there', of(Account), fact(), ['Observe', 'Update', 'LateInitialize']],
    ['what is only looked at', of(FlexibleServer, ['Observe']), undefined, ['Observe']],
  ])('%s', (_, resource, observed, policies) => {
    expect(managementPolicies(resource, { deletion: 'Orphan', observeOnly: false }, observed)).toEqual(policies);
    expect(managementPolicies(resource, { deletion: 'Delete', observeOnly: false }, observed)).toEqual(
      resource.managementPolicies,
    );
    expect(managementPolicies(resource, { deletion: 'Delete', observeOnly: true }, observed)).toEqual(['Observe']);
  });
});

describe('protection', () => {
  const protectedBy = (object: Json): Json[] => {
    const { resources = {} } = runFunction(request(object)).desired ?? {};
    return Object.entries(resources as Observed)
      .filter(([key]) => key.includes('protection'))
      .map(([key, { resource }]) => {
        const { kind, metadata, spec } = resource as Json & { metadata: Json };
        return { key, kind, namespace: metadata.namespace, spec };
      });
  };
  const wished = { ...oneRegion, deletion: { protection: true } };

  it('holds the XR in its namespace, by a reason and without a replay', () => {
    expect(protectedBy(xr('namespaced', wished))).toEqual([
      {
        key: 'protection',
        kind: 'Usage',
        namespace: 'team-a',
        spec: {
          of: {
            apiVersion: 'database.platform.io/v1alpha1',
            kind: 'XPostgreSQLDatabase',
            resourceRef: { name: 'orders' },
          },
          reason: 'spec.deletion.protection is true; set it to false before you delete',
        },
      },
    ]);
  });

  it('holds the claim in its namespace and its XR', () => {
    const apiVersion = 'claims.database.platform.io/v1alpha1';
    expect(protectedBy(xr('cluster', wished))).toEqual([
      {
        key: 'claim-protection',
        kind: 'Usage',
        namespace: 'team-a',
        spec: {
          of: { apiVersion, kind: 'PostgreSQLDatabase', resourceRef: { name: 'orders' } },
          reason: 'spec.deletion.protection is true; set it to false before you delete',
        },
      },
      {
        key: 'protection',
        kind: 'ClusterUsage',
        namespace: undefined,
        spec: {
          of: { apiVersion, kind: 'XPostgreSQLDatabase', resourceRef: { name: 'orders-x7k2p' } },
          reason:
            'spec.deletion.protection of PostgreSQLDatabase team-a/orders is true; set it to false before you delete',
        },
      },
    ]);
  });

  it('holds a cluster-scoped XR that has no claim', () => {
    const { spec, ...rest } = xr('cluster', wished);
    const { claimRef: _, ...own } = spec as Json;
    expect(protectedBy({ ...rest, spec: own }).map(({ key, kind }) => [key, kind])).toEqual([
      ['protection', 'ClusterUsage'],
    ]);
  });

  it('leaves at once when it is switched off', () => {
    const { observed } = settle(xr('namespaced', { ...wished, ...OWN }));
    expect(Object.keys(observed)).toContain('protection');
    const { desired, results } = runFunction(request(xr('namespaced', { ...oneRegion, ...OWN }), { observed }));
    expect(results.filter(({ severity }) => severity === 1)).toEqual([]);
    expect(Object.keys(desired?.resources ?? {})).not.toContain('protection');
  });
});
