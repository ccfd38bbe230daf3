import type { Plan } from '../plan/types.ts';

/** Nothing is sent but a deletion, which a person has asked for. */
export const LEFT_ALONE = ['Observe', 'Delete'];

/**
 * Policies of what stands on a server, given those that it has otherwise (absent: all). What was asked of a former writer before its region
 * was lost, and is still tried, would reach it before its fence, and Azure refuses the fence while the server is busy with it.
 */
export const policiesOn = (
  { unfenced }: Pick<Plan, 'unfenced'>,
  server: string,
  otherwise?: readonly string[],
): readonly string[] | undefined =>
  unfenced.includes(server) ? LEFT_ALONE.filter((policy) => otherwise?.includes(policy) ?? true) : otherwise;
