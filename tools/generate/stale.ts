import type { Output } from './outputs.ts';

/** The outputs whose file is missing or holds another text. `current` gives a file's text, or undefined when there is none. */
export async function staleOutputs(
  outputs: readonly Output[],
  current: (path: string) => Promise<string | undefined>,
): Promise<readonly Output[]> {
  const texts = await Promise.all(outputs.map(({ path }) => current(path)));
  return outputs.filter(({ text }, index) => texts[index] !== text);
}
