import type { RestoreMode } from '../azure/dbforpostgresql.ts';
import type { RestorePoint } from '../failover/types.ts';
import type { ObservedResource } from '../observed/observed.ts';
import type { RestoredPlan } from './types.ts';

const MODES: Readonly<Record<RestorePoint['mode'], RestoreMode>> = {
  PointInTime: 'PointInTimeRestore',
  Geo: 'GeoRestore',
  Dropped: 'ReviveDropped',
};

const isRestoreMode = (mode: string | undefined): mode is RestoreMode =>
  Object.values<string | undefined>(MODES).includes(mode);

/**
 * The backup that a server is or was made from. Its object remembers it for ever: the provider never changes createMode, and refuses
 * another source or time. `waits`: there is a password for it, and it is set once Azure has the server, because Azure takes the logins of
 * the backup and azurerm would believe that the one it sent is in force (Microsoft, backup and restore; azurerm 4.80, Create and Update).
 */
export function restoredFrom(
  asked: RestorePoint | undefined,
  found: ObservedResource | undefined,
  { version, passwords }: { readonly version: string; readonly passwords: boolean },
): RestoredPlan | undefined {
  const given = found
    ? {
        createMode: found.forProvider.createMode,
        source: found.initProvider.sourceServerId,
        time: found.initProvider.pointInTimeRestoreTimeInUtc,
      }
    : asked && { createMode: MODES[asked.mode], source: asked.source, time: asked.time };
  if (!given || !isRestoreMode(given.createMode)) return undefined;
  const { createMode, source, time } = given;
  return {
    createMode,
    source,
    time,
    settled:
      found?.forProvider.version !== undefined || (found?.ready === true && found.atProvider.version === version),
    takesPassword: passwords,
  };
}
