import type { RunFunctionResponse } from '@crossplane-org/function-sdk-typescript';
import { runFunction } from '../../src/function.ts';
import { refusal } from '../../src/response/azure-errors.ts';
import { fact } from '../support/observed.ts';
import { settle } from '../support/passes.ts';
import { type Json, type Observed, oneRegion, request, seen, twoRegions, xr } from '../support/requests.ts';

const namespaced = xr('namespaced', twoRegions);
const settled = settle(namespaced).observed;

const STATUS = ['', 'Unknown', 'True', 'False'];
const condition = ({ conditions }: RunFunctionResponse, type: string) => {
  const found = conditions.find((one) => one.type === type);
  return [STATUS[found?.status ?? 0], found?.reason, found?.message];
};

/** The settled platform with one resource in another state. */
const but = (key: string, change: (object: Json) => void): Observed => {
  const copy = structuredClone(settled);
  change(copy[key]?.resource as Json);
  return copy;
};
const conditions = (list: Json[]) => (object: Json) => {
  (object.status as Json).conditions = list;
};
const notReady = [
  { type: 'Ready', status: 'False', reason: 'Creating' },
  { type: 'Synced', status: 'True' },
];
const failed = (message: string) => [
  { type: 'Ready', status: 'False', reason: 'Creating' },
  { type: 'Synced', status: 'True' },
  { type: 'LastAsyncOperation', status: 'False', reason: 'AsyncCreateFailure', message },
];

describe('conditions', () => {
  it('say what a fresh platform waits for', () => {
    const response = runFunction(request(namespaced));
    expect(condition(response, 'NetworkReady')).toEqual(['False', 'Creating', 'resource-group: being created']);
    expect(condition(response, 'PrimaryReady')).toEqual([
      'False',
      'Waiting',
      'primary-server: waiting for admin-password, resource-group',
    ]);
    expect(response.results).toEqual([]);
  });

  it.each<[string, Observed, string, [string, string, string]]>([
    [
      'a network that is lost',
      but('primary-subnet', (object) => conditions(notReady)(object)),
      'NetworkReady',
      ['False', 'Unavailable', 'primary-subnet: exists, but is not ready'],
    ],
    [
      'a server that somebody deletes',
      but('primary-server', (object) => {
        (object.metadata as Json).deletionTimestamp = 'x';
      }),
      'PrimaryReady',
      ['False', 'Deleting', 'primary-server: being deleted'],
    ],
    [
      'a refused creation',
      but('secondary-server', (object) => {
        conditions(failed('create failed: Code="QuotaExceeded" Message="request 4711 ..."'))(object);
      }),
      'ReplicaReady',
      [
        'False',
        'Refused',
        "secondary-server: the subscription's vCore quota in this region is used up; ask for more quota, or choose a smaller size",
      ],
    ],
    [
      'a refused update',
      but(
        'primary-server',
        conditions([
          { type: 'Ready', status: 'True' },
          {
            type: 'Synced',
            status: 'False',
            message:
              'update failed: refuse to update the external resource because the following update requires replacing it: x',
          },
        ]),
      ),
      'PrimaryReady',
      [
        'True',
        'UpdateRefused',
        'primary-server: the wanted change would replace the resource, which the provider refuses; undo the change',
      ],
    ],
    [
      'a server that the provider may not make again and that has gone',
      but('primary-server', (object) => {
        (object.spec as Json).managementPolicies = ['Observe', 'Update'];
        conditions([
          { type: 'Ready', status: 'True' },
          {
            type: 'Synced',
            status: 'False',
            message:
              'update failed: refuse to update the external resource because the following update requires replacing it: x',
          },
        ])(object);
      }),
      'PrimaryReady',
      [
        'False',
        'Lost',
        'primary-server: the provider would have to make "orders-eastus2-b0b0bea5" again, and nothing is made in its place; with spec.deletion.policy Orphan this is how something looks that was deleted in Azure, so look for it there',
      ],
    ],
    [
      'an update that Azure refuses on a server that the provider may not make again',
      but('primary-server', (object) => {
        (object.spec as Json).managementPolicies = ['Observe', 'Update'];
        conditions([
          { type: 'Ready', status: 'True' },
          { type: 'Synced', status: 'False', message: 'update failed: Code="QuotaExceeded"' },
        ])(object);
      }),
      'PrimaryReady',
      [
        'True',
        'UpdateRefused',
        "primary-server: the subscription's vCore quota in this region is used up; ask for more quota, or choose a smaller size",
      ],
    ],
    [
      'a region that does not answer',
      but(
        'primary-server',
        conditions([
          { type: 'Ready', status: 'True' },
          {
            type: 'Synced',
            status: 'False',
            message: 'observe failed: failed to observe the resource: ServiceUnavailable',
          },
        ]),
      ),
      'PrimaryReady',
      ['Unknown', 'NotAnswering', 'primary-server: Azure does not answer; nothing is changed until it does'],
    ],
    [
      'a backup container that is missing',
      Object.fromEntries(Object.entries(settled).filter(([key]) => key !== 'backup-container')),
      'BackupConfigured',
      ['False', 'Creating', 'backup-container: being created'],
    ],
  ])('tell of %s', (_, observed, type, expected) =>
    expect(condition(runFunction(request(namespaced, { observed })), type)).toEqual(expected),
  );

  it('call a platform without a replica complete', () => {
    const { response } = settle(xr('namespaced', oneRegion));
    expect(condition(response, 'ReplicaReady')).toEqual([
      'True',
      'NotRequested',
      'no secondary region is asked for, so there is no replica',
    ]);
  });

  it('stay as they were on the way to a fatal result', () => {
    const before = [
      { type: 'PrimaryReady', status: 'True', reason: 'Available', message: 'the server in eastus2 takes writes' },
    ];
    const response = runFunction(request({ ...xr('namespaced', { regions: {} }), status: { conditions: before } }));
    expect(response.results[0]?.severity).toBe(1);
    expect(condition(response, 'PrimaryReady')).toEqual(['True', 'Available', 'the server in eastus2 takes writes']);
    expect(response.conditions.map(({ type, reason }) => `${type} ${reason}`)).toContain('ReplicaReady NotRendered');
  });
});

