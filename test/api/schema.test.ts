import { problemLine } from '../../src/api/problem.ts';
import { inputSchema, specSchemas } from '../../src/api/schema.generated.ts';
import { applyInputSchema, applySchema } from '../../src/api/schema.ts';

const primary = { name: 'eastus2', cidr: '10.10.0.0/16' };
const minimal = { regions: { primary } };

const lines = (spec: unknown, flavour: 'namespaced' | 'cluster' = 'namespaced'): string[] =>
  applySchema(flavour, spec).problems.map(problemLine);
const inputLines = (spec: unknown): string[] =>
  applyInputSchema({ apiVersion: 'postgresql.fn.platform.io/v1beta1', kind: 'Input', spec }).problems.map(problemLine);

describe('a spec without mistakes', () => {
  it('gets every default', () => {
    expect(applySchema('namespaced', minimal)).toEqual({
      problems: [],
      spec: {
        regions: { primary },
        resourceGroup: {},
        network: {
          mode: 'VNetIntegration',
          firewallRules: [],
          allowAzureServices: false,
          writeEndpointName: 'write',
          readEndpointName: 'read',
          ttlSeconds: 30,
        },
        database: {
          size: 'GP_Standard_D2ds_v5',
          storageGB: 128,
          version: '17',
          backupRetentionDays: 14,
          autoGrow: true,
        },
        highAvailability: { mode: 'Disabled', primaryZone: '1', standbyZone: '2' },
        failover: {
          activeRegion: 'primary',
          mode: 'Promote',
          option: 'Planned',
          cutover: 'Automatic',
          reprotect: 'Automatic',
          formerPrimary: 'Retain',
          retire: [],
          minimumIntervalMinutes: 30,
        },
        security: { adminUsername: 'psqladmin' },
        backup: {
          storage: { enabled: true, containerName: 'postgresql-backups', softDeleteDays: 30 },
          logical: {
            enabled: false,
            schedule: '30 1 * * *',
            databases: [],
            volumeSizeGB: 32,
            retentionDays: 30,
            deadlineHours: 12,
          },
        },
        monitoring: {
          logs: { enabled: false, categories: ['PostgreSQLLogs'], metrics: false },
          alerts: { enabled: false },
          datadog: { enabled: false },
          thresholds: {
            cpuPercent: 80,
            memoryPercent: 90,
            storagePercent: 80,
            failedConnections: 20,
            walStoragePercent: 20,
            connectionsPercent: 80,
            replicationLagMiB: 1024,
          },
          exclude: [],
        },
        management: { enabled: true, rbac: 'Role' },
        deletion: { policy: 'Delete', protection: false },
        tags: {},
      },
    });
  });

  it('gets ClusterRole in the claims flavour', () => {
    expect(applySchema('cluster', minimal).spec.management.rbac).toBe('ClusterRole');
  });

  it('is not changed itself', () => {
    const spec = { ...minimal, database: { version: null }, crossplane: { compositionRef: { name: 'a' } } };
    const before = structuredClone(spec);
    applySchema('namespaced', spec);
    expect(spec).toEqual(before);
  });

  it('may hold nulls, which count as absent, with and without a default', () => {
    const { spec, problems } = applySchema('namespaced', {
      regions: { primary: { ...primary, subnetCidr: null }, secondary: null },
      database: { version: null, geoRedundantBackup: null },
      network: null,
      tags: { team: null },
    });
    expect(problems).toEqual([]);
    expect(spec.regions).toEqual({ primary });
    expect(spec.database).toMatchObject({ version: '17' });
    expect(spec.database).not.toHaveProperty('geoRedundantBackup');
    expect(spec.network.ttlSeconds).toBe(30);
    expect(spec.tags).toEqual({});
  });

  it.each([
    ['namespaced', { crossplane: { compositionRef: { name: 'a' }, resourceRefs: [] } }],
    [
      'cluster',
      {
        compositionRef: { name: 'a' },
        compositionSelector: {},
        compositionRevisionRef: { name: 'a' },
        compositionRevisionSelector: {},
        compositionUpdatePolicy: 'Automatic',
        claimRef: { name: 'a' },
        resourceRefs: [],
        resourceRef: { name: 'a' },
        compositeDeletePolicy: 'Background',
        writeConnectionSecretToRef: { name: 'a' },
        publishConnectionDetailsTo: { name: 'a' },
      },
    ],
  ] as const)("may hold Crossplane's own fields in the %s flavour, and loses them", (flavour, own) => {
    expect(applySchema(flavour, { ...minimal, ...own })).toEqual(applySchema(flavour, minimal));
  });

  it('may name the namespace of the password Secret in the claims flavour', () => {
    const security = { adminPasswordSecretRef: { name: 'a', namespace: 'orders' } };
    expect(applySchema('cluster', { ...minimal, security }).spec.security.adminPasswordSecretRef).toEqual({
      name: 'a',
      namespace: 'orders',
      key: 'password',
    });
    expect(lines({ ...minimal, security })).toEqual([
      'spec.security.adminPasswordSecretRef.namespace: is not a field of spec.security.adminPasswordSecretRef; its fields are name, key',
    ]);
  });
});

