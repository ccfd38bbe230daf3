/**
 * Draws DOT as SVG with Graphviz compiled to WebAssembly: the same bytes on every machine, because it measures text by built-in tables of
 * widths and not by the machine's fonts. Loaded when it is needed only, because it is 800 kB.
 */
export async function svg(dot: string): Promise<string> {
  const { Graphviz } = await import('@hpcc-js/wasm-graphviz');
  const graphviz = await Graphviz.load();
  return graphviz.layout(dot, 'svg', 'dot').replaceAll('font-family="Verdana"', `font-family="${FALLBACKS}"`);
}

/**
 * Graphviz has widths for one family at a time. Verdana is the widest that browsers agree on, and DejaVu Sans is as wide, so that no label
 * outgrows its box where Verdana is missing.
 */
export const FONT = 'Verdana';
const FALLBACKS = 'Verdana,DejaVu Sans,Arial,sans-serif';
