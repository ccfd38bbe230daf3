import type { Site } from '../names.ts';

export type Phase =
  | 'Stable'
  | 'Fencing'
  | 'Promoting'
  | 'CuttingOver'
  | 'Validating'
  | 'Unprotected'
  | 'Reprotecting'
  | 'Upgrading'
  | 'Restoring'
  | 'Standby'
  | 'Adopting';

/**
 * What a server is in the plan. A `Former` took writes before a failover, or was cut off from its source, and is kept. A `Restored` was made
 * from a backup beside the one that takes writes, which it is to follow.
 */
export type Role = 'Primary' | 'Replica' | 'Former' | 'Restored';

/** What a server is made from instead of being empty. */
export interface RestorePoint {
  readonly mode: 'PointInTime' | 'Geo' | 'Dropped';
  /** Azure id of the server whose backup it is. */
  readonly source: string;
  /** RFC 3339, UTC. */
  readonly time: string;
}

export interface ServerRole {
  readonly key: string;
  readonly site: Site;
  readonly generation: number;
  readonly role: Role;
  readonly term?: number;
  readonly follows?: string;
  /** Its term, while nobody has seen yet that writes by the write name arrive there. */
  readonly unvalidated?: number;
  /** Key of the server that a switchover may have given its place to; until that is known, nothing is asked of it. */
  readonly yieldsTo?: string;
  /** The call that promotes it may have been made. */
  readonly called?: boolean;
  /** Of a server that is not there yet: the backup that it is made from. */
  readonly restore?: RestorePoint;
  /** What spec.restore said when it was made, and when it was last carried out on any server; see names.ts. */
  readonly restores?: string;
  readonly restored?: string;
  /** Ask the provider to promote it, and go on asking for ever: taking it back is an error that blocks the server. */
  readonly promote: boolean;
  /** It goes: what stands on it first, then the server itself. */
  readonly retiring: boolean;
  /** PostgreSQL major version that is asked of it. Absent: what it has, or what the spec says of one that is not there yet. */
  readonly version?: string;
  /** The server that takes writes only. */
  readonly upgrade?: UpgradeMemory;
}

/** What the object of the server that takes writes remembers of upgrades; see upgrade.ts. */
export interface UpgradeMemory {
  /** The major version to which one has begun. */
  readonly begun?: string;
  /** `<key>/<Azure name>` of the replica that it took away, until there is another one. */
  readonly removedReplica?: string;
  /** `<version>: <Azure's words>` of one that failed, while the spec still asks for that version. */
  readonly failed?: string;
  /** How many backups were taken for upgrades that have begun or were taken back. */
  readonly backups: number;
}

/** Where an upgrade to another major version is. */
export interface Upgrade {
  /** What is asked of the server that takes writes. */
  readonly version: string;
  readonly remembers: UpgradeMemory;
  readonly witnesses: readonly Witness[];
  /** One sentence while it is under way; then no new replica is made. */
  readonly phase?: string;
  /** One sentence while it cannot begin, or after it failed. */
  readonly waits?: string;
  readonly failed?: string;
  /** Name of the backup that is to be taken first, and key of the server. */
  readonly backup?: { readonly name: string; readonly server: string };
  /** The replica goes. */
  readonly retires?: boolean;
  /** Azure upgrades: the server does not answer. */
  readonly stopped?: boolean;
  /** Azure has not given the standby back, so it has to be asked for. */
  readonly standbyLost?: boolean;
}

/** A statement with its reason, as a condition has it. */
export interface Verdict {
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: string;
  readonly message: string;
}

/** What keeps clients away from a server, and lets them back. It is lifted by writing `on: false`, never by leaving it out. */
export interface Fence {
  /** Key of the server. */
  readonly server: string;
  /**
   * Key of the network security group of its subnet, or its private endpoint's. Absent where the subnet has to be shared with the server of the next generation: then
   * only sessions are made read-only, which they can override.
   */
  readonly network?: { readonly nsg: string };
  /** With network mode Public instead: the firewall rules that let clients in, by key. With the fence they let nobody in. */
  readonly firewall?: readonly { readonly key: string; readonly startAddress: string; readonly endAddress: string }[];
  /** The half in the server itself. It leaves before a server that is deleted; the other half stays until that is gone. */
  readonly sessions: boolean;
  readonly on: boolean;
  /** The other half is lifted, and this one stays on until clients are known to be let in again. */
  readonly held?: boolean;
}

/** A Job of one failover. It holds nothing, and leaves once its result is remembered. */
export interface FailoverJob {
  readonly key: string;
  readonly does: 'Validate' | 'Verify' | 'Call';
  /** The term that the failover gives. */
  readonly term: number;
  /** Key of the server that takes writes in it. */
  readonly server: string;
  /** The Azure call that it makes. */
  readonly call?: {
    readonly mode: string;
    readonly option: string;
    readonly activeRegion: Site;
    /** Azure ids of the server that takes writes and of its replica. */
    readonly source: string;
    readonly target: string;
  };
}

/** A fresh look at a server, or where the Azure id of the parameter is given at the half of its fence that is in the server itself. */
export interface Witness {
  readonly key: string;
  /** Key of the server. */
  readonly server: string;
  /** Azure name of a server that is not desired any more. */
  readonly externalName?: string;
  readonly parameterId?: string;
}

/** Where a failover is and what it asks for now. */
export interface Failover {
  readonly phase: Phase;
  /** One sentence: what is done or waited for, and what a person may do. */
  readonly message: string;
  /** Nothing in Azure is created, changed or deleted. */
  readonly observeOnly?: true;
  /** Sites between which writes move, while they do. */
  readonly from?: Site;
  readonly to?: Site;
  /** The Azure call that a person has to make now. */
  readonly call?: string;
  /** Every server that is desired, in the order of region and generation; at least the one that takes writes. */
  readonly servers: readonly ServerRole[];
  /** Keys of servers that may leave now, with their data. */
  readonly leaving: readonly string[];
  readonly witnesses: readonly Witness[];
  readonly jobs: readonly FailoverJob[];
  readonly fences: readonly Fence[];
  /** Key of the server that the write name belongs at now. */
  readonly names: string;
  /** Whether applications can write: the name is at the writer, and the writer is not fenced. */
  readonly writable: boolean;
  /** Sizes and storage stay as they are until it is over. */
  readonly held: boolean;
  /** Whether a failover that is asked for now would begin. */
  readonly ready: Verdict;
  /** Absent where it is not known which server takes writes. */
  readonly upgrade?: Upgrade;
  /** Whether two servers may take writes. */
  readonly splitBrain: Verdict;
}
