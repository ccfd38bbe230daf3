import type { Database } from '../api/database.ts';
import { keys, subnetOrdinal } from '../names.ts';
import type { Observed } from '../observed/observed.ts';
import { subnetOf } from '../plan/subnets.ts';
import { fenceState } from './evidence.ts';
import type { Link } from './lineage.ts';
import type { Failover, Fence } from './types.ts';

export const noSplitBrain = {
  status: 'False',
  reason: 'OneWriter',
  message: 'no other server can take writes',
} as const;

/** A former writer may take writes until its fence is confirmed, and with a fence that its sessions can override for ever. */
export function splitBrain(database: Database, formers: readonly Link[], observed: Observed): Failover['splitBrain'] {
  const open = formers.filter((link) => fenceState(observed, fenceOf(database, link)) !== 'on');
  if (open.length > 0)
    return {
      status: 'True',
      reason: 'FormerWriterOpen',
      message: `${open.map(({ key }) => key).join(', ')}: took writes before and is not fenced yet; keep applications away from it`,
    };
  const soft = formers.filter((link) => fenceOf(database, link).network === undefined);
  if (soft.length === 0) return noSplitBrain;
  return {
    status: 'True',
    reason: 'FenceIsSoft',
    message: `${soft.map(({ key }) => key).join(', ')}: its sessions are read-only unless they ask otherwise, and its subnet has to stay open for the next server; block TCP 5432 and 6432 to it, or retire it`,
  };
}

/** The network half closes the whole subnet, so it is left out where the server of the next generation has to stand in the same one. */
export function fenceOf(
  database: Database,
  { key, site, generation, server }: Link,
): Pick<Fence, 'server' | 'network'> {
  const place = (site === 'secondary' && database.secondary) || database.primary;
  if (place.subnets.even === undefined) return { server: key };
  const ordinal = subnetOrdinal(subnetOf(site, generation, place, server));
  return { server: key, network: { nsg: keys.nsg(site, ordinal) } };
}
