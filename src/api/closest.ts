import { distance } from 'fastest-levenshtein';

/**
 * The word that was probably meant: within a third of the word's length of edits, or undefined. Of two that are equally near the longer one,
 * because a letter is sooner forgotten than replaced.
 */
export function closest(word: string, words: readonly string[]): string | undefined {
  const ranked = words
    .map((candidate) => ({ candidate, edits: distance(word.toLowerCase(), candidate.toLowerCase()) }))
    .sort((a, b) => a.edits - b.edits || b.candidate.length - a.candidate.length);
  const best = ranked[0];
  return best && best.edits <= Math.max(1, Math.floor(word.length / 3)) ? best.candidate : undefined;
}
