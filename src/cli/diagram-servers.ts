import type { Standby } from '../failover/standby.ts';
import type { Plan, ServerPlan } from '../plan/types.ts';
import { COLOURS, look, stateLine } from './diagram-look.ts';
import type { State } from './diagram-state.ts';
import { edge, leftToRight, line, node } from './dot.ts';

export const standbyOf = ({ zones }: ServerPlan): Standby | undefined => zones.initial ?? zones.enforced;

const TITLES = {
  Primary: 'Primary, takes writes',
  Replica: 'Read replica',
  Former: 'Former server, kept',
  Restored: 'Restored from a backup',
} as const;

export const standbyKey = ({ key }: ServerPlan): string => `${key}-standby`;

export function serverNodes(server: ServerPlan, state: State, zone: string | undefined): string[] {
  const standby = standbyOf(server);
  const { created, retentionDays } = server;
  const where = zone ?? server.zones.zone;
  const main = node(server.key, {
    ...look(COLOURS[server.role], state),
    label: {
      lines: [
        line(TITLES[server.role], 'title'),
        line(server.name, 'name'),
        line(`PostgreSQL ${server.version}, ${server.size}`),
        line(`${server.storageMb / 1024} GiB ${server.storageTier}${where === undefined ? '' : `, zone ${where}`}`),
        line(
          retentionDays === undefined
            ? ''
            : `backups for ${retentionDays} days${created?.geoRedundantBackup ? ', geo-redundant' : ''}`,
        ),
        stateLine(state),
      ],
    },
  });
  if (!standby) return [main];
  const key = standbyKey(server);
  const standbyZone = standby.standbyAvailabilityZone;
  return [
    main,
    node(key, {
      ...look(COLOURS.Replica, state),
      label: {
        lines: [
          line('Standby', 'title'),
          line(standby.mode === 'SameZone' ? 'same zone' : `another zone${standbyZone ? `, ${standbyZone}` : ''}`),
        ],
      },
    }),
  ];
}

/** From top to bottom: those that replicate, then those out of service, so that nothing stands between the two that replicate. */
export function columns({ sites, servers }: Plan): readonly (readonly ServerPlan[])[] {
  const replicates = ({ role }: ServerPlan): boolean => role === 'Primary' || role === 'Replica';
  return sites.map(({ site }) => {
    const here = servers.filter((server) => server.site === site);
    return [...here.filter(replicates), ...here.filter((server) => !replicates(server))];
  });
}

/** The uppermost servers and their standbys from left to right. A standby stands at the outer side, out of the way of the other region. */
export const row = (plan: Plan): string[] =>
  columns(plan).flatMap(([server], index) => {
    if (!server) return [];
    const standby = standbyOf(server) ? [standbyKey(server)] : [];
    return index === 0 ? [...standby, server.key] : [server.key, ...standby];
  });

/** Keeps each column in its order, and what stands at one height side by side. */
export function stacked(plan: Plan): string[] {
  const both = columns(plan);
  const below = both.flatMap((column) =>
    column.slice(1).map(({ key }, index) => edge(column[index]?.key ?? key, key, { style: 'invis' })),
  );
  const heights = Array.from({ length: Math.max(0, ...both.map(({ length }) => length - 1)) }, (_, index) =>
    leftToRight(both.flatMap((column) => column[index + 1]?.key ?? [])),
  );
  return [...below, ...heights];
}
