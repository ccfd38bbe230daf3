import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { CATEGORIES } from './azure/kinds/monitor-diagnostic-setting.ts';
import { argumentsOf, cases } from './golden/case.ts';
import { crdProblems } from './schemas.ts';
import { settle } from './support/passes.ts';
import { type Json, oneRegion, twoRegions, xr } from './support/requests.ts';

const SUBSCRIPTION = '/subscriptions/00000000-0000-0000-0000-000000000001';
const network = `${SUBSCRIPTION}/resourceGroups/hub/providers/Microsoft.Network`;
const identity = (name: string): string =>
  `${SUBSCRIPTION}/resourceGroups/keys/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${name}`;
const other = { kind: 'ClusterProviderConfig', name: 'connectivity' };
const providerConfigRef = { name: other.name };

/** The spec of an example, without what only its own flavour has. */
function specOf(folder: string): { spec: Json; input?: object } {
  const read = (file: string) => parse(readFileSync(file, 'utf8'));
  const { xr: file, input } = argumentsOf(folder);
  const { claimRef, writeConnectionSecretToRef, management = {}, ...spec } = read(file).spec;
  const { rbac, ...others } = management;
  return { spec: { ...spec, management: others }, input: input === undefined ? undefined : read(input) };
}

/** Values of the fields that no example has. */
const MORE: readonly (readonly [string, Json])[] = [
  [
    'a workspace and an action group that exist, and every category',
    {
      ...twoRegions,
      monitoring: {
        logs: {
          enabled: true,
          workspaceId: `${SUBSCRIPTION}/resourceGroups/logs/providers/Microsoft.OperationalInsights/workspaces/logs`,
          categories: CATEGORIES,
          metrics: true,
        },
        alerts: {
          enabled: true,
          actionGroupId: `${SUBSCRIPTION}/resourceGroups/logs/providers/Microsoft.Insights/actionGroups/dba`,
        },
        exclude: ['Storage', 'Liveness', 'Connections', 'ReplicationLagSeconds', 'ReplicationLagBytes'],
      },
    },
  ],
  [
    'identities of yours, an administrator who is a user, and the older TLS',
    {
      ...twoRegions,
      security: {
        encryption: Object.fromEntries(
          ['primary', 'secondary', 'geoBackup'].map((site) => [
            site,
            {
              keyVaultKeyId: `https://${site.toLowerCase()}.vault.azure.net/keys/postgresql`,
              userAssignedIdentityId: identity(site),
            },
          ]),
        ),
        entra: {
          tenantId: '00000000-0000-0000-0000-00000000000a',
          administrators: [
            { objectId: '00000000-0000-0000-0000-0000000000b1', principalName: 'a@example.org', principalType: 'User' },
          ],
        },
        tls: { minVersion: 'TLSv1.2' },
        lock: 'None',
        scramOnly: false,
      },
    },
  ],
  [
    'zones, a subnet and hubs in other subscriptions',
    {
      ...twoRegions,
      regions: {
        ...twoRegions.regions,
        secondary: {
          ...twoRegions.regions.secondary,
          subnet: { existing: { id: `${network}/virtualNetworks/spoke/subnets/postgresql`, providerConfigRef } },
        },
      },
      network: {
        writeEndpointName: 'orders-write',
        readEndpointName: 'orders-read',
        privateDnsZone: {
          existing: {
            id: `${network}/privateDnsZones/shared.private.postgres.database.azure.com`,
            link: false,
            providerConfigRef,
          },
        },
        hubs: [
          { virtualNetworkId: `${network}/virtualNetworks/hub-a`, link: false, providerConfigRef },
          { virtualNetworkId: `${network}/virtualNetworks/hub-b`, region: 'primary', useRemoteGateways: true },
        ],
      },
    },
  ],
  [
    'a hub that is linked and not peered, and a zone of private endpoints that exists',
    {
      ...oneRegion,
      network: {
        mode: 'PrivateEndpoint',
        privateLinkZone: {
          existing: {
            id: `${network}/privateDnsZones/privatelink.postgres.database.azure.com`,
            link: false,
            providerConfigRef,
          },
        },
        hubs: [{ virtualNetworkId: `${network}/virtualNetworks/hub`, peering: false }],
      },
    },
  ],
];

const asked = [
  ...cases('examples').map(([name, folder]) => ({ name, ...specOf(folder) })),
  ...MORE.map(([name, spec]) => ({
    name,
    spec,
    input: {
      apiVersion: 'postgresql.fn.platform.io/v1beta1',
      kind: 'Input',
      spec: { otherProviderConfigRefs: [other] },
    },
  })),
];

// run_function.proto, Ready.
const READY_TRUE = 1;

describe.each(['namespaced', 'cluster'] as const)('%s', (flavour) => {
  it.each(asked)('$name becomes ready, and is what the CRDs accept', ({ spec, input }) => {
    const { response } = settle(xr(flavour, spec), input);
    expect(response.results.filter(({ severity }) => severity === 1)).toEqual([]);
    expect(response.desired?.composite?.ready).toBe(READY_TRUE);
    const composed = Object.values(response.desired?.resources ?? {}).map(({ resource }) => resource);
    expect(composed.length).toBeGreaterThan(0);
    expect(composed.flatMap(crdProblems)).toEqual([]);
  });
});
