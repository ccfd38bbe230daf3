import type { AzureKind, Selector } from './managed.ts';
import type { Tags } from './resource-group.ts';

/** `nothing`: a name in public DNS. The relative name is force-new (azurerm 4.80 azurerm_traffic_manager_profile). */
export const TrafficManagerProfile: AzureKind<{
  resourceGroupName: string;
  trafficRoutingMethod: 'Priority';
  /** `relativeName` is a label below trafficmanager.net; `ttl` is in seconds. */
  dnsConfig: { relativeName: string; ttl: number };
  /** azurerm and Azure want one, also where no endpoint is probed. */
  monitorConfig: { protocol: 'TCP'; port: number };
  tags: Tags;
}> = { kind: 'TrafficManagerProfile', service: 'network', clusterVersion: 'v1beta2', holds: 'nothing' };

/** `nothing`: where that name may lead. Target, priority and both switches can change (azurerm 4.80 azurerm_traffic_manager_external_endpoint). */
export const TrafficManagerExternalEndpoint: AzureKind<{
  profileIdSelector: Selector;
  /** Host name. */
  target: string;
  /** 1 to 1000, unique in the profile. */
  priority: number;
  /** One that is not enabled is in no answer. */
  enabled: boolean;
  alwaysServeEnabled: true;
}> = { kind: 'TrafficManagerExternalEndpoint', service: 'network', clusterVersion: 'v1beta1', holds: 'nothing' };
