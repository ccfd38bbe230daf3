import { oneRegion, twoRegions } from './support/requests.ts';
import { serverId, troubled, type World, world } from './support/world.ts';

const flavours = ['namespaced', 'cluster'] as const;

/** Values that somebody has set on the server of a region; the others have Azure's default. */
const values = ({ cluster }: World, region: string): Record<string, string> => {
  const hidden = cluster.state.resources[serverId(cluster, region).toLowerCase()]?.hidden.parameters;
  return { ...(hidden as Record<string, string> | undefined) };
};

/** What was sent about parameters: region, method, and the parameter or `restart`. */
const sent = ({ cluster }: World): string[] =>
  cluster.requests
    .filter(({ id }) => id.includes('/configurations/') || id.endsWith('/restart'))
    .map(({ id, method }) => `${/orders-([a-z0-9]+)-/.exec(id)?.[1]} ${method} ${id.slice(id.lastIndexOf('/') + 1)}`);

const refused = ({ cluster }: World) => cluster.requests.filter(({ outcome }) => !outcome.ok);

describe.each(flavours)('server parameters on the simulated Azure, %s', (flavour) => {
  it('reach every server, go back to the default, and stay quiet', () => {
    const here = world(flavour, twoRegions);
    const { engine, cluster } = here;
    engine.change({ parameters: { work_mem: '8192', log_lock_waits: 'ON' } });
    engine.settle();
    for (const region of ['eastus2', 'centralus'])
      expect(values(here, region)).toEqual({ work_mem: '8192', log_lock_waits: 'on' });
    expect(engine.condition('ParametersReady')).toBe('True Available: every parameter has its value on every server');
    cluster.forgetRequests();
    cluster.restartProvider();
    engine.reconcile();
    cluster.advance(3600);
    expect(cluster.requests).toEqual([]);
    engine.change({ parameters: {} });
    engine.settle();
    expect(values(here, 'eastus2')).toEqual({ work_mem: '4096', log_lock_waits: 'off' });
    expect(engine.condition('ParametersReady')).toBe('True NotRequested: nothing of this is asked for');
    expect(troubled(here)).toEqual([]);
    expect(refused(here)).toEqual([]);
  });

  it('are not written where Azure has the value already, and no server restarts for it', () => {
    const here = world(flavour, { ...oneRegion, parameters: { max_worker_processes: '8', track_io_timing: 'true' } });
    expect(here.engine.condition('ParametersReady')).toMatch(/^True Available/);
    expect(values(here, 'eastus2')).toEqual({});
    expect(here.engine.events.filter((event) => event.startsWith('RestartPending'))).toEqual([]);
  });

  it('change one at a time on each server, and restarts are told before they are made', () => {
    const here = world(flavour, oneRegion);
    const { engine, cluster } = here;
    engine.change({
      parameters: { max_worker_processes: '16', track_commit_timestamp: 'on', work_mem: '8192', wal_level: 'logical' },
    });
    const told: string[][] = [];
    for (let pass = 0; pass < 120; pass++) {
      engine.reconcile();
      const before = cluster.requests.length;
      cluster.advance(15);
      const restarts = cluster.requests.slice(before).filter(({ id }) => id.endsWith('/restart'));
      // Never two at once, and each was listed before.
      expect(restarts.length).toBeLessThanOrEqual(1);
      if (restarts.length > 0) told.push([...engine.events]);
    }
    expect(values(here, 'eastus2')).toMatchObject({
      max_worker_processes: '16',
      track_commit_timestamp: 'on',
      wal_level: 'logical',
      work_mem: '8192',
    });
    expect(told.length).toBe(3);
    expect(told[0]).toContain('RestartPending the change of max_worker_processes restarts primary-server');
    expect(engine.events.filter((event) => event.startsWith('RestartPending')).sort()).toEqual([
      'RestartPending the change of max_worker_processes restarts primary-server',
      'RestartPending the change of track_commit_timestamp restarts primary-server',
      'RestartPending the change of wal_level restarts primary-server',
    ]);
    expect(refused(here)).toEqual([]);
  });

  it.each([
    ['rise on the replica first', '2000', ['centralus', 'eastus2']],
    ['fall on the primary first', '200', ['eastus2', 'centralus']],
  ])('that a replica may not have lower %s', (_, value, order) => {
    const here = world(flavour, { ...twoRegions, parameters: { max_connections: '1000' } });
    const { engine, cluster } = here;
    expect(values(here, 'centralus')).toEqual({ max_connections: '1000' });
    cluster.forgetRequests();
    engine.change({ parameters: { max_connections: value } });
    for (let pass = 0; pass < 100; pass++) {
      engine.reconcile();
      cluster.advance(15);
    }
    engine.settle();
    expect(refused(here)).toEqual([]);
    expect(sent(here)).toEqual(
      order.flatMap((region) => [`${region} PATCH max_connections`, `${region} POST restart`]),
    );
    // Taken out, it keeps its value: nobody knows the default, and so the order.
    engine.change({ parameters: {} });
    cluster.forgetRequests();
    engine.settle();
    expect(cluster.requests).toEqual([]);
    expect(values(here, 'eastus2')).toEqual({ max_connections: value });
    expect(troubled(here)).toEqual([]);
  });

  it('keep that order when another value is asked for while one is on its way', () => {
    const here = world(flavour, { ...twoRegions, parameters: { max_connections: '1000' } });
    const { engine, cluster } = here;
    cluster.forgetRequests();
    engine.change({ parameters: { max_connections: '200' } });
    for (let pass = 0; pass < 20 && sent(here).length === 0; pass++) {
      engine.reconcile();
      cluster.advance(1);
    }
    expect(sent(here)[0]).toBe('eastus2 PATCH max_connections');
    engine.change({ parameters: { max_connections: '2000' } });
    for (let pass = 0; pass < 100; pass++) {
      engine.reconcile();
      cluster.advance(15);
    }
    engine.settle();
    expect(refused(here)).toEqual([]);
    for (const region of ['eastus2', 'centralus']) expect(values(here, region)).toEqual({ max_connections: '2000' });
    expect(troubled(here)).toEqual([]);
  });

  it('are not reset on a replica that goes for an upgrade: Azure refuses a default below the value of the primary', () => {
    const here = world(flavour, {
      ...twoRegions,
      database: { version: '15' },
      parameters: { max_connections: '2000', work_mem: '8192' },
    });
    const { engine, cluster } = here;
    cluster.forgetRequests();
    engine.change({ database: { version: '17' }, upgrade: { approvedVersion: '17' } });
    engine.settle();
    expect(refused(here)).toEqual([]);
    expect(sent(here)).toEqual([]);
    expect(
      (engine.status.servers as { role: string; version: string }[]).map((one) => `${one.role} ${one.version}`),
    ).toEqual(['Primary 17', 'Replica 17']);
    for (const region of ['eastus2', 'centralus'])
      expect(values(here, region)).toEqual({ max_connections: '2000', work_mem: '8192' });
    expect(troubled(here)).toEqual([]);
  });

  it('come in the right order on a new platform of two regions, too', () => {
    const here = world(flavour, {
      ...twoRegions,
      parameters: { max_connections: '2000', max_locks_per_transaction: '32' },
    });
    for (const region of ['eastus2', 'centralus'])
      expect(values(here, region)).toEqual({ max_connections: '2000', max_locks_per_transaction: '32' });
    expect(troubled(here)).toEqual([]);
  });

  it('make extensions of an allow-list and the libraries that they need', () => {
    const here = world(flavour, { ...oneRegion, extensions: ['uuid-ossp', 'pgaudit', 'pg_partman', 'auto_explain'] });
    const { engine } = here;
    expect(values(here, 'eastus2')).toEqual({
      'azure.extensions': 'pg_partman,pgaudit,uuid-ossp',
      shared_preload_libraries: 'auto_explain,pg_partman_bgw,pg_stat_statements,pgaudit',
    });
    engine.change({ extensions: ['uuid-ossp'] });
    engine.settle();
    expect(values(here, 'eastus2')).toEqual({
      'azure.extensions': 'uuid-ossp',
      shared_preload_libraries: 'pg_cron,pg_stat_statements',
    });
    expect(engine.events.at(-1)).not.toMatch(/^RestartPending the change of azure.extensions/);
    expect(troubled(here)).toEqual([]);
  });

  it('make TLS and password policy', () => {
    const here = world(flavour, { ...oneRegion, security: { tls: { minVersion: 'TLSv1.3' }, scramOnly: true } });
    expect(values(here, 'eastus2')).toEqual({
      ssl_min_protocol_version: 'TLSv1.3',
      'azure.accepted_password_auth_method': 'scram-sha-256',
    });
  });

  it('do not wait for one that Azure does not know, which is told by name', () => {
    const here = world(flavour, oneRegion);
    here.engine.change({ parameters: { no_such_parameter: '1', work_mem: '8192' } });
    here.engine.settle();
    expect(values(here, 'eastus2')).toEqual({ work_mem: '8192' });
    expect(here.engine.condition('ParametersReady')).toBe(
      'False Refused: primary-server-parameter-no-such-parameter: Azure has nothing of this name; check the spelling, and whether this PostgreSQL version has it',
    );
    expect(refused(here)).toEqual([]);
    here.engine.change({ parameters: { work_mem: '8192' } });
    here.engine.settle();
    expect(here.engine.condition('ParametersReady')).toMatch(/^True Available/);
    expect(troubled(here)).toEqual([]);
  });

  it('can be corrected while Azure refuses a value', () => {
    const here = world(flavour, oneRegion);
    const { engine } = here;
    engine.change({ parameters: { cpu_tuple_cost: '0.02', timezone: 'UTC', work_mem: '8192' } });
    here.cluster.inject({
      id: 'no',
      on: { kind: 'FlexibleServerConfiguration', name: 'work_mem' },
      effect: { type: 'fail', code: 'InvalidParameterValue' },
    });
    for (let pass = 0; pass < 20; pass++) {
      engine.reconcile();
      here.cluster.advance(60);
    }
    engine.reconcile();
    expect(engine.condition('ParametersReady')).toMatch(/^False Refused: /);
    here.cluster.clear('no');
    engine.change({ parameters: { work_mem: '16384' } });
    engine.settle();
    expect(values(here, 'eastus2').work_mem).toBe('16384');
    expect(troubled(here)).toEqual([]);
  });
});
