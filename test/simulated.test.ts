import fc from 'fast-check';
import { createMemoryCluster, type MemoryCluster } from './azure/memory.ts';
import { createEngine } from './support/engine.ts';
import { type Json, oneRegion, twoRegions, xr } from './support/requests.ts';
import { properties, serverId, troubled, world } from './support/world.ts';

describe.each(['namespaced', 'cluster'] as const)('on the simulated Azure, %s', (flavour) => {
  it('becomes ready and stays quiet', () => {
    const { cluster, engine } = world(flavour, twoRegions);
    for (const type of ['NetworkReady', 'PrimaryReady', 'ReplicaReady', 'EndpointsReady', 'BackupConfigured'])
      expect(engine.condition(type)).toMatch(/^True Available/);
    const versions = () => cluster.objects().map(({ metadata }) => metadata.resourceVersion);
    const before = versions();
    engine.reconcile();
    cluster.advance(3600);
    expect(versions()).toEqual(before);
    expect(cluster.requests).toEqual([]);
    expect(engine.deleted).toEqual([]);
  });

  it('makes dumps, keeps them out of the way of everything else, and lets go of what makes them', () => {
    const logical = { enabled: true, clientId: '00000000-0000-0000-0000-000000000001' };
    const here = world(flavour, { ...twoRegions, backup: { logical } });
    const { cluster, engine } = here;
    expect(engine.condition('BackupConfigured')).toBe(
      'True Available: automatic backups, the backup storage and the dumps into it are set up',
    );
    const policies = () => Object.keys(cluster.state.resources).filter((id) => id.includes('/managementpolicies/'));
    expect(policies()).toHaveLength(1);
    engine.change({ backup: { logical: { ...logical, retentionDays: 7 } } });
    engine.settle();
    expect(troubled(here)).toEqual([]);
    engine.change({ backup: { logical: { ...logical, enabled: false } } });
    engine.settle();
    expect(engine.refusals).toEqual([]);
    expect([...engine.deleted].sort()).toEqual(['dump-cronjob', 'dump-retention', 'dump-serviceaccount']);
    expect(policies()).toEqual([]);
    expect(engine.object('backup-container')).toBeDefined();
  });

  it('adopts a zone failover: nothing is sent, everything stays synced, and later changes go through', () => {
    const here = world(flavour, { ...oneRegion, highAvailability: { mode: 'ZoneRedundant' } });
    const { cluster, engine } = here;
    cluster.happen({ what: 'failover', id: serverId(cluster, 'eastus2') });
    engine.settle();
    expect(cluster.requests).toEqual([]);
    expect(troubled(here)).toEqual([]);
    expect(engine.events.filter((event) => event.startsWith('ZoneFailedOver'))).toEqual([
      'ZoneFailedOver primary-server in eastus2 runs in zone 2, no longer in zone 1',
    ]);
    engine.change({ tags: { team: 'a' } });
    engine.settle();
    expect(cluster.requests.some(({ id }) => id === serverId(cluster, 'eastus2'))).toBe(true);
    expect(troubled(here)).toEqual([]);
  });

  it('switches high availability on later and off again', () => {
    const here = world(flavour, oneRegion);
    const { cluster, engine } = here;
    engine.change({ highAvailability: { mode: 'ZoneRedundant' } });
    engine.settle();
    expect(properties(cluster, 'eastus2').highAvailability).toMatchObject({ mode: 'ZoneRedundant' });
    expect(troubled(here)).toEqual([]);
    cluster.happen({ what: 'failover', id: serverId(cluster, 'eastus2') });
    cluster.forgetRequests();
    engine.settle();
    expect(cluster.requests).toEqual([]);
    expect(troubled(here)).toEqual([]);
    engine.change({ highAvailability: { mode: 'Disabled' } });
    engine.settle();
    expect(troubled(here)).toEqual([]);
    expect(JSON.stringify(properties(cluster, 'eastus2').highAvailability ?? {})).not.toContain('ZoneRedundant');
  });

  it('changes the kind of high availability in the two steps that Azure needs, there and back', () => {
    const here = world(flavour, { ...oneRegion, highAvailability: { mode: 'ZoneRedundant' } });
    const { cluster, engine } = here;
    for (const mode of ['SameZone', 'ZoneRedundant']) {
      cluster.forgetRequests();
      engine.change({ highAvailability: { mode } });
      engine.settle();
      expect(engine.refusals).toEqual([]);
      expect(cluster.requests.filter(({ outcome }) => !outcome.ok)).toEqual([]);
      const sent = cluster.requests.flatMap(({ body }) =>
        body?.highAvailability === undefined ? [] : [body.highAvailability],
      );
      expect(sent).toEqual([{ mode: 'Disabled' }, { mode }]);
      expect(properties(cluster, 'eastus2').highAvailability).toMatchObject({ mode });
      expect(troubled(here)).toEqual([]);
    }
  });

  it('follows storage that Azure grew, on both servers, and never asks for less', () => {
    const here = world(flavour, twoRegions);
    const { cluster, engine } = here;
    cluster.happen({
      what: 'change',
      id: serverId(cluster, 'eastus2'),
      set: { storageMb: 262144, storageTier: 'P15' },
    });
    engine.settle();
    expect(troubled(here)).toEqual([]);
    expect(properties(cluster, 'centralus')).toMatchObject({ storageMb: 262144 });
    expect(cluster.requests.filter(({ outcome }) => !outcome.ok)).toEqual([]);
  });

  it.each([
    ['up, the replica first', 'GP_Standard_D8ds_v5', ['centralus', 'eastus2']],
    ['down, the primary first', 'GP_Standard_D2ds_v5', ['eastus2', 'centralus']],
  ])('scales %s', (_, size, order) => {
    const here = world(flavour, { ...twoRegions, database: { size: 'GP_Standard_D4ds_v5' } });
    const { cluster, engine } = here;
    engine.change({ database: { size } });
    // Many reconciles fall into the middle of each operation.
    for (let pass = 0; pass < 200; pass++) {
      engine.reconcile();
      cluster.advance(15);
    }
    engine.settle();
    expect(troubled(here)).toEqual([]);
    const patched = cluster.requests
      .filter(({ id }) => id.includes('/flexibleServers/'))
      .map(({ id }) => (id.includes('eastus2') ? 'eastus2' : 'centralus'));
    expect([...new Set(patched)]).toEqual(order);
    expect(cluster.requests.filter(({ outcome }) => !outcome.ok)).toEqual([]);
  });

  it('adds the second region to a platform of one', () => {
    const here = world(flavour, oneRegion);
    here.engine.change(twoRegions);
    here.engine.settle();
    expect(troubled(here)).toEqual([]);
    expect(here.engine.condition('ReplicaReady')).toMatch(/^True Available/);
    expect(here.engine.deleted).toEqual([]);
  });

  it('says in a sentence that the quota is used up, and goes on once it is raised', () => {
    const cluster = createMemoryCluster();
    cluster.inject({ id: 'quota', on: { region: 'eastus2' }, effect: { type: 'quota', vCores: 0 } });
    const engine = createEngine(xr(flavour, oneRegion), cluster);
    for (let round = 0; round < 20; round++) {
      engine.reconcile();
      cluster.advance(120);
    }
    engine.reconcile();
    expect(engine.condition('PrimaryReady')).toBe(
      "False Refused: primary-server: the subscription's vCore quota in this region is used up; ask for more quota, or choose a smaller size",
    );
    cluster.clear('quota');
    engine.settle();
    expect(engine.ready).toBe(true);
  });

  it('keeps the generated password, which applications get', () => {
    const { cluster } = world(flavour, oneRegion);
    const secrets = cluster.secrets();
    const password = secrets['team-a/orders-admin-password']?.password;
    expect(password).toMatch(/^[A-Za-z0-9]{27}$/);
    if (flavour === 'namespaced') expect(secrets['team-a/orders-connection']?.password).toBe(password);
  });
});

