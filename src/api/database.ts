import type { Region } from '../azure/regions.ts';
import { findRegion, normaliseRegion } from '../azure/regions.ts';
import { type ExistingSubnet, existingSubnet } from './existing.ts';
import { type SubnetRanges, subnetRanges } from './subnets.ts';
import type { PlatformInput, PostgreSQLSpec } from './types.generated.ts';

/** `namespaced`: Crossplane v2 XR with `.m.` managed resources. `cluster`: claimable v1-style XR with cluster-scoped ones. */
export type Flavour = 'namespaced' | 'cluster';

/** The Kubernetes object that the user owns and edits: the XR, or the claim where there is one. */
export interface Owner {
  readonly group: string;
  readonly kind: string;
  readonly plural: string;
  readonly name: string;
  /** Empty for a cluster-scoped XR without a claim. */
  readonly namespace: string;
}

export interface SiteSpec {
  readonly region: Region;
  readonly cidr: string;
  readonly subnetCidr?: string;
  readonly nextSubnetCidr?: string;
  /** The two fields above, with their defaults. */
  readonly subnets: SubnetRanges;
  /** The subnet that takes their place, made by somebody else. */
  readonly existing?: ExistingSubnet;
}

/** An object that stands for the whole database: deleting it deletes everything. */
export interface Handle {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  /** Absent for a cluster-scoped one. */
  readonly namespace?: string;
}

/** What a user asked for, read, defaulted and checked once. Everything after the door reads this and never the XR. */
export interface Database {
  readonly flavour: Flavour;
  readonly owner: Owner;
  /** Namespace of composed namespaced objects: the owner's, or crossplane-system for a cluster-scoped XR without a claim. */
  readonly namespace: string;
  readonly spec: PostgreSQLSpec;
  readonly platform: PlatformInput;
  readonly primary: SiteSpec;
  readonly secondary?: SiteSpec;
  /** The claim, where there is one, and the XR. */
  readonly handles: readonly Handle[];
}

/** Builds the Database once the schema holds. A region that nobody knows keeps its normalised name; the rules refuse it. */
export function database(
  flavour: Flavour,
  owner: Owner,
  handles: readonly Handle[],
  spec: PostgreSQLSpec,
  platform: PlatformInput,
): Database {
  const site = ({
    name,
    cidr,
    subnetCidr,
    nextSubnetCidr,
    subnet,
  }: PostgreSQLSpec['regions']['primary']): SiteSpec => ({
    region: findRegion(name, platform.additionalRegions) ?? {
      name: normaliseRegion(name),
      zones: false,
      geoBackup: false,
    },
    cidr,
    subnetCidr,
    nextSubnetCidr,
    // There is one subnet then, somewhere in the network.
    subnets: subnet ? { odd: cidr } : subnetRanges(cidr, subnetCidr, nextSubnetCidr),
    existing: subnet && existingSubnet(subnet.existing.id),
  });
  return {
    flavour,
    owner,
    namespace: owner.namespace || 'crossplane-system',
    spec,
    platform,
    primary: site(spec.regions.primary),
    secondary: spec.regions.secondary && site(spec.regions.secondary),
    handles,
  };
}
