import { clients } from '../api/clients.ts';
import type { Database } from '../api/database.ts';
import { keys, keysOf, subnetOrdinal } from '../names.ts';
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
  const open = formers.filter((link) => fenceState(observed, fenceOf(database, observed, link)) !== 'on');
  if (open.length > 0)
    return {
      status: 'True',
      reason: 'FormerWriterOpen',
      message: `${open.map(({ key }) => key).join(', ')}: took writes before and is not fenced yet; keep applications away from it`,
    };
  const soft = formers.filter((link) => {
    const { network, firewall } = fenceOf(database, observed, link);
    return network === undefined && firewall === undefined;
  });
  if (soft.length === 0) return noSplitBrain;
  return {
    status: 'True',
    reason: 'FenceIsSoft',
    message: soft
      .map(({ key, site }) => {
        const { existing } = (site === 'secondary' && database.secondary) || database.primary;
        const why = existing
          ? `subnet ${existing.subnet} of network ${existing.vnet} is yours`
          : 'its subnet has to stay open for the next server';
        return `${key}: its sessions are read-only unless they ask otherwise, and ${why}; block TCP 5432 and 6432 to it, or retire it`;
      })
      .join('; '),
  };
}

/**
 * The network half closes the whole subnet of the server or of its private endpoint, so it is left out where the server of the next
 * generation has to share it.
 */
export function fenceOf(
  database: Database,
  observed: Observed,
  link: Link,
): Pick<Fence, 'server' | 'network' | 'firewall'> {
  const { key, site } = link;
  const { network } = database.spec;
  if (network.mode === 'Public')
    return {
      server: key,
      firewall: clients(network).map((rule) => ({ ...rule, key: keysOf.firewallRule(key, rule.name) })),
    };
  const place = (site === 'secondary' && database.secondary) || database.primary;
  if (place.existing) return { server: key };
  if (place.subnets.even === undefined) return { server: key };
  return { server: key, network: { nsg: keys.nsg(site, subnetOrdinal(subnetOf(database, observed, link))) } };
}