const watched = {
  monitoring: {
    logs: { enabled: true, retentionDays: 60 },
    alerts: { enabled: true, emails: ['dba@example.org'] },
    datadog: { enabled: true },
  },
};

describe.each(['namespaced', 'cluster'] as const)('monitoring on the simulated Azure, %s', (flavour) => {
  const kinds = (cluster: MemoryCluster, type: string): string[] =>
    Object.values(cluster.state.resources)
      .filter((resource) => resource.type === `Microsoft.${type}`)
      .map(({ id }) => id.slice(id.lastIndexOf('/') + 1));

  it('becomes ready and stays quiet, also when the provider restarts', () => {
    const here = world(flavour, { ...twoRegions, ...watched });
    const { cluster, engine } = here;
    expect(troubled(here)).toEqual([]);
    // Seven for every server, and the lag that each role has.
    expect(kinds(cluster, 'Insights/metricAlerts')).toHaveLength(16);
    expect(kinds(cluster, 'Insights/diagnosticSettings')).toHaveLength(2);
    cluster.restartProvider();
    engine.settle();
    cluster.advance(3600);
    expect(cluster.requests).toEqual([]);
    expect(troubled(here)).toEqual([]);
    expect(engine.deleted).toEqual([]);
  });

  it('is switched on later and off again: only the workspace stays, with its logs', () => {
    const here = world(flavour, twoRegions);
    const { cluster, engine } = here;
    engine.change(watched);
    engine.settle();
    expect(troubled(here)).toEqual([]);
    engine.change({ monitoring: { logs: { enabled: false } } });
    engine.settle();
    expect(engine.refusals).toEqual([]);
    expect(troubled(here)).toEqual([]);
    expect(engine.deleted.filter((key) => !/-(alert|datadog)-|-diagnostics$|^action-group$/.test(key))).toEqual([]);
    expect(kinds(cluster, 'Insights/metricAlerts')).toEqual([]);
    expect(kinds(cluster, 'Insights/diagnosticSettings')).toEqual([]);
    expect(kinds(cluster, 'OperationalInsights/workspaces')).toEqual([expect.stringMatching(/^orders-logs-/)]);
    const workspace = cluster.resource(kinds(cluster, 'OperationalInsights/workspaces')[0] ?? '');
    expect(workspace?.properties.retentionInDays).toBe(60);
  });

  it('says what Azure refuses, while applications can write all the same', () => {
    const cluster = createMemoryCluster();
    cluster.inject({
      id: 'policy',
      on: { kind: 'MonitorDiagnosticSetting', verb: 'create' },
      effect: { type: 'fail', code: 'Conflict', message: "Data sink 'x' is already used in diagnostic setting 'y'" },
    });
    const engine = createEngine(xr(flavour, { ...oneRegion, ...watched }), cluster);
    for (let round = 0; round < 40; round++) {
      engine.reconcile();
      cluster.advance(60);
    }
    const status = (engine.reconcile().desired?.composite?.resource as Json).status as {
      monitoring: { message: string; servers: { logs: boolean; alerts: boolean }[] };
    };
    expect(engine.ready).toBe(true);
    expect(status.monitoring.message).toBe(
      'primary-server-diagnostics: another diagnostic setting sends these logs to the same workspace already; remove that setting, or set spec.monitoring.logs.enabled to false',
    );
    expect(status.monitoring.servers).toEqual([expect.objectContaining({ logs: false, alerts: true })]);
  });
});

