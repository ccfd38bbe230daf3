import fc from 'fast-check';
import type { Database } from '../../src/api/database.ts';
import { read } from '../../src/api/door.ts';
import { subnetRanges } from '../../src/api/subnets.ts';
import { contains, formatCidr, networkOf, overlaps, parseCidr } from '../../src/cidr.ts';
import { runFunction } from '../../src/function.ts';
import type { NameScope } from '../../src/names.ts';
import { plan } from '../../src/plan/plan.ts';
import { sites } from '../../src/plan/sites.ts';
import { subnetOf } from '../../src/plan/subnets.ts';
import type { ServerPlan } from '../../src/plan/types.ts';
import { fact, facts } from '../support/observed.ts';
import { request, resource, twoRegions, xr } from '../support/requests.ts';

const network = fc
  .record({ base: fc.nat(2 ** 32 - 1), prefix: fc.integer({ min: 8, max: 28 }) })
  .map((range) => networkOf(range));

function database(primary: object = {}, network: object = {}): Database {
  const { regions } = twoRegions;
  const reading = read(
    xr('namespaced', { regions: { ...regions, primary: { ...regions.primary, ...primary } }, network }),
    undefined,
  );
  if ('problems' in reading) throw new Error(JSON.stringify(reading.problems));
  return reading.database;
}

const scope: NameScope = { namespace: 'team-a', name: 'orders', resourceGroup: 'rg', prefix: '' };
const standing = (subnet: string): ServerPlan => ({
  ...(plan(database(), facts({}), 0).servers[0] as ServerPlan),
  subnet,
});
const inSubnet = (name: string) =>
  fact({ forProvider: { delegatedSubnetId: `/subscriptions/0/virtualNetworks/v/subnets/${name}` } });

describe('the ranges of a region', () => {
  it('are two of one size, side by side inside the network, wherever there is room', () => {
    fc.assert(
      fc.property(network, fc.option(fc.integer({ min: 0, max: 20 }), { nil: undefined }), (outer, longer) => {
        const own =
          longer === undefined ? undefined : networkOf({ ...outer, prefix: Math.min(28, outer.prefix + longer) });
        const { odd, even } = subnetRanges(formatCidr(outer), own && formatCidr(own), undefined);
        const first = parseCidr(odd);
        const second = even === undefined ? undefined : parseCidr(even);
        if (!first) throw new Error(odd);
        expect(contains(outer, first)).toBe(true);
        expect(second !== undefined).toBe(first.prefix > outer.prefix);
        if (!second) return;
        expect(contains(outer, second)).toBe(true);
        expect(overlaps(first, second)).toBe(false);
        expect(second.prefix).toBe(first.prefix);
      }),
    );
  });

  it.each<[string, string, string | undefined, string | undefined, string | undefined]>([
    ['the block after the first /24', '10.10.0.0/16', undefined, undefined, '10.10.1.0/24'],
    ['the block after a first subnet of your own', '10.10.0.0/16', '10.10.8.0/26', undefined, '10.10.8.64/26'],
    ['a range of your own', '10.10.0.0/16', undefined, '10.10.9.0/27', '10.10.9.0/27'],
    ['none where the first fills the network', '10.10.0.0/24', undefined, undefined, undefined],
    ['none where the first ends the network', '10.10.0.0/16', '10.10.255.0/24', undefined, undefined],
  ])('have as the second: %s', (_, cidr, first, next, second) => {
    expect(subnetRanges(cidr, first, next).even).toBe(second);
  });
});