describe('a fatal result', () => {
  it('is a warning too where there is a claim, because core shows a fatal one on the XR only', () => {
    const results = (flavour: 'namespaced' | 'cluster') =>
      runFunction(request(xr(flavour, { regions: {} }))).results.map(({ severity }) => severity);
    expect(results('cluster')).toEqual([2, 1]);
    expect(results('namespaced')).toEqual([1]);
  });
});

describe('XR readiness', () => {
  it('does not wait for the replica', () => {
    const observed = but('secondary-server', conditions(notReady));
    expect(runFunction(request(namespaced, { observed })).desired?.composite?.ready).toBe(1);
  });

  it.each(['primary-server', 'cname-write'])('needs %s', (key) => {
    expect(
      runFunction(request(namespaced, { observed: but(key, conditions(notReady)) })).desired?.composite?.ready,
    ).toBe(2);
  });
});

describe('the read name', () => {
  const target = (response: RunFunctionResponse) =>
    (response.desired?.resources['cname-read']?.resource as { spec: { forProvider: { record: string } } }).spec
      .forProvider.record;
  it('points at the primary until the replica is ready, and stays at the replica afterwards', () => {
    const building = structuredClone(settled);
    delete building['secondary-server'];
    delete building['cname-read'];
    expect(target(runFunction(request(namespaced, { observed: building })))).toMatch(/-eastus2-/);
    expect(target(runFunction(request(namespaced, { observed: settled })))).toMatch(/-centralus-/);
    expect(
      target(runFunction(request(namespaced, { observed: but('secondary-server', conditions(notReady)) }))),
    ).toMatch(/-centralus-/);
  });
});

describe('events', () => {
  const run = (observed: Observed, before: Json[]) =>
    runFunction(request({ ...namespaced, status: { conditions: before } }, { observed })).results.map(
      ({ severity, reason, message }) => [severity, reason, message],
    );
  const was = (status: string, reason: string) => [{ type: 'PrimaryReady', status, reason, message: '' }];
  it('tell of a condition that moved, once', () => {
    expect(run(settled, was('False', 'Creating'))).toEqual([
      [3, 'PrimaryReady', 'Available: the server in eastus2 takes writes'],
    ]);
    expect(run(settled, was('True', 'Available'))).toEqual([]);
  });

  it('tell of a zone failover once, and nothing is changed', () => {
    const name = 'orders-eastus2';
    const failedOver = but('primary-server', (object) => {
      (object.metadata as { annotations: Json }).annotations['crossplane.io/external-name'] = name;
      ((object.status as Json).atProvider as Json).zone = '2';
    });
    const status = (zone: string) => ({
      conditions: runFunction(request(namespaced, { observed: failedOver })).conditions.map((one) => ({
        ...one,
        status: ['', 'Unknown', 'True', 'False'][one.status],
      })),
      servers: [{ name, zone }],
    });
    const said = (zone: string) =>
      runFunction(request({ ...namespaced, status: status(zone) }, { observed: failedOver })).results.map(
        ({ reason, message }) => [reason, message],
      );
    expect(said('1')).toEqual([['ZoneFailedOver', 'primary-server in eastus2 runs in zone 2, no longer in zone 1']]);
    expect(said('2')).toEqual([]);
    const server = runFunction(request(namespaced, { observed: failedOver })).desired?.resources['primary-server']
      ?.resource as { spec: { initProvider: Json } };
    expect(server.spec.initProvider.zone).toBe('1');
  });

  it('warn when something was lost', () => {
    expect(run(but('primary-server', conditions(notReady)), was('True', 'Available'))).toEqual([
      [2, 'PrimaryReady', 'Unavailable: primary-server: exists, but is not ready'],
    ]);
  });
});

