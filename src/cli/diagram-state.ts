import { isFields } from './load.ts';
import type { Pass } from './passes.ts';

/** How far a composed resource is, for a picture. */
export interface State {
  readonly ready: boolean;
  /** What is missing, for a person; empty when nothing is. */
  readonly says: string;
}

// run_function.proto, Ready.
const READY_TRUE = 1;

/** The state of every wanted resource, by composition-resource name. */
export function states({ world, answer: { decision, response } }: Pass): (key: string) => State {
  const waiting = new Map(decision?.admission.waiting.map((entry) => [entry.resource.key, entry.for]));
  return (key) => {
    const missing = waiting.get(key);
    if (missing) return { ready: false, says: `waits for ${few(missing)}` };
    if (response.desired?.resources[key]?.ready === READY_TRUE) return { ready: true, says: '' };
    return { ready: false, says: world.resources.has(key) ? 'not ready' : 'created now' };
  };
}

/** A server waits for up to seven. */
const few = ([first = '', ...more]: readonly string[]): string =>
  more.length === 0 ? first : `${first} and ${more.length} more`;

/** The zone in which a server runs, as the XR's status has it. */
export function zoneOf({ rendered: { xr } }: Pass, server: string): string | undefined {
  const list = isFields(xr.status) && Array.isArray(xr.status.servers) ? xr.status.servers.filter(isFields) : [];
  const zone = list.find(({ name }) => name === server)?.zone;
  return typeof zone === 'string' ? zone : undefined;
}
