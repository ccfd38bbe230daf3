import { type Json, twoRegions } from './support/requests.ts';
import { serverId, troubled, type World, world } from './support/world.ts';

const network = { virtualEndpoint: { enabled: true } };

const inAzure = ({ cluster }: World): string[] =>
  Object.values(cluster.state.resources)
    .filter(({ type }) => type.endsWith('/virtualEndpoints'))
    .map(({ id }) => id.split('/').slice(-3).join('/'));

const named = ({ engine }: World): Json => (engine.status.endpoints as { virtual: Json }).virtual;
const lost = (here: World, region: string): unknown =>
  here.cluster.step({ type: 'incident', incident: { what: 'region-outage', region } });
const found = (here: World, region: string): unknown =>
  here.cluster.step({ type: 'incident', incident: { what: 'region-recovery', region } });

/** While a person is waited for, the witness is asked anew for ever. */
function passes({ engine, cluster }: World, most: number): void {
  for (let pass = 0; pass < most; pass++) {
    engine.reconcile();
    cluster.settle();
  }
}

describe.each(['namespaced', 'cluster'] as const)('a virtual endpoint, %s', (flavour) => {
  const start = (spec: object = {}): World => world(flavour, { ...twoRegions, network, ...spec });

  it('is made after the replica, with both servers as members and an id as its external name', () => {
    const here = start();
    const { engine } = here;
    expect(inAzure(here)).toHaveLength(1);
    expect(engine.created.indexOf('virtual-endpoint')).toBeGreaterThan(engine.created.indexOf('secondary-server'));
    expect(engine.condition('VirtualEndpointReady')).toMatch(/^True Available/);
    expect(named(here)).toMatchObject({
      writeHost: expect.stringMatching(/^orders-endpoint-[0-9a-f]{8}\.writer\.postgres\.database\.azure\.com$/),
      readHost: expect.stringMatching(/\.reader\.postgres\.database\.azure\.com$/),
      ready: true,
    });
    const { metadata } = engine.object('virtual-endpoint') as { metadata: { annotations: Json } };
    expect(metadata.annotations['crossplane.io/external-name']).toMatch(/^\/subscriptions\/.*\|\/subscriptions\//);
    const made = here.cluster.requests.length;
    here.cluster.step({ type: 'restart-provider' });
    engine.settle();
    expect(here.cluster.requests.slice(made)).toEqual([]);
  });

  it('is followed by another one after a promotion', () => {
    const here = start();
    const { cluster, engine } = here;
    const before = named(here).writeHost;
    engine.change({ failover: { activeRegion: 'secondary' } });
    engine.settle();
    expect(engine.refusals).toEqual([]);
    expect(engine.condition('FailoverInProgress')).toMatch(/^False Stable/);
    expect(engine.deleted.filter((key) => key.startsWith('virtual-endpoint'))).toEqual(['virtual-endpoint']);
    expect(inAzure(here)).toHaveLength(1);
    expect(inAzure(here)[0]).toContain('orders-centralus-');
    expect(engine.object('virtual-endpoint-2')).toBeDefined();
    expect(named(here).ready).toBe(true);
    expect(named(here).writeHost).not.toBe(before);
    expect(cluster.requests.filter(({ outcome }) => !outcome.ok)).toEqual([]);
    expect(troubled(here)).toEqual([]);
  });

  it('waits for the lost region, and the names of the zone do not', () => {
    const here = start();
    const { cluster, engine } = here;
    lost(here, 'eastus2');
    engine.change({ failover: { activeRegion: 'secondary', option: 'Forced', reprotect: 'Manual' } });
    passes(here, 4);
    cluster.step({
      type: 'incident',
      incident: { what: 'promote', id: serverId(cluster, 'centralus'), mode: 'standalone', option: 'forced' },
    });
    engine.settle();
    expect(engine.ready).toBe(true);
    expect((engine.status.endpoints as { write: Json }).write.target).toContain('centralus');
    expect(engine.condition('VirtualEndpointReady')).toMatch(/^False Waiting: there is no pair of servers for it/);
    expect(inAzure(here)).toHaveLength(1);
    found(here, 'eastus2');
    engine.settle();
    expect(inAzure(here)).toEqual([]);
    engine.change({ failover: { activeRegion: 'secondary', option: 'Forced', reprotect: 'Automatic' } });
    engine.settle();
    expect(engine.condition('VirtualEndpointReady')).toMatch(/^True Available/);
    expect(inAzure(here)[0]).toContain('orders-centralus-');
    expect(engine.refusals).toEqual([]);
  });

  it('is not switched off', () => {
    const here = start();
    here.engine.change({ network: {} });
    here.engine.reconcile();
    expect(here.engine.refusals).toEqual([
      "spec.network.virtualEndpoint.enabled: cannot be switched off, because applications may use the endpoint's names; delete the XPostgreSQLDatabase instead, or keep it on",
    ]);
    expect(here.engine.deleted).toEqual([]);
  });

  it('leaves Azure before its servers when everything is deleted', () => {
    const here = start();
    here.engine.remove();
    here.cluster.settle();
    expect(Object.keys(here.cluster.state.resources)).toEqual([]);
    const order = here.cluster.requests.filter(({ method, outcome }) => method === 'DELETE' && outcome.ok);
    const position = (type: RegExp): number => order.findIndex(({ id }) => type.test(id));
    expect(position(/virtualEndpoints\/[^/]+$/)).toBeGreaterThan(-1);
    expect(position(/virtualEndpoints\/[^/]+$/)).toBeLessThan(position(/flexibleServers\/[^/]+$/));
  });

  it('leaves a pair that is no more also when nothing else is deleted', () => {
    const here = start({
      deletion: { policy: 'Orphan' },
      security: {
        entra: {
          enabled: true,
          tenantId: '00000000-0000-0000-0000-00000000000a',
          passwordAuthentication: false,
          administrators: [
            { objectId: '00000000-0000-0000-0000-0000000000b1', principalName: 'dba', principalType: 'Group' },
          ],
        },
      },
    });
    here.engine.change({ failover: { activeRegion: 'secondary' } });
    here.engine.settle();
    expect(here.engine.refusals).toEqual([]);
    expect(here.engine.deleted).toContain('virtual-endpoint');
    expect(inAzure(here)).toHaveLength(1);
    expect(inAzure(here)[0]).toContain('orders-centralus-');
  });
});
