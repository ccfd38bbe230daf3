import { fine, type Rule, refuse } from './rule.ts';

/** Rules over what the first server is made from. */

/** CEL. What was carried out is remembered by objects that this control plane does not have. */
const besideAdopt: Rule = ({ spec: { restore, adopt } }) =>
  restore && adopt
    ? refuse('spec.restore', 'is given beside spec.adopt, whose servers have their data; remove one of the two')
    : fine;

/** CEL. As above. */
const onStandby: Rule = ({ spec: { restore, management } }) =>
  restore && management.role === 'Standby'
    ? refuse(
        'spec.restore',
        'is given with spec.management.role Standby, which makes nothing; remove it here, because only the control plane that acts can carry it out once',
      )
    : fine;

/** CEL. The other modes are for servers in another region, or that are gone. */
const whoseBackup: Rule = ({ spec: { restore } }) =>
  restore && restore.mode !== 'PointInTime' && restore.sourceServerId === undefined
    ? refuse(
        'spec.restore.sourceServerId',
        'is missing, and only mode PointInTime restores the server that takes writes now; give the id of the server whose backup it is',
      )
    : fine;

/** azurerm: the pattern lets a 30th of February through. */
const realTime: Rule = ({ spec: { restore } }) => {
  if (!restore) return fine;
  const [year = 0, month = 0, day = 0] = restore.pointInTime.slice(0, 10).split('-').map(Number);
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const days = month === 2 ? (leap ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31;
  return day > days
    ? refuse('spec.restore.pointInTime', `"${restore.pointInTime}" is no day of the calendar; correct the date`)
    : fine;
};

/** Microsoft, backup and restore: a geo-restore goes to the paired region of the server. */
const pairedRegion: Rule = ({ spec: { restore }, primary }) =>
  restore?.mode === 'Geo' && primary.region.pair === undefined
    ? refuse(
        'spec.restore.mode',
        `"Geo" is not possible: ${primary.region.name} has no paired region, so no backups are copied to it; choose the paired region of the lost server as spec.regions.primary`,
      )
    : fine;

export const restoreRules: readonly Rule[] = [besideAdopt, onStandby, whoseBackup, realTime, pairedRegion];
