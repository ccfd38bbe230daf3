import type { Observed } from '../observed/observed.ts';
import type { Plan } from '../plan/types.ts';

/** As often as the provider looks at Azure by default (`--poll` of provider-upjet-azure). */
const WATCHED_SECONDS = 600;

/** Short enough for people who wait, and rare beside what core does while it watches. */
const UNWATCHED_SECONDS = 60;

/** While applications cannot write: a witness of a promotion may be asked anew after 15 seconds. */
const PROMOTING_SECONDS = 20;

/**
 * Seconds after which Crossplane should call again although nothing has happened.
 *
 * Core watches the XR, its CompositionRevision and every composed resource, and calls when one of them changes (v2.3.4
 * definition/reconciler.go, composite/reconciler.go). Whatever waits for those needs no clock: a platform that is being made has the ten
 * minutes of a settled one. They bound what no watch tells of and nobody waits for, such as a password that the user has changed.
 *
 * One minute where something is waited for that no watch tells of:
 * - events that core drops, and does not repeat, while the XR's circuit breaker is open: Responsive=False (circuit/mapfunc.go);
 * - a resource that the API server refused as invalid: Synced=False, and core applies it again only when it is called again
 *   (composition_functions.go);
 * - the password of a server that is Ready, when the user brings it: it is in the server's connection Secret, which is read and not
 *   watched, and may be seen later than the server;
 * - the end of a rotation: that same Secret tells it;
 * - the answer of a server that is looked at before it is taken over, which is asked for anew when it was not the expected one;
 * - a fresh look before or after an upgrade, which is asked for anew as well;
 * - time itself: a right to use a key, of a vault or of a pod gets old enough; a failover waits for the interval since the last one, and a witness that answered too early is asked anew, in 20 seconds.
 */
export function ttlSeconds(plan: Plan, observed: Observed, passwordKnown: boolean): number {
  const isFalse = (type: string): boolean =>
    observed.conditions.some((condition) => condition.type === type && condition.status === 'False');
  const writable = observed.resources.get(plan.endpoints.write.server)?.ready === true;
  const passwordMissing = writable && !passwordKnown && !plan.adminPassword.generated;
  const { target, working } = plan.adminPassword;
  const rotating = working !== undefined && working.key !== target;
  if (plan.failover.phase === 'Promoting') return PROMOTING_SECONDS;
  const propagating =
    plan.keyIdentities.some(({ role, settled }) => role.id !== undefined && !settled) ||
    plan.workloadIdentities.identities.some(({ goes, role, settled }) => !goes && role?.id !== undefined && !settled);
  return plan.failover.ready.reason === 'TooSoon' ||
    propagating ||
    plan.failover.phase === 'Adopting' ||
    (plan.failover.phase === 'Upgrading' && plan.failover.witnesses.length > 0) ||
    isFalse('Responsive') ||
    isFalse('Synced') ||
    passwordMissing ||
    plan.longTerm?.waits ||
    rotating
    ? UNWATCHED_SECONDS
    : WATCHED_SECONDS;
}
