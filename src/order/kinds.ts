import { ManagementLock, RoleAssignment } from '../azure/authorization.ts';
import {
  BackupInstancePostgreSQLFlexibleServer,
  BackupPolicyPostgreSQLFlexibleServer,
  BackupVault,
} from '../azure/dataprotection.ts';
import {
  FlexibleServer,
  FlexibleServerActiveDirectoryAdministrator,
  FlexibleServerBackup,
  FlexibleServerConfiguration,
  FlexibleServerFirewallRule,
  FlexibleServerVirtualEndpoint,
} from '../azure/dbforpostgresql.ts';
import { MonitorActionGroup, MonitorDiagnosticSetting, MonitorMetricAlert } from '../azure/insights.ts';
import type { AzureKind, Holds } from '../azure/managed.ts';
import { FederatedIdentityCredential, UserAssignedIdentity } from '../azure/managedidentity.ts';
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
} from '../azure/network.ts';
import { Workspace } from '../azure/operationalinsights.ts';
import { ResourceGroup } from '../azure/resource-group.ts';
import { Account, Container, ManagementPolicy } from '../azure/storage.ts';
import { TrafficManagerExternalEndpoint, TrafficManagerProfile } from '../azure/traffic-manager.ts';

const AZURE: readonly AzureKind<never>[] = [
  ResourceGroup,
  VirtualNetwork,
  Subnet,
  SecurityGroup,
  SecurityRule,
  SubnetNetworkSecurityGroupAssociation,
  VirtualNetworkPeering,
  PrivateDNSZone,
  PrivateDNSZoneVirtualNetworkLink,
  PrivateDNSCNAMERecord,
  PrivateEndpoint,
  FlexibleServer,
  FlexibleServerActiveDirectoryAdministrator,
  FlexibleServerConfiguration,
  FlexibleServerVirtualEndpoint,
  FlexibleServerBackup,
  FlexibleServerFirewallRule,
  ManagementLock,
  UserAssignedIdentity,
  FederatedIdentityCredential,
  RoleAssignment,
  BackupVault,
  BackupPolicyPostgreSQLFlexibleServer,
  BackupInstancePostgreSQLFlexibleServer,
  Account,
  Container,
  ManagementPolicy,
  Workspace,
  MonitorDiagnosticSetting,
  MonitorActionGroup,
  MonitorMetricAlert,
  TrafficManagerProfile,
  TrafficManagerExternalEndpoint,
];

const KUBERNETES: ReadonlyMap<string, Holds> = new Map([
  ['Secret', 'data'],
  ['ConfigMap', 'nothing'],
  ['ServiceAccount', 'nothing'],
  ['Role', 'nothing'],
  ['RoleBinding', 'nothing'],
  ['CronJob', 'nothing'],
  ['Job', 'nothing'],
  ['Object', 'nothing'],
  ['DatadogMonitor', 'nothing'],
  ['Usage', 'nothing'],
  ['ClusterUsage', 'nothing'],
]);

/** What an observed object holds, or undefined for a kind that this version never composes. */
export function holds({ apiVersion, kind }: { readonly apiVersion: string; readonly kind: string }): Holds | undefined {
  const group = apiVersion.split('/')[0] ?? '';
  const service = /^(?:(\w+)\.)?azure(?:\.m)?\.upbound\.io$/.exec(group);
  if (service) return AZURE.find((known) => known.kind === kind && known.service === (service[1] ?? ''))?.holds;
  return KUBERNETES.get(kind);
}
