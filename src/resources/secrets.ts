import type { Composed } from '../azure/managed.ts';
import { keys } from '../names.ts';
import type { Plan } from '../plan/types.ts';

/**
 * The Secret into which the provider generates the administrator's password. It is composed first and empty: the provider fills in the key
 * and sets no ownerReference of its own, so the password outlives any one server (seen live).
 */
export function adminPassword(plan: Plan): Composed[] {
  return plan.adminPassword.secrets.map(({ key, name }) => ({
    key,
    why: "receives the administrator's generated password",
    after: [],
    holds: 'data',
    via: 'Native',
    manifest: { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace: plan.namespace }, type: 'Opaque' },
  }));
}

/** What applications mount. `data` holds base64 values; absent until the password is known. Claims get XR connection details instead. */
export function connectionSecret(plan: Plan, data: Readonly<Record<string, string>> | undefined): Composed[] {
  if (plan.flavour === 'cluster' || data === undefined) return [];
  return [
    {
      key: keys.connectionSecret,
      why: 'what applications connect with',
      after: [keys.writeRecord],
      holds: 'data',
      via: 'Native',
      manifest: {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: plan.connectionSecret, namespace: plan.namespace },
        type: 'Opaque',
        data,
      },
    },
  ];
}
