import fc from 'fast-check';

/** Valid specs over the whole API: what must hold for every input is checked against these. */
const optional = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined });

const site = (octet: number, name: fc.Arbitrary<string>) =>
  fc.record(
    {
      name,
      cidr: fc
        .integer({ min: 8, max: 28 })
        .map((prefix) => (prefix === 8 ? `${octet}.0.0.0/8` : `${octet}.16.0.0/${Math.max(prefix, 12)}`)),
    },
    { requiredKeys: ['name', 'cidr'] },
  );

const size = fc.constantFrom('GP_Standard_D2ds_v5', 'GP_Standard_D4ds_v5', 'MO_Standard_E8ds_v5', 'GP_Standard_D4s_v3');

const guid = (last: number): string => `00000000-0000-0000-0000-00000000000${last}`;

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

/** A valid spec as a user could write it: most fields may be missing. */
export const spec = fc
  .record({
    two: fc.boolean(),
    primary: site(10, fc.constantFrom('eastus2', 'westeurope', 'polandcentral', 'westus')),
    secondary: site(11, fc.constantFrom('Central US', 'swedencentral')),
    resourceGroup: optional(fc.record({ name: fc.stringMatching(/^[A-Za-z0-9_-]{1,40}$/) })),
    network: optional(
      fc.record(
        {
          privateDnsZoneName: fc
            .stringMatching(/^[a-z][a-z0-9]{0,20}$/)
            .map((label) => `${label}.private.postgres.database.azure.com`),
          writeEndpointName: fc.constantFrom('write', 'rw', 'primary'),
          readEndpointName: fc.constantFrom('read', 'ro'),
          ttlSeconds: fc.integer({ min: 1, max: 3600 }),
        },
        { requiredKeys: [] },
      ),
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
            clientId: fc.constant('00000000-0000-0000-0000-000000000001'),
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
  // Dumps are made with a password.
  .filter(
    ({ backup, security }) => !(backup && 'logical' in backup) || security?.entra?.passwordAuthentication !== false,
  )
  .map(({ two, primary, secondary, ...rest }) => ({
    regions: two ? { primary, secondary } : { primary },
    ...Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined)),
    ...(rest.backup && 'longTerm' in rest.backup && rest.backup.longTerm ? kept(rest) : {}),
  }));

/** Vaults stay in Azure, and so does everything else; then the password is the user's own. */
function kept({ security = {}, deletion }: { readonly security?: object; readonly deletion?: object }) {
  const own = Object.fromEntries(Object.entries(security).filter(([name]) => name !== 'passwordRotation'));
  return {
    security: { ...own, adminPasswordSecretRef: { name: 'admin-secret' } },
    deletion: { ...deletion, policy: 'Orphan' },
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