describe('whatever happens in whatever order', () => {
  const steps = fc.array(
    fc.oneof(
      { weight: 6, arbitrary: fc.constant({ do: 'reconcile' } as const) },
      {
        weight: 6,
        arbitrary: fc.record({ do: fc.constant('advance' as const), seconds: fc.constantFrom(1, 30, 300, 3600) }),
      },
      { weight: 1, arbitrary: fc.constant({ do: 'restart-provider' } as const) },
      {
        weight: 2,
        arbitrary: fc.record({
          do: fc.constant('fail' as const),
          kind: fc.constantFrom(
            'FlexibleServer',
            'Subnet',
            'VirtualNetwork',
            'PrivateDNSZone',
            'Account',
            'ResourceGroup',
            'Workspace',
            'MonitorDiagnosticSetting',
            'MonitorMetricAlert',
          ),
        }),
      },
      {
        weight: 1,
        arbitrary: fc.record({ do: fc.constant('outage' as const), region: fc.constantFrom('eastus2', 'centralus') }),
      },
      { weight: 1, arbitrary: fc.constant({ do: 'failover' } as const) },
      {
        weight: 2,
        arbitrary: fc.record({
          do: fc.constant('change' as const),
          spec: fc.constantFrom<object>(
            { database: { size: 'GP_Standard_D8ds_v5' } },
            { database: { size: 'GP_Standard_D2ds_v5' } },
            { database: { storageGB: 256 } },
            { tags: { x: 'y' } },
            twoRegions,
            { highAvailability: { mode: 'ZoneRedundant' } },
            { management: { enabled: false } },
            watched,
            { monitoring: { alerts: { enabled: true } } },
            { monitoring: {} },
            { security: { adminPasswordSecretRef: { name: 'mine' } }, deletion: { policy: 'Orphan' } },
            { deletion: { policy: 'Delete', protection: true } },
          ),
        }),
      },
    ),
    { minLength: 5, maxLength: 40 },
  );

  it('nothing but management objects, what watches servers and a lifted protection is ever deleted, and the platform recovers', () => {
    fc.assert(
      fc.property(fc.constantFrom('namespaced' as const, 'cluster' as const), steps, (flavour, story) => {
        const cluster = createMemoryCluster();
        cluster.apply({
          apiVersion: 'v1',
          kind: 'Secret',
          metadata: { name: 'mine', namespace: 'team-a' },
          data: { password: Buffer.from('Not-A-Real-Password-1').toString('base64') },
        });
        const engine = createEngine(xr(flavour, oneRegion), cluster);
        const regions = new Set<string>();
        let faults = 0;
        for (const event of story) {
          if (event.do === 'reconcile') engine.reconcile();
          if (event.do === 'advance') cluster.advance(event.seconds);
          if (event.do === 'restart-provider') cluster.restartProvider();
          if (event.do === 'fail')
            cluster.inject({ id: `fault-${faults++}`, on: { kind: event.kind }, effect: { type: 'fail' }, times: 1 });
          if (event.do === 'outage') {
            regions.add(event.region);
            cluster.happen({ what: 'region-outage', region: event.region });
          }
          if (event.do === 'failover') cluster.happen({ what: 'failover', id: serverId(cluster, 'eastus2') });
          if (event.do === 'change') engine.change(event.spec);
        }
        for (const region of regions) cluster.happen({ what: 'region-recovery', region });
        for (let fault = 0; fault < faults; fault++) cluster.clear(`fault-${fault}`);
        engine.settle();
        expect(engine.refusals).toEqual([]);
        const mayGo = /^management-|-(alert|datadog)-|-diagnostics$|^action-group$|protection$/;
        expect(engine.deleted.filter((key) => !mayGo.test(key))).toEqual([]);
        expect(troubled({ cluster })).toEqual([]);
        expect(engine.ready).toBe(true);
      }),
      { numRuns: 25 },
    );
  });
});
