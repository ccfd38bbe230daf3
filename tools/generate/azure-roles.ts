import { ManagementLock, RoleAssignment } from '../../src/azure/authorization.ts';
import {
  BackupInstancePostgreSQLFlexibleServer,
  BackupPolicyPostgreSQLFlexibleServer,
  BackupVault,
} from '../../src/azure/dataprotection.ts';
import {
  FlexibleServer,
  FlexibleServerActiveDirectoryAdministrator,
  FlexibleServerBackup,
  FlexibleServerConfiguration,
  FlexibleServerFirewallRule,
  FlexibleServerVirtualEndpoint,
} from '../../src/azure/dbforpostgresql.ts';
import { HubPeering } from '../../src/azure/hubs.ts';
import { MonitorActionGroup, MonitorDiagnosticSetting, MonitorMetricAlert } from '../../src/azure/insights.ts';
import type { AzureKind } from '../../src/azure/managed.ts';
import { FederatedIdentityCredential, UserAssignedIdentity } from '../../src/azure/managedidentity.ts';
import {
  PrivateDNSCNAMERecord,
  PrivateDNSZone,
  PrivateDNSZoneVirtualNetworkLink,
  PrivateEndpoint,
  SecurityGroup,
  SecurityRule,
  Subnet,
  SubnetNetworkSecurityGroupAssociation,
  VirtualNetwork,
  VirtualNetworkPeering,
} from '../../src/azure/network.ts';
import { Workspace } from '../../src/azure/operationalinsights.ts';
import { ResourceGroup } from '../../src/azure/resource-group.ts';
import { Account, Container, ManagementPolicy } from '../../src/azure/storage.ts';
import { TrafficManagerExternalEndpoint, TrafficManagerProfile } from '../../src/azure/traffic-manager.ts';
import type { Output } from './outputs.ts';

type RoleName =
  | 'database'
  | 'hub'
  | 'monitoring'
  | 'locks'
  | 'encryption'
  | 'identities'
  | 'long-term-backups'
  | 'traffic-manager';

/** What each role is for, and so when the provider's identity needs it. */
const ROLES: Readonly<Record<RoleName, { readonly title: string; readonly description: string }>> = {
  database: { title: 'PostgreSQL platform', description: 'What every XPostgreSQLDatabase needs.' },
  hub: {
    title: 'PostgreSQL platform: hub',
    description: 'For spec.network.hubs, on the hub networks alone: the peerings in them.',
  },
  monitoring: { title: 'PostgreSQL platform: monitoring', description: 'In addition, for spec.monitoring.' },
  locks: { title: 'PostgreSQL platform: locks', description: 'In addition, for spec.security.lock.' },
  encryption: { title: 'PostgreSQL platform: keys', description: 'In addition, for spec.security.encryption.' },
  identities: {
    title: 'PostgreSQL platform: identities',
    description:
      'In addition, where identities are made and get roles: spec.security.encryption with keyVaultId, and spec.management.workloadIdentity.',
  },
  'long-term-backups': {
    title: 'PostgreSQL platform: long-term backups',
    description: 'In addition, for spec.backup.longTerm, which needs the role for identities as well.',
  },
  'traffic-manager': {
    title: 'PostgreSQL platform: Traffic Manager',
    description: 'In addition, for spec.network.trafficManager.',
  },
};

interface Grant {
  readonly kind: AzureKind<never>;
  readonly role: RoleName;
  readonly actions: readonly string[];
}

const readWrite = (type: string): string[] => [`${type}/read`, `${type}/write`];
const manage = (type: string): string[] => [...readWrite(type), `${type}/delete`];
const grant = <F>(kind: AzureKind<F>, role: RoleName, ...actions: readonly string[]): Grant => ({
  kind: kind as AzureKind<never>, // which fields it has does not matter here
  role,
  actions,
});

const network = (type: string): string => `Microsoft.Network/${type}`;
const postgresql = (type: string): string => `Microsoft.DBforPostgreSQL/${type}`;
const dataProtection = (type: string): string => `Microsoft.DataProtection/${type}`;
const storage = (type: string): string => `Microsoft.Storage/${type}`;

/** How a client waits for what Azure does later. */
const NETWORK_OPERATIONS = [network('locations/operations/read'), network('locations/operationResults/read')];
const DNS_OPERATIONS = [network('privateDnsOperationStatuses/read'), network('privateDnsOperationResults/read')];
const VAULT_OPERATIONS = [
  dataProtection('locations/operationStatus/read'),
  dataProtection('locations/operationResults/read'),
];
const SERVER_OPERATIONS = [
  postgresql('locations/azureAsyncOperation/read'),
  postgresql('locations/operationResults/read'),
];

