import fc from 'fast-check';

/** Valid specs over the whole API: what must hold for every input is checked against these. */
const optional = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined });

const guid = (last: number): string => `00000000-0000-0000-0000-00000000000${last}`;

const site = (octet: number, name: fc.Arbitrary<string>) =>
  fc.record(
    {
      name,
      cidr: fc
        .integer({ min: 8, max: 28 })
        .map((prefix) => (prefix === 8 ? `${octet}.0.0.0/8` : `${octet}.16.0.0/${Math.max(prefix, 12)}`)),
      subnet: fc.constant({
        existing: {
          id: `/subscriptions/${guid(0)}/resourceGroups/rg-given/providers/Microsoft.Network/virtualNetworks/spoke/subnets/given`,
        },
      }),
    },
    { requiredKeys: ['name', 'cidr'] },
  );

const size = fc.constantFrom('GP_Standard_D2ds_v5', 'GP_Standard_D4ds_v5', 'MO_Standard_E8ds_v5', 'GP_Standard_D4s_v3');

const entra = fc
  .record({
    enabled: fc.boolean(),
    administrators: fc.uniqueArray(
      fc.record({
        objectId: fc.integer({ min: 1, max: 9 }).map(guid),
        principalName: fc.constantFrom('dba', 'someone@example.org'),
        principalType: fc.constantFrom('User', 'Group', 'ServicePrincipal'),
      }),
      { selector: ({ objectId }) => objectId, maxLength: 3 },
    ),
    passwordAuthentication: fc.boolean(),
  })
  .map(({ enabled, administrators, passwordAuthentication }) => ({
    enabled,
    tenantId: guid(0),
    administrators,
    passwordAuthentication: passwordAuthentication || !enabled || administrators.length === 0,
  }));

/** The way into the servers. */
const way = fc.oneof(
  fc.record({ mode: fc.constantFrom('VNetIntegration', 'PrivateEndpoint') }, { requiredKeys: [] }),
  fc.record({
    mode: fc.constant('Public'),
    firewallRules: fc.uniqueArray(
      fc.record({
        name: fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,28}[a-z0-9])?$/),
        startAddress: fc.constantFrom('203.0.113.7', '203.0.113.8'),
        endAddress: fc.constantFrom('203.0.113.8', '203.0.113.255'),
      }),
      { selector: ({ name }) => name, maxLength: 4 },
    ),
    allowAzureServices: fc.constant(true),
  }),
);

const hubs = optional(
  fc.uniqueArray(
    fc
      .record(
        { network: fc.constantFrom('hub', 'Hub.West', 'h2'), allowForwardedTraffic: fc.boolean(), link: fc.boolean() },
        { requiredKeys: ['network'] },
      )
      .map(({ network, ...rest }) => ({
        virtualNetworkId: `/subscriptions/${guid(0)}/resourceGroups/rg-hub/providers/Microsoft.Network/virtualNetworks/${network}`,
        ...rest,
      })),
    { selector: ({ virtualNetworkId }) => virtualNetworkId, maxLength: 3 },
  ),
);

/** Networks that hold no server are joined to no hub. */
const joined = <T extends { mode?: string }>(network: T, hubs: readonly object[] | undefined) =>
  network.mode === 'Public' || hubs === undefined ? network : { ...network, hubs };

