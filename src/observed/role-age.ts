import type { ObservedResource } from './observed.ts';
import { millisecondsOf } from './time.ts';

/** Microsoft, Troubleshoot Azure RBAC: a role assignment can take up to ten minutes to take effect. */
const PROPAGATION_MILLISECONDS = 600_000;

/** Whether a role assignment is there, and for long enough to rely on. `now` is in milliseconds since 1970. */
export function isSettledRole(role: ObservedResource | undefined, now: number): boolean {
  const ready = role?.conditions.find(({ type, status }) => type === 'Ready' && status === 'True');
  const since = millisecondsOf(ready?.lastTransitionTime);
  return ready !== undefined && (Number.isNaN(since) || now - since >= PROPAGATION_MILLISECONDS);
}