/**
 * What the provider does in Azure for each kind, by the operations of the resource providers (Microsoft, Azure permissions) and the calls in
 * azurerm 4.80. Contributor on a subscription holds all of it but locks, and very much more.
 */
export const GRANTS: readonly Grant[] = [
  grant(
    ResourceGroup,
    'database',
    ...manage('Microsoft.Resources/subscriptions/resourceGroups'),
    // azurerm looks whether a group is empty before it deletes it.
    'Microsoft.Resources/subscriptions/resourceGroups/resources/read',
  ),
  grant(VirtualNetwork, 'database', ...manage(network('virtualNetworks')), ...NETWORK_OPERATIONS),
  grant(Subnet, 'database', ...manage(network('virtualNetworks/subnets')), ...NETWORK_OPERATIONS),
  grant(SecurityGroup, 'database', ...manage(network('networkSecurityGroups')), ...NETWORK_OPERATIONS),
  grant(SecurityRule, 'database', ...manage(network('networkSecurityGroups/securityRules')), ...NETWORK_OPERATIONS),
  grant(
    SubnetNetworkSecurityGroupAssociation,
    'database',
    ...readWrite(network('virtualNetworks/subnets')),
    network('networkSecurityGroups/join/action'),
    ...NETWORK_OPERATIONS,
  ),
  grant(
    VirtualNetworkPeering,
    'database',
    ...manage(network('virtualNetworks/virtualNetworkPeerings')),
    network('virtualNetworks/peer/action'),
    ...NETWORK_OPERATIONS,
  ),
  // Of the network around it azurerm reads what the peering is in.
  grant(
    HubPeering,
    'hub',
    network('virtualNetworks/read'),
    ...manage(network('virtualNetworks/virtualNetworkPeerings')),
    network('virtualNetworks/peer/action'),
    ...NETWORK_OPERATIONS,
  ),
  // Its start of authority is part of what azurerm reads.
  grant(
    PrivateDNSZone,
    'database',
    ...manage(network('privateDnsZones')),
    network('privateDnsZones/SOA/read'),
    ...DNS_OPERATIONS,
  ),
  grant(
    PrivateDNSZoneVirtualNetworkLink,
    'database',
    ...manage(network('privateDnsZones/virtualNetworkLinks')),
    network('virtualNetworks/join/action'),
    ...DNS_OPERATIONS,
  ),
  grant(PrivateDNSCNAMERecord, 'database', ...manage(network('privateDnsZones/CNAME'))),
  grant(
    FlexibleServer,
    'database',
    ...manage(postgresql('flexibleServers')),
    // A failback to the declared zone is a restart.
    postgresql('flexibleServers/restart/action'),
    network('virtualNetworks/subnets/join/action'),
    network('privateDnsZones/join/action'),
    ...SERVER_OPERATIONS,
  ),
  grant(
    FlexibleServer,
    'encryption',
    'Microsoft.ManagedIdentity/userAssignedIdentities/read',
    'Microsoft.ManagedIdentity/userAssignedIdentities/assign/action',
  ),
  grant(
    FlexibleServerActiveDirectoryAdministrator,
    'database',
    ...manage(postgresql('flexibleServers/administrators')),
    ...SERVER_OPERATIONS,
  ),
  // Azure has no deletion of a parameter; a static one takes a restart.
  grant(FlexibleServerBackup, 'database', ...manage(postgresql('flexibleServers/backups')), ...SERVER_OPERATIONS),
  grant(
    FlexibleServerFirewallRule,
    'database',
    ...manage(postgresql('flexibleServers/firewallRules')),
    ...SERVER_OPERATIONS,
  ),
  grant(
    FlexibleServerVirtualEndpoint,
    'database',
    ...manage(postgresql('flexibleServers/virtualEndpoints')),
    ...SERVER_OPERATIONS,
  ),
  grant(
    PrivateEndpoint,
    'database',
    ...manage(network('privateEndpoints')),
    ...manage(network('privateEndpoints/privateDnsZoneGroups')),
    network('virtualNetworks/subnets/join/action'),
    network('privateDnsZones/join/action'),
    // Whoever may approve a connection to a server has it approved as it is made.
    postgresql('flexibleServers/privateEndpointConnectionsApproval/action'),
    ...NETWORK_OPERATIONS,
  ),
  grant(
    FlexibleServerConfiguration,
    'database',
    ...readWrite(postgresql('flexibleServers/configurations')),
    postgresql('flexibleServers/restart/action'),
    ...SERVER_OPERATIONS,
  ),
  grant(UserAssignedIdentity, 'identities', ...manage('Microsoft.ManagedIdentity/userAssignedIdentities')),
  grant(
    FederatedIdentityCredential,
    'identities',
    ...manage('Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials'),
  ),
  // With a condition on which roles it may give; docs/security.md has it.
  grant(
    RoleAssignment,
    'identities',
    ...manage('Microsoft.Authorization/roleAssignments'),
    'Microsoft.Authorization/roleDefinitions/read',
  ),
  grant(BackupVault, 'long-term-backups', ...manage(dataProtection('backupVaults')), ...VAULT_OPERATIONS),
  grant(
    BackupPolicyPostgreSQLFlexibleServer,
    'long-term-backups',
    ...manage(dataProtection('backupVaults/backupPolicies')),
    ...VAULT_OPERATIONS,
  ),
  grant(
    BackupInstancePostgreSQLFlexibleServer,
    'long-term-backups',
    ...manage(dataProtection('backupVaults/backupInstances')),
    ...VAULT_OPERATIONS,
  ),
  grant(ManagementLock, 'locks', ...manage('Microsoft.Authorization/locks')),
  // No listKeys: the account takes no keys, and azurerm goes on where it may not list them. With storageUseAzureAD it asks the blob and
  // queue service for their properties, which these actions allow too (Microsoft, Get Blob and Get Queue Service Properties).
  grant(
    Account,
    'database',
    ...manage(storage('storageAccounts')),
    ...readWrite(storage('storageAccounts/blobServices')),
    storage('storageAccounts/fileServices/read'),
    storage('storageAccounts/queueServices/read'),
    storage('operations/read'),
  ),
  grant(Container, 'database', ...manage(storage('storageAccounts/blobServices/containers'))),
  grant(ManagementPolicy, 'database', ...manage(storage('storageAccounts/managementPolicies'))),
  grant(
    Workspace,
    'monitoring',
    ...manage('Microsoft.OperationalInsights/workspaces'),
    'Microsoft.OperationalInsights/workspaces/sharedKeys/action',
    'Microsoft.OperationalInsights/locations/operationStatuses/read',
  ),
  grant(
    MonitorDiagnosticSetting,
    'monitoring',
    ...manage('Microsoft.Insights/diagnosticSettings'),
    // Azure checks the right to send to a workspace where the setting names one.
    'Microsoft.OperationalInsights/workspaces/sharedKeys/action',
  ),
  grant(MonitorActionGroup, 'monitoring', ...manage('Microsoft.Insights/actionGroups')),
  grant(MonitorMetricAlert, 'monitoring', ...manage('Microsoft.Insights/metricAlerts')),
  grant(TrafficManagerProfile, 'traffic-manager', ...manage(network('trafficManagerProfiles'))),
  grant(
    TrafficManagerExternalEndpoint,
    'traffic-manager',
    ...manage(network('trafficManagerProfiles/externalEndpoints')),
  ),
];