/** A valid spec as a user could write it: most fields may be missing. */
export const spec = fc
  .record({
    two: fc.boolean(),
    keys: optional(fc.constantFrom('made', 'given')),
    primary: site(10, fc.constantFrom('eastus2', 'westeurope', 'polandcentral', 'westus')),
    secondary: site(11, fc.constantFrom('Central US', 'swedencentral')),
    resourceGroup: optional(
      fc.oneof(
        fc.record({ name: fc.stringMatching(/^[A-Za-z0-9_-]{1,40}$/) }),
        fc.constant({ existing: { id: `/subscriptions/${guid(0)}/resourceGroups/rg-given` } }),
      ),
    ),
    network: optional(
      fc
        .record(
          {
            privateDnsZoneName: fc
              .stringMatching(/^[a-z][a-z0-9]{0,20}$/)
              .map((label) => `${label}.private.postgres.database.azure.com`),
            writeEndpointName: fc.constantFrom('write', 'rw', 'primary'),
            readEndpointName: fc.constantFrom('read', 'ro'),
            ttlSeconds: fc.integer({ min: 1, max: 3600 }),
            virtualEndpoint: fc.record({ enabled: fc.boolean() }),
            trafficManager: fc.record(
              {
                enabled: fc.boolean(),
                relativeName: fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/),
                ttlSeconds: fc.integer({ min: 1, max: 3600 }),
              },
              { requiredKeys: [] },
            ),
          },
          { requiredKeys: [] },
        )
        .chain((rest) => fc.tuple(way, hubs).map(([way, hubs]) => joined({ ...rest, ...way }, hubs))),
    ),
    database: optional(
      fc.record(
        {
          size,
          storageGB: fc.constantFrom(32, 64, 128, 512, 4095, 32767),
          version: fc.constantFrom('14', '16', '18'),
          backupRetentionDays: fc.integer({ min: 7, max: 35 }),
          geoRedundantBackup: fc.constant(false),
          autoGrow: fc.boolean(),
        },
        { requiredKeys: [] },
      ),
    ),
    highAvailability: optional(
      fc.record(
        { mode: fc.constantFrom('SameZone', 'Disabled'), primaryZone: fc.constantFrom('1', '2', '3') },
        { requiredKeys: ['mode'] },
      ),
    ),
    security: optional(
      fc
        .record(
          {
            adminUsername: fc.stringMatching(/^dba_[a-z0-9_]{0,20}$/),
            adminPasswordSecretRef: fc.record({ name: fc.constantFrom('admin-secret', 'pw') }),
            entra,
            tls: fc.record({ minVersion: fc.constantFrom('TLSv1.2', 'TLSv1.3') }),
            scramOnly: fc.boolean(),
            passwordRotation: fc.record({ trigger: fc.constantFrom('2026-11', 'x') }),
            lock: fc.constantFrom('CanNotDelete', 'None'),
          },
          { requiredKeys: [] },
        )
        .map(({ passwordRotation, ...rest }) =>
          rest.adminPasswordSecretRef || !passwordRotation ? rest : { ...rest, passwordRotation },
        ),
    ),
    backup: optional(
      fc.oneof(
        fc.record({
          storage: fc.record(
            {
              enabled: fc.boolean(),
              replication: fc.constantFrom('LRS'),
              softDeleteDays: fc.integer({ min: 1, max: 365 }),
            },
            { requiredKeys: [] },
          ),
        }),
        fc.record({
          longTerm: optional(
            fc.record(
              { retentionMonths: fc.integer({ min: 1, max: 120 }), hour: fc.integer({ min: 0, max: 23 }) },
              { requiredKeys: [] },
            ),
          ),
          onDemand: fc.uniqueArray(fc.constantFrom('before-v2', 'monthly', 'x'), { maxLength: 3 }),
        }),
        fc.record({
          logical: fc.record({
            enabled: fc.constant(true),
            clientId: optional(fc.constant('00000000-0000-0000-0000-000000000001')),
            databases: fc.constantFrom([], ['orders']),
            retentionDays: fc.integer({ min: 1, max: 36500 }),
          }),
        }),
      ),
    ),
    monitoring: optional(
      fc.record(
        {
          logs: fc.record({
            enabled: fc.boolean(),
            categories: fc.constantFrom(['PostgreSQLLogs'], ['PostgreSQLFlexSessions', 'PostgreSQLLogs']),
            metrics: fc.boolean(),
          }),
          alerts: fc.record({ enabled: fc.boolean(), emails: fc.constantFrom([], ['a@example.org', 'A@example.org']) }),
          datadog: fc.record({ enabled: fc.boolean(), tags: fc.constantFrom([], ['team:a', 'team:a']) }),
          thresholds: fc.record({ connectionsPercent: fc.integer({ min: 1, max: 100 }) }),
          exclude: fc.constantFrom([], ['CPU', 'ReplicationLagBytes']),
        },
        { requiredKeys: [] },
      ),
    ),
    management: optional(fc.record({ enabled: fc.boolean() })),
    deletion: optional(fc.record({ protection: fc.boolean() }, { requiredKeys: [] })),
    parameters: optional(
      fc.record(
        {
          work_mem: fc.integer({ min: 4096, max: 65536 }).map(String),
          log_lock_waits: fc.constantFrom('on', 'TRUE', 'off'),
          max_connections: fc.integer({ min: 100, max: 2000 }).map(String),
          'some.unknown_parameter': fc.constantFrom('a', 'b'),
        },
        { requiredKeys: [] },
      ),
    ),
    extensions: optional(
      fc.uniqueArray(fc.constantFrom('pg_cron', 'pgaudit', 'uuid-ossp', 'pg_stat_statements', 'auto_explain')),
    ),
    tags: optional(
      fc.dictionary(fc.stringMatching(/^[a-z][a-z0-9.-]{0,20}$/), fc.stringMatching(/^[ -~]{0,30}$/), {
        maxKeys: 5,
      }),
    ),
  })
  // No subnets with public access, and a group of its own for the zone of private endpoints.
  .filter(
    ({ network, primary, secondary, resourceGroup }) =>
      (network?.mode !== 'Public' || !(primary.subnet || secondary.subnet)) &&
      (network?.mode !== 'PrivateEndpoint' || !resourceGroup || !('existing' in resourceGroup)),
  )
  // A hub is peered with a network that is made here.
  .filter(
    ({ two, network, primary, secondary }) =>
      !(network && 'hubs' in network) || !primary.subnet || (two && !secondary.subnet),
  )
  // Dumps are made with a password.
  .filter(
    ({ backup, security }) => !(backup && 'logical' in backup) || security?.entra?.passwordAuthentication !== false,
  )
  // A virtual endpoint has two members.
  .filter(({ two, network }) => two || network?.virtualEndpoint?.enabled !== true)
  .map(({ two, primary, secondary, keys, ...rest }) => ({
    regions: two ? { primary, secondary } : { primary },
    ...present(lasting(identified({ ...rest, ...encrypted(rest, two, keys) }))),
  }));

