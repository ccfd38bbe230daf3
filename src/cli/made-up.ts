import { labels } from '../names.ts';
import { type Fields, isFields, type KubernetesObject } from './load.ts';
import { RESOURCE_NAME } from './observed.ts';

/** Stands for every password that a provider would generate; nobody can take it for a real one. */
const PASSWORD = 'made-up-password';
const TIME = '2024-01-01T00:00:00Z';
const SUBSCRIPTION = '/subscriptions/00000000-0000-0000-0000-000000000000';

/**
 * What a control plane would observe once `desired` works: the providers' status with a made-up ARM id and, for an empty Secret, a made-up
 * password. `all` are the composed resources of the same XR.
 */
export function ready(desired: KubernetesObject, all: readonly KubernetesObject[]): KubernetesObject {
  if (desired.kind === 'Secret' && desired.data === undefined)
    return { ...desired, data: { password: base64(PASSWORD) } };
  if (!/(^|\.)(upbound|crossplane)\.io\//.test(desired.apiVersion)) return desired;
  const conditions = [
    { type: 'Ready', status: 'True', reason: 'Available', lastTransitionTime: TIME },
    { type: 'Synced', status: 'True', reason: 'ReconcileSuccess', lastTransitionTime: TIME },
  ];
  const id = armId(desired, all);
  return {
    ...desired,
    status: { ...(id === undefined ? {} : { atProvider: { id, ...reported(desired) } }), conditions },
  };
}

/** The Secrets that the provider would write beside `desired`: none, or its connection Secret. */
export function connectionSecrets({ kind, metadata, spec }: KubernetesObject): KubernetesObject[] {
  const ref = isFields(spec) ? spec.writeConnectionSecretToRef : undefined;
  if (kind !== 'FlexibleServer' || !isFields(ref)) return [];
  const server = externalName(metadata);
  const { administratorLogin } = forProvider(spec);
  return [
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: String(ref.name), namespace: String(ref.namespace ?? metadata.namespace) },
      type: 'connection.crossplane.io/v1alpha1',
      // The keys that provider-upjet-azure writes; `username` has the form of the retired single server.
      data: {
        endpoint: base64(`${server}.postgres.database.azure.com`),
        port: base64('5432'),
        username: base64(`${administratorLogin}@${server}`),
        password: base64(PASSWORD),
        'attribute.administrator_password': base64(PASSWORD),
      },
    },
  ];
}

