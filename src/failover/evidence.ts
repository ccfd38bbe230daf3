import { NOBODY } from '../api/clients.ts';
import { keys, keysOf } from '../names.ts';
import type { Observed, ObservedResource, ProviderFields } from '../observed/observed.ts';
import { millisecondsOf } from '../observed/time.ts';
import type { Link } from './lineage.ts';
import type { Fence } from './types.ts';

/**
 * What a witness says. A witness is a fresh observe-only object of a server. A server's own object cannot be asked: upjet fills in its
 * atProvider and never clears it, so a former source stays there for ever, and createMode and replicationRole only echo what was configured
 * (seen live: provider-upjet-azure a983cb478).
 */
export type Testimony =
  | { readonly says: 'nothing' }
  | { readonly says: 'unanswered' }
  /** It follows another server: `source` is that one's Azure id. */
  | { readonly says: 'replica'; readonly source: string }
  | { readonly says: 'standalone' };

/** Reads a witness: it counts only once it has been answered, and an empty source only when it is there and empty. */
export function testimony(observed: Observed, key: string): Testimony {
  const witness = observed.resources.get(key);
  if (!witness) return { says: 'nothing' };
  const source = witness.atProvider.sourceServerId;
  if (!witness.ready || !witness.synced || witness.atProvider.id === undefined || source === undefined)
    return { says: 'unanswered' };
  return source === '' ? { says: 'standalone' } : { says: 'replica', source };
}

/** ARM compares ids without case. */
export const sameId = (a: string | undefined, b: string | undefined): boolean =>
  a !== undefined && b !== undefined && a.toLowerCase() === b.toLowerCase();

/**
 * Seconds after which an answer that was too early is asked for anew, in a new witness: an old one would repeat itself. Each costs one read
 * of the server.
 */
const WITNESS_SECONDS = 15;

/** Whether a witness has said what it will ever say and is old enough to be replaced. `now` is in milliseconds since 1970. */
export function isStale(observed: Observed, key: string, now: number): boolean {
  const created = millisecondsOf(observed.resources.get(key)?.created);
  return Number.isNaN(created) || now - created >= WITNESS_SECONDS * 1000;
}

export const promotionSent = (link: Link | undefined): boolean => link?.server.forProvider.replicationRole === 'None';

const condition = (server: ObservedResource, type: string) => server.conditions.find((each) => each.type === type);

/**
 * Whether the provider is done with the promotion that was sent: Synced at this generation of the spec and no failed operation. upjet's own
 * callback writes Synced without a generation, and writes it as its operation starts, so this alone proves nothing.
 */
export function promotionFinished(link: Link): boolean {
  const synced = condition(link.server, 'Synced');
  return (
    promotionSent(link) &&
    link.server.ready &&
    synced?.status === 'True' &&
    (synced.observedGeneration ?? 0) >= (synced.observedGeneration === undefined ? 0 : (link.server.generation ?? 0)) &&
    condition(link.server, 'LastAsyncOperation')?.status !== 'False'
  );
}

/** Whether the provider reports that the promotion failed. */
export const promotionFailed = (link: Link): boolean =>
  promotionSent(link) && condition(link.server, 'LastAsyncOperation')?.status === 'False';

/**
 * Whether the promotion has to stay asked for. Once the provider has recorded it, taking it back is an error for ever; while it has not, as
 * after a restart at the wrong moment, it would go on asking a server that is no replica any more.
 */
export const promotionStays = (link: Link): boolean =>
  promotionSent(link) &&
  (link.server.atProvider.replicationRole === 'None' || link.term === undefined || !promotionFailed(link));

export type FenceState = 'absent' | 'pending' | 'on' | 'off';

/** One half of a fence: what the provider reports, not what was asked. */
function half(
  observed: Observed,
  key: string,
  value: (of: ProviderFields) => string | undefined,
  on: string,
): FenceState {
  const resource = observed.resources.get(key);
  if (!resource) return 'absent';
  const { ready, synced, forProvider, atProvider } = resource;
  if (!ready || value(forProvider) !== value(atProvider)) return 'pending';
  // A fence that Azure has reported stays on while its region does not answer: nobody else lifts it.
  if (value(atProvider) === on) return 'on';
  return synced ? 'off' : 'pending';
}

/**
 * Whether clients are kept away from a server: `on` when every half that it has is on, `off` or `absent` when none is, else `pending`. Where
 * the network half is firewall rules that let nobody in, the sessions' half tells of both: it is lifted last.
 */
export function fenceState(
  observed: Observed,
  { server, network, firewall }: Pick<Fence, 'server' | 'network' | 'firewall'>,
): FenceState {
  const { sessions, network: other } = fenceHalves(observed, { server, network, firewall, on: true });
  if (firewall) return sessions === 'on' && other === 'pending' ? 'pending' : sessions;
  const halves = [sessions, ...(other ? [other] : [])];
  const [first = 'absent'] = halves;
  if (halves.every((state) => state === first)) return first;
  return halves.every((state) => state === 'off' || state === 'absent') ? 'off' : 'pending';
}

/** Each half of a fence. `network` is undefined where there is no such half. */
export function fenceHalves(
  observed: Observed,
  fence: Pick<Fence, 'server' | 'network' | 'firewall' | 'on'>,
): { readonly network: FenceState | undefined; readonly sessions: FenceState } {
  const { server, network, firewall, on } = fence;
  const sessions = half(observed, keys.readOnly(server), ({ value }) => value, 'on');
  if (firewall) {
    const moves = on ? letsIn(observed, server) : heldUntilOpen(observed, fence);
    return { network: moves ? 'pending' : on ? 'on' : 'off', sessions };
  }
  return { network: network && half(observed, keys.networkFence(server), ({ access }) => access, 'Deny'), sessions };
}

/** Whether any firewall rule of the server lets somebody in, or is not known to let nobody in. */
const letsIn = ({ resources }: Observed, server: string): boolean =>
  [...resources].some(
    ([key, { atProvider: at }]) =>
      key.startsWith(keysOf.firewallRule(server)) && (at.startIpAddress !== NOBODY || at.endIpAddress !== NOBODY),
  );

/** Whether the sessions of a server stay read-only while its firewall rules open again. Once they are let go, a new rule changes nothing. */
export const heldUntilOpen = ({ resources }: Observed, { server, firewall = [] }: Pick<Fence, 'server' | 'firewall'>) =>
  firewall.length > 0 &&
  resources.get(keys.readOnly(server))?.forProvider.value === 'on' &&
  firewall.some(({ key, startAddress, endAddress }) => {
    const { ready, synced, atProvider: at } = resources.get(key) ?? {};
    return !ready || !synced || at?.startIpAddress !== startAddress || at?.endIpAddress !== endAddress;
  });