/**
 * What the Job of a failover does in Azure (src/failover-call/arm.ts), for an identity that is made for it: it looks at both servers and
 * changes one. No provider has it.
 */
const CALL = {
  path: 'examples/install/azure-roles/failover.json',
  title: 'PostgreSQL platform: call of a failover',
  description: 'For spec.failover.executorIdentity: looks at the servers of a database, and promotes one.',
  actions: readWrite(postgresql('flexibleServers')),
};

/** One role definition as `az role definition create --role-definition @FILE` takes it; the subscription is filled in by a person. */
export function azureRoles(): readonly Output[] {
  return (Object.keys(ROLES) as RoleName[]).map((name) => {
    const actions = GRANTS.filter(({ role }) => role === name).flatMap((one) => one.actions);
    return definition({ path: `examples/install/azure-roles/${name}.json`, ...ROLES[name], actions });
  });
}

/** The role of the call, beside those of the provider. */
export const callRole = (): Output => definition(CALL);

function definition({ path, title, description, actions }: typeof CALL): Output {
  const role = {
    Name: title,
    IsCustom: true,
    Description: description,
    Actions: [...new Set(actions)].sort(),
    NotActions: [],
    DataActions: [],
    NotDataActions: [],
    AssignableScopes: ['/subscriptions/00000000-0000-0000-0000-000000000000'],
  };
  return { path, text: `${JSON.stringify(role, null, 2)}\n` };
}