describe('connection details', () => {
  const decoded = (response: RunFunctionResponse): Json => {
    const { data } = response.desired?.resources['connection-secret']?.resource as { data: Record<string, string> };
    return Object.fromEntries(
      Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]),
    );
  };
  const expected = {
    host: 'write.orders.team-a.private.postgres.database.azure.com',
    readHost: 'read.orders.team-a.private.postgres.database.azure.com',
    port: '5432',
    database: 'postgres',
    username: 'psqladmin',
    password: 'not-a-real-password',
    sslmode: 'require',
    uri: 'postgresql://psqladmin:not-a-real-password@write.orders.team-a.private.postgres.database.azure.com:5432/postgres?sslmode=require',
  };

  it('are a composed Secret in the namespaced flavour', () =>
    expect(decoded(runFunction(request(namespaced, { observed: settled })))).toEqual(expected));

  it("are the XR's in the cluster flavour, and no Secret", () => {
    const { response } = settle(xr('cluster', twoRegions));
    const details = response.desired?.composite?.connectionDetails ?? {};
    expect(Object.fromEntries(Object.entries(details).map(([key, value]) => [key, value.toString()]))).toEqual(
      expected,
    );
    expect(response.desired?.resources['connection-secret']).toBeUndefined();
  });

  it('outlive a moment in which the password is nowhere to be seen', () => {
    const blind = but('admin-password', (object) => {
      delete object.data;
    });
    for (const value of Object.values(blind)) value.connectionDetails = {};
    expect(decoded(runFunction(request(namespaced, { observed: blind })))).toEqual(expected);
  });

  it('wait until the password is known', () => {
    const first = runFunction(request(namespaced));
    const nothing = Object.fromEntries(
      Object.entries(first.desired?.resources ?? {}).map(([key, value]) => [
        key,
        { ...seen(key, value), connectionDetails: {} },
      ]),
    );
    const { 'admin-password': _, ...observed } = nothing;
    expect(runFunction(request(namespaced, { observed })).desired?.resources['connection-secret']).toBeUndefined();
  });

  it('quote a password that is no good in a URI', () => {
    const observed = but('admin-password', (object) => {
      object.data = { password: Buffer.from('a/b@c:d%').toString('base64') };
    });
    expect(decoded(runFunction(request(namespaced, { observed }))).uri).toContain('psqladmin:a%2Fb%40c%3Ad%25@write.');
  });
});

describe('a refusal of Azure as a sentence', () => {
  const sentence = (message: string) =>
    refusal(fact({ conditions: [{ type: 'Synced', status: 'False', reason: 'ReconcileError', message }] }));
  it.each([
    [
      'unexpected status 400 with error: LocationIsOfferRestricted: Subscriptions are restricted',
      /may not create PostgreSQL servers in this region/,
    ],
    ['Code="ServerNameAlreadyExists"', /the name is taken in Azure; set another namingPrefix/],
    [
      'cannot get referenced secret: secrets "x" not found',
      /the Secret with the password, or its key, does not exist; create it/,
    ],
    [
      'performing Create: unexpected status 409 (409 Conflict) with error: ServerIsBusy: busy',
      /busy with another operation/,
    ],
    ['AuthorizationFailed: The client does not have authorization', /lacks the right/],
    [
      'with error: VnetAddressSpacesOverlap: Cannot create or update peering',
      /address ranges of the two networks overlap/,
    ],
    ['Code="RemoteVnetHasNoGateways"', /^the hub has no gateway; set useRemoteGateways to false/],
    ['with error: AnotherPeeringAlreadyReferencesRemoteVnet: Peering', /have another peering already/],
    [
      'unexpected status 400 (400 Bad Request) with error: SomethingNew: request 0a1b at 12:00',
      /^Azure answers SomethingNew; see the events of the resource$/,
    ],
    ['nobody knows', /^the provider reports an error; see the events of the resource$/],
  ])('%s', (message, expected) => expect(sentence(message)).toMatch(expected));

  it('is nothing while nothing is refused', () =>
    expect(
      refusal(fact({ conditions: [{ type: 'Synced', status: 'True', reason: '', message: '' }] })),
    ).toBeUndefined());
});
