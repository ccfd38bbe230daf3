import { keysOf, namespacedName } from '../names.ts';
import type { Condition } from '../observed/observed.ts';
import { current, identity } from './preflight.ts';
import type { Target } from './target.ts';

/** What becomes of the trigger: another one, or nothing, because the last one is not done. */
export interface Rotation {
  readonly refusals: readonly string[];
  readonly trigger?: string;
  readonly says: string;
}

/**
 * The next rotation of the password. No clock tells the triggers apart, so they are counted. Crossplane runs an Operation again when it
 * could not record its end: a rotation that is under way is left alone, and that is no mistake.
 */
export function rotation(target: Target): Rotation {
  const { trigger, workingSecret } = target.password;
  const named = identity(target);
  if (named.length > 0) return { refusals: named, says: '' };
  if (trigger !== '' && workingSecret !== secretOf(target, trigger))
    return { refusals: [], says: `the rotation "${trigger}" is under way still; nothing is changed` };
  const refusals = [...current(synced(target), target), ...loginsOf(target)];
  const next = nextTrigger(target);
  return {
    refusals,
    trigger: next,
    says: `spec.security.passwordRotation.trigger is set to ${next}; status.credentials says when that password works`,
  };
}

const synced = ({ conditions }: Target): Condition | undefined => conditions.find(({ type }) => type === 'Synced');

function loginsOf({ password }: Target): string[] {
  if (password.ownSecret)
    return ['has spec.security.adminPasswordSecretRef, so its password is yours; change it inside that Secret'];
  if (!password.logins) return ['has spec.security.entra.passwordAuthentication false, so no password is in use'];
  return [];
}

/** As the function that composes the database calls it (plan/admin-password.ts). */
const secretOf = ({ name }: Target, trigger: string): string => namespacedName(name, keysOf.passwordVersion(trigger));

/** The next number, and never one whose Secret is the working one, as it is after somebody took the trigger out again. */
function nextTrigger(target: Target): string {
  const counted = Number(/^operation-(\d{1,9})$/.exec(target.password.trigger)?.[1] ?? 0);
  const next = `operation-${counted + 1}`;
  return secretOf(target, next) === target.password.workingSecret ? `operation-${counted + 2}` : next;
}
