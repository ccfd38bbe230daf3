import { ownPassword, ownSecret } from './support/other-cluster.ts';
import { twoRegions } from './support/requests.ts';
import { troubled, type World, world } from './support/world.ts';

const tenantId = '00000000-0000-0000-0000-00000000000a';
const objectId = '00000000-0000-0000-0000-0000000000b1';
const entra = { tenantId, administrators: [{ objectId, principalName: 'dba', principalType: 'Group' }] };
const key = (vault: string) => ({
  keyVaultKeyId: `https://${vault}.vault.azure.net/keys/postgresql`,
  keyVaultId: `/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-keys/providers/Microsoft.KeyVault/vaults/${vault}`,
});

type Server = { readonly name: string; readonly role: string };
const servers = ({ engine }: World): readonly Server[] => engine.status.servers as Server[];
const ofRole = (here: World, role: string): string => servers(here).find((one) => one.role === role)?.name ?? '';

/** Names of the alerts that Azure has of a server, without the server's. */
const alertsOf = ({ cluster }: World, server: string): string[] =>
  Object.values(cluster.state.resources)
    .filter(({ type, id }) => type === 'Microsoft.Insights/metricAlerts' && id.includes(`/${server}-`))
    .map(({ id }) => id.slice(id.lastIndexOf(server) + server.length + 1))
    .sort();

const ALWAYS = ['connections', 'cpu', 'failed-connections', 'liveness', 'memory', 'storage', 'wal-storage'];

/** Each server has the alerts of the role that it has now, and the status says so. */
function watched(here: World): void {
  expect(alertsOf(here, ofRole(here, 'Primary'))).toEqual([...ALWAYS, 'replication-bytes'].sort());
  expect(alertsOf(here, ofRole(here, 'Replica'))).toEqual([...ALWAYS, 'replication-seconds'].sort());
  for (const { name, role } of servers(here))
    if (role === 'Former') expect(alertsOf(here, name)).toEqual([...ALWAYS].sort());
  const { message, servers: each } = here.engine.status.monitoring as {
    message: string;
    servers: { logs: boolean; alerts: boolean; datadog: boolean }[];
  };
  expect(message).toBe('all that is asked for is there');
  expect(each.map(({ logs, alerts, datadog }) => [logs, alerts, datadog])).toEqual(
    servers(here).map(() => [true, true, true]),
  );
}

/** Every server has the logins, the lock and the parameters, whatever its role. */
function secured(here: World): void {
  const { resources } = here.cluster.state;
  for (const { name } of servers(here)) {
    const ids = Object.keys(resources).filter((id) => id.includes(`/flexibleservers/${name}`));
    for (const part of [`/administrators/${objectId}`, '/locks/'])
      expect(ids.filter((id) => id.includes(part))).toHaveLength(1);
    expect(resources[ids.find((id) => id.endsWith(name)) ?? '']?.hidden.parameters).toMatchObject({
      ssl_min_protocol_version: 'TLSv1.3',
      'azure.accepted_password_auth_method': 'scram-sha-256',
    });
  }
  // Never on the zone or the group.
  const locks = Object.keys(resources).filter((id) => id.includes('/locks/'));
  expect(locks.filter((id) => !id.includes('/flexibleservers/'))).toEqual([]);
}

const monitoring = {
  logs: { enabled: true },
  alerts: { enabled: true, emails: ['dba@example.org'] },
  datadog: { enabled: true },
};

describe.each(['namespaced', 'cluster'] as const)('through a failover and back, %s', (flavour) => {
  it.each<[string, object, (here: World) => void]>([
    ['alerts follow the roles, and logs every server', { monitoring }, watched],
    [
      'logins, locks and policy stand on every server',
      {
        security: {
          ...ownPassword.security,
          entra,
          lock: 'CanNotDelete',
          scramOnly: true,
          tls: { minVersion: 'TLSv1.3' },
        },
      },
      secured,
    ],
    [
      'keys of your own are read in both regions',
      { security: { encryption: { primary: key('one'), secondary: key('two'), geoBackup: key('three') } } },
      ({ cluster }) => {
        const made = Object.values(cluster.state.resources).filter(({ id }) => /\/flexibleServers\/[^/]+$/.test(id));
        expect(made.length).toBeGreaterThan(1);
        for (const { id, properties } of made) {
          const [own] = (properties.identity as { identityIds: string[] }).identityIds;
          expect(own).toContain(id.includes('-eastus2-') ? '-key-eastus2-' : '-key-centralus-');
        }
      },
    ],
  ])('%s', (_, spec, holds) => {
    const here = world(flavour, { ...twoRegions, ...spec }, ownSecret);
    const { engine } = here;
    holds(here);
    for (const [activeRegion, region, count] of [
      ['secondary', 'centralus', 3],
      ['primary', 'eastus2', 4],
    ] as const) {
      engine.change({ failover: { activeRegion, minimumIntervalMinutes: 0 } });
      engine.settle();
      expect(engine.refusals).toEqual([]);
      expect(engine.status.activeRegion).toBe(region);
      expect(engine.condition('FailoverInProgress')).toMatch(/^False Stable/);
      expect(servers(here)).toHaveLength(count);
      expect(engine.ready).toBe(true);
      expect(troubled(here)).toEqual([]);
      holds(here);
    }
  });
});
