import type { Selector } from '../azure/managed.ts';
import { labels } from '../names.ts';

/** Selects the composed resource of this key. The provider resolves it once and keeps the result. */
export const selects = (key: string): Selector => ({
  matchControllerRef: true,
  matchLabels: { [labels.component]: key },
});
