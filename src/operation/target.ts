import type { FailoverOperation } from '../api/types.generated.ts';
import { list, object, text } from '../observed/json.ts';
import type { Condition } from '../observed/observed.ts';
import { conditions } from '../observed/picked-resource.ts';

/** What an Operation knows of the database that it is for: what the XR or the claim says itself. */
export interface Target {
  /** How messages call it. */
  readonly title: string;
  readonly name: string;
  readonly uid?: string;
  readonly deleting: boolean;
  /** The claim that the XR belongs to. */
  readonly claim?: string;
  readonly generation: number;
  readonly activeRegion: 'primary' | 'secondary';
  readonly option: 'Planned' | 'Forced';
  readonly cutover: string;
  readonly reprotect: string;
  readonly formerPrimary: string;
  readonly conditions: readonly Condition[];
  readonly phase: string;
  readonly servers: readonly { readonly name: string; readonly region: string; readonly role: string }[];
  /** Names of the servers that have every alert for their role. */
  readonly watched: ReadonlySet<string>;
  readonly password: {
    /** Text of the rotation that was asked for last, and the Secret that holds the password that works; empty before the first one. */
    readonly trigger: string;
    readonly workingSecret: string;
    readonly ownSecret: boolean;
    readonly logins: boolean;
  };
}

export const titleOf = ({ target: { namespace, name } }: FailoverOperation): string =>
  namespace === undefined ? name : `${namespace}/${name}`;

/** Defaults are those of the XRD, for an object that no API server has seen. */
export function targetOf(operation: FailoverOperation, from: unknown): Target {
  const { metadata, spec, status } = object(from);
  const meta = object(metadata);
  const failover = object(object(spec).failover);
  const security = object(object(spec).security);
  const { namespace, name } = object(object(spec).claimRef);
  const { servers, monitoring, failover: progress, credentials } = object(status);
  return {
    title: titleOf(operation),
    name: operation.target.name,
    uid: text(meta.uid) || undefined,
    deleting: text(meta.deletionTimestamp) !== '',
    claim: name === undefined ? undefined : `${text(namespace)}/${text(name)}`,
    generation: typeof meta.generation === 'number' ? meta.generation : 0,
    activeRegion: failover.activeRegion === 'secondary' ? 'secondary' : 'primary',
    option: failover.option === 'Forced' ? 'Forced' : 'Planned',
    cutover: text(failover.cutover) || 'Automatic',
    reprotect: text(failover.reprotect) || 'Automatic',
    formerPrimary: text(failover.formerPrimary) || 'Retain',
    conditions: conditions(object(status)),
    phase: text(object(progress).phase),
    servers: list(servers)
      .map(object)
      .map((server) => ({ name: text(server.name), region: text(server.region), role: text(server.role) })),
    watched: new Set(
      list(object(monitoring).servers)
        .map(object)
        .filter(({ alerts }) => alerts === true)
        .map((server) => text(server.name)),
    ),
    password: {
      trigger: text(object(security.passwordRotation).trigger),
      workingSecret: text(object(credentials).secretName),
      ownSecret: text(object(security.adminPasswordSecretRef).name) !== '',
      logins: object(security.entra).passwordAuthentication !== false,
    },
  };
}
