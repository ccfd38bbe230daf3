import { parameterOf } from './azure/kinds/server-configuration.ts';
import { type Json, oneRegion, twoRegions } from './support/requests.ts';
import { properties, serverId, troubled, type World, world } from './support/world.ts';

const office = { name: 'office', startAddress: '203.0.113.8', endAddress: '203.0.113.15' };
const build = { name: 'build', startAddress: '198.51.100.7', endAddress: '198.51.100.7' };
const network = (...firewallRules: readonly object[]) => ({ mode: 'Public', firewallRules });

/** Names of the firewall rules of a server that let somebody in. */
const rulesOf = ({ cluster }: World, server: string): string[] =>
  Object.values(cluster.state.resources)
    .filter(
      ({ id, properties }) => id.startsWith(`${server}/firewallRules/`) && properties.startIpAddress !== '192.0.2.0',
    )
    .map(({ id }) => id.slice(id.lastIndexOf('/') + 1))
    .sort();

const ofRole = ({ engine }: World, role: string): string =>
  (engine.status.servers as { id: string; role: string }[]).find((each) => each.role === role)?.id ?? '';
const phase = ({ engine }: World): unknown => (engine.status.failover as Json).phase;
const readOnly = ({ cluster }: World, server: string): unknown =>
  parameterOf(cluster.state, server, 'default_transaction_read_only');

