import type { Database } from './database.ts';
import type { Problem } from './problem.ts';

/**
 * Rules over more than one field, in the order in which a person would want to hear of them. Those marked CEL stand in the XRD too, where
 * `kubectl apply` hears of them first; a test holds the sentences equal.
 */
export type Rule = (database: Database) => readonly Problem[];

export const refuse = (field: string, message: string): readonly Problem[] => [{ field, message }];
export const fine: readonly Problem[] = [];
