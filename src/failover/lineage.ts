import type { Database } from '../api/database.ts';
import { annotations, isNamedFor, keys, labels, MANAGED_BY, type Site } from '../names.ts';
import type { Observed, ObservedResource } from '../observed/observed.ts';

/** One server that was ever made and still exists. What it is stands on its own object, never in a name or in a status. */
export interface Link {
  readonly key: string;
  readonly site: Site;
  readonly generation: number;
  /** The how-manieth server it was to take writes; absent when it never did. */
  readonly term?: number;
  /** Key of the server that it replicates from. */
  readonly follows?: string;
  /** The term whose writes by the write name nobody has seen arriving yet. */
  readonly unvalidated?: number;
  /** Key of the server that a switchover may have given its place to. */
  readonly yieldsTo?: string;
  /** The call that promotes it may have been made; until it is known whether it was, there is no way back. */
  readonly called?: boolean;
  /** What spec.restore said when it was made from a backup. */
  readonly restores?: string;
  /** What spec.restore said when it was last carried out on any server. */
  readonly restored?: string;
  readonly server: ObservedResource;
}

/** A server that was made from a backup and has not taken writes yet. */
export const isUntaken = ({ restores, term }: Link): boolean => restores !== undefined && term === undefined;

/** By region, then by generation. */
export const inOrder = (a: Pick<Link, 'site' | 'generation'>, b: Pick<Link, 'site' | 'generation'>): number =>
  a.site === b.site ? a.generation - b.generation : a.site === 'primary' ? -1 : 1;

/** The servers that are observed, in the order of region and generation. */
export function lineage(observed: Observed): Link[] {
  const links: Link[] = [];
  for (const [key, server] of observed.resources) {
    const { labels: own, annotations: remembered } = server;
    const site = own[labels.site];
    if (server.kind !== 'FlexibleServer' || own[labels.managedBy] !== MANAGED_BY || own[labels.witness] === 'true')
      continue;
    if (site !== 'primary' && site !== 'secondary') continue;
    const term = Number(remembered[annotations.term]);
    const unvalidated = Number(remembered[annotations.unvalidated]);
    links.push({
      key,
      site,
      generation: Number(own[labels.generation] ?? 1),
      term: term > 0 ? term : undefined,
      follows: remembered[annotations.follows],
      unvalidated: unvalidated > 0 ? unvalidated : undefined,
      yieldsTo: remembered[annotations.yieldsTo],
      called: remembered[annotations.called] === 'true' || undefined,
      restores: remembered[annotations.restores],
      restored: remembered[annotations.restored],
      server,
    });
  }
  return adoptUnmarked(links).sort(inOrder);
}

/** A replica that carries none of our annotations, and was never promoted by us, follows the server that takes writes. */
function adoptUnmarked(links: readonly Link[]): Link[] {
  const source = writerOf(links)?.key;
  return links.map((link) => {
    const { term, follows, server } = link;
    const marked = term !== undefined || follows !== undefined || annotations.source in server.annotations;
    const replica = server.forProvider.createMode === 'Replica' && server.forProvider.replicationRole === undefined;
    return marked || !replica || source === undefined ? link : { ...link, follows: source };
  });
}

/**
 * The server that takes writes: the one with the highest term. A server that was not made as a replica stands in for a term that somebody
 * removed. Undefined when nothing tells.
 */
export function writerOf(links: readonly Link[]): Link | undefined {
  const proven = links.filter(({ term }) => term !== undefined);
  if (proven.length > 0) return proven.reduce((best, link) => ((link.term ?? 0) > (best.term ?? 0) ? link : best));
  const own = links.filter(({ server }) => server.forProvider.createMode !== 'Replica');
  // What was restored beside another server is the last that could be meant.
  return own.find(({ restores }) => restores === undefined) ?? own[0];
}

/**
 * The server that takes writes when its object is missing from the cluster, as after a restore of etcd: another object still names it. To
 * ask for it again adopts it, because its names are always the same.
 */
export function missingWriter(links: readonly Link[], observed: Observed): string | undefined {
  const named = [
    ...links.map(({ follows }) => follows),
    observed.resources.get(keys.writeRecord)?.annotations[annotations.server],
  ];
  return named.find((key) => key !== undefined && !links.some((link) => link.key === key));
}

/**
 * The generation that the next server of a region gets. A name that spec.failover.retire lists still, of a server that has gone, is passed
 * over: whoever got it would be deleted as soon as it has no part any more. By two, because odd and even ones have subnets of their own.
 */
export function nextGeneration(
  links: readonly Pick<Link, 'site' | 'generation'>[],
  site: Site,
  { spec, primary, secondary }: Pick<Database, 'spec' | 'primary' | 'secondary'>,
): number {
  const { region } = site === 'primary' ? primary : (secondary ?? primary);
  const next = 1 + Math.max(0, ...links.filter((link) => link.site === site).map(({ generation }) => generation));
  const isListed = (generation: number): boolean =>
    spec.failover.retire.some((name) => isNamedFor(name, region.name, generation));
  let generation = next;
  while (isListed(generation)) generation += 2;
  return generation;
}