const present = <T extends object>(fields: T): Partial<T> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<T>;

/** Vaults stay in Azure, and so does everything else; then the password is the user's own. */
function lasting<T extends { backup?: object; security?: object; deletion?: object }>(rest: T): T {
  if (!(rest.backup && 'longTerm' in rest.backup && rest.backup.longTerm)) return rest;
  const own = Object.fromEntries(Object.entries(rest.security ?? {}).filter(([name]) => name !== 'passwordRotation'));
  return {
    ...rest,
    security: { ...own, adminPasswordSecretRef: { name: 'admin-secret' } },
    deletion: { ...rest.deletion, policy: 'Orphan' },
  };
}

/** Dumps have an identity: of the user's, or one that is made. */
function identified<T extends { backup?: { logical?: { clientId?: string } } | object; management?: object }>(
  rest: T,
): T {
  if (!(rest.backup && 'logical' in rest.backup && rest.backup.logical)) return rest;
  const { clientId, ...logical } = rest.backup.logical;
  if (clientId !== undefined) return rest;
  const workloadIdentity = { issuerUrl: 'https://oidc.example.com/cluster/' };
  return { ...rest, backup: { logical }, management: { ...rest.management, workloadIdentity } };
}

const ID = `/subscriptions/${guid(0)}/resourceGroups/rg/providers/`;

/** Keys of the user's, read by identities that are given or made. */
function encrypted(
  { security, database }: { security?: object; database?: object },
  two: boolean,
  keys: string | undefined,
) {
  if (keys === undefined) return {};
  const key = (vault: string) => ({
    keyVaultKeyId: `https://${vault}.vault.azure.net/keys/postgresql`,
    ...(keys === 'made'
      ? { keyVaultId: `${ID}Microsoft.KeyVault/vaults/${vault}` }
      : { userAssignedIdentityId: `${ID}Microsoft.ManagedIdentity/userAssignedIdentities/${vault}` }),
  });
  return {
    // The copy of the backups would need a key, and some of the regions have no copy.
    database: { ...database, geoRedundantBackup: false },
    security: { ...security, encryption: { primary: key('one'), ...(two ? { secondary: key('two') } : {}) } },
  };
}

export const flavour = fc.constantFrom('namespaced' as const, 'cluster' as const);

export const objectName = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,50}[a-z0-9])?$/);

export const input = fc.option(
  fc.record({
    apiVersion: fc.constant('postgresql.fn.platform.io/v1beta1'),
    kind: fc.constant('Input'),
    spec: fc.record(
      {
        namingPrefix: fc.constantFrom('', 'acme', 'p-1'),
        tags: fc.constantFrom({}, { owner: 'platform' }, { Owner: 'x', environment: 'dev' }),
      },
      { requiredKeys: [] },
    ),
  }),
  { nil: undefined },
);