describe('a mistake in the spec gives one sentence', () => {
  const regions = (site: object) => ({ regions: { primary: { ...primary, ...site } } });
  const long = 'x'.repeat(100);

  it.each<[string, object, string[]]>([
    // Unknown fields
    ['a misspelt field', { ...minimal, databse: {} }, ['spec.databse: is not a field; did you mean spec.database?']],
    [
      'a misspelt nested field',
      { ...minimal, database: { storageGb: 128 } },
      ['spec.database.storageGb: is not a field; did you mean spec.database.storageGB?'],
    ],
    [
      'a misspelt required field',
      { regions: { primary: { name: 'eastus2', cdir: '10.10.0.0/16' } } },
      ['spec.regions.primary.cdir: is not a field; did you mean spec.regions.primary.cidr?'],
    ],
    [
      'an empty list that needs an entry',
      { ...minimal, monitoring: { logs: { categories: [] } } },
      ['spec.monitoring.logs.categories: is an empty list; write at least one entry, or leave the field out'],
    ],
    [
      'an entry of a list that resembles another',
      { ...minimal, monitoring: { exclude: ['Cpu'] } },
      [
        'spec.monitoring.exclude[0]: "Cpu" is not one of "CPU", "Memory", "Storage", "Liveness", "FailedConnections", "WALStorage", "Connections", "ReplicationLagSeconds", "ReplicationLagBytes"; did you mean "CPU"?',
      ],
    ],
    [
      'a workspace id as the portal sometimes spells it',
      {
        ...minimal,
        monitoring: {
          logs: {
            workspaceId: '/subscriptions/0/resourcegroups/a/providers/microsoft.operationalinsights/workspaces/b',
          },
        },
      },
      [
        'spec.monitoring.logs.workspaceId: "/subscriptions/0/resourcegroups/a/providers/microsoft.ope..." is not an ARM id of a Log Analytics workspace; write it as /subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg-logs/providers/Microsoft.OperationalInsights/workspaces/logs',
      ],
    ],
    ['a misspelt required group', { region: { primary } }, ['spec.region: is not a field; did you mean spec.regions?']],
    [
      'a field at the wrong level',
      { ...minimal, storageGB: 128 },
      ['spec.storageGB: is not a field; did you mean spec.database.storageGB?'],
    ],
    [
      'a field that resembles none',
      { ...minimal, network: { gateway: '10.0.0.1' } },
      [
        'spec.network.gateway: is not a field of spec.network; its fields are mode, firewallRules, allowAzureServices, privateDnsZoneName, privateDnsZone, privateLinkZone, hubs, writeEndpointName, readEndpointName, ttlSeconds, virtualEndpoint, trafficManager',
      ],
    ],
    [
      'a field whose name is no identifier',
      { ...minimal, network: { 'ttl/seconds~': 1 } },
      ['spec.network["ttl/seconds~"]: is not a field; did you mean spec.network.ttlSeconds?'],
    ],
    [
      "Crossplane v1's field in the modern flavour",
      { ...minimal, compositionRef: { name: 'a' } },
      ['spec.compositionRef: is not a field of this API; write it as spec.crossplane.compositionRef'],
    ],
    // Required
    ['nothing at all', {}, ['spec.regions: is required; give spec.regions.primary.name and spec.regions.primary.cidr']],
    [
      'a region without a network',
      { regions: { primary: { name: 'eastus2' } } },
      ['spec.regions.primary.cidr: is required; give an IPv4 range, as 10.10.0.0/16'],
    ],
    [
      'a network without a region',
      { regions: { primary, secondary: { cidr: '10.20.0.0/16' } } },
      ['spec.regions.secondary.name: is required; give an Azure region, as eastus2'],
    ],
    [
      'a Secret without a name',
      { ...minimal, security: { adminPasswordSecretRef: { key: 'pw' } } },
      ['spec.security.adminPasswordSecretRef.name: is required; give the name of the Secret, as orders-admin'],
    ],
    // Types
    [
      'a version without quotes',
      { ...minimal, database: { version: 17 } },
      ['spec.database.version: 17 is a number, not a string; write "17" in quotes'],
    ],
    [
      'a version that does not exist, without quotes',
      { ...minimal, database: { version: 9 } },
      [
        'spec.database.version: 9 is a number, not a string; write one of "13", "14", "15", "16", "17", "18", in quotes',
      ],
    ],
    [
      'a zone without quotes',
      { ...minimal, highAvailability: { primaryZone: 2 } },
      ['spec.highAvailability.primaryZone: 2 is a number, not a string; write "2" in quotes'],
    ],
    [
      'a tag that YAML reads as a number',
      { ...minimal, tags: { costCenter: 42, 'cost.center': true } },
      [
        'spec.tags.costCenter: 42 is a number, not a string; write "42" in quotes',
        'spec.tags["cost.center"]: true is a boolean, not a string; write "true" in quotes',
      ],
    ],
    [
      'a number in quotes',
      { ...minimal, database: { storageGB: '256' }, network: { ttlSeconds: '60' } },
      [
        'spec.database.storageGB: "256" is a string, not a whole number; write 256 without quotes',
        'spec.network.ttlSeconds: "60" is a string, not a whole number; write 60 without quotes',
      ],
    ],
    [
      'a number with its unit',
      { ...minimal, database: { storageGB: '100Gi', backupRetentionDays: '2w' } },
      [
        'spec.database.backupRetentionDays: "2w" is a string, not a whole number; choose 7 to 35',
        'spec.database.storageGB: "100Gi" is a string, not a whole number; choose one of 32, 64, 128, 256, 512, 1024, 2048, 4095, 4096, 8192, 16384, 32767',
      ],
    ],
    [
      'a fraction',
      { ...minimal, network: { ttlSeconds: 1.5 } },
      ['spec.network.ttlSeconds: 1.5 is not a whole number; choose 1 to 3600'],
    ],
    [
      'a boolean in quotes',
      { ...minimal, database: { autoGrow: 'true' } },
      ['spec.database.autoGrow: "true" is a string, not a boolean; write true without quotes'],
    ],
    [
      'a word for a boolean',
      { ...minimal, database: { autoGrow: 'yes' } },
      ['spec.database.autoGrow: "yes" is a string, not a boolean; write true or false'],
    ],
    [
      'a string for an object',
      { regions: { primary: 'eastus2' } },
      [
        'spec.regions.primary: "eastus2" is a string, not an object; its fields are name, cidr, subnetCidr, nextSubnetCidr, subnet',
      ],
    ],
    [
      'a list for tags',
      { ...minimal, tags: ['team=a'] },
      ['spec.tags: ["team=a"] is a list, not an object; write names and values below it'],
    ],
    [
      'an object for a string',
      regions({ cidr: { block: '10.10.0.0/16' } }),
      ['spec.regions.primary.cidr: {"block":"10.10.0.0/16"} is an object, not a string; write a string'],
    ],
    // Enums
    [
      'a storage size that Azure does not have',
      { ...minimal, database: { storageGB: 100 } },
      [
        'spec.database.storageGB: 100 is not one of 32, 64, 128, 256, 512, 1024, 2048, 4095, 4096, 8192, 16384, 32767; choose one of them',
      ],
    ],
    [
      'a version that does not exist',
      { ...minimal, database: { version: '9' } },
      ['spec.database.version: "9" is not one of "13", "14", "15", "16", "17", "18"; choose one of them'],
    ],
    [
      'a mode in another spelling',
      { ...minimal, highAvailability: { mode: 'zoneRedundant' } },
      [
        'spec.highAvailability.mode: "zoneRedundant" is not one of "ZoneRedundant", "SameZone", "Disabled"; did you mean "ZoneRedundant"?',
      ],
    ],
    // Bounds
    [
      'too small a number',
      { ...minimal, database: { backupRetentionDays: 3 } },
      ['spec.database.backupRetentionDays: 3 is too small; choose 7 to 35'],
    ],
    [
      'too large a number',
      { ...minimal, network: { ttlSeconds: 86400 } },
      ['spec.network.ttlSeconds: 86400 is too large; choose 1 to 3600'],
    ],
    [
      'too many tags',
      { ...minimal, tags: Object.fromEntries(Array.from({ length: 31 }, (_, index) => [`tag${index}`, 'a'])) },
      ['spec.tags: has 31 entries; keep at most 30'],
    ],
    [
      'an empty string',
      { ...minimal, security: { adminUsername: '', adminPasswordSecretRef: { name: '' } } },
      [
        'spec.security.adminPasswordSecretRef.name: "" is empty; write 1 to 253 characters',
        'spec.security.adminUsername: "" is empty; write 1 to 63 characters',
      ],
    ],
    [
      'too long a string, cut in the message',
      { ...minimal, tags: { note: 'x'.repeat(257) } },
      [`spec.tags.note: "${'x'.repeat(57)}..." has 257 characters; write at most 256 characters`],
    ],
    // Patterns
    [
      'a region with a hyphen',
      regions({ name: 'east-us-2' }),
      [
        'spec.regions.primary.name: "east-us-2" is not an Azure region; write letters, digits and spaces (3 to 40 characters), as eastus2',
      ],
    ],
    [
      'a range without a prefix',
      regions({ cidr: '10.10.0.0' }),
      ['spec.regions.primary.cidr: "10.10.0.0" is not an IPv4 range; write it as 10.10.0.0/16'],
    ],
    [
      'a range that is far too long',
      regions({ subnetCidr: long }),
      [`spec.regions.primary.subnetCidr: "${'x'.repeat(57)}..." is not an IPv4 range; write it as 10.10.1.0/24`],
    ],
    [
      'a resource group that ends in a dot',
      { ...minimal, resourceGroup: { name: 'rg.' } },
      [
        'spec.resourceGroup.name: "rg." is not a resource group name; write letters, digits and -_.() without a dot at the end (1 to 90 characters), as rg-orders',
      ],
    ],
    [
      'a record name with a capital',
      { ...minimal, network: { writeEndpointName: 'Write', readEndpointName: 'read.a' } },
      [
        'spec.network.readEndpointName: "read.a" is not a DNS label; write lower-case letters, digits and inner hyphens (at most 63 characters), as orders-write',
        'spec.network.writeEndpointName: "Write" is not a DNS label; write lower-case letters, digits and inner hyphens (at most 63 characters), as orders-write',
      ],
    ],
    [
      'a public name that is two labels',
      { ...minimal, network: { trafficManager: { enabled: true, relativeName: 'orders.acme', ttlSeconds: 0 } } },
      [
        'spec.network.trafficManager.relativeName: "orders.acme" is not a DNS label; write lower-case letters, digits and inner hyphens (at most 63 characters), as orders-acme',
        'spec.network.trafficManager.ttlSeconds: 0 is too small; choose 1 to 3600',
      ],
    ],
    [
      'a container name with two hyphens',
      { ...minimal, backup: { storage: { containerName: 'pg--dumps' } } },
      [
        'spec.backup.storage.containerName: "pg--dumps" is not a container name; write lower-case letters, digits and single inner hyphens (3 to 63 characters), as postgresql-backups',
      ],
    ],
    [
      'several mistakes, in the order of their fields',
      { ...minimal, tags: 1, database: { version: 9, size: 2 } },
      [
        'spec.database.size: 2 is a number, not a string; write "2" in quotes',
        'spec.database.version: 9 is a number, not a string; write one of "13", "14", "15", "16", "17", "18", in quotes',
        'spec.tags: 1 is a number, not an object; write names and values below it',
      ],
    ],
  ])('%s', (_, spec, expected) => {
    expect(lines(spec)).toEqual(expected);
  });

  it('a spec that is no object', () => {
    expect(lines('eastus2')).toEqual([
      'spec: "eastus2" is a string, not an object; its fields are regions, resourceGroup, network, database, highAvailability, maintenanceWindow, upgrade, failover, objectives, security, backup, restore, monitoring, management, adopt, deletion, parameters, extensions, tags',
    ]);
    expect(lines(undefined)).toEqual(lines({}));
  });

  it('Role in the claims flavour, which has only ClusterRole', () => {
    expect(lines({ ...minimal, management: { rbac: 'Role' } }, 'cluster')).toEqual([
      'spec.management.rbac: "Role" is not allowed; the only value is "ClusterRole"',
    ]);
  });
});

