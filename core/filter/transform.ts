import type { Value } from '../fields/types.ts';
import type { Operand, TransformArg, TransformNode } from './ast.ts';
import { decodeBase64, lower, upper, utf8Length } from './text.ts';

type Read<E> = (event: E) => Value | undefined;

/** Reader of a transformer over the readers of its operands. */
export function transformReader<E>(node: TransformNode, reader: (operand: Operand) => Read<E>): Read<E> {
  switch (node.name) {
    case 'tolower':
      return mapped(node, reader, lower);
    case 'toupper':
      return mapped(node, reader, upper);
    case 'basename':
      return mapped(node, reader, (text) => text.slice(text.lastIndexOf('/') + 1));
    case 'b64':
      return mapped(node, reader, decodeBase64);
    case 'len':
      return lengthReader(node, reader);
    case 'join':
    case 'concat':
      return joinReader(node, reader);
    case 'getopt':
      return getoptReader(node, reader);
    default:
      return node.name satisfies never;
  }
}

function operandArg(node: TransformNode): Operand {
  const [arg] = node.args;
  if (arg?.kind === 'field' || arg?.kind === 'transform') return arg;
  throw new Error(`unchecked filter: transformer ${node.name} without field`);
}

const decoder = new TextDecoder();

function textOf(value: Value): string {
  return value instanceof Uint8Array ? decoder.decode(value) : String(value);
}

function mapped<E>(
  node: TransformNode,
  reader: (operand: Operand) => Read<E>,
  change: (text: string) => string | undefined,
): Read<E> {
  const read = reader(operandArg(node));
  return (event) => {
    const value = read(event);
    if (value === undefined) return undefined;
    if (!Array.isArray(value)) return change(textOf(value));
    return value.map((item) => change(String(item))).filter((item) => item !== undefined);
  };
}

function lengthReader<E>(node: TransformNode, reader: (operand: Operand) => Read<E>): Read<E> {
  const read = reader(operandArg(node));
  return (event) => {
    const value = read(event);
    if (value === undefined) return undefined;
    if (typeof value === 'string') return utf8Length(value);
    return Array.isArray(value) || value instanceof Uint8Array ? value.length : undefined;
  };
}

function joinReader<E>(node: TransformNode, reader: (operand: Operand) => Read<E>): Read<E> {
  const [first, second] = node.args;
  const separator = node.name === 'join' && first?.kind === 'value' ? first.text : '';
  const items: readonly TransformArg[] =
    node.name === 'join' && second?.kind === 'operands' ? second.items : node.args;
  const reads = items.map((item): Read<E> => {
    if (item.kind === 'value') return () => item.text;
    if (item.kind === 'operands') throw new Error(`unchecked filter: nested list in ${node.name}`);
    return reader(item);
  });
  return (event) => {
    const parts: string[] = [];
    for (const read of reads) {
      const value = read(event);
      if (value === undefined) return undefined;
      parts.push(textOf(value));
    }
    return parts.join(separator);
  };
}

/** Options of a command line in the manner of getopt(3): `[b]` gives b's value, no index all options. */
function getoptReader<E>(node: TransformNode, reader: (operand: Operand) => Read<E>): Read<E> {
  const read = reader(operandArg(node));
  const spec = node.args[1]?.kind === 'value' ? node.args[1].text : '';
  const wanted = node.argument;
  return (event) => {
    const value = read(event);
    if (value === undefined) return undefined;
    const words = Array.isArray(value) ? value.map(String) : textOf(value).split(' ');
    const options = parseOptions(words, spec);
    if (wanted === undefined) return [...options.keys()];
    return options.get(wanted);
  };
}

function parseOptions(words: readonly string[], spec: string): ReadonlyMap<string, string> {
  const options = new Map<string, string>();
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? '';
    if (word === '--') break;
    if (!word.startsWith('-') || word === '-') continue;
    for (let c = 1; c < word.length; c++) {
      const letter = word[c] ?? '';
      const at = letter === ':' ? -1 : spec.indexOf(letter);
      if (at < 0) break;
      if (spec[at + 1] !== ':') {
        options.set(letter, '');
        continue;
      }
      const rest = word.slice(c + 1);
      options.set(letter, rest === '' ? (words[++i] ?? '') : rest);
      break;
    }
  }
  return options;
}
