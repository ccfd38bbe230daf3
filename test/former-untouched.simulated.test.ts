import { twoRegions } from './support/requests.ts';
import { serverId, troubled, type World, world } from './support/world.ts';

const tenantId = '00000000-0000-0000-0000-00000000000a';
const administrators = ['1', '2'].map((last) => ({
  objectId: `00000000-0000-0000-0000-0000000000b${last}`,
  principalName: `dba-${last}`,
  principalType: 'Group',
}));
const entra = { tenantId, administrators: administrators.slice(0, 1) };
const executorIdentity = { clientId: '00000000-0000-0000-0000-000000000001' };
const elsewhere = { activeRegion: 'secondary', option: 'Forced', executor: 'Job', executorIdentity };
const FENCE = 'PATCH configurations/default_transaction_read_only';

/** A database whose writer has lost its region. */
function lost(flavour: 'namespaced' | 'cluster', spec: object): World & { readonly former: string } {
  const here = world(flavour, { ...twoRegions, monitoring: { logs: { enabled: true } }, ...spec });
  const former = serverId(here.cluster, 'eastus2').toLowerCase();
  here.cluster.happen({ what: 'region-outage', region: 'eastus2' });
  return { ...here, former };
}

/** A request that was sent before the region was lost is tried again for ever, so nothing stands still. */
function passes({ engine, cluster }: World): void {
  for (let pass = 0; pass < 20; pass++) {
    engine.reconcile();
    cluster.settle();
  }
}

/** Writes go to the other region by force. */
function forced(here: World): void {
  const { engine, cluster } = here;
  engine.change({ failover: elsewhere });
  passes(here);
  expect(engine.status.activeRegion).toBe('centralus');
  expect(engine.condition('SplitBrainPossible')).toMatch(/^True FormerWriterOpen/);
  cluster.forgetRequests();
}

/** What the provider asks of the former writer when its region answers again: the first request, and those that Azure accepts after it. */
function answered({ engine, cluster, former }: ReturnType<typeof lost>): { first: string; later: string[] } {
  cluster.happen({ what: 'region-recovery', region: 'eastus2' });
  engine.settle();
  expect(engine.refusals).toEqual([]);
  expect(troubled({ cluster })).toEqual([]);
  const asked = cluster.requests
    .filter(({ id, by }) => by !== undefined && id.toLowerCase().startsWith(`${former}/`))
    .filter(({ outcome }) => outcome.ok || outcome.rule !== 'region-outage')
    .map(({ method, id, outcome }) => ({ text: `${method} ${id.split('/').slice(-2).join('/')}`, ok: outcome.ok }));
  return {
    first: asked[0]?.text ?? 'nothing',
    later: asked
      .slice(1)
      .filter(({ ok }) => ok)
      .map(({ text }) => text)
      .sort(),
  };
}

const setting = ({ cluster, former }: ReturnType<typeof lost>) =>
  Object.values(cluster.state.resources).find(
    ({ id }) => id.toLowerCase().startsWith(former) && id.endsWith('/diagnosticSettings/crossplane'),
  );

describe.each(['namespaced', 'cluster'] as const)('a former writer whose region answers again, %s', (flavour) => {
  it.each([
    ['changes', { enabled: true, metrics: true }],
    ['is switched off', { enabled: false }],
  ])('is fenced before its diagnostic setting %s, and follows then', (_, logs) => {
    const here = lost(flavour, {});
    forced(here);
    here.engine.change({ monitoring: { logs } });
    here.engine.settle();
    const follows = `${logs.enabled ? 'PUT' : 'DELETE'} diagnosticSettings/crossplane`;
    expect(answered(here)).toEqual({ first: FENCE, later: [follows] });
    expect(setting(here)?.properties.enabledMetric).toEqual(logs.enabled ? [{ category: 'AllMetrics' }] : undefined);
    expect(setting(here) === undefined).toBe(!logs.enabled);
  });

  it('is fenced before it gets a diagnostic setting', () => {
    const here = lost(flavour, { monitoring: {} });
    forced(here);
    here.engine.change({ monitoring: { logs: { enabled: true } } });
    here.engine.settle();
    expect(answered(here)).toEqual({ first: FENCE, later: ['PUT diagnosticSettings/crossplane'] });
  });

  it('is fenced before it gets what was asked of it while it took writes, or loses its lock', () => {
    const here = lost(flavour, { security: { entra, lock: 'CanNotDelete' } });
    const { engine, cluster } = here;
    const security = { entra: { ...entra, administrators }, lock: 'CanNotDelete' };
    engine.change({ security, backup: { onDemand: ['before-the-move'] } });
    for (let pass = 0; pass < 4; pass++) {
      engine.reconcile();
      cluster.advance(600);
    }
    forced(here);
    engine.change({ security: { ...security, lock: 'None' } });
    passes(here);
    expect(answered(here)).toEqual({
      first: FENCE,
      later: [
        'DELETE locks/database-protection',
        `PUT administrators/${administrators[1]?.objectId}`,
        'PUT backups/before-the-move',
      ],
    });
  });
});