describe("a pipeline step's input", () => {
  const platform = {
    providerConfigRef: { kind: 'ClusterProviderConfig', name: 'default' },
    otherProviderConfigRefs: [],
    kubernetesProviderConfigRef: { kind: 'ClusterProviderConfig', name: 'default' },
    tags: {},
    namingPrefix: '',
    functionImage: 'ghcr.io/platform-io/function-postgresql:v0.1.0',
    additionalRegions: [],
  };

  it('may be absent, or empty but for its kind', () => {
    expect(applyInputSchema(undefined)).toEqual({ platform, problems: [] });
    expect(applyInputSchema({ apiVersion: 'postgresql.fn.platform.io/v1beta1', kind: 'Input' })).toEqual({
      platform,
      problems: [],
    });
  });

  it.each<[string, object, string[]]>([
    [
      'a misspelt field',
      { namePrefix: 'acme' },
      ['input.spec.namePrefix: is not a field; did you mean input.spec.namingPrefix?'],
    ],
    [
      'a prefix with a capital',
      { namingPrefix: 'Acme' },
      [
        'input.spec.namingPrefix: "Acme" is not a naming prefix; write lower-case letters, digits and inner hyphens, beginning with a letter (at most 16 characters), as acme',
      ],
    ],
    [
      'a region with spaces',
      { additionalRegions: ['newregion1', 'New Region 2', null] },
      [
        'input.spec.additionalRegions[1]: "New Region 2" is not an Azure region; write lower-case letters and digits without spaces (at most 40 characters), as newregion1',
        'input.spec.additionalRegions[2]: null is not a string; write a string',
      ],
    ],
    [
      'one region without a list',
      { additionalRegions: 'newregion1' },
      ['input.spec.additionalRegions: "newregion1" is a string, not a list; write a list'],
    ],
    [
      'too many regions',
      { additionalRegions: Array.from({ length: 51 }, (_, index) => `region${index}`) },
      ['input.spec.additionalRegions: has 51 entries; keep at most 50'],
    ],
  ])('%s', (_, spec, expected) => {
    expect(inputLines(spec)).toEqual(expected);
  });

  it('of another kind', () => {
    expect(applyInputSchema({ kind: 'Inputs' }).problems.map(problemLine)).toEqual([
      'input.apiVersion: is required; write "postgresql.fn.platform.io/v1beta1"',
      'input.kind: "Inputs" is not allowed; the only value is "Input"',
    ]);
  });
});

