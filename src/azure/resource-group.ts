import type { AzureKind } from './managed.ts';

/** azure.[m.]upbound.io */
export const ResourceGroup: AzureKind<{ location: string; tags: Tags }> = {
  kind: 'ResourceGroup',
  service: '',
  clusterVersion: 'v1beta1',
  holds: 'foundation',
};

export type Tags = Readonly<Record<string, string>>;
