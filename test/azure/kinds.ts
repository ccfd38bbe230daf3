import type { KindDefinition } from './kind.ts';
import { flexibleServerAdministrator } from './kinds/active-directory-administrator.ts';
import { backupInstance } from './kinds/backup-instance.ts';
import { backupPolicy } from './kinds/backup-policy.ts';
import { backupVault } from './kinds/backup-vault.ts';
import { federatedIdentityCredential } from './kinds/federated-identity-credential.ts';
import { flexibleServerFirewallRule } from './kinds/firewall-rule.ts';
import { flexibleServer } from './kinds/flexible-server.ts';
import { logAnalyticsWorkspace } from './kinds/log-analytics-workspace.ts';
import { managementLock } from './kinds/management-lock.ts';
import { monitorActionGroup } from './kinds/monitor-action-group.ts';
import { monitorDiagnosticSetting } from './kinds/monitor-diagnostic-setting.ts';
import { monitorMetricAlert } from './kinds/monitor-metric-alert.ts';
import { securityGroup } from './kinds/network-security-group.ts';
import { securityRule } from './kinds/network-security-rule.ts';
import { privateDnsCnameRecord } from './kinds/private-dns-cname-record.ts';
import { privateDnsZoneVirtualNetworkLink } from './kinds/private-dns-link.ts';
import { privateDnsZone } from './kinds/private-dns-zone.ts';
import { privateEndpoint } from './kinds/private-endpoint.ts';
import { resourceGroup } from './kinds/resource-group.ts';
import { roleAssignment } from './kinds/role-assignment.ts';
import { flexibleServerBackup } from './kinds/server-backup.ts';
import { flexibleServerConfiguration } from './kinds/server-configuration.ts';
import { storageAccount } from './kinds/storage-account.ts';
import { storageContainer } from './kinds/storage-container.ts';
import { storageManagementPolicy } from './kinds/storage-management-policy.ts';
import { subnet } from './kinds/subnet.ts';
import { subnetSecurityAssociation } from './kinds/subnet-security-association.ts';
import { trafficManagerExternalEndpoint } from './kinds/traffic-manager-external-endpoint.ts';
import { trafficManagerProfile } from './kinds/traffic-manager-profile.ts';
import { userAssignedIdentity } from './kinds/user-assigned-identity.ts';
import { flexibleServerVirtualEndpoint } from './kinds/virtual-endpoint.ts';
import { virtualNetwork } from './kinds/virtual-network.ts';
import { virtualNetworkPeering } from './kinds/virtual-network-peering.ts';
import { groupOf } from './state.ts';

/** Every kind of provider-upjet-azure that the simulator knows. A further kind is one file and one line here. */
export const kinds: readonly KindDefinition[] = [
  resourceGroup,
  virtualNetwork,
  subnet,
  securityGroup,
  securityRule,
  subnetSecurityAssociation,
  virtualNetworkPeering,
  privateDnsZone,
  privateDnsZoneVirtualNetworkLink,
  privateDnsCnameRecord,
  privateEndpoint,
  flexibleServer,
  flexibleServerConfiguration,
  flexibleServerAdministrator,
  flexibleServerFirewallRule,
  flexibleServerVirtualEndpoint,
  flexibleServerBackup,
  storageAccount,
  storageContainer,
  storageManagementPolicy,
  managementLock,
  userAssignedIdentity,
  federatedIdentityCredential,
  roleAssignment,
  backupVault,
  backupPolicy,
  backupInstance,
  logAnalyticsWorkspace,
  monitorDiagnosticSetting,
  monitorActionGroup,
  monitorMetricAlert,
  trafficManagerProfile,
  trafficManagerExternalEndpoint,
];

const group = (service: string, namespaced: boolean): string =>
  [...(service === '' ? [] : [service]), 'azure', ...(namespaced ? ['m'] : []), 'upbound.io'].join('.');

/** API version of a kind in one of the two flavours. */
export const apiVersionOf = (kind: KindDefinition, namespaced: boolean): string =>
  `${group(kind.service, namespaced)}/${namespaced ? 'v1beta1' : kind.clusterVersion}`;

const byApi = new Map(
  kinds.flatMap((each) =>
    [true, false].map((namespaced) => [`${group(each.service, namespaced)}/${each.kind}`, each] as const),
  ),
);
const byType = new Map(kinds.map((each) => [each.type, each]));

/** The definition behind a kind, undefined for what is no managed resource of this provider. */
export const definitionOf = (apiVersion: string, kind: string): KindDefinition | undefined =>
  byApi.get(`${groupOf(apiVersion)}/${kind}`);

export const definitionOfType = (type: string): KindDefinition | undefined => byType.get(type);

/** Whether the API version is that of the namespaced flavour. */
export const isNamespaced = (apiVersion: string): boolean =>
  /(^|\.)m\.(upbound|crossplane)\.io$/.test(groupOf(apiVersion));

/** Whether the object is provider-kubernetes' Object, in either flavour. */
export const isObjectKind = (apiVersion: string, kind: string): boolean =>
  kind === 'Object' && ['kubernetes.m.crossplane.io', 'kubernetes.crossplane.io'].includes(groupOf(apiVersion));
