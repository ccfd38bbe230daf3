/** Namespaces may enforce the restricted Pod Security Standard, so every pod of ours keeps to it. */
export const CONFINED = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'] },
} as const;

/** The user of this function's image; any user will do for PostgreSQL's clients. */
const USER = 2000;

export const UNPRIVILEGED = {
  runAsNonRoot: true,
  runAsUser: USER,
  runAsGroup: USER,
  fsGroup: USER,
  seccompProfile: { type: 'RuntimeDefault' },
} as const;

/**
 * Microsoft Entra Workload ID: the webhook gives pods of a ServiceAccount with this a token that Azure takes for the identity's. None while
 * the identity is not known.
 */
export const workloadAnnotations = (clientId: string | undefined) =>
  clientId === undefined ? undefined : { 'azure.workload.identity/client-id': clientId };