/** The fields of atProvider that decisions are made from. */
function reported({ kind, metadata, spec }: KubernetesObject): Fields {
  if (kind === 'FlexibleServerConfiguration') {
    const { name, value = 'made-up' } = forProvider(spec);
    return { name, value };
  }
  if (kind === 'UserAssignedIdentity') return PRINCIPAL;
  if (kind === 'BackupVault') return { identity: { principalId: SUBSCRIPTION.split('/')[2] } };
  if (kind !== 'FlexibleServer') return {};
  const { version, skuName, storageMb, storageTier, zone, highAvailability, authentication } = forProvider(spec);
  const initial = isFields(spec) && isFields(spec.initProvider) ? spec.initProvider : {};
  const fields = {
    fqdn: `${externalName(metadata)}.postgres.database.azure.com`,
    version: version ?? initial.version,
    skuName,
    storageMb,
    storageTier,
    zone: zone ?? initial.zone,
    highAvailability: highAvailability ?? initial.highAvailability,
    authentication,
  };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

const PRINCIPAL = {
  principalId: '00000000-0000-0000-0000-00000000000a',
  clientId: '00000000-0000-0000-0000-00000000000c',
};

/** Below the resource group: types and names of each kind's ARM id. Absent for what Azure does not know. */
const PATHS: Readonly<Record<string, (name: string, fields: Fields, account: string) => string>> = {
  SecurityGroup: (name) => `Microsoft.Network/networkSecurityGroups/${name}`,
  VirtualNetwork: (name) => `Microsoft.Network/virtualNetworks/${name}`,
  Subnet: (name, { virtualNetworkName }) => `Microsoft.Network/virtualNetworks/${virtualNetworkName}/subnets/${name}`,
  VirtualNetworkPeering: (name, { virtualNetworkName }) =>
    `Microsoft.Network/virtualNetworks/${virtualNetworkName}/virtualNetworkPeerings/${name}`,
  PrivateDNSZone: (name) => `Microsoft.Network/privateDnsZones/${name}`,
  PrivateDNSZoneVirtualNetworkLink: (name, { privateDnsZoneName }) =>
    `Microsoft.Network/privateDnsZones/${privateDnsZoneName}/virtualNetworkLinks/${name}`,
  PrivateDNSCNAMERecord: (name, { zoneName }) => `Microsoft.Network/privateDnsZones/${zoneName}/CNAME/${name}`,
  PrivateEndpoint: (name) => `Microsoft.Network/privateEndpoints/${name}`,
  FlexibleServer: (name) => `Microsoft.DBforPostgreSQL/flexibleServers/${name}`,
  ManagementPolicy: (_, __, account) => `Microsoft.Storage/storageAccounts/${account}/managementPolicies/default`,
  FlexibleServerActiveDirectoryAdministrator: (_, { serverName, objectId }) =>
    `Microsoft.DBforPostgreSQL/flexibleServers/${serverName}/administrators/${objectId}`,
  Account: (name) => `Microsoft.Storage/storageAccounts/${name}`,
  Container: (name, _, account) =>
    `Microsoft.Storage/storageAccounts/${account}/blobServices/default/containers/${name}`,
  BackupVault: (name) => `Microsoft.DataProtection/backupVaults/${name}`,
  Workspace: (name) => `Microsoft.OperationalInsights/workspaces/${name}`,
  MonitorActionGroup: (name) => `Microsoft.Insights/actionGroups/${name}`,
  UserAssignedIdentity: (_, { name }) => `Microsoft.ManagedIdentity/userAssignedIdentities/${name}`,
  MonitorMetricAlert: (name) => `Microsoft.Insights/metricAlerts/${name}`,
  TrafficManagerProfile: (name) => `Microsoft.Network/trafficManagerProfiles/${name}`,
};

function armId(object: KubernetesObject, all: readonly KubernetesObject[]): string | undefined {
  const { kind, metadata, spec } = object;
  const name = externalName(metadata);
  const fields = forProvider(spec);
  if (kind === 'ResourceGroup') return `${SUBSCRIPTION}/resourceGroups/${name}`;
  // These kinds have an id that begins with another's: a part of a subnet, and rules inside a group or a server.
  const within = (selector: unknown): string | undefined => {
    const target = selected(selector, all);
    return target && armId(target, all);
  };
  if (kind === 'SubnetNetworkSecurityGroupAssociation') return within(fields.subnetIdSelector);
  if (kind === 'FlexibleServerFirewallRule') return `${within(fields.serverIdSelector)}/firewallRules/${name}`;
  if (kind === 'TrafficManagerExternalEndpoint') return `${within(fields.profileIdSelector)}/ExternalEndpoints/${name}`;
  if (kind === 'SecurityRule') return `${within(fields.networkSecurityGroupNameSelector)}/securityRules/${name}`;
  // The provider's id, of two parts: azurerm, azurerm_monitor_diagnostic_setting.
  if (kind === 'MonitorDiagnosticSetting') return `${fields.targetResourceId}|${fields.name}`;
  if (kind === 'BackupPolicyPostgreSQLFlexibleServer')
    return `${within(fields.vaultIdSelector)}/backupPolicies/${name}`;
  if (kind === 'BackupInstancePostgreSQLFlexibleServer')
    return `${within(fields.vaultIdSelector)}/backupInstances/${name}`;
  if (kind === 'FlexibleServerBackup') return `${within(fields.serverIdSelector)}/backups/${fields.name}`;
  if (kind === 'FlexibleServerConfiguration') return name;
  // Of two parts as well: one under each member (azurerm, azurerm_postgresql_flexible_server_virtual_endpoint).
  if (kind === 'FlexibleServerVirtualEndpoint')
    return [fields.sourceServerIdSelector, fields.replicaServerIdSelector]
      .map((member) => `${within(member)}/virtualEndpoints/${fields.name}`)
      .join('|');
  if (kind === 'FederatedIdentityCredential') return `${fields.parentId}/federatedIdentityCredentials/${name}`;
  if (kind === 'ManagementLock') return `${fields.scope}/providers/Microsoft.Authorization/locks/${fields.name}`;
  if (kind === 'RoleAssignment')
    return `${fields.scope}/providers/Microsoft.Authorization/roleAssignments/${fields.name}`;
  const path = PATHS[kind];
  if (!path) return undefined;
  const named = (wanted: string): string => {
    const found = all.find((object) => object.kind === wanted);
    return found ? externalName(found.metadata) : '';
  };
  const group = fields.resourceGroupName ?? named('ResourceGroup');
  return `${SUBSCRIPTION}/resourceGroups/${group}/providers/${path(name, fields, named('Account'))}`;
}

/** The composed resource that a selector selects: by its key. */
function selected(selector: unknown, all: readonly KubernetesObject[]): KubernetesObject | undefined {
  const wanted =
    isFields(selector) && isFields(selector.matchLabels) ? selector.matchLabels[labels.component] : undefined;
  return wanted === undefined ? undefined : all.find(({ metadata }) => metadata.labels?.[labels.component] === wanted);
}

const externalName = ({ name, annotations }: KubernetesObject['metadata']): string =>
  annotations?.['crossplane.io/external-name'] ?? name ?? annotations?.[RESOURCE_NAME] ?? '';

const forProvider = (spec: unknown): Fields => (isFields(spec) && isFields(spec.forProvider) ? spec.forProvider : {});

const base64 = (text: string): string => Buffer.from(text, 'utf8').toString('base64');
