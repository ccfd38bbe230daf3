import { createMemoryCluster, type MemoryCluster } from './memory.ts';
import * as p from './platform.ts';
import { reachable, serversTalk } from './traffic.ts';

const flavour = { namespaced: true };
const subnetId = (site: string): string =>
  `/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/orders/providers/Microsoft.Network/virtualNetworks/vnet-${site}/subnets/subnet-${site}`;
const [a, b] = [subnetId('a'), subnetId('b')];
const deny = p.securityRule(flavour, 'a', 'deny', {});
const allow = (priority: number, source: string) =>
  p.securityRule(flavour, 'a', `allow-${priority}`, { access: 'Allow', priority, sourceAddressPrefix: source });

function cluster(): MemoryCluster {
  const made = createMemoryCluster();
  made.apply(
    ...p.foundation(flavour),
    ...p.network(flavour, p.secondarySite),
    ...p.security(flavour, p.primarySite),
    ...p.security(flavour, p.secondarySite),
  );
  made.settle();
  return made;
}

function withRules(...rules: readonly ReturnType<typeof allow>[]) {
  const made = cluster();
  made.apply(...rules);
  made.settle();
  return made.state;
}

describe('traffic between a client and a server', () => {
  it('passes by the rules that Azure adds itself', () => {
    expect(reachable(withRules(), a, 5432)).toBe(true);
  });

  it('does not reach a subnet that is not there', () => {
    expect(reachable(withRules(), `${a}-2`, 5432)).toBe(false);
  });

  it('is refused on the denied ports only, and in the one subnet only', () => {
    const state = withRules(deny);
    expect([5432, 6432, 443].map((port) => reachable(state, a, port))).toEqual([false, false, true]);
    expect(reachable(state, b, 5432)).toBe(true);
  });

  it('follows the rule of the lowest priority that matches', () => {
    expect(reachable(withRules(deny, allow(2000, 'VirtualNetwork')), a, 5432)).toBe(false);
    expect(reachable(withRules(deny, allow(200, 'VirtualNetwork')), a, 5432)).toBe(true);
  });

  it('matches a range for the addresses inside it', () => {
    const state = withRules(deny, allow(200, '10.1.7.0/24'));
    expect(reachable(state, a, 5432, '10.1.7.9')).toBe(true);
    expect(reachable(state, a, 5432, '10.1.8.9')).toBe(false);
    expect(reachable(state, a, 5432)).toBe(false);
  });

  it('is free again once the security group is taken from the subnet', () => {
    const made = cluster();
    made.apply(deny);
    made.settle();
    const [, association] = p.security(flavour, p.primarySite);
    if (!association) throw new Error('no association');
    made.remove({
      apiVersion: association.apiVersion,
      kind: association.kind,
      namespace: 'default',
      name: association.metadata.name,
    });
    made.settle();
    expect(reachable(made.state, a, 5432)).toBe(true);
    expect(made.objects('Subnet').map(({ metadata }) => metadata.name)).toContain('subnet-a');
  });

  it('cannot be refused while the region is out, because no rule can be written', () => {
    const made = cluster();
    made.happen({ what: 'region-outage', region: 'eastus2' });
    made.apply(deny);
    made.advance(5);
    expect(reachable(made.state, a, 5432)).toBe(true);
    made.happen({ what: 'region-recovery', region: 'eastus2' });
    made.settle();
    expect(reachable(made.state, a, 5432)).toBe(false);
  });
});

describe('traffic between servers', () => {
  it('passes a rule before the one that refuses clients', () => {
    const open = allow(100, '10.2.0.0/24');
    expect(serversTalk(withRules(deny, open), b, a, 5432)).toBe(true);
    expect(serversTalk(withRules(deny), b, a, 5432)).toBe(false);
    // Answers belong to the connection; only opening one is judged.
    expect(serversTalk(withRules(deny), a, b, 5432)).toBe(true);
  });

  it('needs the way out too', () => {
    const out = p.securityRule(flavour, 'a', 'out', { direction: 'Outbound' });
    expect(serversTalk(withRules(out), a, b, 5432)).toBe(false);
  });
});

describe('the tie of a subnet to its security group', () => {
  it('bears the id of the subnet, and survives a provider that starts anew', () => {
    const made = cluster();
    const sent = made.requests.length;
    made.step({ type: 'restart-provider' });
    made.settle();
    const tie = made.objects('SubnetNetworkSecurityGroupAssociation')[0];
    expect(tie?.metadata.annotations?.['crossplane.io/external-name']).toMatch(/\/subnets\/subnet-/);
    expect(tie?.status?.atProvider).toMatchObject({ id: expect.stringMatching(/\/subnets\/subnet-/) });
    expect(made.requests.slice(sent)).toEqual([]);
  });
});
