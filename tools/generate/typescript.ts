import type { SchemaNode } from './schema-node.ts';

const WIDTH = 130;

/** A documented TypeScript interface `name` for the object schema `node`, exported; `readonly` throughout where asked for. */
export function interfaceOf(name: string, node: SchemaNode, { readonly }: { readonly readonly: boolean }): string {
  return `${jsDoc(node.description, '')}export interface ${name} ${typeOf(node, '', readonly)}\n`;
}

/** Defaults are applied before anything reads the object, so a property with a default is always there. */
function isPresent(name: string, child: SchemaNode, parent: SchemaNode): boolean {
  return child.default !== undefined || parent.required?.includes(name) === true;
}

function typeOf(node: SchemaNode, indent: string, readonly: boolean): string {
  if (node.enum) return node.enum.map((value) => JSON.stringify(value)).join(' | ');
  switch (node.type) {
    case 'string':
    case 'boolean':
      return node.type;
    case 'integer':
    case 'number':
      return 'number';
    case 'array': {
      const items = node.items ? typeOf(node.items, indent, readonly) : 'unknown';
      return readonly ? `ReadonlyArray<${items}>` : `Array<${items}>`;
    }
    case 'object': {
      const { properties, additionalProperties } = node;
      if (!properties) {
        const record = `Record<string, ${additionalProperties ? typeOf(additionalProperties, indent, readonly) : 'unknown'}>`;
        return readonly ? `Readonly<${record}>` : record;
      }
      const inner = `${indent}  `;
      const fields = Object.entries(properties).map(
        ([name, child]) =>
          `${jsDoc(child.description, inner)}${inner}${readonly ? 'readonly ' : ''}${name}${isPresent(name, child, node) ? '' : '?'}: ${typeOf(child, inner, readonly)};\n`,
      );
      return `{\n${fields.join('')}${indent}}`;
    }
    default:
      throw new Error(`no TypeScript type for the schema type ${node.type}`);
  }
}

function jsDoc(description: string | undefined, indent: string): string {
  if (!description) return '';
  const oneLine = `${indent}/** ${description} */`;
  if (oneLine.length <= WIDTH) return `${oneLine}\n`;
  const lines = [''];
  for (const word of description.split(/\s+/)) {
    const line = lines.at(-1) ?? '';
    if (line && indent.length + 3 + line.length + 1 + word.length > WIDTH) lines.push(word);
    else lines[lines.length - 1] = line ? `${line} ${word}` : word;
  }
  return `${indent}/**\n${lines.map((line) => `${indent} * ${line}\n`).join('')}${indent} */\n`;
}
