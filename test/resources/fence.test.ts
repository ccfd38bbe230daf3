import type { Database } from '../../src/api/database.ts';
import { read } from '../../src/api/door.ts';
import { manifest } from '../../src/azure/flavour.ts';
import type { Fence } from '../../src/failover/types.ts';
import { plan } from '../../src/plan/plan.ts';
import type { Plan } from '../../src/plan/types.ts';
import { fences } from '../../src/resources/fence.ts';
import { crdProblems } from '../schemas.ts';
import { facts } from '../support/observed.ts';
import { twoRegions, xr } from '../support/requests.ts';

function database(flavour: 'namespaced' | 'cluster'): Database {
  const reading = read(xr(flavour, twoRegions), undefined);
  if ('problems' in reading) throw new Error(JSON.stringify(reading.problems));
  return reading.database;
}

const planned = (fence: readonly Fence[], flavour: 'namespaced' | 'cluster' = 'namespaced'): Plan => ({
  ...plan(database(flavour), facts({}), 0),
  fences: fence,
});

const fence = (on: boolean, server = 'primary-server'): Fence => ({
  server,
  network: { nsg: 'primary-nsg' },
  sessions: true,
  on,
});
const forProvider = (plan: Plan): object[] => fences(plan).map((each) => ('azure' in each ? each.forProvider : {}));

describe('a fence', () => {
  it('is not there before anybody asks for one', () => {
    expect(fences(planned([]))).toEqual([]);
  });

  it('refuses clients in the network, and makes the server read-only', () => {
    expect(forProvider(planned([fence(true)]))).toMatchObject([
      { direction: 'Inbound', access: 'Deny', sourceAddressPrefix: '*', destinationPortRanges: ['5432', '6432'] },
      { name: 'default_transaction_read_only', value: 'on' },
    ]);
  });

  it('is lifted by writing so in the same two objects', () => {
    const [on, off] = [fences(planned([fence(true)])), fences(planned([fence(false)]))];
    expect(off.map(({ key }) => key)).toEqual(on.map(({ key }) => key));
    expect(forProvider(planned([fence(false)]))).toMatchObject([
      { direction: 'Inbound', access: 'Allow', sourceAddressPrefix: 'VirtualNetwork' },
      { name: 'default_transaction_read_only', value: 'off' },
    ]);
  });

  it('has only its soft half where the network is not ours', () => {
    expect(fences(planned([{ server: 'primary-server', sessions: true, on: true }])).map(({ key }) => key)).toEqual([
      'primary-server-read-only',
    ]);
  });

  it('never resets the parameter by going away', () => {
    const [, soft] = fences(planned([fence(true)]));
    expect(soft).toMatchObject({ managementPolicies: ['Observe', 'Create', 'Update', 'LateInitialize'] });
  });

  it('that is on decides over one that is lifted, whichever server is newer', () => {
    const both = (older: boolean, newer: boolean): number[] =>
      forProvider(planned([fence(older), fence(newer, 'primary-server-3')])).flatMap((fields) =>
        'priority' in fields ? [Number(fields.priority)] : [],
      );
    const [deniedOld, allowedNew] = both(true, false);
    expect(deniedOld).toBeLessThan(Number(allowedNew));
    const [allowedOld, deniedNew] = both(false, true);
    expect(deniedNew).toBeLessThan(Number(allowedOld));
    expect(new Set(both(true, true)).size).toBe(2);
  });

  it.each(['namespaced', 'cluster'] as const)('has the fields of the real CRDs (%s)', (flavour) => {
    const of = planned([fence(true), fence(false, 'primary-server-2')], flavour);
    expect(fences(of).flatMap((each) => crdProblems(manifest(each, of, new Map())))).toEqual([]);
  });
});
