import type { Standby } from '../failover/standby.ts';
import type { Plan, ServerPlan } from '../plan/types.ts';
import { COLOURS, look, stateLine } from './diagram-look.ts';
import type { State } from './diagram-state.ts';
import { line, node } from './dot.ts';

export const standbyOf = ({ zones }: ServerPlan): Standby | undefined => zones.initial ?? zones.enforced;

const TITLES = {
  Primary: 'Primary, takes writes',
  Replica: 'Read replica',
  Former: 'Former primary, fenced',
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

/** Servers and standbys from left to right. A standby stands at the outer side, out of the way of the other region. */
export const row = ({ sites, servers }: Plan): string[] =>
  sites.flatMap(({ site }, index) =>
    servers
      .filter((server) => server.site === site)
      .flatMap((server) => {
        const standby = standbyOf(server) ? [standbyKey(server)] : [];
        return index === 0 ? [...standby, server.key] : [server.key, ...standby];
      }),
  );
