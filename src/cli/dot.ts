/** The DOT language (graphviz.org/doc/info/lang.html), as far as the topology needs it. */

type Attributes = Readonly<Record<string, string | number | Label | undefined>>;

/** An HTML-like label (graphviz.org/doc/info/shapes.html#html): lines of text, one below the other. */
export interface Label {
  readonly lines: readonly Line[];
}

export interface Line {
  readonly text: string;
  readonly style?: 'title' | 'name' | 'plain' | 'state';
  readonly colour?: string;
}

export const line = (text: string, style: Line['style'] = 'plain', colour?: string): Line => ({ text, style, colour });

export const node = (id: string, attributes: Attributes): string => `${quoted(id)} [${list(attributes)}]`;

export const edge = (from: string, to: string, attributes: Attributes): string =>
  `${quoted(from)} -> ${quoted(to)} [${list(attributes)}]`;

/**
 * A frame around `body`, with its title at the bottom, because arrows come from above and would cross it. Graphviz draws one for names
 * that begin with cluster_.
 */
export const cluster = (id: string, attributes: Attributes, body: readonly string[]): string =>
  block(`subgraph ${quoted(frameName(id))}`, [...settings({ labelloc: 'b', ...attributes }), ...body]);

/** The name by which lhead and ltail know a frame. */
export const frameName = (id: string): string => `cluster_${id}`;

/** Nodes side by side, in this order. */
export const leftToRight = (ids: readonly string[]): string =>
  block('', [
    'rank=same',
    ids.length > 1 ? `${ids.map(quoted).join(' -> ')} [style="invis"]` : ids.map(quoted).join(''),
  ]);

export const digraph = (
  attributes: Readonly<Record<'graph' | 'node' | 'edge', Attributes>>,
  body: readonly string[],
): string =>
  `${block('digraph topology', [
    ...settings(attributes.graph),
    `node [${list(attributes.node)}]`,
    `edge [${list(attributes.edge)}]`,
    ...body,
  ])}\n`;

const block = (head: string, body: readonly string[]): string =>
  `${head}${head && ' '}{\n${body.map((part) => `${part.replaceAll(/^/gm, '  ')}\n`).join('')}}`;

const settings = (attributes: Attributes): string[] =>
  entries(attributes).map(([name, value]) => `${name}=${written(value)}`);

const list = (attributes: Attributes): string =>
  entries(attributes)
    .map(([name, value]) => `${name}=${written(value)}`)
    .join(' ');

const entries = (attributes: Attributes) =>
  Object.entries(attributes).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]));

const written = (value: string | number | Label): string => (typeof value === 'object' ? html(value) : quoted(value));

const quoted = (text: string | number): string => `"${String(text).replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;

const SIZES = { title: 13, name: 10, plain: 10, state: 10 };

/** A row for each line. Empty lines are left out: Graphviz takes no empty cell. */
function html({ lines }: Label): string {
  const rows = lines
    .filter(({ text }) => text !== '')
    .map(({ text, style = 'plain', colour }) => {
      const font = `<FONT POINT-SIZE="${SIZES[style]}"${colour ? ` COLOR="${colour}"` : ''}>${marked(text, style)}</FONT>`;
      return `<TR><TD ALIGN="LEFT" BALIGN="LEFT">${font}</TD></TR>`;
    });
  return `<<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="2">${rows.join('')}</TABLE>>`;
}

function marked(text: string, style: Line['style']): string {
  const escaped = text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
  if (style === 'title') return `<B>${escaped}</B>`;
  return style === 'state' ? `<I>${escaped}</I>` : escaped;
}
