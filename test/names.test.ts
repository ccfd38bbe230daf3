import fc from 'fast-check';
import {
  clusterName,
  cronJobName,
  dnsZoneName,
  keys,
  keysOf,
  namespacedName,
  resourceGroupName,
  serverName,
  storageAccountName,
  trafficManagerName,
  usageKey,
  vnetName,
} from '../src/names.ts';

const dns = fc.stringMatching(/^[a-z0-9]([a-z0-9.-]{0,60}[a-z0-9])?$/);
const label = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/);
const scope = fc.record({
  namespace: fc.oneof(fc.constant(''), label),
  name: dns,
  resourceGroup: fc.stringMatching(/^[A-Za-z0-9_()-]{1,90}$/),
  prefix: fc.oneof(fc.constant(''), fc.stringMatching(/^[a-z]([a-z0-9-]{0,14}[a-z0-9])?$/)),
});
const region = fc.constantFrom('eastus2', 'southafricanorth', 'australiasoutheast');

describe('names', () => {
  it('are legal in Azure, whatever the object is called', () => {
    fc.assert(
      fc.property(scope, region, fc.integer({ min: 1, max: 12 }), (of, place, generation) => {
        expect(serverName(of, place, generation)).toMatch(/^[a-z0-9]([a-z0-9-]{1,61}[a-z0-9])$/);
        expect(vnetName(of, place)).toMatch(/^[a-z0-9][a-z0-9-]{1,62}$/);
        expect(trafficManagerName(of)).toMatch(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/);
        expect(storageAccountName(of)).toMatch(/^[a-z0-9]{3,24}$/);
        expect(resourceGroupName(of.prefix, of.namespace, of.name)).toMatch(/^[a-z0-9-]{1,90}$/);
        for (const part of dnsZoneName(of.namespace, of.name).split('.'))
          expect(part).toMatch(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/);
      }),
    );
  });

  it('are legal in Kubernetes and short enough for a label', () => {
    fc.assert(
      fc.property(scope, fc.constantFrom('primary-server', keys.managementClusterRoleBinding), (of, key) => {
        for (const name of [namespacedName(of.name, key), clusterName(of.namespace, of.name, key)]) {
          expect(name.length).toBeLessThanOrEqual(63);
          expect(name).toMatch(/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/);
        }
      }),
    );
  });

  it('of a CronJob leave room for the suffixes of its Jobs and pods', () => {
    fc.assert(
      fc.property(dns, (name) => {
        expect(cronJobName(name, 'dump').length).toBeLessThanOrEqual(52);
        expect(cronJobName(name, 'dump')).toMatch(/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/);
      }),
    );
    expect(cronJobName('orders', 'dump')).toBe('orders-dump');
    const long = 'x'.repeat(48);
    expect(cronJobName(long, 'dump')).not.toBe(cronJobName(`${long}y`, 'dump'));
  });

  it('differ as soon as anything that they may depend on differs', () => {
    fc.assert(
      fc.property(scope, scope, (a, b) => {
        fc.pre(JSON.stringify(a) !== JSON.stringify(b));
        expect(serverName(a, 'eastus2', 1)).not.toBe(serverName(b, 'eastus2', 1));
        expect(storageAccountName(a)).not.toBe(storageAccountName(b));
        expect(vnetName(a, 'eastus2')).not.toBe(vnetName(b, 'eastus2'));
      }),
    );
    fc.assert(
      fc.property(scope, scope, (a, b) => {
        fc.pre(a.name !== b.name || a.namespace !== b.namespace);
        expect(clusterName(a.namespace, a.name, 'primary-server')).not.toBe(
          clusterName(b.namespace, b.name, 'primary-server'),
        );
      }),
    );
  });

  it('keep parts apart that would join to the same text', () => {
    const of = { namespace: 'a', name: 'b-c', resourceGroup: 'rg', prefix: '' };
    expect(serverName(of, 'eastus2', 1)).not.toBe(serverName({ ...of, namespace: 'a-b', name: 'c' }, 'eastus2', 1));
  });

  it('give every server generation and every object of an XR its own name', () => {
    const of = { namespace: 'team-a', name: 'orders', resourceGroup: 'rg', prefix: 'acme' };
    const names = [1, 2, 3].flatMap((generation) =>
      ['eastus2', 'centralus'].map((place) => serverName(of, place, generation)),
    );
    expect(new Set(names).size).toBe(names.length);
    const { witness, readOnly, networkFence, diagnostics, alert, datadogMonitor, ...others } = keys;
    const { workloadIdentity, workloadCredential, workloadRole, ...ofSites } = others;
    const servers = [keys.server('primary', 1), keys.server('primary', 2), keys.server('secondary', 1)];
    const composed = [
      ...Object.values(ofSites).flatMap((key) =>
        typeof key === 'string' ? [key] : [key('primary', 1), key('secondary', 1), key('primary', 2)],
      ),
      ...[1, 2].flatMap((term) => [keysOf.validation(term), keysOf.failoverCall(term), keysOf.verification(term)]),
      ...(['dump', 'failover'] as const).flatMap((use) => [
        workloadIdentity(use),
        workloadCredential(use),
        workloadRole(use),
      ]),
      ...servers.flatMap((server) => [
        witness(server, 'before'),
        witness(server, 'after'),
        readOnly(server),
        networkFence(server),
        diagnostics(server),
        alert(server, 'cpu'),
        datadogMonitor(server, 'cpu'),
      ]),
    ];
    const pairs = composed.flatMap((of) => composed.map((by) => usageKey(of, by)));
    const objects = [...new Set([...composed, ...pairs])].map((key) => namespacedName('orders', key));
    expect(new Set(objects).size).toBe(objects.length);
  });
});
