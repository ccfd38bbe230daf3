import type { ServerPlan } from './types.ts';

/**
 * Whether a server gets what is newly asked for. A server that has lost its role keeps what it has and gets nothing new until it is fenced
 * off, because every change of it could undo a fence or wake it up. What belongs to a server asks this one function.
 */
export const takesChanges = ({ role }: Pick<ServerPlan, 'role'>): boolean => role === 'Primary' || role === 'Replica';
