import type { Condition, Observed } from '../observed/observed.ts';
import type { Plan } from '../plan/types.ts';
import type { OurCondition } from './conditions.ts';

export interface Event {
  readonly severity: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
}

const ALARMING = new Set([
  'Refused',
  'UpdateRefused',
  'Deleting',
  'NotAnswering',
  'FormerWriterOpen',
  'Lost',
  'NoGeoCopy',
  'UpgradeFailed',
]);
/** Conditions whose False is the good state. */
const NEGATIVE = new Set(['FailoverInProgress', 'SplitBrainPossible']);

/**
 * One event for each condition that moved since the XR was last written, and none otherwise: the function runs on every reconcile. The
 * first False of a fresh XR is no news.
 */
export function events(before: readonly Condition[], after: readonly OurCondition[]): Event[] {
  return after.flatMap(({ type, status, reason, message }) => {
    const old = before.find((condition) => condition.type === type);
    // What the user asks for cannot be had, which is worth saying at once.
    const unattainable = type === 'ObjectivesAttainable' && status === 'False';
    const moved = old ? old.status !== status || old.reason !== reason : ALARMING.has(reason) || unattainable;
    if (!moved) return [];
    const lost = old?.status === 'True' && status === 'False' && !NEGATIVE.has(type);
    return [
      {
        severity: ALARMING.has(reason) || lost || unattainable ? 'Warning' : 'Normal',
        reason: type,
        message: `${reason}: ${message}`,
      } as const,
    ];
  });
}

/** A restart is told before it is made, and once. */
export const restartEvents = ({ parameters }: Plan, { announcedRestarts }: Observed): Event[] =>
  parameters.pending
    .filter(({ restart }) => restart !== undefined && !announcedRestarts.has(restart))
    .map(({ server, name }) => ({
      severity: 'Warning',
      reason: 'RestartPending',
      message: `the change of ${name} restarts ${server}`,
    }));

/** The password that works is another one than when the XR was last written. */
export function passwordEvents({ adminPassword }: Plan, { passwordSecret }: Observed): Event[] {
  const { working } = adminPassword;
  if (!working?.rotated || passwordSecret === undefined || passwordSecret === working.name) return [];
  return [
    {
      severity: 'Normal',
      reason: 'PasswordRotated',
      message: `the administrator's password is now the one in Secret ${working.name}`,
    },
  ];
}

/** A zone failover is Azure's doing and is left alone, unless it was asked for, but people want to know of it. */
export function zoneEvents(plan: Plan, observed: Observed): Event[] {
  return plan.servers.flatMap(({ key, name, region }) => {
    const before = observed.zones.get(name);
    const zone = observed.resources.get(key)?.atProvider.zone;
    if (!before || !zone || before === zone) return [];
    const message = `${key} in ${region} runs in zone ${zone}, no longer in zone ${before}`;
    const asked = observed.resources.get(key)?.forProvider.zone === zone;
    return [
      asked
        ? ({
            severity: 'Normal',
            reason: 'ZoneFailedOver',
            message: `${message}, as spec.highAvailability.activeZone asks`,
          } as const)
        : ({ severity: 'Warning', reason: 'ZoneFailedOver', message } as const),
    ];
  });
}