describe('every pattern of the schemas', () => {
  interface Node {
    readonly type?: string;
    readonly pattern?: string;
    readonly items?: Node;
    readonly properties?: Readonly<Record<string, Node>>;
  }
  const patterns = (node: Node, path: readonly string[]): (readonly string[])[] => [
    ...(node.pattern ? [path] : []),
    ...(node.items ? patterns(node.items, [...path, '0']) : []),
    ...Object.entries(node.properties ?? {}).flatMap(([name, child]) => patterns(child, [...path, name])),
  ];
  const withValue = (path: readonly string[], value: unknown): unknown =>
    path.reduceRight<unknown>((inner, step) => (step === '0' ? [inner] : { [step]: inner }), value);

  it.each(patterns(specSchemas.namespaced, []).map((path) => [path.join('.'), path] as const))(
    'is explained in words: spec.%s',
    (_, path) => {
      const field = `spec.${path.join('.')}`.replaceAll('.0', '[0]');
      const line = lines(withValue(path, '§§§')).find((text) => text.startsWith(`${field}:`));
      expect(line).toMatch(/"§§§" is not an? .+; write .+as \S+$/);
    },
  );

  it.each(patterns(inputSchema.properties.spec, []).map((path) => [path.join('.'), path] as const))(
    'is explained in words: input.spec.%s',
    (_, path) => {
      expect(inputLines(withValue(path, '§§§'))).toEqual([
        expect.stringMatching(/"§§§" is not an? .+; write .+as \S+$/),
      ]);
    },
  );
});