describe("a server's subnet", () => {
  const of = (generation: number, where: Database, observed = facts({})) =>
    subnetOf(where, observed, { key: `primary-server-${generation}`, site: 'primary', generation });

  it('takes turns with the generations', () => {
    const keysOf = (where: Database) => [1, 2, 3, 4].map((each) => of(each, where));
    expect(keysOf(database())).toEqual(['primary-subnet', 'primary-subnet-2', 'primary-subnet', 'primary-subnet-2']);
    expect(new Set(keysOf(database({ cidr: '10.10.0.0/24' })))).toEqual(new Set(['primary-subnet']));
  });

  it('stays the one in which it stands, whatever room there is by now', () => {
    const standing = (name: string) => facts({ 'primary-server-2': inSubnet(name) });
    expect(of(2, database(), standing('postgresql'))).toBe('primary-subnet');
    expect(of(2, database({ cidr: '10.10.0.0/24' }), standing('postgresql-2'))).toBe('primary-subnet-2');
  });

  it('is that of its private endpoint where it has one', () => {
    const subnetId = '/subscriptions/0/virtualNetworks/v/subnets/postgresql';
    const observed = facts({ 'primary-server-2-endpoint': fact({ forProvider: { subnetId } }) });
    expect(of(2, database({}, { mode: 'PrivateEndpoint' }), observed)).toBe('primary-subnet');
    expect(of(2, database({}, { mode: 'PrivateEndpoint' }))).toBe('primary-subnet-2');
  });
});

describe('the second subnet', () => {
  const composed = (observed = facts({}), servers: readonly ServerPlan[] = []) =>
    sites(database(), observed, scope, servers).map(({ composed }) => composed.map(({ cidr }) => cidr));

  it('comes with the first server that stands in it', () => {
    expect(composed()).toEqual([['10.10.0.0/24'], ['10.20.0.0/24']]);
    expect(composed(facts({}), [standing('primary-subnet-2')])).toEqual([
      ['10.10.0.0/24', '10.10.1.0/24'],
      ['10.20.0.0/24'],
    ]);
  });

  it('stays when that server has gone', () => {
    const there = facts({ 'secondary-subnet-2': fact({ kind: 'Subnet' }) });
    expect(composed(there)).toEqual([['10.10.0.0/24'], ['10.20.0.0/24', '10.20.1.0/24']]);
  });

  it('has a security group of its own name, which it keeps while only a rule still names it', () => {
    const names = (observed = facts({})) =>
      sites(database(), observed, scope, [standing('primary-subnet-2')]).flatMap(({ composed }) =>
        composed.map(({ nsg }) => nsg),
      );
    expect(new Set(names()).size).toBe(3);
    for (const name of names()) expect(name).toMatch(/^[a-z0-9][a-z0-9-]{0,78}[a-z0-9]$/);
    const rule = fact({ kind: 'SecurityRule', forProvider: { networkSecurityGroupName: 'old-nsg' } });
    expect(names(facts({ 'primary-nsg-2-clients-in': rule }))[1]).toBe('old-nsg');
  });

  it.each([
    ['another range', { nextSubnetCidr: '10.10.3.0/24' }],
    ['no range any more', { nextSubnetCidr: undefined }],
  ])('cannot be given %s once it exists', (_, fields) => {
    const subnet = (prefix: string) =>
      resource({
        apiVersion: 'network.azure.m.upbound.io/v1beta1',
        kind: 'Subnet',
        metadata: { name: 'subnet', labels: { 'app.kubernetes.io/managed-by': 'function-postgresql' } },
        spec: { forProvider: { addressPrefixes: [prefix] } },
      });
    const refusals = (observed: Record<string, ReturnType<typeof subnet>>) =>
      runFunction(
        request(xr('namespaced', { regions: { primary: { ...twoRegions.regions.primary, ...fields } } }), { observed }),
      ).results.map(({ message }) => message);
    expect(refusals({ 'primary-subnet': subnet('10.10.0.0/24') })).toEqual([]);
    expect(refusals({ 'primary-subnet': subnet('10.10.0.0/24'), 'primary-subnet-2': subnet('10.10.2.0/24') })).toEqual([
      'spec.regions.primary.nextSubnetCidr: cannot change, because Azure cannot resize a subnet that a server uses',
    ]);
  });
});
