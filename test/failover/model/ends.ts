import { resourceKey } from '../../azure/arm-id.ts';
import { listOf, objectOf, textOf } from '../../azure/json.ts';
import type { Json } from '../../support/requests.ts';
import { unsettledBackups } from './backup-properties.ts';
import { onlyLooks } from './control-plane-properties.ts';
import { advice } from './control-planes.ts';
import { unsettled } from './everyday-properties.ts';
import { atRest } from './properties.ts';
import { failoverOf } from './story.ts';
import { inTheEnd, leftovers, type World } from './world.ts';

/** So often a person may have to follow what phase Adopting says. */
const ADVICE = 6;

const isTold = (world: World): boolean => advice(world).length > 0;

/** What is wrong with where a story ends when nothing goes wrong any more and people do what phase Adopting tells them. */
export function endsWrongly(world: World): string[] {
  let end = inTheEnd(world, isTold);
  const restless = ({ status }: World): string[] => {
    const { phase, message } = failoverOf(status);
    return [`does not come to rest: ${phase}: ${message}`];
  };
  if (!atRest(end)) return restless(end);
  for (let round = 0; round < ADVICE; round++) {
    const [told] = advice(end);
    if (!told) break;
    end = inTheEnd(told.to(), isTold);
  }
  const { phase, message } = failoverOf(end.status);
  if (phase === 'Adopting') return [`the servers are never taken over: ${message}`];
  if (!atRest(end)) return restless(end);
  return [...unsettledBackups(end), ...unsettled(end), ...refusedForEver(end)];
}

/** Servers that a list has brought in, and whose provider refuses what they are asked for. */
const refusedForEver = ({ sim, spec, status }: World): string[] =>
  spec.adopt === undefined || failoverOf(status).phase !== 'Stable'
    ? []
    : Object.values(sim.objects).flatMap(({ object: { kind, metadata, status: of } }) => {
        const synced = listOf(of?.conditions)
          .map(objectOf)
          .find(({ type }) => type === 'Synced');
        const refused = kind === 'FlexibleServer' && synced?.status === 'False';
        return refused ? [`${metadata.name} is taken over, and never Synced: ${textOf(synced?.message)}`] : [];
      });

/** What is wrong with what a deletion of the XR leaves: everything goes, or nothing that was only looked at. */
export function deletedWrongly(world: World): string[] {
  const looks = Object.values(world.applied).filter((body) => body.apiVersion.includes('upbound.io/'));
  if (looks.length > 0 && looks.every(onlyLooks)) {
    // A switchover that goes on moves the virtual endpoint to the other server.
    const own = (id: string): string => id.split('/').slice(-2).join('/');
    const left = new Set(leftovers(world).map(own));
    return Object.keys(world.sim.resources)
      .filter((id) => !left.has(own(id)))
      .map((id) => `deleted in Azure by a control plane that only looks: ${id}`);
  }
  if (((world.spec.deletion ?? {}) as Json).policy === 'Orphan') {
    const left = new Set(leftovers(world));
    // What is to go on a person's wish has been given the policy Delete first.
    const mayGo = Object.values(world.sim.objects).flatMap(({ object: { spec, status: of } }) => {
      const { id } = objectOf(of?.atProvider);
      return listOf(spec?.managementPolicies).includes('Delete') && typeof id === 'string' ? [resourceKey(id)] : [];
    });
    return Object.keys(world.sim.resources)
      .filter((id) => !left.has(id) && !mayGo.some((server) => id.startsWith(server)))
      .map((id) => `deleted in Azure under Orphan: ${id}`);
  }
  // What the list has not brought in yet is the other control plane's, and a server is looked at until what it stands on is brought in too.
  const isLook = looks.some((body) => body.kind === 'FlexibleServer' && onlyLooks(body));
  if (world.spec.adopt !== undefined && (isLook || !atRest(world))) return [];
  const remains = leftovers(world);
  return remains.length > 0 ? [`left behind: ${remains.join(', ')}`] : [];
}
