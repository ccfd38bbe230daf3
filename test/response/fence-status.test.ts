import { type Json, twoRegions } from '../support/requests.ts';
import { type World, world } from '../support/world.ts';

const fenceOf = ({ engine }: World, region: string): unknown =>
  (engine.status.servers as Json[]).find((server) => server.region === region && server.generation === 1)?.fence;

/** What the status says of the former writer's fence, each time that it says something else. */
function told(spec: object): unknown[] {
  const here = world('namespaced', { ...twoRegions, ...spec });
  expect(fenceOf(here, 'eastus2')).toBeUndefined();
  here.engine.change({ failover: { activeRegion: 'secondary', cutover: 'Manual' } });
  const all: unknown[] = [];
  here.engine.settle(() => {
    const now = fenceOf(here, 'eastus2');
    if (now !== undefined && JSON.stringify(all.at(-1)) !== JSON.stringify(now)) all.push(now);
  });
  expect(fenceOf(here, 'centralus')).toBeUndefined();
  return all;
}

describe('the status of a server', () => {
  it('tells of both halves of its fence, and calls neither On before Azure reports it', () => {
    expect(told({})).toEqual([
      { network: 'Pending', sessions: 'Pending' },
      { network: 'On', sessions: 'On' },
    ]);
  });

  it('says that there is no network half where the subnet has to stay open', () => {
    const [primary, secondary] = ['10.10.0.0/28', '10.20.0.0/28'];
    const regions = {
      primary: { ...twoRegions.regions.primary, cidr: primary },
      secondary: { ...twoRegions.regions.secondary, cidr: secondary },
    };
    expect(told({ regions })).toEqual([
      { network: 'None', sessions: 'Pending' },
      { network: 'None', sessions: 'On' },
    ]);
  });

  it('calls the network half On once no client is let in any more', () => {
    const firewallRules = [{ name: 'office', startAddress: '203.0.113.0', endAddress: '203.0.113.7' }];
    const network = { mode: 'Public', firewallRules };
    expect(told({ network }).at(-1)).toEqual({ network: 'On', sessions: 'On' });
  });

  it('tells that a fence is off again after it was taken back', () => {
    const here = world('namespaced', twoRegions);
    here.engine.change({ failover: { activeRegion: 'secondary' } });
    for (let pass = 0; pass < 2; pass++) {
      here.engine.reconcile();
      here.cluster.settle();
    }
    expect(fenceOf(here, 'eastus2')).toBeDefined();
    here.engine.change({ failover: { activeRegion: 'primary' } });
    here.engine.settle();
    expect(fenceOf(here, 'eastus2')).toEqual({ network: 'Off', sessions: 'Off' });
  });
});
