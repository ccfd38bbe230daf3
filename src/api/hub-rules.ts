import type { Database } from './database.ts';
import { fine, type Rule, refuse } from './rule.ts';

/** Rules over hub networks. Whether address ranges overlap, only Azure can tell: an id has none. */
const HUBS = 'spec.network.hubs';

type Hub = NonNullable<Database['spec']['network']['hubs']>[number];

const hubsOf = ({ spec }: Database): readonly Hub[] => spec.network.hubs ?? [];
const reaches = ({ region }: Hub, site: 'primary' | 'secondary'): boolean => region === undefined || region === site;

/** CEL. */
const hubsWithoutPublic: Rule = (database) =>
  database.spec.network.mode === 'Public' && hubsOf(database).length > 0
    ? refuse(
        HUBS,
        'are joined to networks that hold the servers or their endpoints, and with spec.network.mode Public there are none; remove them',
      )
    : fine;

/** CEL. */
const regionOfHub: Rule = (database) =>
  !database.secondary && hubsOf(database).some(({ region }) => region === 'secondary')
    ? refuse(
        HUBS,
        'name the secondary region, but there is no spec.regions.secondary; add the region, or remove region from the entry',
      )
    : fine;

/** CEL. Azure: AnotherPeeringAlreadyReferencesRemoteVnet, where the owner has peered it. */
const peeredNetwork: Rule = (database) => {
  const { primary, secondary } = database;
  const hasNetwork = (hub: Hub): boolean =>
    (reaches(hub, 'primary') && !primary.existing) ||
    (reaches(hub, 'secondary') && secondary !== undefined && !secondary.existing);
  return hubsOf(database).some((hub) => hub.peering && !hasNetwork(hub))
    ? refuse(
        HUBS,
        'are peered with networks that are made here, but subnet in spec.regions names networks of yours, whose peerings are yours; set peering to false',
      )
    : fine;
};

/** CEL. */
const distinctHubs: Rule = (database) => {
  const ids = hubsOf(database).map(({ virtualNetworkId }) => virtualNetworkId.toLowerCase());
  return new Set(ids).size < ids.length ? refuse(HUBS, 'hold one network twice; keep one of the entries') : fine;
};

/** CEL. */
const hubOfSomeUse: Rule = (database) =>
  hubsOf(database).some(({ peering, link }) => !peering && !link)
    ? refuse(
        HUBS,
        'hold an entry with neither peering nor link, which does nothing; set one of them to true, or remove the entry',
      )
    : fine;

/** CEL. */
const partsOfPeering: Rule = (database) =>
  hubsOf(database).some(
    ({ peering, useRemoteGateways, allowForwardedTraffic }) => !peering && (useRemoteGateways || allowForwardedTraffic),
  )
    ? refuse(
        HUBS,
        'hold an entry with useRemoteGateways or allowForwardedTraffic, which are parts of a peering; set its peering to true, or both to false',
      )
    : fine;

/** CEL. Azure: virtual network peering, "Only one peering can have this flag set to true". */
const oneGateway: Rule = (database) =>
  (['primary', 'secondary'] as const).some(
    (site) => hubsOf(database).filter((hub) => hub.useRemoteGateways && reaches(hub, site)).length > 1,
  )
    ? refuse(
        HUBS,
        'hold two entries with useRemoteGateways for one region, but Azure lets a network use the gateways of one other network only; give each a region of its own, or set one to false',
      )
    : fine;

/** Its zones are linked to it as they are to each network of a region. */
const hubBesideSpoke: Rule = (database) =>
  hubsOf(database).flatMap(({ virtualNetworkId }, index) =>
    (['primary', 'secondary'] as const).flatMap((site) =>
      database.spec.regions[site]?.subnet?.existing.id
        .toLowerCase()
        .startsWith(`${virtualNetworkId.toLowerCase()}/subnets/`)
        ? refuse(
            `${HUBS}[${index}].virtualNetworkId`,
            `is the network of spec.regions.${site}.subnet, which is linked to the zones already; remove the entry`,
          )
        : fine,
    ),
  );

export const hubRules: readonly Rule[] = [
  hubsWithoutPublic,
  regionOfHub,
  peeredNetwork,
  distinctHubs,
  hubOfSomeUse,
  partsOfPeering,
  oneGateway,
  hubBesideSpoke,
];