describe.each(['namespaced', 'cluster'] as const)('public access on the simulated Azure, %s', (flavour) => {
  it('lets in the named clients on every server, and nobody else', () => {
    const here = world(flavour, { ...twoRegions, network: network(office, build) });
    const { cluster, engine } = here;
    for (const region of ['eastus2', 'centralus']) {
      expect(properties(cluster, region).publicNetworkAccessEnabled).toBe(true);
      expect(rulesOf(here, serverId(cluster, region))).toEqual(['build', 'office']);
    }
    const types = Object.values(cluster.state.resources).map(({ type }) => type.split('/').at(-1));
    expect(types.filter((type) => /subnets|networkSecurityGroups|virtualNetworkPeerings/.test(type ?? ''))).toEqual([]);
    engine.reconcile();
    cluster.advance(3600);
    expect(cluster.requests).toEqual([]);
    expect(troubled(here)).toEqual([]);
  });

  it('asks Azure for nothing that it refuses on the way', () => {
    const { cluster, engine } = world(flavour, { ...oneRegion, network: network(office) });
    engine.change({ ...twoRegions, network: network(office) });
    engine.settle();
    expect(cluster.requests.filter(({ outcome }) => !outcome.ok)).toEqual([]);
  });

  it('changes, adds and takes away clients while applications go on', () => {
    const here = world(flavour, { ...twoRegions, network: network(office) });
    const { cluster, engine } = here;
    engine.change({
      network: { ...network(build, { ...office, endAddress: '203.0.113.9' }), allowAzureServices: true },
    });
    engine.reconcile();
    expect(engine.ready).toBe(true);
    engine.settle();
    expect(rulesOf(here, serverId(cluster, 'eastus2'))).toEqual(['azure-services', 'build', 'office']);
    engine.change({ network: { ...network(build), allowAzureServices: false } });
    engine.settle();
    for (const region of ['eastus2', 'centralus']) expect(rulesOf(here, serverId(cluster, region))).toEqual(['build']);
    expect(engine.refusals).toEqual([]);
    expect(troubled(here)).toEqual([]);
  });

  it('closes the former writer to every client, through a failover and back', () => {
    const here = world(flavour, { ...twoRegions, network: network(office, build) });
    const { cluster, engine } = here;
    const first = serverId(cluster, 'eastus2');
    engine.change({ failover: { activeRegion: 'secondary' } });
    engine.settle(() => {
      // Once the promotion is sent, nobody gets at the former writer.
      if (phase(here) === 'Promoting') expect(rulesOf(here, first)).toEqual([]);
    });
    expect(engine.deleted.filter((key) => key.includes('-firewall-'))).toEqual([]);
    expect(engine.refusals).toEqual([]);
    expect(engine.condition('FailoverInProgress')).toMatch(/^False Stable/);
    expect(engine.condition('SplitBrainPossible')).toMatch(/^False OneWriter/);
    expect(rulesOf(here, first)).toEqual([]);
    for (const role of ['Primary', 'Replica']) expect(rulesOf(here, ofRole(here, role))).toEqual(['build', 'office']);
    engine.change({ failover: { activeRegion: 'primary', minimumIntervalMinutes: 0 } });
    engine.settle();
    expect(engine.status.activeRegion).toBe('eastus2');
    expect(engine.condition('FailoverInProgress')).toMatch(/^False Stable/);
    expect(rulesOf(here, ofRole(here, 'Primary'))).toEqual(['build', 'office']);
    expect(engine.deleted.filter((key) => !/witness|^usage-of-|-firewall-/.test(key))).toEqual([]);
    expect(troubled(here)).toEqual([]);
    expect(engine.ready).toBe(true);
  });

  it('lets clients back in before sessions may write, when a failover is taken back', () => {
    const here = world(flavour, { ...twoRegions, network: network(office, build) });
    const { cluster, engine } = here;
    const writer = serverId(cluster, 'eastus2');
    engine.change({ failover: { activeRegion: 'secondary' } });
    // Until the fence begins.
    for (let pass = 0; pass < 60 && rulesOf(here, writer).length > 0; pass++) {
      engine.reconcile();
      cluster.advance(5);
    }
    expect(rulesOf(here, writer)).toEqual([]);
    engine.change({ failover: { activeRegion: 'primary' } });
    const seen: string[] = [];
    engine.settle(() => {
      const state = `${rulesOf(here, writer).length} ${String(readOnly(here, writer))} ${String(engine.ready)}`;
      if (seen.at(-1) !== state) seen.push(state);
    });
    expect(seen).toEqual(['0 on false', '2 on false', '2 off true']);
    expect(phase(here)).toBe('Stable');
    // Another client later is no step of a fence.
    engine.change({ network: { ...network(office, build), allowAzureServices: true } });
    engine.reconcile();
    expect(engine.ready).toBe(true);
    expect(phase(here)).toBe('Stable');
    engine.settle();
    expect(readOnly(here, writer)).toBe('off');
    expect(engine.refusals).toEqual([]);
  });

  it('opens again for clients whose range begins at the address that a fence uses', () => {
    const docs = { name: 'docs', startAddress: '192.0.2.0', endAddress: '192.0.2.255' };
    const here = world(flavour, { ...twoRegions, network: network(docs) });
    const writer = serverId(here.cluster, 'eastus2');
    const range = (): unknown =>
      here.cluster.state.resources[`${writer}/firewallRules/docs`.toLowerCase()]?.properties.endIpAddress;
    here.engine.change({ failover: { activeRegion: 'secondary' } });
    for (let pass = 0; pass < 60 && range() !== '192.0.2.0'; pass++) {
      here.engine.reconcile();
      here.cluster.advance(5);
    }
    expect(range()).toBe('192.0.2.0');
    here.engine.change({ failover: { activeRegion: 'primary' } });
    here.engine.settle();
    expect([range(), readOnly(here, writer), here.engine.ready]).toEqual(['192.0.2.255', 'off', true]);
  });

  it('leaves nothing behind', () => {
    const { cluster, engine } = world(flavour, { ...twoRegions, network: network(office) });
    engine.remove();
    cluster.settle();
    expect(Object.keys(cluster.state.resources)).toEqual([]);
  });
});

it('takes clients away under Orphan too, where leaving alone would keep them in Azure', () => {
  const mine = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'mine', namespace: 'team-a' },
    data: { password: Buffer.from('Not-A-Real-Password-1').toString('base64') },
  };
  const security = { adminPasswordSecretRef: { name: 'mine' } };
  const here = world(
    'namespaced',
    { ...twoRegions, network: network(office, build), security, deletion: { policy: 'Orphan' } },
    mine,
  );
  const { cluster, engine } = here;
  const first = serverId(cluster, 'eastus2');
  engine.change({ network: network(office) });
  engine.settle();
  expect(rulesOf(here, first)).toEqual(['office']);
  engine.change({ failover: { activeRegion: 'secondary' } });
  engine.settle();
  expect(engine.condition('SplitBrainPossible')).toMatch(/^False OneWriter/);
  expect(rulesOf(here, first)).toEqual([]);
  expect(engine.refusals).toEqual([]);
  const kept = Object.keys(cluster.state.resources).sort();
  engine.remove();
  cluster.settle();
  expect(Object.keys(cluster.state.resources).sort()).toEqual(kept);
});
