/** What a server is in Azure: Servers - Get, 2025-08-01, properties.replicationRole and sourceServerResourceId. */
export interface ServerRole {
  readonly replicationRole: string;
  /** ARM id of the server that it replicates from. */
  readonly source?: string;
}

/** What is done in Azure, so that the steps know nothing of HTTP. */
export interface Azure {
  /** Undefined when Azure says that there is no such server. Throws when it does not answer. */
  role(server: string): Promise<ServerRole | undefined>;
  /** Asks for a promotion and waits for its end. Throws when Azure refuses it or it fails. */
  promote(server: string, replica: Replica): Promise<void>;
}

/** properties.replica of Servers - Update. */
export interface Replica {
  readonly role: 'None' | 'Primary';
  readonly promoteMode: 'Standalone' | 'Switchover';
  readonly promoteOption: 'Planned' | 'Forced';
}

/** spec.failover of the object that asked for the failover; undefined when it is gone or being deleted. */
export type Asked = () => Promise<Readonly<Record<string, unknown>> | undefined>;

/** The one failover that a Job belongs to. */
export interface Call {
  readonly mode: 'Promote' | 'Switchover';
  readonly option: 'Planned' | 'Forced';
  /** Field under spec.regions that writes go to. */
  readonly activeRegion: 'primary' | 'secondary';
  /** ARM ids of the server that takes writes and of its replica. */
  readonly source: string;
  readonly target: string;
}

export interface Outcome {
  readonly did: boolean;
  readonly says: string;
}

/** ARM compares ids without case. */
const same = (a: string | undefined, b: string): boolean => a?.toLowerCase() === b.toLowerCase();
const nothing = (says: string): Outcome => ({ did: false, says });
export const isReplica = ({ replicationRole, source }: ServerRole): boolean =>
  source !== undefined || /replica$/i.test(replicationRole);

/**
 * Makes the one call of a failover, or nothing: only while the object still asks for this very failover and Azure still has both servers in
 * the roles that it was asked for. To run it again at any time does no harm. Throws when that cannot be told, so that the Job tries again.
 */
export async function failover(call: Call, asked: Asked, azure: Azure): Promise<Outcome> {
  const refusal = await changedMind(call, asked);
  if (refusal !== undefined) return nothing(refusal);
  const target = await azure.role(call.target);
  if (!target) return nothing(`Azure has no server ${call.target}`);
  if (!isReplica(target)) return nothing(`${call.target} replicates from nobody`);
  if (!same(target.source, call.source))
    return nothing(`${call.target} replicates from ${target.source ?? 'an unknown server'}, not from ${call.source}`);
  const source = await roleOfSource(call, azure);
  if (source && isReplica(source)) return nothing(`${call.source} is itself a replica`);
  // Both servers were asked meanwhile: the last look is at who asked.
  const late = await changedMind(call, asked);
  if (late !== undefined) return nothing(late);
  await azure.promote(call.target, {
    role: call.mode === 'Promote' ? 'None' : 'Primary',
    promoteMode: call.mode === 'Promote' ? 'Standalone' : 'Switchover',
    promoteOption: call.option,
  });
  const after = await azure.role(call.target);
  if (!after || isReplica(after))
    throw new Error(`${call.target}: Azure says that it is promoted, and still a replica`);
  return { did: true, says: `${call.target} is promoted: ${call.mode}, ${call.option}` };
}

/** Forced is for a region that is lost: then its server need not be found, or answer. */
async function roleOfSource({ source, option }: Call, azure: Azure): Promise<ServerRole | undefined> {
  try {
    const role = await azure.role(source);
    if (role || option === 'Forced') return role;
  } catch (error) {
    if (option !== 'Forced') throw error;
    return undefined;
  }
  throw new Error(`Azure has no server ${source}, and a planned promotion needs both`);
}

async function changedMind({ activeRegion, mode, option }: Call, asked: Asked): Promise<string | undefined> {
  const spec = await asked();
  if (!spec) return 'the object that asked for the failover is gone';
  const wanted = { activeRegion, mode, option, executor: 'Job' };
  const other = Object.entries(wanted).find(([field, value]) => spec[field] !== value);
  return other && `spec.failover.${other[0]} is ${String(spec[other[0]])}, no longer ${other[1]}`;
}
